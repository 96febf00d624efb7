import Feedback
import KioskConfiguration
import Panel

/// The calls for staff and the sellers at work, with the panel's buttons and names in place of numbers.
struct StaffDesk: Sendable {
  var requests: StaffRequests
  var activity: StaffActivity
  /// Sellers in the order in which the panel file names them first.
  let sellers: [String]
  /// The visits to which open requests belong, by call button.
  var visits: [ButtonIndex: VisitNumber] = [:]
  private let settings: [ButtonRole]
  private let names: [String]

  init(panel: PanelSettings, device: DeviceSettings, settling: Duration) {
    settings = panel.buttons.map(\.role)
    names = panel.buttons.map(\.name)
    var sellers: [String] = []
    var calls: [ButtonIndex] = []
    for (index, role) in settings.enumerated() {
      if case .activity(_, let seller) = role, !sellers.contains(seller) { sellers.append(seller) }
      if case .callStaff = role { calls.append(ButtonIndex(index)) }
    }
    self.sellers = sellers
    requests = StaffRequests(callButtons: calls, lapsesAfter: device.requestLapse, settling: settling)
    activity = StaffActivity(sellerCount: sellers.count, longest: device.longestActivity, settling: settling)
  }

  var nextDeadline: MonotonicTime? {
    switch (requests.nextDeadline, activity.nextDeadline) {
    case (let first?, let second?): min(first, second)
    case (let first, let second): first ?? second
    }
  }

  var activeSellers: [String] { sellers.enumerated().filter { activity.activeSince($0.offset) != nil }.map(\.element) }

  func seller(_ name: String) -> Int? { sellers.firstIndex(of: name) }

  func button(_ name: String) -> ButtonIndex? { names.firstIndex(of: name).map(ButtonIndex.init) }

  /// The button of that name, if it calls staff.
  func callButton(_ name: String) -> ButtonIndex? {
    button(name).flatMap { if case .callStaff = settings[$0.value] { $0 } else { nil } }
  }

  /// The requests that are open, with the names of their call buttons.
  var openRequests: [(name: String, request: StaffRequest)] {
    names.indices.compactMap { index in
      requests.request(of: ButtonIndex(index)).map { (names[index], $0) }
    }
  }

  /// Which requests a staff button ends.
  func scope(of call: String?) -> StaffRequests.Scope { call.flatMap(button).map { .of($0) } ?? .all }
}
