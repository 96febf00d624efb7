import Feedback
import Glibc

extension KernelChip {
  /// The chips of the machine that may be opened, in the order of their numbers.
  /// - Parameter directory: where device nodes are.
  /// - Throws: `GPIOError` with code `notPermitted` when there are chips and none may be opened.
  public static func all(in directory: String = "/dev") throws(GPIOError) -> [KernelChip] {
    let (chips, refused) = search(directory)
    if chips.isEmpty, let refused { throw refused }
    return chips
  }

  /// The chip with that label. Numbers change between kernels and boards; the label does not.
  ///
  /// Where several chips share the label, it is the first that has all the wanted lines, else the first.
  /// - Throws: `GPIOError`: `noChip` listing the chips there are, `notPermitted` when the chip may be one of those that
  ///   cannot be opened.
  public static func find(
    label: String, having wanted: [LineSelector] = [], in directory: String = "/dev"
  ) throws(GPIOError) -> KernelChip {
    let (chips, refused) = search(directory)
    let named = chips.filter { $0.label == label }
    let complete = named.first { chip in
      wanted.allSatisfy { (try? chip.lines.offset(of: $0, for: "")) != nil }
    }
    if let chip = complete ?? named.first { return chip }
    if let refused { throw refused }
    let known = chips.map { "\($0.label) (\($0.path))" }
    throw GPIOError(
      .noChip, "there is no GPIO chip labelled “\(label)”",
      hint: known.isEmpty
        ? "there is no GPIO chip in \(directory) at all; a simulated panel needs none"
        : "the chips there are: \(known.joined(separator: ", "))")
  }

  /// Every chip that opens, and the first refusal among those that may not be opened.
  private static func search(_ directory: String) -> (chips: [KernelChip], refused: GPIOError?) {
    var chips: [KernelChip] = []
    var refused: GPIOError?
    for path in nodes(in: directory) {
      do throws(GPIOError) {
        chips.append(try KernelChip(path: path))
      } catch {
        if error.code == .notPermitted { refused = refused ?? error }
      }
    }
    return (chips, refused)
  }

  /// Paths of `gpiochip` and a number, in the order of the numbers. Links are left out: some boards have one from an old
  /// number to the new one, and the chip would be found twice.
  private static func nodes(in directory: String) -> [String] {
    guard let listing = opendir(directory) else { return [] }
    defer { closedir(listing) }
    var numbers: [Int] = []
    while let entry = readdir(listing) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard name.hasPrefix("gpiochip"), let number = Int(name.dropFirst("gpiochip".count)), number >= 0,
        name == "gpiochip\(number)"
      else { continue }
      var status = stat()
      guard lstat("\(directory)/\(name)", &status) == 0, status.st_mode & S_IFMT != S_IFLNK else { continue }
      numbers.append(number)
    }
    return numbers.sorted().map { "\(directory)/gpiochip\($0)" }
  }
}
