/// How a batch gets to a server. HTTP is one way (`HTTPPushTransport`); another one, such as MQTT, is one more file that
/// conforms to this and says in `PushReply`'s words what came of it.
public protocol PushTransport: Sendable {
  /// Sends a batch and waits for the answer, in bounded time and memory, whatever the other side does. Ends soon after
  /// the task is cancelled.
  func send(_ batch: EventBatch) async -> PushReply

  /// Gives back connections and threads. Nothing can be sent any more.
  func close() async
}
