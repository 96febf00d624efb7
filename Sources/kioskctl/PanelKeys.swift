import KioskControl

/// What the keys of the terminal stand for on a simulated panel.
struct PanelKeys {
  enum Target: Equatable {
    case button(String)
    case sensor(String)
  }

  /// What is to be done about a key.
  enum Action: Equatable {
    case work(Target)
    case quit
    case nothing
  }

  private var targets: [Character: Target] = [:]
  private var keys: [String: Character] = [:]

  /// - Parameters:
  ///   - buttons: those of the panel, with their keys.
  ///   - sensors: of two with the same key a button comes first.
  init(buttons: [ButtonStatus], sensors: [ButtonStatus]) {
    for (statuses, isSensor) in [(buttons, false), (sensors, true)] {
      for status in statuses {
        guard let key = status.key?.first, targets[key] == nil else { continue }
        targets[key] = isSensor ? .sensor(status.name) : .button(status.name)
        keys[status.name] = key
      }
    }
  }

  var isEmpty: Bool { targets.isEmpty }

  /// The key of a button or sensor; names are unique on a panel.
  func key(of name: String) -> Character? { keys[name] }

  func action(for key: Character) -> Action {
    if let target = targets[key] { return .work(target) }
    if key == "q" || key == "Q" { return .quit }
    // With the shift key or caps lock on, a letter still means its button.
    let other = key.isUppercase ? key.lowercased() : key.uppercased()
    return other.first.flatMap { targets[$0] }.map { .work($0) } ?? .nothing
  }

  /// The letter that ends the panel: q, Q where a button has the key q, none where Q is taken too.
  var quitLetter: Character? { ["q", "Q"].first { targets[$0] == nil } }
}
