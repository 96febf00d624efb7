/// What a mutation likes to put into a TOML file.
enum TOMLPieces {
  /// Values of every type, in and out of every range, in every way of writing.
  static let values: [[UInt8]] = [
    // Whole numbers.
    "0", "1", "-1", "2", "3", "5", "20", "64", "65", "200", "1000", "10001", "1_000_000", "65536",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
    "99999999999999999999999999", "0x7fffffffffffffff", "0xffffffffffffffff", "0o777", "0b1011", "1__0", "_1", "01",
    "+5", "-0", "0x", "0b2",
    // Broken numbers.
    "1.5", "-0.0", "1e400", "-1e400", "1e-400", "5e-324", "0.1e+", "1.", ".5", "nan", "-nan", "+nan", "inf", "-inf",
    "1.7976931348623157e308", "3.0000000000000000000000000000000000000001",
    // Truth, nothing, words.
    "true", "false", "True", "yes", "null", "", "happy", "5s", "20ms", "GPIO17",
    // Durations.
    "\"20ms\"", "\"0s\"", "\"5s\"", "\"1.5s\"", "\"2min\"", "\"10min\"", "\"1h\"", "\"999999999h\"", "\"1.999999999s\"",
    "\"1.9999999999s\"", "\"5 s\"", "\"-5s\"", "\"5\"", "\".5s\"", "\"5.s\"", "\"1e3s\"", "\"9999999999s\"", "\"5S\"",
    "\"٥s\"", "\"5\u{A0}s\"",
    // Names and references.
    "\"very-happy\"", "\"happy\"", "\"unhappy\"", "\"loyalty\"", "\"thanks\"", "\"overall\"", "\"-a\"", "\"A\"",
    "\"a b\"",
    "\"ünhappy\"", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", "\"loyalty-2\"",
    "\"feedback\"", "\"questionnaire\"", "\"faces-5\"", "\"faces-9\"", "\"faces--5\"", "\"stars-10\"", "\"nps-11\"",
    "\"ces1-5\"", "\"ces2-7\"", "\"csat-5\"", "\"faces-9223372036854775808\"", "\"-\"",
    // Lines and boards.
    "\"GPIO17\"", "\"gpio17\"", "\"GPIO0\"", "\"GPIO14\"", "\"GPIO28\"", "\"GPIO999999999999999999999\"", "\"GPIO-1\"",
    "\"GPIO\"", "\"pin 11\"", "\"pin 1\"", "\"pin 41\"", "\"pin -1\"", "\"pin 99999999999999999999\"", "\"pin\"",
    "\"SDA1\"", "\"SPI_CE0_N\"", "\"simulated\"", "\"generic\"", "\"raspberry-pi-5\"", "\"raspberry-pi-3b-plus\"",
    "\"raspberry-pi-zero-2-w\"", "\"raspberry-pi-4\"", "\"pull-up\"", "\"pull-down\"", "\"as-is\"", "\"low\"",
    "\"high\"",
    // Time zones.
    "\"Europe/Berlin\"", "\"Berlin\"", "\"europe/berlin\"", "\"UTC\"", "\"Europe/../Europe/Berlin\"",
    "\"../../../etc/passwd\"", "\"/etc/passwd\"", "\"Europe\"", "\"Europe/\"", "\"a/b/c/d\"", "\"Eurpe/Berlin\"",
    "\"America/Argentina/Buenos_Ares\"", "\"posix\"", "\"zone.tab\"",
    // Schedules, opening hours and patterns.
    "\"08:00-20:00\"", "\"20:00-08:00\"", "\"24:00-24:00\"", "\"00:00-24:00\"", "\"8-20\"", "\"25:00-26:00\"",
    "\"08:00-12:00, 13:00-18:00\"", "\"closed\"", "\"2024-02-29\"", "\"2023-02-29\"", "\"2026-12-24T18:00\"",
    "\"9999-12-31\"", "\"0000-01-01\"", "\"2026-13-01\"", "\"mon-fri\"", "\"mon\"", "\"fri-mon\"", "[\"mon\", \"tue\"]",
    "\"on 1s off 1s x3\"", "\"on\"", "\"off\"", "\"on 800ms off 400ms forever\"", "\"on 0ms\"", "\"on 1s x0\"",
    "\"on 1s x99999999999999999999\"", "\"on 86400s off 86400s x1000000\"", "\"on off on off\"", "\"end\"", "\"back\"",
    "\"skip\"", "\"done\"", "\"service\"", "\"call-staff\"", "\"presence\"", "\"tamper\"", "\"why\"", "\"overall\"",
    // Dates and times.
    "1979-05-27T07:32:00Z", "1979-05-27T00:32:00.999999-07:00", "1979-05-27 07:32:00", "1979-05-27", "07:32:00",
    "00:32:00.999999999999", "9999-12-31T23:59:60+23:59", "0000-00-00", "25:61:61", "2024-02-30", "1979-05-27T",
    // Text.
    "\"\"", "''", "\"\"\"\"\"\"", "''''''", "\"\\u0000\"", "\"\\u001b[31m\"", "\"\\U0010FFFF\"", "\"\\uD800\"",
    "\"\\x41\"", "\"\\e\"", "\"\\q\"", "\"a\\", "\"unclosed", "'unclosed", "\"\"\"unclosed", "\"a\" \"b\"",
    "\"\"\"two\nlines\"\"\"", "\"\"\"a\"\"\"\"\"", "'''a'''''", "“quoted”", "\"\u{202E}reversed\"", "\"\u{200B}\"",
    "\"\u{FEFF}\"", "\"\u{1F600}\u{1F468}\u{200D}\u{1F469}\"", "\"e\u{301}\u{301}\u{301}\u{301}\"", "\"\u{2028}\"",
    // Lists and tables.
    "[]", "[ ]", "[,]", "[1,2]", "[1, \"a\"]", "[[]]", "[\"counted\"]", "[\"counted\", \"counted\"]",
    "[\"please-wait\", \"out-of-service\", \"staff-called\"]", "[\"counted\",]", "[\n1,\n# remark\n2\n]", "{}", "{ }",
    "{a=1}", "{a=1,}", "{a=1, a=2}", "{a={b={c={}}}}", "[{name=\"happy\"}]", "[{name=\"happy\"}, 1]",
    "{name=\"happy\"}",
    "[{}]", "{,}", "[=]", "[[{a]]", "[ ,b]",
  ].map { Array($0.utf8) }

  /// Keys that no example has, most of which nobody reads; those of the examples come from them.
  static let keys: [[UInt8]] = [
    "label", "offset", "response_interval", "burst_limit", "retention_days", "budget_mib", "sync", "line", "bias",
    "pt-BR", "zh-Hant", "zh-Hant-TW", "EN", "english", "nam", "buton", "a", "\"a b\"", "''", "\"\"", "a.b", "a.b.c.d",
    "\"\\u0000\"", "\"\u{1F600}\"", "ünnamed", "1", "1.5", "-", "button.name", "text.en", "\"very-happy\"",
  ].map { Array($0.utf8) }

  /// Headers, some of which the examples have, in the wrong number of brackets and in the wrong order.
  static let headers: [[UInt8]] = [
    "[device]", "[filter]", "[journal]", "[sync]", "[chip]", "[timing]", "[[button]]", "[[lamp]]", "[[buzzer]]",
    "[[question]]", "[question.text]", "[[question.answer]]", "[question.answer.text]", "[button]", "[[device]]",
    "[[timing]]", "[lamp.a.b]", "[[[button]]]", "[[button]", "[button]]", "[]", "[[]]", "[.]", "[a.]", "[\"\"]",
    "[question.answer]", "[[question.text]]", "[=]", "[ button ]", "[[ button ]]", "[button.name]", "[a]\n[a]",
    "[[a]]\n[a]", "[a]\n[[a]]", "[[a.b]]\n[a]", "[question]\n[[question.answer]]",
  ].map { Array($0.utf8) }

  /// Everything TOML gives a meaning to, and the edges of UTF-8.
  static let signs: [[UInt8]] =
    [
      "\"", "'", "\"\"\"", "'''", "[", "]", "[[", "]]", "{", "}", "=", ".", ",", "#", "\n", "\r\n", "\r", "\\",
      "\\u0000",
      "\\U0010FFFF", "\t", " ", "\u{FEFF}", "\u{2028}", "\u{85}", "ü", "😀", "\u{202E}", "= =", "==", "\n\n\n",
      "#\u{1B}[31m",
    ].map { Array($0.utf8) } + [
      [0], [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x7F], [0x80], [0xE2, 0x82], [0xC3],
      [0xFF, 0xFE], [0x1B], [0x0B], [0xF0, 0x9F, 0x98],
    ]
}
