import Feedback
import Panel

/// What a press recogniser must say, worked out slowly and plainly from what its comments promise: each line's whole
/// history is at hand, every question is answered by going through all of it, and the answers are sorted at the end. It
/// shares nothing with the product but the vocabulary.
///
/// Lines have nothing to do with each other, but for the order of events and the numbers of presses.
struct ReferenceModel {
  /// An edge, or a level that was read back, as it takes effect.
  private struct Edge {
    var isActive: Bool
    var at: MonotonicTime
    /// How many edges were taken before it.
    var order: Int
    /// How many times `advance` had been called before it was taken.
    var batch: Int
    var isFromLine = true
    var isNearLoss = false
  }

  /// Where in the sequence of events one stands. At one moment: first what time alone brings, then losses, then edges,
  /// each followed by what it brings about at that very moment; the lower line first.
  private struct Place: Comparable {
    var batch: Int
    var moment: MonotonicTime
    var phase: Phase
    var line = 0
    var order = 0
    var rank = Rank.loss

    enum Phase: Int { case due, loss, edge }
    enum Rank: Int { case storm, released, unstuck, pressed, stormOver, stuck, loss }

    static func < (left: Place, right: Place) -> Bool {
      (left.batch, left.moment, left.phase.rawValue, left.line, left.order, left.rank.rawValue)
        < (right.batch, right.moment, right.phase.rawValue, right.line, right.order, right.rank.rawValue)
    }
  }

  /// A press before it has its number: the edge after which the level held.
  private struct PressName: Hashable {
    var line: Int
    var order: Int
  }

  private enum Finding {
    case pressed(PressName, at: MonotonicTime)
    /// Nil: down since the start, which was no press.
    case released(PressName?, at: MonotonicTime, down: Duration)
    case unstuck(at: MonotonicTime, down: Duration)
    case stuck(PressName?, since: MonotonicTime)
    case storm(edges: Int)
    case stormOver(edges: Int)
    case lost(lines: [Int])
  }

  private let script: PanelScript
  /// Each line's history; the first is the level at the start.
  private var lines: [[Edge]]
  private var losses: [(lines: [Int], at: MonotonicTime, batch: Int)] = []
  /// The moments advanced to, running backwards never.
  private var moments: [MonotonicTime] = []
  private var findings: [(place: Place, what: Finding)] = []

  /// The events of each batch, as `PanelScript.run` gives them; nil when the script breaks what a reader must keep to: an
  /// edge handed over after time had moved past its stamp.
  /// - Parameter tellsMoments: also gives the moment at which each is decided.
  static func events(of script: PanelScript, tellsMoments: Bool = false) -> [[PanelScript.Told]]? {
    var model = ReferenceModel(script)
    guard model.readHistory() else { return nil }
    for line in model.lines.indices {
      model.lookForStorms(line)
      model.lookForPresses(line)
    }
    for loss in model.losses {
      model.note(.lost(lines: loss.lines), at: loss.at, .loss, 0, 0, .loss, takenIn: loss.batch)
    }
    return model.numbered(tellsMoments: tellsMoments)
  }

  private init(_ script: PanelScript) {
    self.script = script
    lines = script.levels.map { [Edge(isActive: $0, at: ms(0), order: -1, batch: 0)] }
  }

  // MARK: - What happened on the lines

  /// Puts every edge into its line's history with the stamp that counts. False: the script is none a reader could give.
  private mutating func readHistory() -> Bool {
    var order = 0
    var linesNearLoss: Set<Int> = []
    // Each line's latest edge, in the order of taking.
    var latest = lines.map { $0[0] }
    func now(_ moments: [MonotonicTime]) -> MonotonicTime { moments.last ?? ms(0) }

    func add(_ line: Int, _ isActive: Bool, _ stamp: MonotonicTime, isFromLine: Bool) -> Bool {
      guard lines.indices.contains(line) else { return true }
      // A stamp that goes back is taken as equal to the one before on that line.
      let at = max(stamp, latest[line].at)
      guard at >= now(moments) else { return false }
      latest[line] = Edge(
        isActive: isActive, at: at, order: order, batch: moments.count, isFromLine: isFromLine,
        isNearLoss: isFromLine && linesNearLoss.contains(line))
      lines[line].append(latest[line])
      order += 1
      return true
    }

    func lose(_ gone: [Int], _ time: MonotonicTime) {
      let gone = Set(gone).filter { lines.indices.contains($0) }
      guard !gone.isEmpty else { return }
      linesNearLoss.formUnion(gone)
      // Edges that are not decided yet are near the loss too. A level that was read back is no edge.
      for line in gone {
        for index in lines[line].indices.dropFirst()
        where lines[line][index].isFromLine && !isDecided(lines[line][index]) {
          lines[line][index].isNearLoss = true
        }
      }
      // Losses are told in order, those of one moment as one, unless that one has been told already.
      let told = losses.last.map { $0.at <= now(moments) && $0.batch < moments.count } ?? true
      let earliest = told ? now(moments) : losses.last?.at ?? now(moments)
      let at = max(time, earliest)
      if !told, let last = losses.last, last.at == at {
        losses[losses.count - 1].lines = Set(last.lines).union(gone).sorted()
      } else {
        losses.append((gone.sorted(), at, moments.count))
      }
    }

    for input in script.inputs {
      switch input {
      case .edge(let line, let isActive, let stamp):
        guard add(line, isActive, stamp, isFromLine: true) else { return false }
      case .readBack(let levels, let lost, let time):
        lose(lost, time)
        for (line, level) in levels.enumerated() where lines.indices.contains(line) {
          guard latest[line].isActive != level || lost.contains(line) else { continue }
          guard add(line, level, time, isFromLine: false) else { return false }
        }
      case .lost(let gone, let time): lose(gone, time)
      case .advance(let time):
        let moment = max(time, now(moments))
        // The stamp of another clock counts as the moment at which it was seen.
        for line in lines.indices {
          for index in lines[line].indices.dropFirst()
          where !isDecided(lines[line][index]) && lines[line][index].at > moment + .seconds(3600) {
            lines[line][index].at = moment
            if lines[line][index].order == latest[line].order { latest[line].at = moment }
          }
        }
        moments.append(moment)
        linesNearLoss = []
      }
    }
    for line in lines.indices {
      lines[line].sort { ($0.at, $0.order) < ($1.at, $1.order) }
    }
    return true
  }

  /// Whether an edge had taken effect by now.
  private func isDecided(_ edge: Edge) -> Bool {
    edge.batch < moments.count && edge.at <= (moments.last ?? ms(0))
  }

  // MARK: - Storms

  /// A storm begins with the edge that is one too many within less than a second, and ends after a second without one.
  private mutating func lookForStorms(_ line: Int) {
    let second = Duration.seconds(1)
    let limit = script.timings[line].stormLimit
    let edges = lines[line].dropFirst().filter(\.isFromLine)
    guard limit > 0 else { return }
    var storm: (edges: Int, last: Edge)?
    func end(_ storm: (edges: Int, last: Edge), _ model: inout ReferenceModel) {
      model.note(
        .stormOver(edges: storm.edges), at: storm.last.at + second, .due, line, 0, .stormOver,
        takenIn: storm.last.batch)
    }
    for (index, edge) in edges.enumerated() {
      if let running = storm {
        if edge.at - running.last.at < second {
          storm = (running.edges + 1, edge)
          continue
        }
        end(running, &self)
        storm = nil
      }
      let count = edges[...index].count { edge.at - $0.at < second }
      if count > limit {
        storm = (count, edge)
        note(.storm(edges: count), at: edge.at, .edge, line, edge.order, .storm, takenIn: edge.batch)
      }
    }
    if let storm { end(storm, &self) }
  }

  // MARK: - Presses

  /// A level that came to be believed.
  private struct Belief {
    var isActive: Bool
    /// The edge after which the level held, and its place in the history; 0: the start.
    var index: Int
    var edge: Edge
    /// When it is known.
    var moment: MonotonicTime
  }

  /// How long a level must hold; zero where each edge is a stable level.
  private func period(_ line: Int) -> Duration {
    script.isDebouncedByKernel ? .zero : script.timings[line].debounce
  }

  /// Changes of what is believed of the line, the level at the start first.
  private func beliefs(_ line: Int) -> [Belief] {
    let edges = lines[line]
    let period = period(line)
    var beliefs = [Belief(isActive: edges[0].isActive, index: 0, edge: edges[0], moment: ms(0))]
    for index in edges.indices.dropFirst() {
      let edge = edges[index]
      let settled = edge.at + period
      let isUnchanged = edges.dropFirst(index + 1).allSatisfy { $0.at >= settled }
      guard isUnchanged, let last = beliefs.last else { continue }
      if edge.isActive != last.isActive {
        beliefs.append(Belief(isActive: edge.isActive, index: index, edge: edge, moment: settled))
      } else if edge.isActive, edge.isNearLoss, script.isDebouncedByKernel, edge.at > edges[index - 1].at {
        // Where each edge is stable, a second press proves that a release was lost; unless it is the same one told twice.
        beliefs.append(Belief(isActive: false, index: index, edge: edge, moment: settled))
        beliefs.append(Belief(isActive: true, index: index, edge: edge, moment: settled))
      }
    }
    return beliefs
  }

  private mutating func lookForPresses(_ line: Int) {
    let beliefs = beliefs(line)
    let isAtOnce = period(line) == .zero
    let phase = isAtOnce ? Place.Phase.edge : .due
    for (number, belief) in beliefs.enumerated() where belief.isActive {
      let isFromStart = number == 0
      let press = isFromStart ? nil : PressName(line: line, order: belief.edge.order)
      let order = isAtOnce ? belief.edge.order : 0
      if let press {
        note(
          .pressed(press, at: belief.edge.at), at: belief.moment, phase, line, order, .pressed,
          takenIn: belief.edge.batch)
      }
      let release = beliefs.dropFirst(number + 1).first
      let isStuck = lookIfStuck(line, belief, press, until: release)
      guard let release else { continue }
      let down = release.edge.at - belief.edge.at
      let releaseOrder = isAtOnce ? release.edge.order : 0
      let batch = release.edge.batch
      let at = release.edge.at
      note(
        .released(press, at: at, down: down), at: release.moment, phase, line, releaseOrder, .released, takenIn: batch)
      guard isStuck else { continue }
      note(.unstuck(at: at, down: down), at: release.moment, phase, line, releaseOrder, .unstuck, takenIn: batch)
    }
  }

  /// A button is stuck once it has been down for the limit; while a release may be under way, that is open until an edge
  /// takes it back.
  private mutating func lookIfStuck(_ line: Int, _ down: Belief, _ press: PressName?, until release: Belief?) -> Bool {
    let edges = lines[line]
    let held = script.timings[line].heldLimit
    guard held > .zero else { return false }
    let limit = press == nil ? min(held, .seconds(1)) : held
    let due = down.edge.at + limit
    let whileDown = edges[down.index..<(release?.index ?? edges.count)]
    if let release, release.edge.at < due { return false }
    // The level just before that moment.
    let before = whileDown.last { $0.at < due } ?? down.edge
    if before.isActive {
      note(.stuck(press, since: down.edge.at), at: due, .due, line, 0, .stuck, takenIn: down.edge.batch)
      return true
    }
    guard let back = whileDown.first(where: { $0.at >= due && $0.isActive }) else { return false }
    note(.stuck(press, since: down.edge.at), at: back.at, .edge, line, back.order, .stuck, takenIn: back.batch)
    return true
  }

  // MARK: - Putting it together

  private mutating func note(
    _ what: Finding, at moment: MonotonicTime, _ phase: Place.Phase, _ line: Int, _ order: Int, _ rank: Place.Rank,
    takenIn batch: Int
  ) {
    // Known in the first batch that reaches the moment, but not before its cause was taken.
    let reached = moments.firstIndex { $0 >= moment } ?? moments.count
    let place = Place(
      batch: max(batch, reached), moment: moment, phase: phase, line: line, order: order, rank: rank)
    findings.append((place, what))
  }

  private func numbered(tellsMoments: Bool) -> [[PanelScript.Told]] {
    var batches = Array(repeating: [PanelScript.Told](), count: moments.count + 1)
    var numbers: [PressName: PressNumber] = [:]
    for (place, what) in findings.sorted(by: { $0.place < $1.place }) {
      let button = ButtonIndex(place.line)
      let at = place.moment
      let event: PanelEvent
      switch what {
      case .pressed(let press, let stamp):
        let number = PressNumber(UInt64(numbers.count) + 1)
        numbers[press] = number
        event = .pressed(Press(number: number, button: button, at: stamp))
      case .released(let press, let stamp, let down):
        event = .released(button: button, press: press.flatMap { numbers[$0] }, at: stamp, down: down)
      case .unstuck(let stamp, let down): event = .unstuck(button: button, at: stamp, down: down)
      case .stuck(let press, let since):
        event = .stuck(button: button, press: press.flatMap { numbers[$0] }, since: since, at: at)
      case .storm(let edges): event = .storm(button: button, edges: edges, at: at)
      case .stormOver(let edges): event = .stormOver(button: button, edges: edges, at: at)
      case .lost(let lines): event = .edgesLost(buttons: lines.map(ButtonIndex.init), at: at)
      }
      batches[place.batch].append(PanelScript.Told(event: event, at: tellsMoments ? at : nil))
    }
    return batches
  }
}
