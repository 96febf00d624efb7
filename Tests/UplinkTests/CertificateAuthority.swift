import Foundation
import KioskTestKit

/// Certificates for tests, made by openssl in a directory of their own.
final class CertificateAuthority {
  let directory: TemporaryDirectory

  /// What a certificate may have wrong with it.
  enum Kind: String, CaseIterable {
    case good, expired, notYetValid, otherName, selfSigned
  }

  var authority: [UInt8] { bytes("ca.pem") }

  init() throws {
    directory = try TemporaryDirectory()
    try directory.write([
      "ca.cnf": """
      [req]
      distinguished_name = name
      x509_extensions = v3
      prompt = no
      [name]
      CN = Kiosk test authority
      [v3]
      basicConstraints = critical, CA:true
      keyUsage = critical, keyCertSign, cRLSign
      subjectKeyIdentifier = hash
      """,
      "ca.db": "", "ca.srl": "01\n",
      "signing.cnf": """
      [ca]
      default_ca = here
      [here]
      database = \(directory.path)/ca.db
      serial = \(directory.path)/ca.srl
      new_certs_dir = \(directory.path)
      certificate = \(directory.path)/ca.pem
      private_key = \(directory.path)/ca.key
      default_md = sha256
      policy = any
      unique_subject = no
      [any]
      commonName = supplied
      """,
    ])
    try Self.openssl(
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -config ca.cnf -keyout ca.key "
        + "-out ca.pem", in: directory.path)
  }

  /// Makes a certificate and returns where it and its key are.
  func certificate(_ kind: Kind) throws -> (chain: String, key: String) {
    let name = kind.rawValue
    let host = kind == .otherName ? "DNS:somewhere-else.example" : "DNS:localhost,IP:127.0.0.1"
    try directory.write([
      "\(name).ext": "subjectAltName = \(host)\nextendedKeyUsage = serverAuth, clientAuth\n",
      "\(name).cnf": "[req]\ndistinguished_name = n\nprompt = no\n[n]\nCN = \(name)\n",
    ])
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -config \(name).cnf -keyout \(name).key"
    if kind == .selfSigned {
      try Self.openssl(
        "req -x509 \(key) -days 30 -addext subjectAltName=\(host) -out \(name).pem", in: directory.path)
    } else {
      // Years are far from today's, so that the test does not depend on when it is run.
      let dates =
        switch kind {
        case .expired: "-startdate 20200101000000Z -enddate 20210101000000Z"
        case .notYetValid: "-startdate 20490101000000Z -enddate 20491231000000Z"
        default: "-startdate 20200101000000Z -enddate 20491231000000Z"
        }
      try Self.openssl("req \(key) -out \(name).csr", in: directory.path)
      try Self.openssl(
        "ca -batch -notext -config signing.cnf -in \(name).csr -out \(name).pem -extfile \(name).ext \(dates)",
        in: directory.path)
    }
    return ("\(directory.path)/\(name).pem", "\(directory.path)/\(name).key")
  }

  func identity(_ kind: Kind) throws -> (chain: [UInt8], key: [UInt8]) {
    let paths = try certificate(kind)
    return (Self.bytes(paths.chain), Self.bytes(paths.key))
  }

  private func bytes(_ name: String) -> [UInt8] { Self.bytes("\(directory.path)/\(name)") }

  private static func bytes(_ path: String) -> [UInt8] {
    (try? Data(contentsOf: URL(fileURLWithPath: path))).map { [UInt8]($0) } ?? []
  }

  private static func openssl(_ arguments: String, in directory: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = arguments.split(separator: " ").map(String.init)
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let words = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw OpenSSLFailure(words: String(decoding: words, as: UTF8.self))
    }
  }
}

struct OpenSSLFailure: Error {
  var words: String
}
