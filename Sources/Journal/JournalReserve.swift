import Glibc

/// A file that holds nothing but room: given up when the disk is full, so that the press at hand can still be committed.
extension JournalFiles {
  static let reserveName = "ratings.reserve"

  private var reservePath: String { "\(directory)/\(Self.reserveName)" }

  /// Gives the room back to the file system. False when there was none to give.
  func releaseReserve() -> Bool { unlink(reservePath) == 0 }

  /// Makes sure of the reserve; false when there is no room for it. Taken only while three times as much would stay free,
  /// so that a disk that is nearly full is not filled by the reserve itself, over and over.
  func keepReserve(bytes: Int64) -> Bool {
    var status = stat()
    if lstat(reservePath, &status) == 0, status.st_mode & S_IFMT == S_IFREG, Int64(status.st_size) == bytes {
      return true
    }
    var room = statvfs()
    guard statvfs(directory, &room) == 0, Int64(clamping: room.f_bavail) >= bytes * 4 / max(1, Int64(room.f_frsize))
    else { return false }
    // Half a reserve, left by a crash while it was made, is not one.
    unlink(reservePath)
    let file = open(reservePath, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o640)
    guard file >= 0 else { return false }
    defer { close(file) }
    guard posix_fallocate(file, 0, off_t(bytes)) == 0 else {
      unlink(reservePath)
      return false
    }
    return true
  }
}
