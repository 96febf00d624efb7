import Feedback

extension JournalReader {
  /// The chain value that the event after `sequence` follows, as an export needs it; nil when it is not known, because
  /// the event `sequence` is missing.
  public func chain(at sequence: Int64) throws(JournalError) -> [UInt8]? {
    let identity = try Identity(in: connection)
    if sequence == 0 { return Chain.genesis(device: identity.device, epoch: identity.epoch) }
    for table in ["events", "checkpoints"] {
      let row = try connection.prepare("SELECT chain FROM \(table) WHERE seq = ?")
      row.bind([.integer(sequence)])
      guard try row.step() else { continue }
      defer { row.reset() }
      guard let chain = row.blob(0), chain.count == Chain.length else { return nil }
      return chain
    }
    return nil
  }

  /// Checks the chain as `verifyChain` does; damage that SQLite stumbles over on the way is a broken link too, and named.
  /// Throws what says nothing about the events: no permission, a failing disk.
  public func verify() throws(JournalError) -> ChainVerification {
    do throws(JournalError) {
      return try verifyChain()
    } catch  where error.code == .damaged {
      var walk = try walkAsFarAsReadable()
      if walk.state.isWhole {
        let next = walk.state.nextSequence
        walk.fail(next, .unreadable, "nothing can be read from event \(next) on: \(error.message)")
      }
      return walk.state
    }
  }

  /// What SQLite finds when it checks the structure of the whole file; nil: it is in order.
  public func structuralDamage() throws(JournalError) -> String? {
    do throws(JournalError) {
      let finding = try connection.text("PRAGMA quick_check(1)")
      return finding == "ok" ? nil : finding
    } catch  where error.code == .damaged {
      return error.message
    }
  }

  /// Event by event, so that the first one that cannot be read is known by its number.
  private func walkAsFarAsReadable() throws(JournalError) -> ChainWalk {
    let identity = try Identity(in: connection)
    var walk = ChainWalk(device: identity.device, epoch: identity.epoch)
    var cursor: Int64 = 0
    while walk.state.isWhole {
      let next: [Event]
      do throws(JournalError) {
        next = try events(after: cursor, limit: 1)
      } catch  where error.code == .damaged {
        walk.fail(cursor + 1, .unreadable, "event \(cursor + 1) cannot be read: \(error.message)")
        break
      }
      guard let event = next.first else { break }
      _ = walk.add(event, previous: (try? chain(at: event.sequence - 1)) ?? nil)
      cursor = event.sequence
    }
    return walk
  }
}
