import CGpiod
import CKioskPlatform
import Feedback
import Glibc
import Synchronization

/// A GPIO chip of the machine, through libgpiod.
public final class KernelChip: Chip {
  public let label: String
  public let path: String
  /// The lines by name.
  public let lines: LineDirectory
  private let handle: ChipHandle

  /// Version of the libgpiod compiled in, such as `1.6.3` or `2.2.1`.
  public static var libraryVersion: String { String(cString: kiosk_gpio_library_version()) }

  /// Opens the chip behind a device node.
  /// - Throws: `GPIOError`: `noChip` when the node is missing or no GPIO chip, `notPermitted` when it may not be opened.
  public static func open(path: String) throws(GPIOError) -> KernelChip {
    try KernelChip(path: path)
  }

  init(path: String) throws(GPIOError) {
    var opened: OpaquePointer?
    let code = kiosk_gpio_chip_open(path, &opened)
    guard code == 0, let opened else {
      switch code {
      case EACCES, EPERM: throw .system(code, "\(path) cannot be opened", path: path)
      case ENOENT:
        throw GPIOError(
          .noChip, "there is no \(path)",
          hint: "`ls /dev/gpiochip*` shows the chips there are; better name one by label")
      case ENODEV, EINVAL, ENOTTY, EISDIR, ENOTDIR:
        throw GPIOError(.noChip, "\(path) is not a GPIO chip", hint: "`ls /dev/gpiochip*` shows the chips there are")
      default: throw .system(code, "\(path) cannot be opened", path: path)
      }
    }
    let handle = ChipHandle(opened)
    let label = handle.label
    self.path = path
    self.label = label
    self.handle = handle
    var names: [String] = []
    for offset in 0..<handle.lineCount { names.append(try handle.lineInfo(offset).name) }
    lines = LineDirectory(chip: "\(path) (\(label))", names: names)
  }

  public func requestInputs(_ lines: [InputLine], consumer: String) throws(GPIOError) -> any InputLines {
    let offsets = try self.lines.offsets(of: lines.map { ($0.name, $0.selector) })
    let wanted = zip(lines, offsets).map { line, offset in
      kiosk_gpio_input(
        offset: UInt32(clamping: offset), bias: line.bias.kernelBias, active_low: line.activeLow,
        debounce_us: UInt32(clamping: line.debounce.wholeNanoseconds / 1000))
    }
    var requested: OpaquePointer?
    let code = handle.withChip { kiosk_gpio_inputs_request($0, wanted, wanted.count, consumer, &requested) }
    guard code == 0, let requested else {
      throw refusal(code, of: zip(lines.map(\.name), offsets).map { ($0, $1) })
    }
    let source = KernelInputs(requested, lineCount: wanted.count, chip: handle, name: self.lines.chip)
    return try EdgeReader(source: source, isStepped: false) {
      MonotonicTime(nanoseconds: kiosk_clock_monotonic())
    }
  }

  public func requestOutputs(_ lines: [OutputLine], consumer: String) throws(GPIOError) -> any OutputLines {
    let offsets = try self.lines.offsets(of: lines.map { ($0.name, $0.selector) })
    let wanted = zip(lines, offsets).map { line, offset in
      kiosk_gpio_output(offset: UInt32(clamping: offset), active_low: line.activeLow)
    }
    var requested: OpaquePointer?
    let code = handle.withChip { kiosk_gpio_outputs_request($0, wanted, wanted.count, consumer, &requested) }
    guard code == 0, let requested else {
      throw refusal(code, of: zip(lines.map(\.name), offsets).map { ($0, $1) })
    }
    return KernelOutputs(requested, lineNames: lines.map(\.name), chip: handle, name: self.lines.chip)
  }

  /// Why a request was refused: the kernel says only that one of the lines is busy, not which.
  private func refusal(_ code: Int32, of wanted: [(name: String, offset: Int)]) -> GPIOError {
    if code == EBUSY {
      for (name, offset) in wanted {
        guard let info = try? handle.lineInfo(offset), info.isUsed else { continue }
        let user = info.consumer.isEmpty ? "the kernel or a program that gives no name" : "“\(info.consumer)”"
        return GPIOError(
          .lineInUse, "\(lines.describe(offset)) of \(lines.chip), for “\(name)”, is used by \(user)",
          hint: "stop that program, or connect “\(name)” to another line (`gpioinfo` shows who uses which)")
      }
      return GPIOError(
        .lineInUse, "a line of \(lines.chip) is in use", hint: "`gpioinfo` shows who uses which; then try again")
    }
    return .system(code, "the lines of \(lines.chip) cannot be had", path: path)
  }
}

extension LineBias {
  var kernelBias: kiosk_gpio_bias {
    switch self {
    case .asIs: KIOSK_GPIO_BIAS_AS_IS
    case .disabled: KIOSK_GPIO_BIAS_DISABLED
    case .pullUp: KIOSK_GPIO_BIAS_PULL_UP
    case .pullDown: KIOSK_GPIO_BIAS_PULL_DOWN
    }
  }
}

/// An open chip. It is kept open as long as lines of it are held: libgpiod 1.6 releases them when it is closed.
final class ChipHandle: Sendable {
  /// Safe to send: only ever used under the lock.
  private struct Pointer: @unchecked Sendable {
    let value: OpaquePointer
  }
  private let pointer: Mutex<Pointer>

  init(_ chip: OpaquePointer) { pointer = Mutex(Pointer(value: chip)) }

  deinit { pointer.withLock { kiosk_gpio_chip_close($0.value) } }

  func withChip<Result: Sendable>(_ body: (OpaquePointer) -> Result) -> Result {
    pointer.withLock { body($0.value) }
  }

  var label: String { withChip { String(cString: kiosk_gpio_chip_label($0)) } }
  var lineCount: Int { withChip { kiosk_gpio_chip_line_count($0) } }

  /// What the kernel knows of a line at this moment.
  struct LineInfo: Sendable {
    var name: String
    var consumer: String
    var isUsed: Bool
  }

  func lineInfo(_ offset: Int) throws(GPIOError) -> LineInfo {
    var info = kiosk_gpio_line_info()
    let code = withChip { kiosk_gpio_line_info($0, UInt32(clamping: offset), &info) }
    guard code == 0 else { throw .system(code, "line \(offset) cannot be looked at") }
    return LineInfo(
      name: withUnsafeBytes(of: info.name) { Self.text($0) },
      consumer: withUnsafeBytes(of: info.consumer) { Self.text($0) },
      isUsed: info.is_used)
  }

  private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
