import Feedback
import Panel
import Testing

@Suite("A visit")
struct VisitMachineTests {
  static func words(_ survey: Survey, _ script: String) -> String {
    var played = VisitScript(survey)
    played.play(script)
    return played.words
  }

  @Test(
    "of one question is one press and its corrections",
    arguments: [
      ("E0", "v1 q0=5 counted"),
      ("E0 E6000", "v1 q0=5 counted, v2 q0=5 counted"),
      // A repeat is kept under a visit of its own, which has nothing that counts.
      ("E0 E1000", "v1 q0=5 counted, v2 q0=5 repeat"),
      ("E0 A1000", "v1 q0=5 counted, v1 q0=1 counted-1"),
      ("E0 A4000", "v1 q0=5 counted, v2 q0=1 repeat"),
      // The thank-you ends the visit, not the response interval.
      ("E0 _4900 A4950", "v1 q0=5 counted, v2 q0=1 repeat"),
      ("E0 A100 B2000", "v1 q0=5 counted, v2 q0=1 chord-1, v3 q0=2 counted"),
      ("F0 E1000", "v1 q0 not-offered, v2 q0=5 counted"),
      ("_100000", ""),
    ])
  func single(script: String, expected: String) {
    #expect(Self.words(ScriptedSurvey.faces, script) == expected)
  }

  @Test(
    "asks for reasons where the rating leads to them",
    arguments: [
      // A good rating needs none.
      ("C0", "v1 q0=3 counted"),
      ("A0 D2000 F3000", "v1 q0=1 counted, v1 q1=1 counted, v1 q1=3 counted"),
      // Three are enough: the visit ends by itself, and the next one may begin.
      (
        "A0 D2000 F2500 G3000 C9000",
        "v1 q0=1 counted, v1 q1=1 counted, v1 q1=3 counted, v1 q1=4 counted, v2 q0=3 counted"
      ),
      // Quick choices are neither repeats nor a burst; the same one again is a repeat.
      ("A0 D300 E600 D900", "v1 q0=1 counted, v1 q1=1 counted, v1 q1=2 counted, v1 q1=1 repeat"),
      // Nothing chosen: that is recorded. Something chosen: that is the answer.
      ("A0 _15000", "v1 q0=1 counted, v1 q1 timeout"),
      ("A0 _14999", "v1 q0=1 counted"),
      ("A0 D2000 _60000", "v1 q0=1 counted, v1 q1=1 counted"),
      ("A0 /2000", "v1 q0=1 counted, v1 q1 skip"),
      ("A0 D2000 .3000 C9000", "v1 q0=1 counted, v1 q1=1 counted, v1 q1 done, v2 q0=3 counted"),
      ("A0 .3000", "v1 q0=1 counted, v1 q1 not-offered"),
      // Another face at once: a correction, and no reasons are wanted any more.
      ("A0 C1000 D5000", "v1 q0=1 counted, v1 q0=3 counted-1, v2 q0 not-offered"),
      // Another face later: the next visitor, who finds the question before still open.
      ("A0 C8000", "v1 q0=1 counted, v1 q1 next-visitor, v2 q0=3 counted"),
      ("A0 C4000", "v1 q0=1 counted, v2 q0=3 repeat"),
      // A good rating corrected to a bad one: the reasons that follow go on with the visit and are no repeats.
      ("C0 A1000 D3000 E3500", "v1 q0=3 counted, v1 q0=1 counted-1, v1 q1=1 counted, v1 q1=2 counted"),
    ])
  func reasons(script: String, expected: String) {
    #expect(Self.words(ScriptedSurvey.reasons, script) == expected)
  }

  @Test(
    "goes where the answers lead",
    arguments: [
      ("A0 B2000 C4000 .5000 A7000", "v1 q0=1 counted, v1 q1=2 counted, v1 q2=3 counted, v1 q2 done, v1 q3=1 counted"),
      ("B0 A2000 B3000 C4000", "v1 q0=2 counted, v1 q2=1 counted, v1 q2=2 counted, v1 q3=3 counted"),
      // The button that answered the question before, pressed twice.
      ("A0 A200 A700", "v1 q0=1 counted, v1 q1=1 repeat, v1 q1=1 counted"),
      // A child that goes on tapping answers nothing more until it pauses.
      (
        "A0 A300 A600 A900 A1400",
        "v1 q0=1 counted, v1 q1=1 repeat, v1 q1=1 repeat, v1 q1=1 repeat, v1 q1=1 counted"
      ),
      // Answers given until the visitor leaves stand.
      ("A0 B2000 _40000", "v1 q0=1 counted, v1 q1=2 counted, v1 q2 timeout"),
      // After choices without "done" the next question is asked, and times out in its turn.
      ("B0 A2000 _17000 _40000", "v1 q0=2 counted, v1 q2=1 counted, v1 q3 timeout"),
    ])
  func branching(script: String, expected: String) {
    #expect(Self.words(ScriptedSurvey.branching, script) == expected)
  }

  @Test(
    "can go back",
    arguments: [
      // The new answer takes the old one's place.
      ("A0 B2000 <3000 C4000", "v1 q0=1 counted, v1 q1=2 counted, v1 q2 back, v1 q1=3 counted-2"),
      // The same answer again is an answer, not a repeat.
      ("A0 B2000 <3000 B4000", "v1 q0=1 counted, v1 q1=2 counted, v1 q2 back, v1 q1=2 counted-2"),
      // Another way from there: what was answered on the old one is withdrawn.
      (
        "A0 B2000 <3000 <4000 B5000",
        "v1 q0=1 counted, v1 q1=2 counted, v1 q2 back, v1 q1 back, v1 q1 off-path superseded-2, v1 q0=2 counted-1"
      ),
      // The same way: the answer stands until it is given anew.
      (
        "A0 B2000 <3000 <4000 A5000 _40000",
        "v1 q0=1 counted, v1 q1=2 counted, v1 q2 back, v1 q1 back, v1 q0=1 counted-1"
      ),
      // Whoever leaves after going back has answered.
      ("A0 B2000 <3000 _40000", "v1 q0=1 counted, v1 q1=2 counted, v1 q2 back"),
      // Skipping a question answered before takes the answer back.
      ("A0 B2000 <3000 /4000", "v1 q0=1 counted, v1 q1=2 counted, v1 q2 back, v1 q1 skip superseded-2"),
      // Choices made are still there when the visitor comes forward again.
      (
        "B0 A2000 <3000 B4000 B5000 C6000",
        "v1 q0=2 counted, v1 q2=1 counted, v1 q2 back, v1 q0=2 counted-1, v1 q2=2 counted, v1 q3=3 counted"
      ),
      ("<0", "v1 q0 not-offered"),
      ("A0 <2000 <3000", "v1 q0=1 counted, v1 q1 back, v1 q0 not-offered"),
    ])
  func back(script: String, expected: String) {
    #expect(Self.words(ScriptedSurvey.branching, script) == expected)
  }

  @Test(
    "gives a value in two steps",
    arguments: [
      ("D0 B2000", "v1 q0=9..10 first-step counted, v1 q0=10 counted"),
      ("B0 D2000", "v1 q0=3..6 first-step counted, v1 q0=6 counted"),
      // A button without a value in the second step means nothing there; the finger of the first press does no harm.
      ("D0 C2000 A3000", "v1 q0=9..10 first-step counted, v1 q0 not-offered, v1 q0=9 counted"),
      ("A0 A200 A900", "v1 q0=0..2 first-step counted, v1 q0=0 repeat, v1 q0=0 counted"),
      // The second step can be corrected; going back takes the first one again.
      ("B0 A2000 C3000", "v1 q0=3..6 first-step counted, v1 q0=3 counted, v1 q0=5 counted-2"),
      (
        "B0 <1000 D2000 A3000",
        "v1 q0=3..6 first-step counted, v1 q0 back, v1 q0=9..10 first-step counted, v1 q0=9 counted"
      ),
      ("B0 _20000", "v1 q0=3..6 first-step counted, v1 q0 timeout"),
    ])
  func twoStep(script: String, expected: String) {
    #expect(Self.words(ScriptedSurvey.twoStep, script) == expected)
  }

  @Test(
    "begins with somebody in front of the sensor",
    arguments: [
      ("!0 E3000", "v1 q0=5 counted"),
      ("E0 !1000 E7000", "v1 q0=5 counted, v2 q0=5 counted"),
    ])
  func contact(script: String, expected: String) {
    #expect(Self.words(ScriptedSurvey.faces, script) == expected)
  }

  @Test("ends with the next visitor's presence, but not while somebody is pressing")
  func nextPresence() {
    #expect(Self.words(ScriptedSurvey.reasons, "A0 !4000 D5000") == "v1 q0=1 counted, v1 q1=1 counted")
    #expect(
      Self.words(ScriptedSurvey.reasons, "A0 !6000 C7000")
        == "v1 q0=1 counted, v1 q1 next-visitor, v2 q0=3 counted")
  }

  @Test("belongs to the contact it began with, unless that is long ago")
  func claims() {
    var played = VisitScript(ScriptedSurvey.faces)
    let contact = played.visits.presence(since: ms(0), decidedAt: ms(0), into: &Self.nowhere)
    played.play("E119000")
    #expect(played.records.map(\.visit) == [contact])
    let second = played.visits.presence(since: ms(200_000), decidedAt: ms(200_000), into: &Self.nowhere)
    played.play("E320000 E330000")
    #expect(!played.records.dropFirst().map(\.visit).contains(second))
    #expect(Set(played.records.map(\.visit)).count == 3)
  }

  @Test("takes the visitor who pressed before the sensor was sure for the one it sees")
  func lateContact() {
    var played = VisitScript(ScriptedSurvey.faces)
    played.play("E5000")
    let seen = played.visits.presence(since: ms(0), decidedAt: ms(8000), into: &Self.nowhere)
    #expect(played.records.map(\.visit) == [seen])
    let next = played.visits.presence(since: ms(9000), decidedAt: ms(17_000), into: &Self.nowhere)
    #expect(next != seen)
  }

  private static var nowhere: [VisitRecord] {
    get { [] }
    set {}
  }

  @Test("that a chord or a stuck button takes back is asked again")
  func withdrawn() {
    var played = VisitScript(ScriptedSurvey.branching)
    played.play("A0 B2000 C2100")
    #expect(played.words == "v1 q0=1 counted, v1 q1=2 counted, v1 q2=3 chord-2")
    #expect(played.visits.question == 1)
    played.play("A4000")
    #expect(played.visits.question == 2)
    let withdrawn = played.visits.withdraw(held: PressNumber(4))
    #expect(withdrawn == PressNumber(4))
    #expect(played.visits.question == 1)

    var first = VisitScript(ScriptedSurvey.branching)
    first.play("A0")
    let opening = first.visits.withdraw(held: PressNumber(1))
    #expect(opening == PressNumber(1))
    #expect(first.visits.phase == .idle)
    #expect(first.visits.nextDeadline == nil)
  }

  @Test("keeps its language to its end")
  func language() {
    var played = VisitScript(ScriptedSurvey.reasons)
    played.play("~0 A2000 ~3000 D5000 _30000 C40000")
    #expect(played.records.map { $0.language ?? -1 } == [1, 1, 2, 2, 0])
    #expect(played.visits.languagePlace == 0)
    // Chosen and left: back to the first after the time-out.
    played.play("~60000 _74999")
    #expect(played.visits.languagePlace == 1)
    played.play("_75000")
    #expect(played.visits.languagePlace == 0)
  }

  @Test("tells how far it is")
  func progress() {
    var played = VisitScript(ScriptedSurvey.branching)
    #expect(played.visits.progress == (1, 4))
    played.play("B0")
    #expect(played.visits.progress == (2, 3))
    played.play("A2000 .3000")
    #expect(played.visits.progress == (3, 3))
    played.play("A5000")
    #expect(played.visits.phase == .thanks)
    #expect(played.visits.progress == (3, 3))
    played.play("_8000")
    #expect(played.visits.phase == .idle)
  }

  @Test("that technicians make goes on like any other, and counts for nothing")
  func service() {
    var played = VisitScript(ScriptedSurvey.branching)
    played.play("A0 A100 A200", circumstances: .service)
    #expect(played.words == "v1 q0=1 service, v1 q1=1 service, v1 q2=1 service")
    played.play("_60000 B61000")
    #expect(played.records.last?.verdict == .counted)
  }

  @Test("is not begun outside opening hours, but may be finished")
  func closed() {
    var played = VisitScript(ScriptedSurvey.branching)
    played.play("A0", circumstances: .closed)
    #expect(played.words == "v1 q0=1 closed")
    #expect(played.visits.phase == .idle)
    played.play("A10000")
    played.play("B12000", circumstances: .closed)
    #expect(played.words == "v1 q0=1 closed, v2 q0=1 counted, v2 q1=2 counted")
  }

  @Test("may be finished outside opening hours also after going back, and after a chord")
  func closedMeanwhile() {
    var played = VisitScript(ScriptedSurvey.branching)
    played.play("A0")
    played.play("<2000 B4000", circumstances: .closed)
    #expect(played.words == "v1 q0=1 counted, v1 q1 back, v1 q0=2 counted-1")
    played.play("B6000 C6100 A8000", circumstances: .closed)
    #expect(played.records.map(\.verdict).suffix(3) == [.counted, .chord, .counted])
  }

  @Test("ends when another survey is asked")
  func change() {
    var played = VisitScript(ScriptedSurvey.branching)
    played.play("A0")
    var records: [VisitRecord] = []
    played.visits.change(
      to: SurveyPlan(ScriptedSurvey.faces, buttons: VisitScript.buttons), at: ms(1000), into: &records)
    #expect(records.map(\.code) == [.surveyChanged])
    #expect(played.visits.phase == .idle)
    #expect(played.visits.progress == (1, 1))
  }
}
