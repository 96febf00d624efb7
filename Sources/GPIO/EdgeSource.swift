import Feedback

/// Where a reading thread gets its edges from: the kernel or the simulation. Everything else, from the order of edges to
/// what is done about a lost one, is `EdgeReader`'s and the same for both.
protocol EdgeSource: AnyObject, Sendable {
  var lineCount: Int { get }
  var isDebouncedByKernel: Bool { get }
  /// Become readable when there is something to drain.
  var descriptors: [Int32] { get }
  /// How long a level may differ from the last edge before an edge is taken for lost: the kernel takes the stamp in the
  /// interrupt but queues the edge from a thread that may run a little later.
  var settling: Duration { get }

  /// Appends the edges that wait, in any order of lines, and notes what became known beside them. Never blocks. Edges
  /// appended before an error is thrown count.
  func drain(into buffer: inout EdgeBuffer) throws(GPIOError)
  /// The logical levels, in the order of the request.
  func levels() throws(GPIOError) -> [Bool]
  /// Gives the lines back. Nothing else is called afterwards but `levels()`, which throws.
  func release()
}

/// What one round of draining found. Reused, so that an edge costs no allocation.
struct EdgeBuffer {
  /// Edges taken in one round: four full buffers of the kernel. What is left wakes the thread again at once.
  static let roundLimit = 4096

  var edges: [Edge] = []
  /// By line: edges were dropped, or must be assumed to have been.
  var isLost: [Bool]
  /// By line: the last edge read may not be the last that happened.
  var mustCheck: [Bool]

  init(lineCount: Int) {
    isLost = Array(repeating: false, count: lineCount)
    mustCheck = Array(repeating: false, count: lineCount)
    edges.reserveCapacity(64)
  }
}
