/// Rings when kioskd says that something has been recorded.
public struct ArrivalWatch: Sendable {
  private let link: CaptureLink
  private let arrivals: Bell

  public init(link: CaptureLink, arrivals: Bell) {
    self.link = link
    self.arrivals = arrivals
  }

  /// Listens until the task is cancelled.
  public func run() async {
    for await news in await link.news() {
      switch news {
      case .connected: await arrivals.ring()
      case .activity(let activity):
        switch activity.event {
        // What was left out may have been a commit.
        case .committed, .recorded, .missed: await arrivals.ring()
        default: break
        }
      case .disconnected: break
      }
    }
  }
}
