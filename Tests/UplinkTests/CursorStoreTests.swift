import CSQLite
import Foundation
import Journal
import KioskTestKit
import Testing

@testable import Uplink

private let first = "00112233445566778899aabbccddeeff"
private let second = "ffeeddccbbaa99887766554433221100"

private func isolated(_ epoch: String, _ sequence: Int64) -> IsolatedEvent {
  IsolatedEvent(epoch: epoch, sequence: sequence, refusal: .init(status: 422, words: "no such question"))
}

struct CursorStoreTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func sqlite(_ sql: String) {
    var handle: OpaquePointer?
    #expect(sqlite3_open("\(directory.path)/agent.db", &handle) == SQLITE_OK)
    #expect(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK, "\(sql)")
    sqlite3_close(handle)
  }

  private func text(_ sql: String) -> String {
    var handle: OpaquePointer?
    var statement: OpaquePointer?
    defer {
      sqlite3_finalize(statement)
      sqlite3_close(handle)
    }
    guard sqlite3_open("\(directory.path)/agent.db", &handle) == SQLITE_OK,
      sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, sqlite3_step(statement) == SQLITE_ROW,
      let text = sqlite3_column_text(statement, 0)
    else { return "" }
    return String(cString: text)
  }

  @Test("what was kept is there after the store was opened again")
  func survives() throws {
    do {
      let store = try CursorStore(directory: directory.path)
      #expect(store.openedAs == .created)
      #expect(try store.begin("push") == ArrivalCursor())
      try store.keep([.advance(epoch: first, sequence: 7)], for: "push", wallMilliseconds: 1)
      try store.keep(
        [.isolate(isolated(first, 8)), .advance(epoch: first, sequence: 8), .advance(epoch: second, sequence: 2)],
        for: "push", wallMilliseconds: 5)
      _ = try store.begin("hub", at: ArrivalCursor(sequences: [first: 3]))
      store.close()
    }
    let store = try CursorStore(directory: directory.path)
    #expect(store.openedAs == .continued)
    #expect(store.consumers == ["hub", "push"])
    #expect(store.cursor(of: "push") == ArrivalCursor(sequences: [first: 8, second: 2]))
    #expect(store.cursor(of: "hub") == ArrivalCursor(sequences: [first: 3]))
    #expect(try store.begin("hub", at: ArrivalCursor(sequences: [first: 99])) == ArrivalCursor(sequences: [first: 3]))
    #expect(try store.isolated(of: "push") == [.init(event: isolated(first, 8), wallMilliseconds: 5)])
    #expect(try store.isolatedCount(of: "push") == 1)
    #expect(try store.isolatedCount(of: "hub") == 0)
  }

  @Test("the file is the agent's own: application id, version, strict tables, write-ahead log, synchronous FULL")
  func settings() throws {
    let store = try CursorStore(directory: directory.path)
    _ = try store.begin("push")
    store.close()
    #expect(text("PRAGMA application_id") == "1262569300")
    #expect(text("PRAGMA user_version") == "1")
    #expect(text("PRAGMA journal_mode") == "wal")
    #expect(text("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%STRICT%'") == "3")
  }

  @Test("only one agent uses the file")
  func oneAgent() throws {
    let store = try CursorStore(directory: directory.path)
    _ = try store.begin("push")
    let error = #expect(throws: CursorStoreError.self) { try CursorStore(directory: directory.path) }
    #expect(error?.code == .busy)
    #expect(error?.hint == "stop the other kiosk-agent")
    store.close()
    #expect(try CursorStore(directory: directory.path).openedAs == .continued)
  }

  @Test("a cursor does not go back by itself, and the journal is told what all consumers have")
  func acknowledged() throws {
    let store = try CursorStore(directory: directory.path)
    #expect(store.acknowledgedByAll(epoch: first) == 0)
    _ = try store.begin("push")
    _ = try store.begin("hub")
    try store.keep([.advance(epoch: first, sequence: 50)], for: "push", wallMilliseconds: 0)
    #expect(store.acknowledgedByAll(epoch: first) == 0)
    try store.keep([.advance(epoch: first, sequence: 20)], for: "hub", wallMilliseconds: 0)
    #expect(store.acknowledgedByAll(epoch: first) == 20)
    try store.keep([.advance(epoch: first, sequence: 10)], for: "hub", wallMilliseconds: 0)
    #expect(store.acknowledgedByAll(epoch: first) == 20)
    try store.set("hub", to: ArrivalCursor(sequences: [first: 5]))
    #expect(store.acknowledgedByAll(epoch: first) == 5)
    try store.end("hub")
    #expect(store.acknowledgedByAll(epoch: first) == 50)
    #expect(store.consumers == ["push"])
  }

  @Test("names and numbers that are none are refused and change nothing")
  func refused() throws {
    let store = try CursorStore(directory: directory.path)
    _ = try store.begin("push")
    let bad: [ArrivalCursor] = [
      ArrivalCursor(sequences: ["": 1]), ArrivalCursor(sequences: [first.uppercased(): 1]),
      ArrivalCursor(sequences: [first: -1]), ArrivalCursor(sequences: [first + "0": 1]),
    ]
    for cursor in bad {
      #expect(throws: CursorStoreError.self) { try store.set("push", to: cursor) }
      #expect(throws: CursorStoreError.self) { try store.begin("other", at: cursor) }
    }
    #expect(throws: CursorStoreError.self) { try store.begin("") }
    #expect(throws: CursorStoreError.self) { try store.begin(String(repeating: "x", count: 65)) }
    #expect(throws: CursorStoreError.self) {
      try store.keep([.advance(epoch: first, sequence: 1)], for: "nobody", wallMilliseconds: 0)
    }
    #expect(throws: CursorStoreError.self) {
      try store.keep(
        [.advance(epoch: first, sequence: 1), .advance(epoch: "bad", sequence: 1)], for: "push", wallMilliseconds: 0)
    }
    #expect(store.cursor(of: "push") == ArrivalCursor())
    for number in 2...CursorStore.mostConsumers { _ = try store.begin("consumer-\(number)") }
    #expect(throws: CursorStoreError.self) { try store.begin("one too many") }
    store.close()
    let again = try CursorStore(directory: directory.path)
    #expect(again.cursor(of: "push") == ArrivalCursor())
    #expect(again.consumers.count == CursorStore.mostConsumers)
  }

  @Test("whatever stands in its place is set aside, and the store begins anew", arguments: 0..<7)
  func setAside(kind: Int) throws {
    let path = "\(directory.path)/agent.db"
    if kind < 2 {
      let bytes = kind == 0 ? Data("this is no database, but text of some length".utf8) : Data(count: 20_000)
      try bytes.write(to: URL(fileURLWithPath: path))
    } else {
      let store = try CursorStore(directory: directory.path)
      _ = try store.begin("push")
      store.close()
      switch kind {
      case 2: sqlite("PRAGMA application_id = 1")
      case 3: sqlite("PRAGMA user_version = 2")
      case 4: sqlite("INSERT INTO cursors VALUES ('push', 'no epoch', 5)")
      case 5: sqlite("DROP TABLE cursors")
      default: sqlite("INSERT INTO cursors VALUES ('nobody', '\(first)', 5)")
      }
    }
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    let store = try CursorStore(directory: directory.path)
    guard case .replaced(let aside, let finding) = store.openedAs else {
      Issue.record("opened as \(store.openedAs)")
      return
    }
    #expect(aside == "\(directory.path)/agent.unusable-1.db")
    #expect(!finding.isEmpty)
    if kind < 2 { #expect(try Data(contentsOf: URL(fileURLWithPath: aside)) == before) }
    #expect(store.consumers.isEmpty)
    _ = try store.begin("push", at: ArrivalCursor(sequences: [first: 12]))
    store.close()
    #expect(try CursorStore(directory: directory.path).cursor(of: "push") == ArrivalCursor(sequences: [first: 12]))
  }

  @Test("any damaged page of the file is survived: the store opens, and what it says is true or gone")
  func damage() throws {
    let path = "\(directory.path)/agent.db"
    var random = SeededGenerator(seed: 11)
    let expected = ArrivalCursor(sequences: [first: 1_000, second: 7])
    do {
      let store = try CursorStore(directory: directory.path)
      _ = try store.begin("push", at: expected)
      for number in 0..<40 {
        try store.keep([.isolate(isolated(first, Int64(number)))], for: "push", wallMilliseconds: 1)
      }
      store.close()
    }
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    var replaced = 0
    for _ in 0..<60 {
      var bytes = whole
      let start = Int.random(in: 0..<bytes.count, using: &random)
      for place in start..<min(bytes.count, start + 64) {
        bytes[place] = UInt8.random(in: .min ... .max, using: &random)
      }
      for name in ["agent.db", "agent.db-wal", "agent.db-shm"] {
        try? FileManager.default.removeItem(atPath: "\(directory.path)/\(name)")
      }
      try bytes.write(to: URL(fileURLWithPath: path))
      let store = try CursorStore(directory: directory.path)
      if case .replaced = store.openedAs { replaced += 1 }
      _ = try store.begin("push")
      _ = try? store.isolated(of: "push")
      store.close()
    }
    #expect(replaced > 0)
  }

  @Test("a directory that is not there, or not a directory, is told")
  func noDirectory() throws {
    let error = #expect(throws: CursorStoreError.self) { try CursorStore(directory: "\(directory.path)/none") }
    #expect(error?.message.contains("cannot create") == true)
  }
}
