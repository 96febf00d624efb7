import Feedback

/// Names one visit for as long as the daemon runs, before the journal has given its first event a sequence number.
public struct VisitNumber: Sendable, Hashable, Codable {
  public var value: UInt64

  public init(_ value: UInt64) {
    self.value = value
  }
}

/// What held at the kiosk when a press was made.
public enum PressCircumstances: Sendable, Hashable, CaseIterable {
  case open
  /// Outside opening hours.
  case closed
  /// Technicians are at work.
  case service
}

/// What a press is about: the visit it would belong to, and what it would answer there.
public struct PressSubject: Sendable, Hashable {
  public var visit: VisitNumber
  /// The question's place in its survey.
  public var question: Int
  /// The part of the question: 0 for the answer or the first step, 1 for a second step; for a choice its place, from 1.
  public var part: Int
  /// One of several answers that may be given.
  public var isChoice: Bool

  public init(visit: VisitNumber, question: Int, part: Int = 0, isChoice: Bool = false) {
    self.visit = visit
    self.question = question
    self.part = part
    self.isChoice = isChoice
  }

  /// Whether the other goes on with this one's visit: another question, another part of it.
  func isContinued(by other: PressSubject) -> Bool {
    visit == other.visit && (question != other.question || part != other.part)
  }

  /// Whether both answer the same, so that the one can correct the other, also as the first press of the next visit.
  func asksSame(as other: PressSubject) -> Bool {
    question == other.question && part == other.part && !isChoice && !other.isChoice
  }
}
