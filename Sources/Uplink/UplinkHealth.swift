import Wire

/// How an uplink is doing, for `kioskctl status`, the log and the operator's guide.
public enum UplinkHealth: Sendable, Hashable {
  /// It has not tried yet.
  case starting
  /// Everything there is has been delivered.
  case upToDate
  /// The server takes events.
  case delivering
  /// Somebody has paused it.
  case paused
  /// There was no answer.
  case unanswered(PushFailure)
  /// The server does not take anything from this kiosk.
  case unauthorised(PushReply.Refusal)
  /// The server has too much to do.
  case busy(PushReply.Refusal)
  /// The server failed.
  case serverFailed(PushReply.Refusal)
  /// The server names another place.
  case redirected(PushReply.Refusal)
  /// The server refuses every event it is offered.
  case refused(PushReply.Refusal)
  /// The server says that it has taken a batch and acknowledges none of it.
  case acknowledgement
  /// The journal cannot be read.
  case journalUnreadable(String)

  /// Whether everything is as it should be.
  public var isGood: Bool {
    switch self {
    case .starting, .upToDate, .delivering: true
    default: false
    }
  }

  /// Stands in logs and metrics, and in the operator's guide with its remedy. Never changes meaning.
  public var code: String {
    switch self {
    case .starting: "uplink-starting"
    case .upToDate: "uplink-up-to-date"
    case .delivering: "uplink-delivering"
    case .paused: "uplink-paused"
    case .unanswered(let failure): failure.code
    case .unauthorised: "uplink-unauthorised"
    case .busy: "uplink-server-busy"
    case .serverFailed: "uplink-server-failed"
    case .redirected: "uplink-redirected"
    case .refused: "uplink-refused"
    case .acknowledgement: "uplink-acknowledgement"
    case .journalUnreadable: "uplink-journal-unreadable"
    }
  }

  /// What is wrong.
  public var message: String {
    switch self {
    case .starting: "the uplink has not been tried yet"
    case .upToDate: "everything has been delivered"
    case .delivering: "events are being delivered"
    case .paused: "delivery is paused"
    case .unanswered(let failure): failure.message
    case .unauthorised(let refusal): "the server does not take events from this kiosk\(Self.words(refusal))"
    case .busy(let refusal): "the server is busy\(Self.words(refusal))"
    case .serverFailed(let refusal): "the server failed\(Self.words(refusal))"
    case .redirected(let refusal): "the server sends the kiosk to another place\(Self.words(refusal))"
    case .refused(let refusal): "the server refuses every event\(Self.words(refusal))"
    case .acknowledgement: "the server says that it has taken a batch, but acknowledges nothing of it"
    case .journalUnreadable(let message): "the journal cannot be read: \(message)"
    }
  }

  /// What to do about it; empty where there is nothing to do.
  public var hint: String {
    switch self {
    case .starting, .upToDate, .delivering: ""
    case .paused: "`kioskctl sync resume` goes on"
    case .unanswered(let failure): failure.hint
    case .unauthorised:
      "give the kiosk a valid token or certificate, or enrol it on the server; it tries again about once an hour and "
        + "after `kioskctl sync now`"
    case .busy, .serverFailed:
      "nothing: the kiosk keeps the events and tries again; tell whoever runs the server if it lasts"
    case .redirected: "set the uplink's URL to where the events belong; redirects are not followed"
    case .refused: "check the uplink's URL, and that the server knows this version of the events (docs/WIRE.md)"
    case .acknowledgement: "tell whoever runs the server: \"acked\" must name an event of the batch just received"
    case .journalUnreadable: "see `kioskctl status` for the journal; give the agent's user read permission on its files"
    }
  }

  private static func words(_ refusal: PushReply.Refusal) -> String {
    refusal.words.isEmpty ? " (status \(refusal.status))" : " (status \(refusal.status): \(refusal.words))"
  }
}

extension PushFailure {
  var code: String {
    switch kind {
    case .name, .connection: "uplink-unreachable"
    case .timeout: "uplink-timeout"
    case .proxy: "uplink-proxy"
    case .answer: "uplink-not-understood"
    case .certificate(.expired): "uplink-certificate-expired"
    case .certificate(.notYetValid): "uplink-certificate-not-yet-valid"
    case .certificate(.wrongHost): "uplink-certificate-wrong-host"
    case .certificate(.selfSigned): "uplink-certificate-self-signed"
    case .certificate(.unknownIssuer): "uplink-certificate-untrusted"
    case .clientCertificate: "uplink-client-certificate"
    case .encryption: "uplink-encryption"
    case .settings: "uplink-settings"
    }
  }

  var message: String {
    let more = detail.isEmpty ? "" : ": \(detail)"
    switch kind {
    case .name: return "the server's name cannot be resolved\(more)"
    case .connection: return "the server cannot be reached\(more)"
    case .timeout: return "the server does not answer in time\(more)"
    case .proxy: return "the proxy does not let the kiosk through\(more)"
    case .answer: return "what answers does not speak HTTP as it should\(more)"
    case .certificate(.expired(let end)): return "the server's certificate has expired on \(Self.day(end))"
    case .certificate(.notYetValid(let begin)):
      return "the server's certificate is valid from \(Self.day(begin)) on, and the kiosk's clock is before that"
    case .certificate(.wrongHost): return "the server's certificate is for another name\(more)"
    case .certificate(.selfSigned): return "the server's certificate is vouched for by nobody but itself"
    case .certificate(.unknownIssuer):
      return "the server's certificate comes from an authority that the kiosk does not trust"
    case .clientCertificate: return "the server does not take the kiosk's certificate\(more)"
    case .encryption: return "no encrypted connection can be agreed on\(more)"
    case .settings: return "the uplink's settings cannot be used\(more)"
    }
  }

  var hint: String {
    switch kind {
    case .name: "check the URL's host name and the kiosk's name servers"
    case .connection, .timeout:
      "check the network, the URL's host and port, and firewalls; the kiosk keeps the events and tries again"
    case .proxy: "check the proxy's address, user and password"
    case .answer: "check that the URL leads to the server and not to a login page or another service"
    case .certificate(.expired): "renew the server's certificate; if it is in order, the kiosk's clock is ahead"
    case .certificate(.notYetValid):
      "nothing, if the kiosk's clock has not been set yet: delivery waits for it; else check the time service"
    case .certificate(.wrongHost):
      "use the host name that stands in the certificate, or give the server one for this name"
    case .certificate(.selfSigned), .certificate(.unknownIssuer):
      "name the authority's certificate in the uplink's settings, or install it in the system's trust store"
    case .clientCertificate: "install a certificate that the server knows, and check that it has not expired"
    case .encryption: "the server must offer TLS 1.2 or newer"
    case .settings: "correct them; `kioskctl config check` tells where"
    }
  }

  private static func day(_ seconds: Int64) -> String {
    let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
    guard !overflow, let text = Timestamp.text(milliseconds: milliseconds) else { return "an impossible date" }
    return String(text.prefix(10))
  }
}
