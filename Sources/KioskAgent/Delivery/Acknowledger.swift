import KioskControl

/// Tells kioskd what every consumer has, so that it may expire by age what is old. kioskd may be told anything again, and
/// nothing is lost when it is not told.
public actor Acknowledger {
  /// kioskd is told at most this often.
  static let interval = Duration.seconds(5)
  /// Looked at this often although nothing has moved: what could not be told is told then.
  static let longestSleep = Duration.seconds(60)

  private let link: CaptureLink
  private let cursors: CursorKeeper
  /// What kioskd has been told since it answers, by epoch.
  private var told: [String: Int64] = [:]

  public init(link: CaptureLink, cursors: CursorKeeper) {
    self.link = link
    self.cursors = cursors
  }

  /// Tells until the task is cancelled.
  public func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.watch() }
      group.addTask { await self.tell() }
      await group.waitForAll()
    }
  }

  /// A kioskd that has been started anew may not remember.
  private func watch() async {
    for await news in await link.news() where news == .connected {
      told = [:]
      await cursors.moved.ring()
    }
  }

  private func tell() async {
    var rings: UInt64 = 0
    while !Task.isCancelled {
      rings = await cursors.moved.wait(after: rings, for: Self.longestSleep)
      for (epoch, through) in await cursors.acknowledged() where through > told[epoch] ?? 0 {
        guard await link.isConnected else { break }
        do {
          _ = try await link.ask(.acknowledge(epoch: epoch, through: through))
          told[epoch] = through
        } catch {
          // What kioskd refuses it would refuse again; what it did not hear is told again.
          if error.code == .badRequest { told[epoch] = through }
        }
      }
      try? await Task.sleep(for: Self.interval)
    }
  }
}
