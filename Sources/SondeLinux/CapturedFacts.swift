/// What a live capture tells of a frame beside its octets.
public struct CapturedFacts: Hashable, Sendable {
  /// How a frame passed the interface (PACKET_HOST and its kin, packet(7)).
  public struct Kind: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Sent to this machine.
    public static let host = Kind(rawValue: 0)
    public static let broadcast = Kind(rawValue: 1)
    public static let multicast = Kind(rawValue: 2)
    /// Sent to another machine, and heard all the same.
    public static let otherHost = Kind(rawValue: 3)
    /// Sent by this machine; on loopback, where each packet passes twice, only the incoming one is captured.
    public static let outgoing = Kind(rawValue: KernelNumber.outgoing)
  }

  /// The index of the interface.
  public var interface: Int
  public var kind: Kind
  /// The kernel's timestamp in nanoseconds since 1970.
  public var wall: Int64
  /// How long the frame was, in octets from its first on; what is there of it may be less.
  public var originalLength: Int
  /// The transport checksum was still to be computed by a device (TP_STATUS_CSUMNOTREADY).
  public var checksumNotReady: Bool

  public init(interface: Int, kind: Kind, wall: Int64, originalLength: Int, checksumNotReady: Bool) {
    self.interface = interface
    self.kind = kind
    self.wall = wall
    self.originalLength = originalLength
    self.checksumNotReady = checksumNotReady
  }
}
