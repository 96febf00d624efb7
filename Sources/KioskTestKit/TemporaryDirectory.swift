import Foundation

/// A directory of its own for one test, gone when the test is.
public final class TemporaryDirectory: Sendable {
  public let path: String

  public init() throws {
    // A socket's path has 107 bytes at most: a short name.
    path = "\(NSTemporaryDirectory())kiosk-\(UInt32.random(in: .min ... .max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes files by their path below the directory.
  public func write(_ files: [String: String]) throws {
    for (name, text) in files {
      let url = URL(fileURLWithPath: "\(path)/\(name)")
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
  }
}
