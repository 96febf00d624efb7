import Feedback
import Testing
import Wire

@Suite("comma-separated form")
struct CommaSeparatedFormTests {
  private func field(_ name: String, _ bytes: [UInt8]) throws -> String {
    let index = try #require(CommaSeparatedForm.columns.firstIndex(of: name))
    return parse(bytes)[0][index]
  }

  /// RFC 4180, as a reader has it.
  private func parse(_ bytes: [UInt8]) -> [[String]] {
    var rows: [[String]] = [[]]
    var field: [UInt8] = []
    var isQuoted = false
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if isQuoted {
        if byte == 0x22, index + 1 < bytes.count, bytes[index + 1] == 0x22 {
          field.append(0x22)
          index += 1
        } else if byte == 0x22 {
          isQuoted = false
        } else {
          field.append(byte)
        }
      } else if byte == 0x22 {
        isQuoted = true
      } else if byte == 0x2C || byte == 0x0D {
        rows[rows.count - 1].append(String(decoding: field, as: UTF8.self))
        field = []
        if byte == 0x0D {
          index += 1
          rows.append([])
        }
      } else {
        field.append(byte)
      }
      index += 1
    }
    return rows
  }

  @Test("a row has the columns of the header, whatever the texts hold")
  func texts() throws {
    #expect(parse(CommaSeparatedForm.header)[0] == CommaSeparatedForm.columns)
    for text in Samples.texts where !["=1+1", "-5"].contains(text) {
      var content = Samples.full
      content.context = text
      let bytes = CommaSeparatedForm.bytes(Samples.wire(content))
      let rows = parse(bytes)
      #expect(rows.count == 2 && rows[0].count == CommaSeparatedForm.columns.count)
      #expect(Array(try field("context", bytes).utf8) == Array(text.utf8))
    }
  }

  @Test(
    "a text that a spreadsheet would run gets an apostrophe, a number never",
    arguments: ["=", "+", "-", "@", "\t", "\r"])
  func formulas(first: String) throws {
    var content = Samples.full
    (content.context, content.value) = ("\(first)cmd|' /C calc'!A0", -3)
    let bytes = CommaSeparatedForm.bytes(Samples.wire(content))
    #expect(try field("context", bytes) == "'\(first)cmd|' /C calc'!A0")
    #expect(try field("value", bytes) == "-3")
  }
}
