import Foundation
import Glibc
import KioskConfiguration
import Testing

/// A copy of an example to spoil, removed at the end.
private final class TemporaryConfiguration {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("kiosk-\(UUID().uuidString)").path
    try FileManager.default.copyItem(atPath: ExampleFiles.directory("simulated-five-faces"), toPath: path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ text: String, to name: String) throws {
    let url = URL(fileURLWithPath: file(name))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: file(name)) }

  /// The one problem found.
  func problem(sourceLocation: SourceLocation = #_sourceLocation) throws -> ConfigurationProblem {
    let failure = try #require(
      #expect(throws: ConfigurationFailure.self, sourceLocation: sourceLocation) {
        try KioskSettings.load(from: path)
      }, sourceLocation: sourceLocation)
    #expect(failure.problems.count == 1, "\(failure)", sourceLocation: sourceLocation)
    #expect(failure.description.hasPrefix(path), "\(failure)", sourceLocation: sourceLocation)
    return try #require(failure.problems.first, sourceLocation: sourceLocation)
  }
}

@Suite struct DirectoryTests {
  @Test(arguments: ["kiosk.toml", "panel.toml"]) func `a missing file is named`(name: String) throws {
    let configuration = try TemporaryConfiguration()
    try configuration.remove(name)
    let problem = try configuration.problem()
    #expect(problem.file == name)
    #expect(problem.code == .missingFile)
    #expect(problem.remedy.contains("create \(configuration.path)/\(name)"))
  }

  @Test func `without surveys the panel's survey is missing`() throws {
    let configuration = try TemporaryConfiguration()
    try configuration.remove("surveys")
    let problem = try configuration.problem()
    #expect(problem.file == "panel.toml")
    #expect(problem.line == 4)
    #expect(problem.code == .unknownReference)
    #expect(problem.remedy.contains("surveys/loyalty.toml"))
  }

  @Test func `a directory in the place of a file`() throws {
    let configuration = try TemporaryConfiguration()
    try configuration.remove("panel.toml")
    try FileManager.default.createDirectory(
      atPath: configuration.file("panel.toml"), withIntermediateDirectories: false)
    let problem = try configuration.problem()
    #expect(problem.message == "this is a directory")
    #expect(problem.code == .unreadable)
  }

  @Test func `a fifo in the place of a file does not hold up the start`() throws {
    let configuration = try TemporaryConfiguration()
    try configuration.remove("panel.toml")
    #expect(mkfifo(configuration.file("panel.toml"), 0o600) == 0)
    #expect(try configuration.problem().message == "this is no regular file")
  }

  @Test func `a file in the place of a directory`() throws {
    let configuration = try TemporaryConfiguration()
    try configuration.write("x", to: "kiosk.d")
    let problem = try configuration.problem()
    #expect(problem.file == "kiosk.d")
    #expect(problem.code == .unreadable)
  }

  @Test func `a dangling link`() throws {
    let configuration = try TemporaryConfiguration()
    try FileManager.default.createDirectory(
      atPath: configuration.file("panel.d"), withIntermediateDirectories: false)
    #expect(symlink("/nonexistent/shop.toml", configuration.file("panel.d/shop.toml")) == 0)
    let problem = try configuration.problem()
    #expect(problem.file == "panel.d/shop.toml")
    #expect(problem.message.contains("link to a file that does not exist"))
    #expect(problem.remedy.contains("ln -sf"))
  }

  @Test func `a link to a file is followed`() throws {
    let configuration = try TemporaryConfiguration()
    try FileManager.default.moveItem(
      atPath: configuration.file("panel.toml"), toPath: configuration.file("panel.real"))
    #expect(symlink("panel.real", configuration.file("panel.toml")) == 0)
    #expect(try KioskSettings.load(from: configuration.path).panel.buttons.count == 5)
  }

  @Test func `a file too large`() throws {
    let configuration = try TemporaryConfiguration()
    try configuration.write(String(repeating: "# filler\n", count: 40_000), to: "surveys/large.toml")
    let problem = try configuration.problem()
    #expect(problem.file == "surveys/large.toml")
    #expect(problem.code == .tooLarge)
    #expect(problem.message.contains("256 KiB"))
  }

  @Test func `more files than a configuration has`() throws {
    let configuration = try TemporaryConfiguration()
    for number in 0..<300 { try configuration.write("# \(number)", to: "kiosk.d/\(number).toml") }
    #expect(try configuration.problem().code == .tooLarge)
  }

  @Test func `more in all files than a configuration has, also of files in memory`() throws {
    let configuration = try TemporaryConfiguration()
    let filler = String(repeating: "# filler\n", count: 29_000)
    for number in 10..<30 { try configuration.write(filler, to: "surveys/\(number).toml") }
    let problem = try configuration.problem()
    #expect(problem.code == .tooLarge)
    // Twenty files of 255 KiB: the seventeenth is one too many.
    #expect(problem.file == "surveys/26.toml")
    #expect(problem.message.contains("4096 KiB"))
    var sources = try ExampleFiles.sources("simulated-five-faces")
    sources += (10..<30).map { ConfigurationSource(path: "surveys/\($0).toml", text: filler) }
    let failure = #expect(throws: ConfigurationFailure.self) { try KioskSettings.load(sources: sources) }
    #expect(failure?.problems == [problem])
    sources += (0..<300).map { ConfigurationSource(path: "kiosk.d/\($0).toml", text: "") }
    let other = #expect(throws: ConfigurationFailure.self) { try KioskSettings.load(sources: sources) }
    #expect(other?.problems.map(\.code) == [.tooLarge, .tooLarge])
  }

  @Test(arguments: ["a\u{1B}[31m.toml", "a\nb.toml", "\u{202E}a.toml", String(repeating: "ü", count: 120) + ".toml"])
  func `a file's name cannot disturb a terminal or a log`(name: String) throws {
    let configuration = try TemporaryConfiguration()
    let survey = try String(contentsOfFile: configuration.file("surveys/loyalty.toml"), encoding: .utf8)
    try configuration.write(survey, to: "surveys/\(name)")
    let problem = try configuration.problem()
    #expect(problem.code == .duplicate)
    let kinds: Set<Unicode.GeneralCategory> = [.control, .format, .lineSeparator]
    #expect(!problem.description.unicodeScalars.contains { kinds.contains($0.properties.generalCategory) })
    // Whatever else is in it is told whole.
    let plain = name.filter { $0.isASCII ? $0.isLetter || $0 == "." : $0 == "ü" }
    #expect(problem.description.filter { plain.contains($0) }.contains(plain))
  }

  @Test func `a file without permission`() throws {
    let configuration = try TemporaryConfiguration()
    #expect(chmod(configuration.file("kiosk.toml"), 0) == 0)
    // Root may read everything; give up that right for this thread alone (setfsuid(2)), and take it back.
    typealias SetFileSystemUser = @convention(c) (uid_t) -> Int32
    let symbol = try #require(dlsym(dlopen(nil, RTLD_NOW), "setfsuid"))
    let setFileSystemUser = unsafeBitCast(symbol, to: SetFileSystemUser.self)
    if geteuid() == 0 { _ = setFileSystemUser(65534) }
    defer { if geteuid() == 0 { _ = setFileSystemUser(0) } }
    let problem = try configuration.problem()
    #expect(problem.file == "kiosk.toml")
    #expect(problem.code == .unreadable)
    #expect(problem.message.contains("permission denied"))
    #expect(problem.remedy.contains("chmod 0640"))
  }

  @Test func `no directory, and something else in its place`() throws {
    let configuration = try TemporaryConfiguration()
    for (path, code) in [
      (configuration.path + "/nowhere", ConfigurationProblem.Code.missingFile),
      (configuration.file("kiosk.toml"), .unreadable),
    ] {
      let failure = #expect(throws: ConfigurationFailure.self) { try KioskSettings.load(from: path) }
      #expect(failure?.problems.map(\.code) == [code])
      #expect(failure?.problems.first?.file == path)
    }
  }

  @Test func `what editors and package tools leave behind is not read`() throws {
    let configuration = try TemporaryConfiguration()
    for name in ["kiosk.d/.a.toml", "kiosk.d/a.toml~", "kiosk.d/a.toml.dpkg-dist", "surveys/README"] {
      try configuration.write("no toml at all", to: name)
    }
    #expect(try KioskSettings.load(from: configuration.path).surveys.count == 1)
  }

  @Test func `bytes that are no UTF-8 are found at their place`() throws {
    let configuration = try TemporaryConfiguration()
    var bytes = Array("# Öffnungszeiten\nname = \"".utf8)
    bytes += [0xFC, 0x22]  // ü in Latin-1
    try Data(bytes).write(to: URL(fileURLWithPath: configuration.file("surveys/loyalty.toml")))
    let problem = try configuration.problem()
    #expect(problem.code == .encoding)
    #expect((problem.line, problem.column) == (2, 9))
    #expect(problem.message.contains("0xFC"))
    #expect(problem.remedy.contains("UTF-8"))
  }

  @Test func `files with a byte order mark and Windows line ends are read`() throws {
    let configuration = try TemporaryConfiguration()
    let panel = try String(contentsOfFile: configuration.file("panel.toml"), encoding: .utf8)
    try configuration.write("\u{FEFF}" + panel.replacing("\n", with: "\r\n"), to: "panel.toml")
    #expect(try KioskSettings.load(from: configuration.path).panel.buttons.count == 5)
  }
}
