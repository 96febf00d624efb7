import NIOCore
import Synchronization

/// The connections of a server, so that there are not more than may be, and all of them end with it.
final class OpenConnections: Sendable {
  private struct State {
    var channels: [ObjectIdentifier: any Channel] = [:]
    /// What answers on each connection.
    var work: [ObjectIdentifier: Task<Void, Never>] = [:]
    var isClosed = false
  }

  private let most: Int
  private let state = Mutex(State())

  init(most: Int) { self.most = most }

  /// False when there are as many as may be.
  func admit(_ channel: any Channel) -> Bool {
    let isAdmitted = state.withLock { state in
      guard !state.isClosed, state.channels.count < most else { return false }
      state.channels[ObjectIdentifier(channel)] = channel
      return true
    }
    if isAdmitted {
      channel.closeFuture.whenComplete { _ in
        self.state.withLock { $0.channels[ObjectIdentifier(channel)] = nil }
      }
    }
    return isAdmitted
  }

  /// Keeps what answers on a connection until it has ended.
  func keep(_ work: Task<Void, Never>, for channel: any Channel) {
    let number = ObjectIdentifier(channel)
    let isClosed = state.withLock { state in
      state.work[number] = work
      return state.isClosed
    }
    if isClosed {
      work.cancel()
      channel.close(promise: nil)
    }
    Task {
      await work.value
      self.state.withLock { $0.work[number] = nil }
    }
  }

  /// Ends all of them, and waits for it.
  func close() async {
    let (channels, work) = state.withLock { state in
      state.isClosed = true
      return (Array(state.channels.values), Array(state.work.values))
    }
    for task in work { task.cancel() }
    for channel in channels { try? await channel.close() }
    for task in work { await task.value }
  }
}
