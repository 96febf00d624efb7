import Feedback

/// One GPIO chip, real or simulated.
public protocol Chip: Sendable {
  /// The chip's label, such as `pinctrl-bcm2711`: what stays the same when chip numbers change.
  var label: String { get }
  /// Where it was found, such as `/dev/gpiochip0`.
  var path: String { get }

  /// Requests lines as inputs with both edges, all or none, and starts the thread that reads them.
  /// - Throws: `GPIOError` naming the line, and who uses it where it is taken.
  func requestInputs(_ lines: [InputLine], consumer: String) throws(GPIOError) -> any InputLines

  /// Requests lines as outputs, all off.
  /// - Throws: `GPIOError` naming the line, and who uses it where it is taken.
  func requestOutputs(_ lines: [OutputLine], consumer: String) throws(GPIOError) -> any OutputLines
}

/// An input line to request.
public struct InputLine: Sendable, Hashable {
  /// What is connected to it, for messages: the button's name.
  public var name: String
  public var selector: LineSelector
  public var bias: LineBias
  /// True when the contact pulls the line low.
  public var activeLow: Bool
  /// How long a level must be stable, where the kernel can see to that; zero asks for every edge.
  public var debounce: Duration

  public init(
    name: String, selector: LineSelector, bias: LineBias = .pullUp, activeLow: Bool = true, debounce: Duration = .zero
  ) {
    self.name = name
    self.selector = selector
    self.bias = bias
    self.activeLow = activeLow
    self.debounce = debounce
  }
}

/// An output line to request.
public struct OutputLine: Sendable, Hashable {
  /// What is connected to it, for messages: the lamp's name.
  public var name: String
  public var selector: LineSelector
  /// True when a low level switches the lamp on.
  public var activeLow: Bool

  public init(name: String, selector: LineSelector, activeLow: Bool = false) {
    self.name = name
    self.selector = selector
    self.activeLow = activeLow
  }
}

/// One change of one line.
public struct Edge: Sendable, Hashable {
  /// How the change was learnt.
  public enum Origin: Sendable, Hashable {
    /// The kernel stamped it when it happened.
    case kernel
    /// Edges were lost, the level was read back; the stamp is the time of reading.
    case readBack
  }

  /// The line's place in the request.
  public var line: Int
  /// The logical level after the change: true is pressed.
  public var isActive: Bool
  /// The kernel's stamp.
  public var at: MonotonicTime
  public var origin: Origin

  public init(line: Int, isActive: Bool, at: MonotonicTime, origin: Origin = .kernel) {
    self.line = line
    self.isActive = isActive
    self.at = at
    self.origin = origin
  }
}

/// What the reading thread hands over at a time.
public struct EdgeBatch: Sendable, Hashable {
  /// In the order of their stamps, none before an edge or an `asOf` of an earlier batch; may be empty when only time went
  /// on. Two edges of a line in a row may show the same level: the kernel reads it a little after it takes the stamp.
  public var edges: [Edge]
  /// Every edge stamped before this moment is in this batch or an earlier one, so state machines may be advanced to it.
  public var asOf: MonotonicTime
  /// Lines (places in the request) on which edges were dropped, or must be assumed to have been, by the kernel or for want
  /// of room in the `EdgeStream`. Where the level then differs from the last edge, an edge of origin `.readBack` puts it
  /// right: in this batch, or in a later one that names the line again if the level was still changing.
  public var lostLines: [Int]
  /// Set when the lines cannot be read any more (the chip went away): the stream ends after this batch.
  public var failure: GPIOError?

  public init(edges: [Edge] = [], asOf: MonotonicTime, lostLines: [Int] = [], failure: GPIOError? = nil) {
    self.edges = edges
    self.asOf = asOf
    self.lostLines = lostLines
    self.failure = failure
  }
}

/// Lines requested as inputs. One thread of its own blocks in poll for all of them and never waits for the consumer.
public protocol InputLines: Sendable {
  /// The edges as they come. For one consumer.
  var edges: EdgeStream { get }
  /// True when the kernel debounces these lines itself, so that each edge is a stable level already.
  var isDebouncedByKernel: Bool { get }
  /// The logical levels now, in the order of the request.
  func levels() throws(GPIOError) -> [Bool]
  /// Delivers a batch, empty if need be, once this moment has come (replaces the moment set before; nil: none).
  func setDeadline(_ deadline: MonotonicTime?)
  /// Sends the reading thread round once, so that it delivers a batch, empty if need be: proves that thread and consumer
  /// are alive, and lets the consumer look at what else waits for it.
  func requestRound()
  /// Releases the lines, ends the thread and the stream. Edges read so far are still delivered.
  func close()
}

/// Lines requested as outputs.
public protocol OutputLines: Sendable {
  /// Switches one line (its place in the request) on or off.
  func set(_ line: Int, isOn: Bool) throws(GPIOError)
  /// Switches all off and releases the lines.
  func close()
}
