import Feedback

extension AgentSettings {
  /// Reads and checks kiosk-agent's part of `kiosk.toml` and its drop-ins.
  /// - Throws: `ConfigurationFailure` with every problem found.
  public static func load(from directory: String) throws(ConfigurationFailure) -> AgentSettings {
    let problems = ProblemList()
    let sources = ConfigurationDirectory(path: directory).sources(problems: problems).filter { source in
      source.path == "kiosk.toml" || source.path.hasPrefix("kiosk.d/")
    }
    // What is wrong with the panel or a survey is not the agent's to judge.
    problems.keep { $0.file == directory || $0.file == "kiosk.toml" || $0.file.hasPrefix("kiosk.d") }
    return try load(sources: sources, directory: directory, problems: problems)
  }

  /// Checks files that are in memory already, named as in the configuration directory.
  /// - Throws: `ConfigurationFailure` with every problem found.
  public static func load(sources: [ConfigurationSource]) throws(ConfigurationFailure) -> AgentSettings {
    try load(sources: sources, directory: "", problems: ProblemList())
  }

  private static func load(
    sources: [ConfigurationSource], directory: String, problems: ProblemList
  ) throws(ConfigurationFailure) -> AgentSettings {
    let table = SettingsChecker(problems: problems, timeZones: TimeZoneName(database: ""))
      .merged("kiosk", sources.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) })
    let settings = table.flatMap { AgentFile(problems: problems).settings(from: $0) }
    if let failure = problems.failure(directory: directory, files: sources.map(\.path)) { throw failure }
    guard let settings else {
      throw ConfigurationFailure(
        directory: directory,
        problems: [
          ConfigurationProblem(
            file: "kiosk.toml", line: 0, column: 0, message: "the file is missing",
            remedy: "create it; docs/examples has complete ones to start from", code: .missingFile)
        ])
    }
    return settings
  }
}

/// Checks kiosk-agent's tables of `kiosk.toml`.
struct AgentFile {
  let problems: ProblemList

  func settings(from table: TOMLTable) -> AgentSettings? {
    let before = problems.problems.count
    let file = TableReader(table, place: "the file", keys: table.entries.map(\.key), problems: problems)
    guard
      let device = file.table(
        "device", isRequired: true, write: "[device] with name = \"kiosk-1\" and touchpoint = \"checkout-1\" below it")
    else { return nil }
    let names = TableReader(device, place: "[device]", keys: device.entries.map(\.key), problems: problems)
    let name = names.string("name", example: "\"kiosk-0042\"", isRequired: true)
    let touchpoint = names.string("touchpoint", example: "\"checkout-3\"", isRequired: true)
    let push = push(in: file)
    let serve = serve(in: file)
    let display = display(in: file)
    guard problems.problems.count == before, let name, let touchpoint else { return nil }
    var settings = AgentSettings(device: name.value, touchpoint: touchpoint.value)
    (settings.push, settings.serve, settings.display) = (push, serve, display)
    return settings
  }

  // MARK: - [sync]

  private func push(in file: TableReader) -> AgentSettings.Push? {
    guard
      let reader = file.reader(
        "sync",
        keys: [
          "url", "authorities", "proxy", "allow_plain_text", "gather", "first_contact_within", "first_retry_within",
          "retry_within",
        ])
    else { return nil }
    let isPlain = reader.boolean("allow_plain_text", example: false)?.value ?? false
    guard let url = reader.string("url", example: "\"https://feedback.example.org\"", isRequired: true) else {
      return nil
    }
    var text = url.value
    while text.hasSuffix("/") { text.removeLast() }
    if let wrong = Self.complaint(aboutURL: text, isPlainAllowed: isPlain) {
      problems.add(
        .invalidValue, at: url.at, "url of [sync] is \(quoted(url.value)), \(wrong)",
        write: "write what comes before /v1/events, such as url = \"https://feedback.example.org\"")
    }
    var push = AgentSettings.Push(url: text)
    push.allowsPlainText = isPlain
    push.authorities = path("authorities", in: reader)
    if let proxy = reader.string("proxy", example: "\"http://proxy.example.org:3128\"") {
      push.proxy = address(
        proxy, droppingPrefix: "http://", key: "proxy of [sync]",
        write: "proxy = \"http://proxy.example.org:3128\"; user and password are a credential")
    }
    if let gather = reader.duration("gather", in: .zero ... .seconds(3_600), example: push.gather) {
      push.gather = gather.value
    }
    if let within = reader.duration(
      "first_contact_within", in: .zero ... .seconds(3_600), example: push.firstContactWithin)
    {
      push.firstContactWithin = within.value
    }
    readRetry(of: reader, into: &push)
    return push
  }

  private func readRetry(of reader: TableReader, into push: inout AgentSettings.Push) {
    let limits: ClosedRange<Duration> = .milliseconds(1) ... .seconds(86_400)
    if let within = reader.duration("first_retry_within", in: limits, example: push.firstRetryWithin) {
      push.firstRetryWithin = within.value
    }
    if let within = reader.duration("retry_within", in: limits, example: push.retryWithin) {
      push.retryWithin = within.value
    }
    if push.retryWithin < push.firstRetryWithin {
      problems.add(
        .outOfRange, at: reader.at("retry_within"),
        "retry_within of [sync] is less than first_retry_within",
        write: "write the longer time into retry_within, such as retry_within = \"15min\"")
    }
  }

  /// What is wrong with a URL, in words that follow its text; nil: nothing that can be seen here.
  private static func complaint(aboutURL text: String, isPlainAllowed: Bool) -> String? {
    guard text.utf8.count <= 1_000, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
      return "which is longer than 1,000 characters, or holds some that no URL has"
    }
    let isEncrypted = text.hasPrefix("https://")
    guard isEncrypted || text.hasPrefix("http://") else { return "which is no https URL" }
    guard isEncrypted || isPlainAllowed else {
      return "which is not encrypted (allow_plain_text = true would let it be, for tests and closed networks)"
    }
    let rest = text.dropFirst(isEncrypted ? 8 : 7)
    let host = rest.prefix { $0 != "/" }
    if host.isEmpty || host.hasPrefix(":") { return "which names no host" }
    if host.contains("@") { return "which holds a user: secrets are credentials" }
    if rest.contains("?") || rest.contains("#") { return "which has a query or a fragment" }
    if text.hasSuffix("/v1/events") { return "which already ends in /v1/events" }
    return nil
  }

  // MARK: - [serve]

  private func serve(in file: TableReader) -> AgentSettings.Serve? {
    guard let reader = file.reader("serve", keys: ["listen", "client_authorities", "allow_plain_text", "consumer"])
    else { return nil }
    guard let listen = reader.string("listen", example: "\"0.0.0.0:8443\"", isRequired: true),
      let address = address(listen, key: "listen of [serve]", write: "listen = \"0.0.0.0:8443\""),
      let tables = reader.tables("consumer", header: "[[serve.consumer]]")
    else { return nil }
    if tables.isEmpty {
      problems.add(
        .missingKey, at: reader.table.at, "[serve] names nobody who may fetch",
        write: "add [[serve.consumer]] with name = \"head-office\" and scopes = [\"events\"], or remove [serve]")
    }
    if tables.count > AgentSettings.mostConsumers {
      problems.add(
        .outOfRange, at: reader.at("consumer"), "[serve] has \(tables.count) consumers",
        write: "keep at most \(AgentSettings.mostConsumers)")
      return nil
    }
    var serve = AgentSettings.Serve(listen: address, consumers: [])
    serve.allowsPlainText = reader.boolean("allow_plain_text", example: false)?.value ?? false
    serve.clientAuthorities = path("client_authorities", in: reader)
    var known: Set<String> = [AgentSettings.pushConsumer]
    for table in tables {
      guard let consumer = consumer(table) else { continue }
      guard known.insert(consumer.value.name).inserted else {
        problems.add(
          .duplicate, at: consumer.at,
          consumer.value.name == AgentSettings.pushConsumer
            ? "a consumer is called \(quoted(consumer.value.name)), which stands for [sync]"
            : "two consumers are called \(quoted(consumer.value.name))",
          write: "give each a name of its own")
        continue
      }
      serve.consumers.append(consumer.value)
    }
    return serve
  }

  private func consumer(_ table: TOMLTable) -> Located<AgentSettings.Consumer>? {
    let reader = TableReader(table, place: "[[serve.consumer]]", keys: ["name", "scopes"], problems: problems)
    guard let name = reader.string("name", example: "\"head-office\"", isRequired: true) else { return nil }
    guard isName(name.value) else {
      problems.add(
        .invalidValue, at: name.at,
        "name of [[serve.consumer]] is \(quoted(name.value)), but has 1 to 32 small letters, digits and hyphens",
        write: "write name = \"head-office\"")
      return nil
    }
    let words = AgentSettings.Scope.allCases.map(\.rawValue)
    var scopes: Set<AgentSettings.Scope> = []
    for text in reader.strings("scopes", example: "[\"events\"]", isRequired: true) ?? [] {
      if let scope = AgentSettings.Scope(rawValue: text.value) {
        scopes.insert(scope)
      } else {
        reader.reportChoice("scopes", text, words: words)
      }
    }
    return Located(value: AgentSettings.Consumer(name: name.value, scopes: scopes), at: name.at)
  }

  // MARK: - [display]

  private func display(in file: TableReader) -> AgentSettings.Display? {
    guard let reader = file.reader("display", keys: ["listen"]) else { return nil }
    guard reader.has("listen") else {
      return AgentSettings.Display(listen: AgentSettings.Address(host: "127.0.0.1", port: 8480))
    }
    guard let listen = reader.string("listen", example: "\"127.0.0.1:8480\""),
      let address = address(listen, key: "listen of [display]", write: "listen = \"127.0.0.1:8480\"")
    else { return nil }
    guard address.host == "localhost" || address.host == "::1" || address.host.hasPrefix("127.") else {
      problems.add(
        .invalidValue, at: listen.at,
        "listen of [display] is \(quoted(listen.value)), but the page is for this kiosk's own screen only",
        write: "write listen = \"127.0.0.1:8480\"; who fetches over the network is served by [serve]")
      return nil
    }
    return AgentSettings.Display(listen: address)
  }

  // MARK: - Parts

  private func path(_ key: String, in reader: TableReader) -> String? {
    guard let text = reader.string(key, example: "\"/etc/kiosk/authorities.pem\"") else { return nil }
    guard text.value.hasPrefix("/"), text.value.utf8.count <= 1_000, !text.value.utf8.contains(0) else {
      problems.add(
        .invalidValue, at: text.at, "\(key) of \(reader.place) is \(quoted(text.value)), which is no absolute path",
        write: "write \(key) = \"/etc/kiosk/authorities.pem\"")
      return nil
    }
    return text.value
  }

  /// `host:port`, `[::1]:port`.
  private func address(
    _ text: Located<String>, droppingPrefix prefix: String = "", key: String, write example: String
  ) -> AgentSettings.Address? {
    var rest = text.value[...]
    if !prefix.isEmpty, rest.hasPrefix(prefix) { rest = rest.dropFirst(prefix.count) }
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    if let colon = rest.lastIndex(of: ":"), let port = Int(rest[rest.index(after: colon)...]),
      (1...65_535).contains(port)
    {
      var host = rest[..<colon]
      let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
      if isBracketed { host = host.dropFirst().dropLast() }
      let isHost = host.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
          true
        case UInt8(ascii: ":"): isBracketed
        default: false
        }
      }
      if isHost, (1...253).contains(host.utf8.count) {
        return AgentSettings.Address(host: String(host), port: port)
      }
    }
    problems.add(
      .invalidValue, at: text.at, "\(key) is \(quoted(text.value)), which is no host with a port",
      write: "write \(example)")
    return nil
  }
}
