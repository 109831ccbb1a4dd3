public import SondeHeaders
public import SondeLink

/// One end of a TCP connection (RFC 9293), without a socket and without a clock.
///
/// It is told what the user wants and which segments came, and says which segments are to be sent. A driver does this
/// in a loop: hand every segment that came to `receive`, call `step`, send what `takeSegments` gives, look at
/// `takeEvents`, and sleep until a segment comes or the instant that `step` gave. Whoever wants one
/// acknowledgment for each segment of data steps after each.
///
/// A conversation knows ports, not addresses: the driver hands over segments of one peer only. In `.listen` it may
/// hand over those of anybody, and from `.synReceived` on those of that peer alone (a reset may lead back to
/// `.listen`).
public struct Conversation: Sendable {
  /// The port at this end.
  public let localPort: UInt16
  /// The port at the peer; nil until a listening conversation has heard a SYN.
  public private(set) var remotePort: UInt16?
  public private(set) var options: Options
  public private(set) var state = State.closed
  /// How the connection ended; nil while it has not.
  public private(set) var ending: Ending?
  private var segments: [Segment] = []
  private var events: [Event] = []

  /// An end that has sent nothing yet; its first octet of data has the number behind `initialSequenceNumber`.
  public init(from localPort: UInt16, initialSequenceNumber: UInt32, options: Options = Options()) {
    self.localPort = localPort
    self.options = options
  }

  /// Opens actively: the next `step` sends a SYN.
  public mutating func connect(to remotePort: UInt16, at now: Instant) throws(ConversationError) {
    self.remotePort = remotePort
  }

  /// Opens passively: waits for a SYN.
  public mutating func listen() throws(ConversationError) {}

  /// Takes octets to be sent, and says which places of the stream they have; fewer than were given where the
  /// buffer is full. Before the connection is established they wait.
  ///
  /// - Parameter isApart: Whether segments end where these octets begin and end, so that none of them shares a
  ///   segment with others.
  public mutating func write(
    _ octets: [UInt8], isApart: Bool = false, at now: Instant
  ) throws(ConversationError) -> Range<UInt64> { 0..<0 }

  /// As `write`, and the last of these octets is urgent: the pointer to it goes ahead of the data
  /// (RFC 9293 §3.8.5).
  public mutating func writeUrgent(
    _ octets: [UInt8], isApart: Bool = false, at now: Instant
  ) throws(ConversationError) -> Range<UInt64> { 0..<0 }

  /// Takes out at most `limit` octets that came in order; the window follows at the next `step`.
  public mutating func read(_ limit: Int = .max) -> [UInt8] { [] }

  /// The latest urgent octet of the peer, once it has come; nil if there is none or it was taken. It also stands in
  /// the stream: TCP has one stream and a pointer, no second queue.
  public mutating func takeUrgent() -> UInt8? { nil }

  /// Ends the stream to the peer: a FIN follows the last octet. What the peer sends can still be read.
  public mutating func shutdownWrite(at now: Instant) throws(ConversationError) {}

  /// Nothing of the peer will be read any more: it is acknowledged and thrown away.
  public mutating func shutdownRead() {}

  /// Ends both directions. Data that was not read, or comes afterwards, is answered by a reset, for the peer must
  /// know that it is lost (RFC 9293 §3.6.1).
  public mutating func close(at now: Instant) throws(ConversationError) {}

  /// Gives the connection up at once: a reset is sent where there is a peer to be told (RFC 9293 §3.10.5).
  public mutating func abort(at now: Instant) {}

  /// Announces a window of this many octets from now on, whatever the buffer holds, even one smaller than was
  /// promised; nil returns to the buffer's. An acknowledgment tells the peer at the next `step`.
  public mutating func pinWindow(_ octets: Int?) {}

  /// How many octets may wait to be read.
  public mutating func setReceiveBuffer(_ octets: Int) {}

  /// Sends an acknowledgment at the next `step`, needed or not.
  public mutating func acknowledge() {}

  /// Takes in one segment of the peer.
  public mutating func receive(_ header: TCP, _ payload: [UInt8], at now: Instant) {}

  /// Takes in an ICMP error about a segment of ours.
  ///
  /// - Parameters:
  ///   - sequenceNumber: As the error quotes it; one that is not on its way is no error of ours (RFC 5927 §4.1).
  ///   - isHard: Whether the peer can never be reached; before the connection stands that ends it, afterwards it
  ///     is the reason given if the peer stays silent (RFC 9293 §3.9.2.2).
  public mutating func unreachable(quoting sequenceNumber: UInt32, why: String, isHard: Bool, at now: Instant) {}

  /// Sends segments of at most this many octets of options and data from now on, those on their way too
  /// (RFC 9293 §3.7.2).
  public mutating func setLargestSegment(_ octets: Int, at now: Instant) {}

  /// Does what is due, and says when to come back if nothing happens before; nil where only the peer or the user
  /// can move it.
  public mutating func step(at now: Instant) -> Instant? { nil }

  /// The segments to be sent now, in order; each is given once.
  public mutating func takeSegments() -> [Segment] {
    defer { segments.removeAll() }
    return segments
  }

  /// What happened since the last call, in order.
  public mutating func takeEvents() -> [Event] {
    defer { events.removeAll() }
    return events
  }

  /// How many octets can be read now.
  public var readableCount: Int { 0 }
  /// How many octets `write` would take now.
  public var writableCount: Int { 0 }
  /// How many octets that were written are not acknowledged yet.
  public var unacknowledgedCount: Int { 0 }
  /// Whether the peer has ended its stream and all of it was read.
  public var isAtEnd: Bool { false }
  /// What the connection knows of itself.
  public var status: Status { Status() }
}
