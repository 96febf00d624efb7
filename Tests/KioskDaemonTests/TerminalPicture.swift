import Foundation

/// What a terminal shows after the bytes a program has written: as much of ECMA-48 as `kioskctl sim panel` uses, and an
/// issue for what a terminal of that size would not show as meant.
struct TerminalPicture {
  private(set) var rows: Int
  private(set) var columns: Int
  private var cells: [[Character]]
  private var row = 0
  private var column = 0
  private var pending: [UInt8] = []
  private(set) var isOtherScreen = false
  private(set) var isCursorVisible = true
  /// Text that ran out of its row, and codes that are not known.
  private(set) var faults: [String] = []
  private(set) var bytesTaken = 0

  init(rows: Int, columns: Int) {
    (self.rows, self.columns) = (rows, columns)
    cells = Self.empty(rows, columns)
  }

  /// The rows as text, without the spaces at their ends. A character that is two cells wide is followed by none.
  var lines: [String] {
    cells.map { row in
      var text = String(row.filter { $0 != "\0" })
      while text.hasSuffix(" ") { text.removeLast() }
      return text
    }
  }

  var text: String { lines.joined(separator: "\n") }

  func line(containing words: String) -> String? { lines.first { $0.contains(words) } }

  mutating func resize(rows: Int, columns: Int) {
    (self.rows, self.columns) = (rows, columns)
    cells = Self.empty(rows, columns)
  }

  mutating func take(_ bytes: [UInt8]) {
    bytesTaken += bytes.count
    pending += bytes
    while let first = pending.first {
      if first == 0x1B {
        guard let length = escape() else { return }
        pending.removeFirst(length)
      } else if first < 0x20 || first == 0x7F {
        pending.removeFirst()
        // CAN ends a code that was cut off; line feeds come from programs that draw no screen.
        if first == 0x0A { (row, column) = (min(row + 1, rows - 1), 0) }
        if ![0x0A, 0x0D, 0x18].contains(first) { faults.append("control character \(first)") }
      } else {
        guard let (scalar, length) = scalar() else { return }
        pending.removeFirst(length)
        put(scalar)
      }
    }
  }

  private static func empty(_ rows: Int, _ columns: Int) -> [[Character]] {
    Array(repeating: Array(repeating: " ", count: columns), count: rows)
  }

  private mutating func put(_ scalar: Unicode.Scalar) {
    let width = Self.width(scalar)
    guard row < rows, column + width <= columns else { return faults.append("text beyond row \(row)") }
    if width == 0 {
      guard column > 0 else { return }
      let before = column - (cells[row][column - 1] == "\0" ? 2 : 1)
      cells[row][before] = Character(String(cells[row][before]) + String(scalar))
      return
    }
    cells[row][column] = Character(scalar)
    if width == 2 { cells[row][column + 1] = "\0" }
    column += width
  }

  /// By the C library, so that the program's own tables are held against something else.
  private static func width(_ scalar: Unicode.Scalar) -> Int {
    max(0, Int(wcwidth(wchar_t(scalar.value))))
  }

  /// Glibc has it, but its header hides it from Swift.
  private static let wcwidth: @convention(c) (wchar_t) -> Int32 = {
    setlocale(LC_CTYPE, "C.UTF-8")
    return unsafeBitCast(dlsym(nil, "wcwidth"), to: (@convention(c) (wchar_t) -> Int32).self)
  }()

  /// The next character and its length in bytes; nil: not all of it has come.
  private func scalar() -> (Unicode.Scalar, Int)? {
    let length = pending[0] < 0x80 ? 1 : pending[0] < 0xE0 ? 2 : pending[0] < 0xF0 ? 3 : 4
    guard pending.count >= length else { return nil }
    let scalar = String(decoding: pending[..<length], as: UTF8.self).unicodeScalars.first
    return scalar.map { ($0, length) }
  }

  /// Obeys the code that begins here; returns its length, nil: not all of it has come.
  private mutating func escape() -> Int? {
    guard pending.count > 2 else { return nil }
    guard pending[1] == UInt8(ascii: "["),
      let end = pending[2...].firstIndex(where: { (0x40...0x7E).contains($0) })
    else { return pending.contains(0x18) ? pending.firstIndex(of: 0x18) : nil }
    if let cancelled = pending[..<end].firstIndex(of: 0x18) { return cancelled }
    let parameters = String(decoding: pending[2..<end], as: UTF8.self)
    switch (Character(Unicode.Scalar(pending[end])), parameters) {
    case ("m", _): break
    case ("H", _):
      let numbers = parameters.split(separator: ";").compactMap { Int($0) }
      (row, column) = ((numbers.first ?? 1) - 1, (numbers.last ?? 1) - 1)
    case ("K", ""): if row < rows { for index in min(column, columns)..<columns { cells[row][index] = " " } }
    case ("J", "2"): cells = Self.empty(rows, columns)
    case ("h", "?1049"), ("l", "?1049"):
      isOtherScreen = pending[end] == UInt8(ascii: "h")
      cells = Self.empty(rows, columns)
      (row, column) = (0, 0)
    case ("h", "?25"), ("l", "?25"): isCursorVisible = pending[end] == UInt8(ascii: "h")
    default: faults.append("code \(parameters)\(Character(Unicode.Scalar(pending[end])))")
    }
    return end + 1
  }
}
