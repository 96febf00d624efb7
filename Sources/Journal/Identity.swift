import Feedback

/// The file's one row about itself.
struct Identity {
  var device: String
  var epoch: String
  var genesis: [UInt8]
  var countedThrough: Int64
  var countedChain: [UInt8]
  var removedThrough: Int64
  var removedChain: [UInt8]
  /// Every consumer has the events up to here.
  var acknowledgedThrough: Int64

  /// A new epoch.
  init(device: String, epoch: String) {
    self.device = device
    self.epoch = epoch
    genesis = Chain.genesis(device: device, epoch: epoch)
    (countedThrough, removedThrough, acknowledgedThrough) = (0, 0, 0)
    (countedChain, removedChain) = (genesis, genesis)
  }

  /// Reads the row; `.damaged` when it makes no sense.
  init(in connection: Connection) throws(JournalError) {
    let row = try connection.prepare(
      """
      SELECT device, epoch, genesis, counted_through, counted_chain, removed_through, removed_chain,
        acknowledged_through
      FROM journal WHERE one = 1
      """)
    guard try row.step(), let device = row.text(0), let epoch = row.text(1), let genesis = row.blob(2),
      let countedThrough = row.integer(3), let countedChain = row.blob(4), let removedThrough = row.integer(5),
      let removedChain = row.blob(6), let acknowledgedThrough = row.integer(7), epoch.utf8.count == 32,
      countedThrough >= 0, removedThrough >= 0,
      acknowledgedThrough >= 0,
      [genesis, countedChain, removedChain].allSatisfy({ $0.count == Chain.length })
    else { throw JournalError(.damaged, "\(connection.path): the table journal does not say whose journal this is") }
    row.reset()
    self.device = device
    self.epoch = epoch
    self.genesis = genesis
    self.countedThrough = countedThrough
    self.countedChain = countedChain
    self.removedThrough = removedThrough
    self.removedChain = removedChain
    self.acknowledgedThrough = acknowledgedThrough
  }

  func insert(created reading: ClockReading, in connection: Connection) throws(JournalError) {
    try connection.prepare(
      """
      INSERT INTO journal (one, device, epoch, genesis, created_wall_ms, created_clock_state, counted_through,
        counted_chain, removed_through, removed_chain, acknowledged_through)
      VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """
    ).run(
      .text(device), .text(epoch), .blob(genesis), .integer(reading.wallMilliseconds),
      .integer(Int64(reading.state.rawValue)), .integer(countedThrough), .blob(countedChain),
      .integer(removedThrough), .blob(removedChain), .integer(acknowledgedThrough))
  }

  /// The newest event there ever was, as far as the file knows, and its chain value. The newest rows may be gone; their
  /// numbers are not given again.
  func head(in connection: Connection) throws(JournalError) -> (sequence: Int64, chain: [UInt8]) {
    var head: (sequence: Int64, chain: [UInt8]) = (0, genesis)
    if countedThrough > head.sequence { head = (countedThrough, countedChain) }
    if removedThrough > head.sequence { head = (removedThrough, removedChain) }
    for table in ["checkpoints", "events"] {
      let newest = try connection.prepare("SELECT seq, chain FROM \(table) ORDER BY seq DESC LIMIT 1")
      guard try newest.step() else { continue }
      guard let sequence = newest.integer(0), sequence > 0, sequence < .max, let chain = newest.blob(1),
        chain.count == Chain.length
      else { throw JournalError(.damaged, "\(connection.path): the newest row of \(table) makes no sense") }
      newest.reset()
      if sequence >= head.sequence { head = (sequence, chain) }
    }
    return head
  }
}
