extension Conversation {
  /// The variables of a connection by the names of RFC 9293 §3.3.1; numbers as they stand on the wire, windows in
  /// octets after scaling.
  public struct Status: Hashable, Sendable {
    /// ISS.
    public var initialSendNumber: UInt32 = 0
    /// IRS; nil before the peer's SYN.
    public var initialReceiveNumber: UInt32?
    /// SND.UNA.
    public var sendUnacknowledged: UInt32 = 0
    /// SND.NXT.
    public var sendNext: UInt32 = 0
    /// SND.WND.
    public var sendWindow = 0
    /// RCV.NXT.
    public var receiveNext: UInt32 = 0
    /// RCV.WND.
    public var receiveWindow = 0
    /// The most data that one segment holds, options taken off.
    public var segmentSize = 0
    /// Octets on their way (RFC 5681 §2).
    public var flightSize = 0
    public var congestionWindow = 0
    public var slowStartThreshold: Int?
    /// The smoothed round-trip time (RFC 6298 §2); nil before the first measurement.
    public var roundTrip: Duration?
    public var retransmissionTimeout: Duration = .zero
    /// The shifts of both windows; nil where they are not scaled.
    public var scales: Scales?
    public var usesTimestamps = false
    public var usesSACK = false
    public var segmentsSent = 0
    public var segmentsReceived = 0
    public var retransmissions = 0
    /// Octets of the user's that the peer has acknowledged.
    public var octetsAcknowledged: UInt64 = 0
    /// Octets of the peer that came in order.
    public var octetsReceived: UInt64 = 0

    public struct Scales: Hashable, Sendable {
      /// The shift of the peer's windows.
      public var send: UInt8
      /// The shift of ours.
      public var receive: UInt8

      public init(send: UInt8, receive: UInt8) {
        self.send = send
        self.receive = receive
      }
    }
  }
}

extension Conversation {
  /// How many octets can be read now.
  public var readableCount: Int { receiving.queue.count }
  /// How many octets `write` would take now.
  public var writableCount: Int {
    sending.finish == nil && ending == nil ? max(0, options.sendBuffer - sending.queue.count) : 0
  }
  /// How many octets that were written are not acknowledged yet.
  public var unacknowledgedCount: Int { sending.queue.count }
  /// Whether the peer has ended its stream and all of it was read.
  public var isAtEnd: Bool { receiving.hasEnded && receiving.queue.isEmpty }

  /// What the connection knows of itself.
  public var status: Status {
    var status = Status()
    status.initialSendNumber = sending.line.initial
    status.initialReceiveNumber = receiving.next > 0 ? receiving.line.initial : nil
    status.sendUnacknowledged = sending.line.number(at: sending.unacknowledged)
    status.sendNext = sending.line.number(at: sending.next)
    status.sendWindow = sending.window
    status.receiveNext = receiving.line.number(at: receiving.next)
    status.receiveWindow = receiving.window
    status.segmentSize = segmentSize
    status.flightSize = Int(sending.next - sending.unacknowledged)
    status.congestionWindow = sending.congestion.size
    status.slowStartThreshold = sending.congestion.threshold
    status.roundTrip = sending.timeout.smoothed
    status.retransmissionTimeout = sending.timeout.current
    status.scales = usesScale ? Status.Scales(send: sending.scale, receive: receiving.scale) : nil
    status.usesTimestamps = usesTimestamps
    status.usesSACK = usesSACK
    status.segmentsSent = sentCount
    status.segmentsReceived = receivedCount
    status.retransmissions = retransmissionCount
    status.octetsAcknowledged = sending.acknowledgedPlace
    status.octetsReceived = receiving.count
    return status
  }
}
