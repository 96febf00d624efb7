import Foundation
import KioskTestKit
import Testing

@testable import KioskAgent

/// Which of several certificates is shown first.
@Suite struct ClientIdentityTests {
  /// A self-signed certificate valid between two days, counted from today, with its key.
  private func identity(_ name: String, from begin: Int, to end: Int, in folder: TemporaryDirectory) throws
    -> ClientIdentity
  {
    let (key, certificate) = ("\(folder.path)/\(name).key", "\(folder.path)/\(name).pem")
    let now = Date()
    func day(_ offset: Int) -> String {
      let formatter = DateFormatter()
      formatter.locale = Locale(identifier: "en_US_POSIX")
      formatter.timeZone = TimeZone(identifier: "UTC")
      formatter.dateFormat = "yyyyMMddHHmmss'Z'"
      return formatter.string(from: now.addingTimeInterval(Double(offset) * 86_400))
    }
    try folder.write([
      "\(name).cnf": """
      [ca]
      default_ca = d
      [d]
      database = \(folder.path)/\(name).index
      serial = \(folder.path)/\(name).serial
      new_certs_dir = \(folder.path)
      default_md = sha256
      policy = p
      [p]
      commonName = supplied

      """, "\(name).index": "", "\(name).serial": "01\n",
    ])
    try openssl(
      "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(name)", "-keyout", key,
      "-out", "\(folder.path)/\(name).csr")
    try openssl(
      "ca", "-batch", "-notext", "-selfsign", "-config", "\(folder.path)/\(name).cnf", "-keyfile", key, "-in",
      "\(folder.path)/\(name).csr", "-out", certificate, "-startdate", day(begin), "-enddate", day(end))
    return ClientIdentity(
      chainPEM: [UInt8](try Data(contentsOf: URL(fileURLWithPath: certificate))),
      keyPEM: [UInt8](try Data(contentsOf: URL(fileURLWithPath: key))))
  }

  private func openssl(_ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  @Test("the newest that is valid comes first; what is not valid comes last, for the kiosk's clock may be wrong")
  func newestFirst() throws {
    let folder = try TemporaryDirectory()
    let old = try identity("old", from: -30, to: 5, in: folder)
    let new = try identity("new", from: -1, to: 60, in: folder)
    let future = try identity("future", from: 10, to: 90, in: folder)
    let expired = try identity("expired", from: -90, to: -10, in: folder)
    let unreadable = ClientIdentity(chainPEM: Array("no PEM".utf8), keyPEM: [])
    #expect(unreadable.validity == nil)
    let now = Int64(Date().timeIntervalSince1970)
    let all = [unreadable, old, expired, future, new]
    let ordered = ClientIdentity.ordered(all, at: now).map(\.identity)
    #expect(ordered == [new, old, future, expired, unreadable].map(\.identity))
    // When the old one's time is over and the future one's has come, that one is first.
    let later = ClientIdentity.ordered(all, at: now + 20 * 86_400).map(\.identity)
    #expect(later.prefix(2) == [future, new].map(\.identity)[...])
  }
}
