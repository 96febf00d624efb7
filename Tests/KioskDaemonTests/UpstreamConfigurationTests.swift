import Feedback
import Foundation
import Journal
import KioskControl
import KioskTestKit
import Testing

@Suite("Configuration from upstream, through the real kioskd")
struct UpstreamConfigurationTests {
  private static let fileName = "upstream-configuration"

  /// A set that fits the standard panel; the survey's version tells it from the local one, which has 1.
  private static func set(
    _ version: String, survey number: Int, buttons: [String] = SimulatedPanelFiles.faces
  ) -> SurveySet {
    SurveySet(
      version: version, survey: "loyalty",
      surveys: [
        SurveySet.File(name: "loyalty", toml: SimulatedPanelFiles.survey(version: number, buttons: buttons))
      ])
  }

  private static let misfit = set("misfit", survey: 9, buttons: ["yes", "no"])

  private func offer(_ daemon: DaemonUnderTest, _ set: SurveySet) throws -> ConfigurationOutcome {
    try #require(try daemon.ask(.configuration(set)).configuration)
  }

  private func refusal(_ daemon: DaemonUnderTest, _ request: ControlRequest) -> ControlError? {
    do {
      _ = try daemon.ask(request)
      return nil
    } catch {
      return error as? ControlError
    }
  }

  private func stored(_ daemon: DaemonUnderTest) -> Data? {
    FileManager.default.contents(atPath: "\(daemon.state)/\(Self.fileName)")
  }

  private func restart(_ daemon: DaemonUnderTest) throws {
    #expect(daemon.stop() == 0)
    try daemon.restart()
    #expect(daemon.waitUntilReady())
  }

  private func configurations(_ daemon: DaemonUnderTest) throws -> [String?] {
    try daemon.events().filter { $0.content.kind == .config }.map(\.content.detail)
  }

  private func isAsked(_ daemon: DaemonUnderTest, _ survey: Int, from upstream: String?) throws -> Bool {
    let status = try daemon.status()
    return status.surveyVersion == survey && status.configuration?.upstreamVersion == upstream
  }

  @Test("a good one is in force when the answer comes, on record, and still there after a restart")
  func applied() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    let local = try #require(try daemon.status().configuration)
    #expect(local.upstreamVersion == nil && local.refusal == nil)
    try daemon.press("happy")
    let outcome = try offer(daemon, Self.set("2026-12", survey: 2))
    #expect(outcome.outcome == .applied && outcome.version == "2026-12" && outcome.problems.isEmpty)
    #expect(try isAsked(daemon, 2, from: "2026-12"))
    try daemon.press("happy")
    #expect(try daemon.ratings().map(\.content.surveyVersion) == [1, 2])
    #expect(try configurations(daemon) == [local.fingerprint, outcome.fingerprint])
    #expect(local.fingerprint != outcome.fingerprint)

    // The same again is in force already: nothing is written.
    let before = try FileManager.default.attributesOfItem(atPath: "\(daemon.state)/\(Self.fileName)")
    #expect(try offer(daemon, Self.set("2026-12", survey: 2)) == outcome)
    let after = try FileManager.default.attributesOfItem(atPath: "\(daemon.state)/\(Self.fileName)")
    #expect(before[.systemFileNumber] as? Int == after[.systemFileNumber] as? Int)
    #expect(try configurations(daemon).count == 2)

    try restart(daemon)
    #expect(try isAsked(daemon, 2, from: "2026-12"))
    #expect(try daemon.status().health.isEmpty)
    // A reload takes it together with the local files as they are now.
    try daemon.replace(["panel.toml": SimulatedPanelFiles.panel(timing: "held_limit = \"7s\"")])
    daemon.program.signal(SIGHUP)
    #expect(eventually { (try? configurations(daemon).count) == 4 })
    #expect(try isAsked(daemon, 2, from: "2026-12"))
    #expect(try offer(daemon, Self.set("2027-01", survey: 3)).outcome == .applied)
    #expect(try isAsked(daemon, 3, from: "2027-01"))
    #expect(daemon.stop() == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: daemon.state).allSatisfy { !$0.hasSuffix(".new") })
  }

  @Test("a bad one is refused with file, line and remedy; what was in force stays, and health is well")
  func refused() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    #expect(try offer(daemon, Self.set("good", survey: 2)).outcome == .applied)
    let before = stored(daemon)
    let outcome = try offer(daemon, Self.misfit)
    #expect(outcome.outcome == .refused && outcome.fingerprint == nil)
    let first = try #require(outcome.problems.first)
    #expect(first.file == "surveys/loyalty.toml")
    #expect((first.line ?? 0) > 8 && (first.column ?? 0) > 0)
    #expect(first.message.contains("\"yes\"") && first.hint?.isEmpty == false)

    let missing = SurveySet(version: "missing", survey: "gone", surveys: Self.misfit.surveys)
    let choice = try offer(daemon, missing)
    #expect(choice.problems.contains { $0.file == nil && $0.line == nil && $0.message.contains("gone") })

    let broken = String(repeating: "x = \n", count: 3) + "\u{0}"
    let files = ["loyalty", "other"].map { SurveySet.File(name: $0, toml: broken) }
    #expect(try offer(daemon, SurveySet(version: "broken", survey: "loyalty", surveys: files)).outcome == .refused)
    #expect(refusal(daemon, .configuration(SurveySet(version: "", survey: "a", surveys: [])))?.code == .badRequest)

    #expect(try isAsked(daemon, 2, from: "good"))
    #expect(try daemon.status().health.isEmpty)
    #expect(stored(daemon) == before)
    #expect(try configurations(daemon).count == 2)
    #expect(try daemon.press("happy").map(\.verdict) == ["counted"])
    try restart(daemon)
    #expect(try isAsked(daemon, 2, from: "good"))
  }

  @Test("one that no longer fits the panel gives way to the local surveys, says so, and comes back when it fits again")
  func panelChanged() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    #expect(try offer(daemon, Self.set("2026-12", survey: 2)).outcome == .applied)
    let buttons = ["no", "yes"]
    try daemon.replace([
      "panel.toml": SimulatedPanelFiles.panel(buttons: buttons),
      "surveys/loyalty.toml": SimulatedPanelFiles.survey(version: 5, buttons: buttons),
    ])
    daemon.program.signal(SIGHUP)
    #expect(eventually { (try? daemon.status().buttons.map(\.name)) == buttons })
    for _ in 1...2 {
      #expect(try isAsked(daemon, 5, from: nil))
      let status = try daemon.status()
      #expect(status.health.map(\.code) == [.upstreamConfigurationUnused])
      #expect(status.health.first?.message.contains("2026-12") == true)
      #expect(status.health.first?.hint.contains("kioskctl config reset") == true)
      #expect(status.configuration?.refusal?.contains("surveys/loyalty.toml:") == true)
      #expect(try daemon.press("yes").map(\.verdict) == ["counted"])
      // kioskd must not fail to start.
      try restart(daemon)
    }
    try daemon.replace(SimulatedPanelFiles.standard)
    daemon.program.signal(SIGHUP)
    #expect(eventually { (try? isAsked(daemon, 2, from: "2026-12")) == true })
    #expect(try daemon.status().health.isEmpty)
    let health = try daemon.events().filter { $0.content.kind == .health }.compactMap(\.content.code)
    #expect(health == Array(repeating: "upstream-configuration-unused", count: 3))
  }

  @Test("where the local files are wrong too, a reload is refused and everything stays")
  func bothWrong() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    #expect(try offer(daemon, Self.set("2026-12", survey: 2)).outcome == .applied)
    try daemon.replace(["kiosk.toml": "[device]\nnmae = 1"])
    daemon.program.signal(SIGHUP)
    #expect(eventually { (try? daemon.status().health.map(\.code)) == [.configurationRefused] })
    #expect(try isAsked(daemon, 2, from: "2026-12"))
    #expect(try offer(daemon, Self.set("2027-01", survey: 3)).problems.contains { $0.file == "kiosk.toml" })
    #expect(refusal(daemon, .resetConfiguration)?.code == .refused)
    #expect(try isAsked(daemon, 2, from: "2026-12"))
    #expect(stored(daemon) != nil)
  }

  @Test(
    "a damaged file is never asked, costs no start, and is replaced by the next offer",
    arguments: ["", "nonsense", "cut", "bit", "other", "directory", "endless"])
  func damaged(how: String) throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    #expect(try offer(daemon, Self.set("2026-12", survey: 2)).outcome == .applied)
    #expect(daemon.stop() == 0)
    let path = "\(daemon.state)/\(Self.fileName)"
    var bytes = try #require(stored(daemon))
    switch how {
    case "cut": bytes = bytes.prefix(bytes.count - 20)
    case "bit":
      // In the question that visitors read.
      let place = try #require(bytes.range(of: Data("How was it?".utf8))).lowerBound
      bytes[place] ^= 1
    case "other": bytes = Data("feedback-kiosk upstream-configuration 2 0\n{}\n".utf8)
    case "endless": bytes = Data(repeating: UInt8(ascii: "x"), count: 3 << 20)
    default: bytes = Data(how.utf8)
    }
    try FileManager.default.removeItem(atPath: path)
    if how == "directory" {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    } else {
      try bytes.write(to: URL(fileURLWithPath: path))
    }
    try daemon.restart()
    #expect(daemon.waitUntilReady())
    #expect(try isAsked(daemon, 1, from: nil))
    #expect(try daemon.status().health.map(\.code) == [.upstreamConfigurationUnused])
    #expect(try daemon.press("happy").map(\.verdict) == ["counted"])
    guard how != "directory" else {
      // Not to be replaced by a file: the offer fails as a whole, and what was in force is again.
      #expect(refusal(daemon, .configuration(Self.set("2027-01", survey: 3)))?.code == .system)
      #expect(eventually { (try? isAsked(daemon, 1, from: nil)) == true })
      #expect(try daemon.status().health.map(\.code) == [.upstreamConfigurationUnused])
      return
    }
    #expect(try offer(daemon, Self.set("2026-12", survey: 2)).outcome == .applied)
    #expect(try daemon.status().health.isEmpty)
    try restart(daemon)
    #expect(try isAsked(daemon, 2, from: "2026-12"))
  }

  @Test("a disk that does not take it: an error, and what was in force stays")
  func unwritable() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    let blocked = "\(daemon.state)/\(Self.fileName).new"
    try FileManager.default.createDirectory(atPath: blocked, withIntermediateDirectories: false)
    let error = refusal(daemon, .configuration(Self.set("2026-12", survey: 2)))
    #expect(error?.code == .system && error?.message.contains(Self.fileName) == true)
    #expect(try isAsked(daemon, 1, from: nil))
    #expect(try configurations(daemon).count == 1)
    try FileManager.default.removeItem(atPath: blocked)
    #expect(try offer(daemon, Self.set("2026-12", survey: 2)).outcome == .applied)
  }

  @Test("what a power cut leaves half-written is cleared away; the old one stays")
  func leftOver() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    #expect(try offer(daemon, Self.set("old", survey: 2)).outcome == .applied)
    #expect(daemon.stop() == 0)
    let whole = try #require(stored(daemon))
    for bytes in [Data(), Data(whole.prefix(100)), whole] {
      let path = "\(daemon.state)/\(Self.fileName).new"
      try bytes.write(to: URL(fileURLWithPath: path))
      try daemon.restart()
      #expect(daemon.waitUntilReady())
      #expect(try isAsked(daemon, 2, from: "old"))
      #expect(!FileManager.default.fileExists(atPath: path))
      #expect(daemon.stop() == 0)
      #expect(stored(daemon) == whole)
    }
  }

  @Test("killed at any moment it has the old one or the new one, and the new one once it has said so")
  func killed() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    var inForce = (number: 1, version: String?.none)
    var (survived, whole) = (0, Duration.zero)
    for round in 2...25 {
      #expect(daemon.waitUntilReady())
      let version = "v\(round)"
      var set = Self.set(version, survey: round)
      // Large enough that writing it takes its time.
      set.surveys[0].toml += String(repeating: "# \(version)\n", count: 30_000)
      let client = try ControlClient(path: daemon.socket)
      let sent = ContinuousClock.now
      try client.send(.configuration(set))
      if round < 4 || round > 22 {
        #expect(eventually { client.hasAnswer })
        whole = ContinuousClock.now - sent
      } else {
        // At moments spread over the time that the whole takes.
        let moment = sent + whole * (Double(round - 3) / 18)
        _ = eventually { ContinuousClock.now >= moment }
      }
      daemon.program.signal(SIGKILL)
      _ = daemon.program.exitCode()
      let isAnswered = client.hasAnswer
      try daemon.restart()
      #expect(daemon.waitUntilReady())
      let status = try daemon.status()
      #expect(status.health.isEmpty, "\(status.health)")
      let found = (number: status.surveyVersion, version: status.configuration?.upstreamVersion)
      let isNew = found == (number: round, version: version)
      #expect(isNew || (found == inForce && !isAnswered), "round \(round): \(found)")
      if isNew { survived += 1 }
      inForce = found
    }
    #expect(survived >= 5)
    print("killed while it changed its configuration: 24 times, the new one survived \(survived) times")
  }

  @Test("reset: the local surveys are asked again, for good")
  func reset() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    #expect(try daemon.ask(.resetConfiguration).done == true)
    #expect(try configurations(daemon).count == 1, "nothing had been sent")
    #expect(try offer(daemon, Self.set("2026-12", survey: 2)).outcome == .applied)
    let text = try ProgramUnderTest(
      "kioskctl", ["status"], environment: ["KIOSK_CONTROL_SOCKET": daemon.socket], in: daemon.directory)
    #expect(text.exitCode() == 0)
    #expect(text.output.contains("surveys 2026-12 from upstream"), "\(text.output)")
    let reset = try ProgramUnderTest(
      "kioskctl", ["config", "reset"], environment: ["KIOSK_CONTROL_SOCKET": daemon.socket], in: daemon.directory)
    #expect(reset.exitCode() == 0)
    #expect(reset.output.contains("local surveys"))
    #expect(try isAsked(daemon, 1, from: nil))
    #expect(stored(daemon) == nil)
    try daemon.press("happy")
    #expect(try daemon.ratings().map(\.content.surveyVersion) == [1])
    try restart(daemon)
    #expect(try isAsked(daemon, 1, from: nil))
    // It may be sent again.
    #expect(try offer(daemon, Self.set("2026-12", survey: 2)).outcome == .applied)
    #expect(try isAsked(daemon, 2, from: "2026-12"))
  }

  @Test("presses go on while it changes again and again: none is lost, none is twice")
  func flood() throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    let presses = 60
    var csv = ""
    for number in 0..<presses {
      let button = SimulatedPanelFiles.faces[number % 5]
      csv += "\(number * 80_000),\(button),0\n\(number * 80_000 + 40_000),\(button),1\n"
    }
    let player = try ControlClient(path: daemon.socket)
    try player.send(.simulate(.play(csv: csv)))
    var changes = 0
    while try daemon.status().presses < presses {
      let outcome = try offer(daemon, Self.set("v\(changes)", survey: 2 + changes))
      #expect(outcome.outcome == .applied)
      changes += 1
    }
    #expect(changes >= 3)
    #expect(eventually { (try? daemon.ratings().count) == presses })
    let ratings = try daemon.ratings()
    #expect(ratings.map(\.content.button) == (0..<presses).map { SimulatedPanelFiles.faces[$0 % 5] })
    #expect(ratings.allSatisfy { $0.content.verdict == .counted })
    #expect(Set(ratings.compactMap(\.content.surveyVersion)).count >= 3)
    #expect(daemon.stop() == 0)
    #expect(try JournalReader.open(daemon.database).verifyChain().isWhole)
  }

  @Test("several at once: each is answered, and what is in force is what is on disk")
  func atOnce() async throws {
    let daemon = try DaemonUnderTest()
    #expect(daemon.waitUntilReady())
    let socket = daemon.socket
    let answers = await withTaskGroup(of: (String, ControlError.Code?).self) { group in
      for number in 2...7 {
        let set = Self.set("v\(number)", survey: number)
        group.addTask {
          do {
            let reply = try ControlClient(path: socket).ask(.configuration(set), within: 30_000)
            return (reply.configuration?.outcome.rawValue ?? "none", nil)
          } catch {
            return ("error", (error as? ControlError)?.code)
          }
        }
      }
      daemon.program.signal(SIGHUP)
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(answers.contains { $0.0 == "applied" })
    #expect(answers.allSatisfy { $0.0 == "applied" || $0.1 == .busy }, "\(answers)")
    #expect(eventually { (try? daemon.status().configuration?.upstreamVersion) != nil })
    let before = try daemon.status()
    try restart(daemon)
    #expect(try isAsked(daemon, before.surveyVersion, from: before.configuration?.upstreamVersion))
  }
}

extension ControlClient {
  /// Whether an answer has come.
  fileprivate var hasAnswer: Bool {
    var buffer = [UInt8](repeating: 0, count: 16)
    return recv(pollDescriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT | MSG_PEEK)) > 0
  }
}
