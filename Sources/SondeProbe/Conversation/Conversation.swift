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
  public internal(set) var remotePort: UInt16?
  public internal(set) var options: Options
  public internal(set) var state = State.closed
  /// How the connection ended; nil while it has not.
  public internal(set) var ending: Ending?

  var sending: SendSide
  var receiving: ReceiveSide
  /// Opened by `listen`.
  var isPassive = false
  /// `close` was called: data that comes now is lost, and the peer must know.
  var isClosed = false
  /// When TIME-WAIT, or a FIN-WAIT-2 without a reader, is over.
  var overAt: Instant?
  /// What the network said of the peer, until it is heard again.
  var hint: String?
  /// Timestamps, window scale and SACK are used by both ends.
  var usesTimestamps = false
  var usesScale = false
  var usesSACK = false
  var courtesy = Courtesy()
  /// The instant of the call that is being served.
  var now = Instant(nanoseconds: 0)
  var segments: [Segment] = []
  var events: [Event] = []
  var sentCount = 0
  var receivedCount = 0
  var retransmissionCount = 0

  /// An end that has sent nothing yet; its first octet of data has the number behind `initialSequenceNumber`.
  public init(from localPort: UInt16, initialSequenceNumber: UInt32, options: Options = Options()) {
    self.localPort = localPort
    self.options = options
    sending = SendSide(initialSequenceNumber, options)
    receiving = ReceiveSide(capacity: options.receiveBuffer)
  }

  /// Takes in one segment of the peer.
  ///
  /// - Parameters:
  ///   - header: Its header as it was read; the caller has found its checksum right.
  ///   - payload: Its data.
  public mutating func receive(_ header: TCP, _ payload: [UInt8], at now: Instant) {
    self.now = max(self.now, now)
    receivedCount += 1
    guard header.destinationPort == localPort, remotePort == nil || header.sourcePort == remotePort else {
      return emit(.ignored(.otherPorts))
    }
    let arrival = Arrival(header, payload)
    switch state {
    case .closed: receiveClosed(arrival)
    case .listen: receiveListening(arrival)
    case .synSent: receiveConnecting(arrival)
    case .synReceived, .established, .finWait1, .finWait2, .closeWait, .closing, .lastAck, .timeWait:
      receiveConnected(arrival)
    }
  }

  /// Does what is due, and says when to come back if nothing happens before; nil where only the peer or the user
  /// can move it.
  public mutating func step(at now: Instant) -> Instant? {
    self.now = max(self.now, now)
    guard state != .closed, state != .listen else { return nil }
    expire()
    transmit()
    updateWindow()
    if receiving.isAcknowledgmentDue || receiving.acknowledgeAt.map({ $0 <= self.now }) ?? false {
      sendAcknowledgment(.acknowledgment)
    }
    return [sending.timeoutAt, sending.probeAt, receiving.acknowledgeAt, overAt].compactMap { $0 }.min()
  }

  /// The segments to be sent now, in order; each is given once.
  public mutating func takeSegments() -> [Segment] {
    defer { segments.removeAll(keepingCapacity: true) }
    return segments
  }

  /// What happened since the last call, in order.
  public mutating func takeEvents() -> [Event] {
    defer { events.removeAll(keepingCapacity: true) }
    return events
  }

  mutating func emit(_ event: Event) { events.append(event) }

  mutating func enter(_ next: State) {
    guard next != state else { return }
    emit(.state(from: state, to: next))
    state = next
  }

  /// The connection is no more.
  mutating func end(_ how: Ending) {
    enter(.closed)
    guard ending == nil else { return }
    ending = how
    sending.timeoutAt = nil
    sending.probeAt = nil
    receiving.acknowledgeAt = nil
    receiving.isAcknowledgmentDue = false
    receiving.reassembly.removeAll()
    sending.flight.removeAll()
    overAt = nil
    emit(.ended(how))
  }
}
