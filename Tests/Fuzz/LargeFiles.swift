import KioskConfiguration

/// Files as large as a configuration may have them, made of one thing many times: what is quadratic shows here.
enum LargeFiles {
  private static let unit = ConfigurationSource.mostBytes

  static let kinds = 22

  /// - Parameter kind: what it is made of, below `kinds`.
  static func make(_ kind: Int, _ random: inout Randomness) -> [UInt8] {
    let room = unit - random.below(8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(room + 256)
    func fill(_ piece: (Int) -> String) {
      var number = 0
      while bytes.count < room {
        bytes += Array(piece(number).utf8)
        number += 1
      }
    }
    switch kind {
    case 0: fill { "k\($0)=1\n" }
    case 1: fill { "[t\($0)]\n" }
    case 2: fill { "[[button]]\nname=\"b\($0)\"\n" }
    case 3: fill { _ in "[[button]]\n" }
    case 4: fill { "[[lamp]]\nname=\"l\($0)\"\nline=\"GPIO\($0)\"\nshows=[]\n" }
    case 5: fill { _ in "[[question]]\n[[question.answer]]\n" }
    case 6: fill { "[[question]]\nname=\"q\($0)\"\n" }
    case 7: fill { _ in "\n" }
    case 8:
      bytes = Array("a = [".utf8)
      fill { _ in "1," }
    case 9:
      bytes = Array("a = [".utf8)
      fill { _ in "[" }
    case 10: fill { _ in "[" }
    case 11: fill { _ in "a." }
    case 12:
      bytes = Array("a = \"".utf8)
      fill { _ in "x" }
    case 13:
      bytes = Array("a = ".utf8)
      fill { _ in "9" }
    case 14: fill { "# remark \($0)\n" }
    case 15:
      bytes = Array("[[question]]\nname = \"q\"\n[question.text]\n".utf8)
      fill { "l\($0)=\"\"\n" }
    case 16: fill { "a\($0).b.c.d.e.f.g.h=1\n" }
    case 17: fill { _ in "\"" }
    case 18: fill { _ in "ü" }
    case 19:
      bytes = Array("shows = [".utf8)
      fill { "\"s\($0)\"," }
    case 20:
      bytes = Array("board = \"simulated\"\nsurvey = \"loyalty\"\n".utf8)
      fill { "[[button]]\nname=\"b\($0)\"\n" }
    default: fill { "[[button]]\nname=\"happy\"\nunknown_key_\($0)=\"\($0)\"\n" }
    }
    return Array(bytes.prefix(room))
  }
}
