public import SondeCraft
public import SondeHeaders
public import SondeLink
public import SondeOctets
public import SondeProbe

/// What passes in a talk, in order.
public enum TalkEvent: Sendable {
  /// A segment left, or will as soon as the link takes it.
  case sent(TalkPacket)
  /// A segment of the peer came.
  case received(TalkPacket)
  /// Something happened that no packet shows: a timer, a call.
  case happened([Conversation.Event], at: Instant)
  /// A router or the peer says that a segment of ours did not arrive.
  case error(ErrorReport, from: IPAddress?, TalkPacket)
  /// A packet came to our port that cannot be believed, and was dropped; why.
  case damaged(String, TalkPacket)
  /// A segment came from somebody who is not the peer, and was passed over.
  case stranger(IPAddress, TalkPacket)
  /// This machine did not send a packet.
  case failed(LinkError, at: Instant)
}

/// A packet of a talk, and what it did.
public struct TalkPacket: Sendable {
  /// From the IP header on.
  public var bytes: [UInt8]
  public var at: Instant
  /// The real time in nanoseconds since 1970, where known.
  public var wall: Int64?
  /// A device had yet to compute the checksum.
  public var checksumNotReady: Bool
  /// Why it was sent; nil of what came.
  public var purpose: Conversation.Segment.Purpose?
  /// The fields that were changed by hand.
  public var edits: [FieldEdit]
  /// What changed at this end with it.
  public var events: [Conversation.Event]

  init(
    _ bytes: [UInt8], at: Instant, wall: Int64? = nil, checksumNotReady: Bool = false,
    purpose: Conversation.Segment.Purpose? = nil, edits: [FieldEdit] = [], events: [Conversation.Event] = []
  ) {
    self.bytes = bytes
    self.at = at
    self.wall = wall
    self.checksumNotReady = checksumNotReady
    self.purpose = purpose
    self.edits = edits
    self.events = events
  }
}
