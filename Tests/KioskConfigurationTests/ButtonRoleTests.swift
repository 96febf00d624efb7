import Feedback
import KioskConfiguration
import Testing

/// What buttons are for.
@Suite struct ButtonRoleTests {
  /// A panel whose further buttons begin on line 6.
  private static func panel(_ buttons: [String]) -> String {
    let written = buttons.enumerated().map { index, keys in
      let name = keys.contains("name = ") ? "" : "name = \"b\(index)\"\n"
      let line = keys.contains("line = ") ? "" : "\noffset = \([27, 22, 5, 6, 16, 23, 24, 25, 26, 12, 13][index])"
      return "[[button]]\n" + name + keys + line
    }
    return BadInput.panel(adding: written.joined(separator: "\n"))
  }

  @Test func `a button answers unless it is told to do something else`() throws {
    let panel = Self.panel([
      "role = \"answer\"", "role = \"back\"", "role = \"skip\"", "role = \"done\"", "role = \"language\"",
      "role = \"staff-here\"\nfor = \"call-1\"", "name = \"call-1\"\nrole = \"call-staff\"", "role = \"staff-here\"",
      "role = \"toggle\"\nseller = \"anna-7\"", "role = \"service\"",
    ])
    let roles = try ExampleFiles.load(panel: panel).panel.buttons.map(\.role)
    #expect(
      roles == [
        .answer, .answer, .back, .skip, .done, .language, .staffHere(call: "call-1"), .callStaff,
        .staffHere(call: nil), .activity(.toggle, seller: "anna-7"), .service,
      ])
  }

  @Test func `a seller has one button for both, or one for each`() throws {
    let panel = Self.panel([
      "role = \"start\"\nseller = \"E.07_b\"", "role = \"stop\"\nseller = \"E.07_b\"",
      "role = \"toggle\"\nseller = \"bert\"",
    ])
    #expect(
      try ExampleFiles.load(panel: panel).panel.buttons.dropFirst().map(\.role) == [
        .activity(.start, seller: "E.07_b"), .activity(.stop, seller: "E.07_b"), .activity(.toggle, seller: "bert"),
      ])
  }

  private static func bad(
    _ what: String, _ buttons: String..., line: Int, column: Int, _ code: ConfigurationProblem.Code, says: [String],
    advises: [String]
  ) -> BadInput {
    BadInput(
      what: what, panel: panel(buttons), place: "panel.toml:\(line):\(column)", code: code, says: says,
      advises: advises)
  }

  static let bad: [BadInput] = [
    bad(
      "a role that is none", "role = \"bakc\"", line: 8, column: 8, .invalidValue,
      says: ["role of button \"b0\" cannot be \"bakc\""], advises: ["did you mean \"back\"?", "\"call-staff\""]),
    bad(
      "a number for a role", "role = 3", line: 8, column: 8, .wrongType, says: ["the number 3"], advises: ["role = "]),
    bad(
      "a seller's button without a seller", "role = \"toggle\"", line: 6, column: 1, .missingKey,
      says: ["button \"b0\" has no seller"], advises: ["seller = \"anna-7\""]),
    bad(
      "a person's name for a seller", "role = \"toggle\"\nseller = \"Anna Müller\"", line: 9, column: 10, .invalidValue,
      says: ["\"Anna Müller\"", "a pseudonym has 1 to 32 letters"], advises: ["seller = \"anna-7\""]),
    bad(
      "a seller on a button that is no seller's", "role = \"back\"\nseller = \"anna-7\"", line: 9, column: 10,
      .contradiction, says: ["seller is for", "\"toggle\"", "button \"b0\" has role = \"back\""],
      advises: ["remove seller"]),
    bad(
      "a seller on a button without a role", "seller = \"anna-7\"", line: 8, column: 10, .contradiction,
      says: ["button \"b0\" has no role"], advises: ["write that role"]),
    bad(
      "a seller who can only start", "role = \"start\"\nseller = \"anna-7\"", line: 8, column: 8, .contradiction,
      says: ["the only one of the seller \"anna-7\"", "role = \"stop\""], advises: ["role = \"toggle\""]),
    bad(
      "a seller who can only stop", "role = \"stop\"\nseller = \"anna-7\"",
      "role = \"toggle\"\nseller = \"bert\"", line: 8, column: 8, .contradiction, says: ["role = \"start\""],
      advises: []),
    bad(
      "an answer to a call that nobody can make", "role = \"staff-here\"", line: 8, column: 8, .contradiction,
      says: ["button \"b0\" answers calls, but no button of the panel makes any"], advises: ["role = \"call-staff\""]),
    bad(
      "an answer to the calls of no button", "name = \"call\"\nrole = \"call-staff\"",
      "role = \"staff-here\"\nfor = \"cal\"", line: 13, column: 7, .unknownReference,
      says: ["button \"b1\" names the button \"cal\""], advises: ["did you mean for = \"call\"?"]),
    bad(
      "an answer to the calls of a button that calls nobody", "role = \"staff-here\"\nfor = \"happy\"", line: 9,
      column: 7, .contradiction, says: ["the button \"happy\", which calls nobody"],
      advises: ["role = \"call-staff\""]),
    bad(
      "a call for a button that answers none", "role = \"call-staff\"\nfor = \"happy\"", line: 9, column: 7,
      .contradiction, says: ["for is for buttons with role = \"staff-here\""], advises: ["remove for"]),
  ]

  @Test(arguments: bad) func `says what is wrong and what to write`(_ input: BadInput) { input.check() }
}
