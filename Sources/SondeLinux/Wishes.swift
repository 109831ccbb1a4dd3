/// What a crafted packet asks of a door: only the facts that some door cannot keep.
public struct Wishes: Hashable, Sendable {
  /// Fields written by hand, and shapes, that not every door keeps.
  public struct Wish: OptionSet, Hashable, Sendable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The version field is not the family's own.
    public static let version = Wish(rawValue: 1 << 0)
    /// An IHL below five, or beyond the end of the packet.
    public static let impossibleHeaderLength = Wish(rawValue: 1 << 1)
    /// A total length other than the packet's own (IPv4).
    public static let totalLength = Wish(rawValue: 1 << 2)
    /// A payload length other than the packet's own (IPv6).
    public static let payloadLength = Wish(rawValue: 1 << 3)
    /// A written identification other than 0 (IPv4).
    public static let identification = Wish(rawValue: 1 << 4)
    /// Identification 0 without Don't Fragment (IPv4); with it, it is `identification`.
    public static let zeroIdentification = Wish(rawValue: 1 << 5)
    /// More Fragments, a fragment offset or the reserved bit.
    public static let fragmentBits = Wish(rawValue: 1 << 6)
    /// A written header checksum (IPv4).
    public static let headerChecksum = Wish(rawValue: 1 << 7)
    /// A protocol or next header other than the ICMP of the family.
    public static let protocolNumber = Wish(rawValue: 1 << 8)
    /// A source address that is not this machine's.
    public static let foreignSource = Wish(rawValue: 1 << 9)
    /// Source address 0.0.0.0 (IPv4): it is to leave as zero.
    public static let zeroSource = Wish(rawValue: 1 << 10)
    /// IPv4 options or IPv6 extension headers.
    public static let options = Wish(rawValue: 1 << 11)
    /// A written flow label (IPv6).
    public static let flowLabel = Wish(rawValue: 1 << 12)
    /// TTL or hop limit 0.
    public static let zeroHopLimit = Wish(rawValue: 1 << 13)
    /// A written ICMP or ICMPv6 checksum.
    public static let icmpChecksum = Wish(rawValue: 1 << 14)
    /// An echo identifier of 0.
    public static let zeroEchoIdentifier = Wish(rawValue: 1 << 15)
    /// Echo identifiers that differ from packet to packet of the run.
    public static let severalEchoIdentifiers = Wish(rawValue: 1 << 16)
    /// The packet begins with a link header: Ethernet's, whatever it holds.
    public static let linkHeader = Wish(rawValue: 1 << 17)

    /// Each wish alone.
    public static var allCases: [Wish] { faults.map(\.wish) }
  }

  public var family: Family
  /// An ICMP echo request (type 8, v6: 128) with code 0.
  public var isEchoRequest: Bool
  public var wishes: Wish
  /// The length of the longest packet, from the IP header on, in octets.
  public var packetLength: Int
  /// The MTU of the way out, in octets, where known.
  public var mtu: Int?
  /// Don't Fragment is set by hand; IPv6 sets none, and its packets may be fragmented at the source.
  public var forbidsFragmenting: Bool

  public init(
    family: Family, isEchoRequest: Bool, wishes: Wish = [], packetLength: Int, mtu: Int? = nil,
    forbidsFragmenting: Bool = false
  ) {
    self.family = family
    self.isEchoRequest = isEchoRequest
    self.wishes = wishes
    self.packetLength = packetLength
    self.mtu = mtu
    self.forbidsFragmenting = forbidsFragmenting
  }

  /// Why `door` cannot send such packets unchanged; nil if it can.
  public func refusal(by door: DoorKind) -> String? {
    if door == .datagram, !isEchoRequest { return "the datagram door sends ICMP echo requests only" }
    let lost = wishes.intersection(lost(by: door))
    if !lost.isEmpty, let fault = Self.faults.first(where: { lost.contains($0.wish) }) {
      return "the \(door.rawValue) door \(fault.verb)"
    }
    let headerLength = family == .ipv4 ? 20 : 40
    if door == .datagram || door == .raw, packetLength < headerLength {
      return "the \(door.rawValue) door needs a whole IP header of \(headerLength) octets"
    }
    if let mtu, packetLength > mtu {
      if door != .datagram {
        return
          "the \(door.rawValue) door does not fragment, and the packet's \(packetLength) octets exceed the MTU, \(mtu)"
      }
      if forbidsFragmenting {
        return "the packet's \(packetLength) octets exceed the MTU, \(mtu), and it must not be fragmented"
      }
    }
    return nil
  }

  /// The table of what each door does not keep, as executed on Linux 6.18 (raw(7), icmp(7), packet(7)).
  private func lost(by door: DoorKind) -> Wish {
    switch (door, family) {
    case (.packet, _): []
    case (.cooked, _), (.raw, .ipv6): .linkHeader
    case (.raw, .ipv4):
      [.impossibleHeaderLength, .totalLength, .zeroIdentification, .headerChecksum, .zeroSource, .linkHeader]
    case (.datagram, _): Wish(rawValue: .max)
    }
  }

  /// What a door does that does not keep a wish.
  fileprivate static let faults: [(wish: Wish, verb: String)] = [
    (.version, "always writes the IP version itself"),
    (.impossibleHeaderLength, "refuses a header length below five words or beyond the packet"),
    (.totalLength, "rewrites the IPv4 total length"),
    (.payloadLength, "rewrites the IPv6 payload length"),
    (.identification, "chooses the IPv4 identification itself"),
    (.zeroIdentification, "replaces an IPv4 identification of 0 unless Don't Fragment is set"),
    (.fragmentBits, "sets no fragment bits"),
    (.headerChecksum, "rewrites the IPv4 header checksum"),
    (.protocolNumber, "writes the IP protocol number itself"),
    (.foreignSource, "sends from this machine's own addresses only"),
    (.zeroSource, "fills in a source address of 0.0.0.0"),
    (.options, "sends no IP options or extension headers"),
    (.flowLabel, "chooses the IPv6 flow label itself"),
    (.zeroHopLimit, "refuses a hop limit of 0"),
    (.icmpChecksum, "always computes the ICMP checksum"),
    (.zeroEchoIdentifier, "cannot send an echo identifier of 0"),
    (.severalEchoIdentifiers, "sends one echo identifier only"),
    (.linkHeader, "writes the link header itself"),
  ]
}
