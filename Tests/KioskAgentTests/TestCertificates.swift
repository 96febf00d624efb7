import Foundation
import KioskTestKit

/// Certificates for tests, made by openssl in a directory of their own.
final class TestCertificates {
  let directory: TemporaryDirectory

  var authority: String { "\(directory.path)/ca.pem" }

  init() throws {
    directory = try TemporaryDirectory()
    try run(
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -keyout ca.key -out ca.pem", "/CN=ca")
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(directory.path)/\(name)", encoding: .utf8)
  }

  /// Makes a certificate for this machine or a client; returns it and its key.
  func certificate(_ name: String, subject: String, days: Int = 20) throws -> (chain: String, key: String) {
    try directory.write(["\(name).ext": "subjectAltName=DNS:localhost,IP:127.0.0.1\n"])
    try run(
      "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout \(name).key -out \(name).csr", subject)
    try run(
      "x509 -req -in \(name).csr -CA ca.pem -CAkey ca.key -CAcreateserial -days \(days) -out \(name).pem -extfile "
        + "\(name).ext")
    return (try text("\(name).pem"), try text("\(name).key"))
  }

  private func run(_ arguments: String, _ subject: String? = nil) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = arguments.split(separator: " ").map(String.init) + (subject.map { ["-subj", $0] } ?? [])
    process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
  }
}
