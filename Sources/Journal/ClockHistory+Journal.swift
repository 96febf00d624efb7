import Feedback

extension JournalReader {
  /// What the journal knows of the machine's clocks: every boot, every moment at which the clock was trusted. Memory grows
  /// with these (one row a boot and about one an hour), not with the events.
  public func clockHistory() throws(JournalError) -> ClockHistory {
    var history = ClockHistory()
    try add(to: &history)
    return history
  }

  /// The same for a history that knows the epochs before this one: a boot may be in two of them.
  public func add(to history: inout ClockHistory) throws(JournalError) {
    try connection.transaction("BEGIN") { () throws(JournalError) in
      var names: [Int64: String] = [:]
      // How long a boot lasted at least, its last event tells.
      let boots = try connection.prepare(
        """
        SELECT number, boot_id, (
          SELECT boottime_ns FROM events WHERE seq < ifnull((
            SELECT first_seq FROM boots AS next WHERE next.number = boots.number + 1), \(Int64.max))
          ORDER BY seq DESC LIMIT 1), (
          SELECT boot FROM events WHERE seq < ifnull((
            SELECT first_seq FROM boots AS next WHERE next.number = boots.number + 1), \(Int64.max))
          ORDER BY seq DESC LIMIT 1)
        FROM boots ORDER BY number
        """)
      while try boots.step() {
        guard let number = boots.integer(0), let bootID = boots.text(1) else { throw damaged("boots") }
        names[number] = bootID
        history.addBoot(bootID)
        if boots.integer(3) == number, let last = boots.integer(2) {
          history.note(bootID: bootID, bootTimeNanoseconds: last)
        }
      }
      let anchors = try connection.prepare("SELECT boot, boottime_ns, wall_ms FROM anchors ORDER BY seq")
      while try anchors.step() {
        guard let boot = anchors.integer(0), let bootID = names[boot], let bootTime = anchors.integer(1),
          let wall = anchors.integer(2)
        else { throw damaged("anchors") }
        history.add(ClockAnchor(bootTimeNanoseconds: bootTime, wallMilliseconds: wall), bootID: bootID)
      }
    }
  }

  private func damaged(_ table: String) -> JournalError {
    JournalError(.damaged, "\(connection.path): the table \(table) holds what no kiosk writes")
  }
}

extension ClockHistory {
  /// When an event happened.
  /// - Parameter boots: the boots of the event's journal.
  public func time(of event: Event, boots: [Boot]) -> EventTime {
    let bootID = boots.first { $0.number == event.boot }?.bootID ?? ""
    return time(
      bootID: bootID, bootTimeNanoseconds: event.content.bootTimeNanoseconds,
      wallMilliseconds: event.content.wallMilliseconds, state: event.content.clockState)
  }
}
