/// What `/healthz` answers, wherever it is asked.
public enum HealthAnswer {
  private struct Well: Encodable {
    var status = "ok"
  }

  /// 200 when presses are taken and what is recorded can be read; 503 otherwise.
  public static func answer(_ parts: AgentParts) async -> Answer {
    guard await parts.link.isConnected else {
      return .problem(.captureDown, hint: "systemctl status kioskd", retryAfter: 5)
    }
    guard await parts.cursors.currentJournal() != nil else {
      return .problem(.journalUnavailable, hint: "see kioskctl status", retryAfter: 5)
    }
    return .json(Well())
  }
}
