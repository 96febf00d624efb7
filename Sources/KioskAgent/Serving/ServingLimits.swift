/// What a client may ask of the kiosk: the numbers of docs/openapi/device.yaml, "Limits", and those behind them.
struct ServingLimits: Sendable {
  /// Bytes of a request's first line.
  var requestLine = 8_192
  /// Bytes of a request's headers.
  var headers = 16_384
  /// Bytes of a request's body.
  var body = 4_096
  /// Requests waiting on one connection while one is answered.
  var pipelined = 8
  /// Requests per second, for each token, and for each address that shows none that is known. As many may come at once.
  var requestsPerSecond = 10
  /// Connections for each of the same.
  var connectionsPerCaller = 2
  /// Connections in all.
  var connections = 32
  /// Connections from one address, whoever it is: one alone cannot take all.
  var connectionsPerAddress = 16
  /// New connections from one address each second; twice as many may come at once.
  var newConnectionsPerSecond = 20
  /// How long a client may take for encryption and its first byte, and for a request from its first byte to its last.
  var request = Duration.seconds(10)
  /// How long it may take to take an answer.
  var answer = Duration.seconds(60)
  /// How long a connection may stay without a request.
  var idle = Duration.seconds(60)
  /// How long what still comes is passed over, so that the last answer is read before the connection goes.
  var farewell = Duration.seconds(2)
  /// How long a connection is used: certificates and tokens change.
  var connectionAge = Duration.seconds(3_600)

  init() {}
}
