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
    }
  }
}
