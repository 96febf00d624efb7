import CFaultVFS
import CSQLite
import Glibc
import Synchronization

/// A storage layer for the journal that counts, fails where it is told to and can cut the power (see CFaultVFS.h).
/// Sendable because the C side locks every call.
public final class FaultVFS: @unchecked Sendable {
  public enum Call: Int32, Sendable, CaseIterable {
    case open, read, write, sync, truncate, delete, lock, sharedMemory
  }

  /// What the storage reports.
  public struct Fault: Sendable, Hashable {
    public var code: Int32
    public var systemError: Int32

    public init(code: Int32, systemError: Int32) {
      self.code = code
      self.systemError = systemError
    }

    public static let diskFull = Fault(code: SQLITE_FULL, systemError: ENOSPC)
    public static let writeFailed = Fault(code: SQLITE_IOERR | (3 << 8), systemError: EIO)
    public static let syncFailed = Fault(code: SQLITE_IOERR | (4 << 8), systemError: EIO)
    public static let readFailed = Fault(code: SQLITE_IOERR | (1 << 8), systemError: EIO)
    public static let cannotOpen = Fault(code: SQLITE_CANTOPEN, systemError: EIO)
    /// A write to a file system that became read-only after the file had been opened.
    public static let madeReadOnly = Fault(code: SQLITE_IOERR | (3 << 8), systemError: EROFS)
    public static let readOnly = Fault(code: SQLITE_READONLY, systemError: EROFS)
  }

  /// What a power cut leaves of the writes that were not synced.
  public enum Remains: Int32, Sendable, CaseIterable {
    case nothing, everything, tornSectors
  }

  public let name: String
  private let handle: OpaquePointer

  private static let next = Atomic<Int>(1)

  /// `keepsUnsynced`: remembers what is not synced, so that the power can be cut.
  public init(keepsUnsynced: Bool = false) {
    name = "fault-\(Self.next.wrappingAdd(1, ordering: .relaxed).oldValue)"
    guard let created = fault_vfs_create(name) else { preconditionFailure("no memory for a test's VFS") }
    handle = created
    if keepsUnsynced { fault_vfs_keep_unsynced(handle) }
  }

  deinit { fault_vfs_destroy(handle) }

  public func count(_ call: Call) -> Int { Int(fault_vfs_count(handle, call.rawValue)) }
  public var bytesWritten: Int { Int(fault_vfs_bytes_written(handle)) }

  /// Fails the nth such call from now on (1: the next), and those after it too if `lasting`.
  public func fail(_ call: Call, nth: Int, with fault: Fault, lasting: Bool = false) {
    fault_vfs_fail(handle, call.rawValue, Int64(nth), fault.code, fault.systemError, lasting)
  }

  /// Nothing fails any more.
  public func heal() { fault_vfs_heal(handle) }

  /// Writes, syncs and truncates so far: the points at which the power can be cut.
  public var points: Int { Int(fault_vfs_points(handle)) }
  /// The power goes off just before the nth write, sync or truncate from now on.
  public func cut(before nth: Int) { fault_vfs_cut_before(handle, Int64(nth)) }
  public var isOff: Bool { fault_vfs_is_off(handle) }

  /// Leaves the files as the cut could have left them and switches the power on again. Returns the number of sectors
  /// thrown away; nil when the files could not be written.
  public func restore(_ remains: Remains, seed: UInt64) -> Int? {
    let dropped = fault_vfs_restore(handle, remains.rawValue, seed)
    return dropped < 0 ? nil : Int(dropped)
  }
}
