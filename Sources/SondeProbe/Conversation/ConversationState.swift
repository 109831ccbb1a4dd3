extension Conversation {
  /// Where a connection stands (RFC 9293 §3.3.2).
  public enum State: String, Hashable, Sendable, CaseIterable {
    /// No connection: before the first call, and after the last segment.
    case closed = "CLOSED"
    case listen = "LISTEN"
    case synSent = "SYN-SENT"
    case synReceived = "SYN-RECEIVED"
    case established = "ESTABLISHED"
    case finWait1 = "FIN-WAIT-1"
    case finWait2 = "FIN-WAIT-2"
    case closeWait = "CLOSE-WAIT"
    case closing = "CLOSING"
    case lastAck = "LAST-ACK"
    case timeWait = "TIME-WAIT"

    /// Whether both ends know each other's numbers: all states from ESTABLISHED on.
    public var isSynchronized: Bool {
      switch self {
      case .closed, .listen, .synSent, .synReceived: false
      case .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait: true
      }
    }

    /// Whether octets of the peer may still come: it has sent no FIN.
    public var canReceive: Bool { self == .established || self == .finWait1 || self == .finWait2 }
  }

  /// How a connection came to its end.
  public enum Ending: Hashable, Sendable {
    /// Both ends have sent their FIN and had it acknowledged.
    case closed
    /// The peer answered the SYN by a reset: nobody listens there.
    case refused
    /// The peer reset the connection.
    case reset
    /// The peer was silent for all attempts.
    case timedOut
    /// An error from the network said that the peer cannot be reached; its words.
    case unreachable(String)
    /// This end gave the connection up by `abort`, or by closing it before it was established.
    case aborted
  }
}

/// Why a call to a conversation cannot be done.
public enum ConversationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The state does not allow it.
  case wrongState(Conversation.State)
  /// The stream to the peer was already ended by `shutdownWrite` or `close`.
  case finished
  /// The connection has ended.
  case ended(Conversation.Ending)

  public var description: String {
    switch self {
    case .wrongState(let state): "the connection is in state \(state.rawValue)"
    case .finished: "the stream to the peer is already ended"
    case .ended(let ending): "the connection has ended: \(ending.words)"
    }
  }
}

extension Conversation.Ending {
  /// What happened, in words that follow a colon.
  public var words: String {
    switch self {
    case .closed: "closed by both ends"
    case .refused: "refused by the peer"
    case .reset: "reset by the peer"
    case .timedOut: "the peer is silent"
    case .unreachable(let why): why
    case .aborted: "given up by this end"
    }
  }
}
