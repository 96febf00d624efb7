/// Which line of a chip is meant. Names survive a new kernel or a moved header; offsets are for chips without names.
public enum LineSelector: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The names a line may carry, the preferred one first (boards and kernels differ: `GPIO2` is `SDA1` on some), and the
  /// offset to fall back to where the board profile knows it.
  case named([String], offset: Int?)
  /// The line's number on its chip.
  case offset(Int)

  /// As a person would write it in the panel file.
  public var description: String {
    switch self {
    case .named(let names, let offset): names.first ?? "offset \(offset ?? -1)"
    case .offset(let offset): "offset \(offset)"
    }
  }
}

/// What holds a line at rest when nothing drives it.
public enum LineBias: String, Sendable, Hashable, Codable, CaseIterable {
  /// Leave it as the board has it.
  case asIs = "as-is"
  case disabled
  case pullUp = "pull-up"
  case pullDown = "pull-down"
}
