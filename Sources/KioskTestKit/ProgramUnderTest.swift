import Foundation

/// A program of the product, run to its end or in the background.
public final class ProgramUnderTest {
  public let process = Process()
  private let outputPath: String
  private let errorPath: String

  /// The folder the tests were built in, where the programs are too.
  public static var products: URL {
    URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
  }

  /// - Parameter directory: where its output is kept.
  public init(
    _ name: String, _ arguments: [String], environment: [String: String] = [:], input: String? = nil,
    in directory: TemporaryDirectory
  ) throws {
    let number = UInt32.random(in: .min ... .max)
    outputPath = "\(directory.path)/\(name)-\(number).out"
    errorPath = "\(directory.path)/\(name)-\(number).err"
    for path in [outputPath, errorPath] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    process.executableURL = Self.products.appendingPathComponent(name)
    process.arguments = arguments
    process.environment = ["PATH": "/usr/bin:/bin", "HOME": directory.path].merging(environment) { _, new in new }
    process.standardOutput = FileHandle(forWritingAtPath: outputPath)
    process.standardError = FileHandle(forWritingAtPath: errorPath)
    if let input {
      let path = "\(directory.path)/\(name)-\(number).in"
      try Data(input.utf8).write(to: URL(fileURLWithPath: path))
      process.standardInput = FileHandle(forReadingAtPath: path)
    } else {
      process.standardInput = FileHandle.nullDevice
    }
    try process.run()
  }

  deinit {
    if process.isRunning {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
  }

  public var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }
  public var error: String { (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "" }
  public var isRunning: Bool { process.isRunning }

  public func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Waits for its end; nil when it has not ended within the limit.
  public func exitCode(within limit: Duration = .seconds(30)) -> Int32? {
    guard eventually(within: limit, { !process.isRunning }) else { return nil }
    return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
  }
}
