import CKioskPlatform
import Glibc

/// The thread that judges, commits and acknowledges, as an executor: the `Capture` actor runs here and nowhere else, so
/// that a press never waits for a shared thread pool, and an idle kiosk has no pool thread that ticks.
///
/// `@unchecked Sendable`: `jobs` and `isStopping` are only touched under `lock`; the rest never changes.
final class CaptureThread: SerialExecutor, TaskExecutor, @unchecked Sendable {
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var jobs: [UnownedJob] = []
  private var isStopping = false

  /// Stack in bytes: SQLite and JSON are shallow; the default of 8 MiB would only be address space, but limits count it.
  private static let stackSize = 1 << 20

  init?() {
    pthread_mutex_init(lock, nil)
    pthread_cond_init(changed, nil)
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, Self.stackSize)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self)
    let result = pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument else { return nil }
        kiosk_name_thread("capture")
        Unmanaged<CaptureThread>.fromOpaque(argument).takeRetainedValue().work()
        return nil
      }, context.toOpaque())
    guard result == 0 else {
      context.release()
      return nil
    }
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(lock)
    changed.deallocate()
    lock.deallocate()
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let unowned = UnownedJob(job)
    pthread_mutex_lock(lock)
    jobs.append(unowned)
    pthread_cond_signal(changed)
    pthread_mutex_unlock(lock)
  }

  /// Ends the thread once nothing is queued any more.
  func stop() {
    pthread_mutex_lock(lock)
    isStopping = true
    pthread_cond_signal(changed)
    pthread_mutex_unlock(lock)
  }

  private func work() {
    while true {
      pthread_mutex_lock(lock)
      while jobs.isEmpty, !isStopping { pthread_cond_wait(changed, lock) }
      let ready = jobs
      jobs.removeAll(keepingCapacity: true)
      pthread_mutex_unlock(lock)
      if ready.isEmpty { return }
      for job in ready {
        job.runSynchronously(
          isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
      }
    }
  }
}
