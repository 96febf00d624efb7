import AgentControl
import Feedback

/// How the kiosk is, put together once a second at most, however many ask: kioskd answers technicians too.
actor StatusDesk {
  private let parts: AgentParts
  private var last: (status: AgentStatus, at: MonotonicTime)?
  private var asking: Task<AgentStatus, Never>?

  init(parts: AgentParts) { self.parts = parts }

  func status() async -> AgentStatus {
    if let last, parts.clock.monotonic - last.at < .seconds(1) { return last.status }
    if let asking { return await asking.value }
    let task = Task { [parts] in await StatusReporter(parts: parts).status() }
    asking = task
    let status = await task.value
    asking = nil
    last = (status, parts.clock.monotonic)
    return status
  }
}
