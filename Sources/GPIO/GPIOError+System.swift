import Glibc

extension GPIOError {
  /// For a call that failed with an errno value, in words for the technician.
  static func system(_ code: Int32, _ what: String, path: String? = nil) -> GPIOError {
    let reason = String(cString: strerror(code))
    switch code {
    case EACCES, EPERM:
      return GPIOError(
        .notPermitted, "\(what): \(reason)",
        hint:
          "add the user the kiosk runs as to the group that owns \(path ?? "the chip's device") (`ls -l /dev/gpiochip*`)"
      )
    case ENODEV, ENXIO:
      return GPIOError(.noChip, "\(what): the chip is not there (any more)", hint: "check the board and its drivers")
    case EINVAL, ENOTTY:
      return GPIOError(
        .system, "\(what): \(reason)",
        hint: "the driver or kernel does not offer what was asked for; try another bias, or a newer kernel")
    default:
      return GPIOError(.system, "\(what): \(reason)", hint: "see the kernel's log (`journalctl -k`)")
    }
  }
}

extension GPIOError {
  /// Lines were used after they were closed.
  static func linesClosed(_ chip: String) -> GPIOError {
    GPIOError(.system, "the lines of \(chip) have been released", hint: "request them again")
  }

  /// A place outside the request.
  static func noRequestedLine(_ line: Int, of count: Int, on chip: String) -> GPIOError {
    GPIOError(
      .noLine, "line \(line) of the request on \(chip) does not exist", hint: "the request has lines 0 to \(count - 1)")
  }
}
