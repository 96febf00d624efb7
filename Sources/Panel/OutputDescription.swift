import Feedback

/// A lamp or a buzzer, and what it is for.
public struct OutputDescription: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    case lamp
    case buzzer
  }

  public var kind: Kind
  /// The acknowledgements it shows.
  public var shows: Set<Acknowledgement>
  /// The button it stands beside: it then acknowledges presses of that button only. nil: all presses.
  public var button: ButtonIndex?
  /// What it does for these acknowledgements in place of the standard pattern; `OutputPattern.off`: nothing.
  public var patterns: [Acknowledgement: OutputPattern]

  public init(
    kind: Kind, shows: Set<Acknowledgement>, button: ButtonIndex? = nil,
    patterns: [Acknowledgement: OutputPattern] = [:]
  ) {
    self.kind = kind
    self.shows = shows
    self.button = button
    self.patterns = patterns
  }

  /// What it does for an acknowledgement; nil when it does nothing.
  public func pattern(for acknowledgement: Acknowledgement) -> OutputPattern? {
    guard shows.contains(acknowledgement) else { return nil }
    let pattern =
      patterns[acknowledgement]
      ?? OutputPattern.standard(for: acknowledgement, on: kind, isShared: shows.count > 1)
    return pattern.flatMap { $0.isEverOn ? $0 : nil }
  }
}

/// An output to be switched.
public struct OutputChange: Sendable, Hashable {
  /// Its place in the list the player was made with.
  public var output: Int
  public var isOn: Bool

  public init(output: Int, isOn: Bool) {
    self.output = output
    self.isOn = isOn
  }
}
