import CGpiod
import Feedback
import Synchronization

/// Input lines of a kernel chip as a source of edges.
final class KernelInputs: EdgeSource {
  /// Safe to send: only ever used under the lock.
  private struct Request: @unchecked Sendable {
    /// Nil once released.
    var lines: OpaquePointer?
    /// Reused for every reading.
    var edges = Array(repeating: kiosk_gpio_edge(), count: 64)
    var flags: [UInt8]
  }
  private let request: Mutex<Request>
  private let chip: ChipHandle
  private let name: String

  let lineCount: Int
  let isDebouncedByKernel: Bool
  let descriptors: [Int32]
  /// Far more than the time from interrupt to its thread on a loaded board, far less than a press.
  let settling = Duration.milliseconds(2)

  init(_ lines: OpaquePointer, lineCount: Int, chip: ChipHandle, name: String) {
    self.lineCount = lineCount
    self.chip = chip
    self.name = name
    isDebouncedByKernel = kiosk_gpio_inputs_are_debounced(lines)
    var descriptors = Array(repeating: Int32(-1), count: Int(KIOSK_GPIO_MAX_LINES))
    let used = kiosk_gpio_inputs_descriptors(lines, &descriptors)
    self.descriptors = Array(descriptors.prefix(used))
    request = Mutex(Request(lines: lines, flags: Array(repeating: 0, count: lineCount)))
  }

  deinit { release() }

  func drain(into buffer: inout EdgeBuffer) throws(GPIOError) {
    let code = request.withLock { request -> Int32 in
      guard let lines = request.lines else { return 0 }
      var code: Int32 = 0
      while code == 0, buffer.edges.count < EdgeBuffer.roundLimit {
        var count = 0
        code = kiosk_gpio_inputs_read(lines, &request.edges, request.edges.count, &count, &request.flags)
        for edge in request.edges[..<count] {
          buffer.edges.append(
            Edge(line: Int(edge.line), isActive: edge.is_active, at: MonotonicTime(nanoseconds: edge.at_ns)))
        }
        if count == 0 { break }
      }
      for line in request.flags.indices where request.flags[line] != 0 {
        if Int32(request.flags[line]) & Int32(KIOSK_GPIO_LOST) != 0 { buffer.isLost[line] = true }
        buffer.mustCheck[line] = true
        request.flags[line] = 0
      }
      return code
    }
    guard code == 0 else { throw .system(code, "the edges of \(name) cannot be read") }
  }

  func levels() throws(GPIOError) -> [Bool] {
    var levels = Array(repeating: false, count: lineCount)
    let code = request.withLock { request in
      request.lines.map { kiosk_gpio_inputs_levels($0, &levels) }
    }
    guard let code else { throw .linesClosed(name) }
    guard code == 0 else { throw .system(code, "the levels of \(name) cannot be read") }
    return levels
  }

  func release() {
    request.withLock { request in
      if let lines = request.lines { kiosk_gpio_inputs_release(lines) }
      request.lines = nil
    }
  }
}

/// Output lines of a kernel chip.
final class KernelOutputs: OutputLines {
  /// Safe to send: only ever used under the lock.
  private struct Request: @unchecked Sendable {
    /// Nil once released.
    var lines: OpaquePointer?
  }
  private let request: Mutex<Request>
  private let lineNames: [String]
  private let chip: ChipHandle
  private let name: String

  init(_ lines: OpaquePointer, lineNames: [String], chip: ChipHandle, name: String) {
    request = Mutex(Request(lines: lines))
    self.lineNames = lineNames
    self.chip = chip
    self.name = name
  }

  deinit { close() }

  func set(_ line: Int, isOn: Bool) throws(GPIOError) {
    guard lineNames.indices.contains(line) else { throw .noRequestedLine(line, of: lineNames.count, on: name) }
    let code = request.withLock { request in
      request.lines.map { kiosk_gpio_outputs_set($0, line, isOn) }
    }
    guard let code else { throw .linesClosed(name) }
    guard code == 0 else { throw .system(code, "“\(lineNames[line])” on \(name) cannot be switched") }
  }

  func close() {
    request.withLock { request in
      guard let lines = request.lines else { return }
      for line in lineNames.indices { _ = kiosk_gpio_outputs_set(lines, line, false) }
      kiosk_gpio_outputs_release(lines)
      request.lines = nil
    }
  }
}
