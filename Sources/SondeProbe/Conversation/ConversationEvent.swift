extension Conversation {
  /// What happened in a conversation.
  public enum Event: Hashable, Sendable {
    case state(from: State, to: State)
    /// The connection has ended; nothing follows but segments to be sent.
    case ended(Ending)
    /// This many more octets can be read.
    case readable(Int)
    /// The peer pointed at an urgent octet: the last one's place in its stream, counted from 0.
    case urgent(place: UInt64)
    /// The peer will send no more octets.
    case peerFinished
    /// All octets before this place in our stream have arrived.
    case acknowledged(UInt64)
    /// Our FIN has arrived.
    case finishAcknowledged
    /// Octets of our stream, the SYN or the FIN are sent once more.
    case retransmitted(place: Range<UInt64>, RetransmissionReason)
    /// The peer's window has closed, and data waits.
    case windowClosed
    /// The peer's window has opened again, to this many octets.
    case windowOpened(Int)
    /// A segment was received and not used.
    case ignored(IgnoredReason)
    /// An acknowledgment was sent back because of a doubtful segment (RFC 5961).
    case challenged(ChallengeReason)
  }

  /// Why something is sent once more.
  public enum RetransmissionReason: String, Hashable, Sendable {
    case timeout
    /// Three later segments arrived before it (RFC 5681 §3.2, RFC 6675).
    case duplicateAcknowledgments
    /// The network asked for smaller segments.
    case tooBig
  }

  /// Why a segment was not used.
  public enum IgnoredReason: String, Hashable, Sendable {
    /// Its ports are not those of the connection.
    case otherPorts
    /// None of it lies within the window (RFC 9293 §3.10.7.4).
    case outsideWindow
    /// It holds data that came before.
    case duplicate
    /// It acknowledges what was never sent.
    case unsentAcknowledged
    /// Its acknowledgment is older than any that could be on its way (RFC 5961 §5).
    case oldAcknowledgment
    /// Its timestamp is older than one seen before (RFC 7323 §5).
    case oldTimestamp
    /// It has no timestamp although all others do (RFC 7323 §3.2).
    case missingTimestamp
    /// It acknowledges nothing, and only resets may do that here.
    case missingAcknowledgment
    /// It came before the peer's SYN.
    case beforeSYN
    /// A reset that does not belong to the connection.
    case foreignReset
    /// There is no connection.
    case noConnection
    /// Its data lies behind the peer's FIN.
    case afterFinish
  }

  /// Which doubtful segment was answered by an acknowledgment.
  public enum ChallengeReason: String, Hashable, Sendable {
    /// A reset inside the window, but not at its edge (RFC 5961 §3).
    case reset
    /// A SYN on a connection that stands (RFC 5961 §4).
    case syn
    /// An acknowledgment out of range (RFC 5961 §5).
    case acknowledgment
  }
}
