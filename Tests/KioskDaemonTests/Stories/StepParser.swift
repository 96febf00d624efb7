import Feedback

/// Reads what somebody does.
enum StepParser {
  /// An unhurried press.
  static let usualHold = Duration.milliseconds(80)

  static func parse(_ words: inout StoryWords) throws -> Step {
    let verb = try words.word("what happens")
    switch verb {
    case "press": return try press(&words)
    case "hold":
      let button = try words.name("a button")
      try words.expect("for")
      return .press(button, hold: try words.duration("time"), bounceEdges: 0)
    case "pound":
      let button = try words.name("a button")
      let times = try words.number("number", in: 2...1000)
      try words.expect("times every")
      return .pound(button, times: times, every: try words.duration("time"))
    case "stick": return .stick(try words.name("a button"))
    case "free": return .free(try words.name("a button"))
    case "chatter":
      let line = try words.name("a button or a sensor")
      try words.expect("for")
      let length = try words.duration("time")
      try words.expect("every")
      return .chatter(line, length: length, every: try words.duration("time"))
    case "somebody":
      if words.take("deletes") {
        let button = try words.name("a button")
        try words.expect("from the card")
        return .deleteFromCard(button)
      }
      try words.expect("at")
      let sensor = try words.name("a sensor")
      try words.expect("for")
      return .presence(sensor, length: try words.duration("time"))
    case "kiosk":
      try words.expect("is busy for")
      return .busy(try words.duration("time"))
    case "kioskd":
      try words.expect("restarts")
      return .restart
    case "pull":
      try words.expect("the plug")
      return .pullThePlug
    case "plug":
      try words.expect("in")
      return .plugIn
    case "clock": return .setClock(try clock(&words))
    case "disk": return try disk(&words)
    case "reload": return .reload(try PanelName.parse(&words))
    case "service":
      if words.take("ends") { return .service(nil) }
      try words.expect("for")
      return .service(try words.duration("time"))
    case "till": return try till(&words)
    case "look": return .look
    case "wait":
      _ = try words.duration("time")
      return .look
    default:
      throw words.error(
        "“\(verb)” is nothing that can happen; there are press, hold, pound, stick, free, chatter, somebody, kiosk is "
          + "busy, pull the plug, plug in, kioskd restarts, clock, disk, reload, service, till, look and wait")
    }
  }

  private static func press(_ words: inout StoryWords) throws -> Step {
    let button = try words.name("a button")
    if words.take("and") {
      let other = try words.name("another button")
      guard other != button else { throw words.error("these are one button, not two") }
      guard !words.isAtEnd else { return .pressTogether(button, other, apart: .zero) }
      let apart = try words.duration("time between the two")
      try words.expect("apart")
      return .pressTogether(button, other, apart: apart)
    }
    var hold = usualHold
    var bounce = 0
    if words.take("for") { hold = try words.duration("time") }
    if words.take("bouncing") {
      bounce = try words.number("number", in: 1...1000)
      try words.expect("times")
    }
    return .press(button, hold: hold, bounceEdges: bounce)
  }

  static func clock(_ words: inout StoryWords) throws -> ClockSetting {
    switch try words.word("what becomes of the clock") {
    case "trusted": return .trusted
    case "untrusted": return .untrusted
    case "shows": return .shows(try words.date("date"))
    case "jumps":
      try words.expect("by")
      let word = try words.word("a time")
      guard let jump = StoryWords.duration(word), jump != .zero else {
        throw words.error("“\(word)” is no jump: write +1h or -30s")
      }
      return .jumps(jump)
    case let other:
      throw words.error("a clock is never “\(other)”; it is trusted, untrusted, shows a date or jumps by a time")
    }
  }

  private static func disk(_ words: inout StoryWords) throws -> Step {
    if words.take("mended") { return .mendDisk }
    let troubles = Step.DiskTrouble.allCases.map { ($0.rawValue, $0) }
    return .breakDisk(try words.choice("trouble of a disk (or mended)", troubles))
  }

  /// `till says employee=e7 transaction=0815 for 30s`, `till says nothing`, `till is refused employee=e7 for 30s`
  private static func till(_ words: inout StoryWords) throws -> Step {
    let isRefused = words.take("is refused")
    if !isRefused { try words.expect("says") }
    if words.take("nothing") { return .context(nil, length: .zero, isRefused: isRefused) }
    var context = PressContext()
    repeat {
      let word = try words.word("a reference")
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw words.error("“\(word)” is no reference: write employee=e7") }
      switch parts[0] {
      case "employee": context.employee = parts[1]
      case "transaction": context.transaction = parts[1]
      case "service_point": context.servicePoint = parts[1]
      default: throw words.error("a till says employee, transaction or service_point, not “\(parts[0])”")
      }
    } while !words.take("for")
    return .context(context, length: try words.duration("time"), isRefused: isRefused)
  }
}
