/// What a crafted packet asks of a door: only the facts that some door cannot keep.
public struct Wishes: Hashable, Sendable {
  /// A field written by hand, or a shape, that not every door keeps.
  public enum Wish: Hashable, Sendable, CaseIterable {
    /// The version field is not the family's own.
    case version
    /// An IHL below five, or beyond the end of the packet.
    case impossibleHeaderLength
    /// A total length other than the packet's own (IPv4).
    case totalLength
    /// A payload length other than the packet's own (IPv6).
    case payloadLength
    /// A written identification other than 0 (IPv4).
    case identification
    /// Identification 0 without Don't Fragment (IPv4); with it, it is `identification`.
    case zeroIdentification
    /// More Fragments, a fragment offset or the reserved bit.
    case fragmentBits
    /// A written header checksum (IPv4).
    case headerChecksum
    /// A protocol or next header other than the ICMP of the family.
    case protocolNumber
    /// A source address that is not this machine's.
    case foreignSource
    /// Source address 0.0.0.0 (IPv4): it is to leave as zero.
    case zeroSource
    /// IPv4 options or IPv6 extension headers.
    case options
    /// A written flow label (IPv6).
    case flowLabel
    /// TTL or hop limit 0.
    case zeroHopLimit
    /// A written ICMP or ICMPv6 checksum.
    case icmpChecksum
    /// An echo identifier of 0.
    case zeroEchoIdentifier
    /// Echo identifiers that differ from packet to packet of the run.
    case severalEchoIdentifiers
  }

  public var family: Family
  /// An ICMP echo request (type 8, v6: 128) with code 0.
  public var isEchoRequest: Bool
  public var wishes: Set<Wish>
  /// The length of the longest packet, from the IP header on, in octets.
  public var packetLength: Int
  /// The MTU of the way out, in octets, where known.
  public var mtu: Int?
  /// Don't Fragment is set by hand; IPv6 sets none, and its packets may be fragmented at the source.
  public var forbidsFragmenting: Bool

  public init(
    family: Family, isEchoRequest: Bool, wishes: Set<Wish> = [], packetLength: Int, mtu: Int? = nil,
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
    if let wish = Wish.allCases.first(where: { wishes.contains($0) && !Self.keeps(door, $0, family) }) {
      return "the \(door.rawValue) door \(Self.fault(door, wish))"
    }
    let headerLength = family == .ipv4 ? 20 : 40
    if door != .cooked, packetLength < headerLength {
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

  /// The table of what each door keeps, as executed on Linux 6.18 (raw(7), icmp(7), packet(7)).
  private static func keeps(_ door: DoorKind, _ wish: Wish, _ family: Family) -> Bool {
    switch (door, family) {
    case (.cooked, _), (.raw, .ipv6): true
    case (.raw, .ipv4):
      switch wish {
      case .impossibleHeaderLength, .totalLength, .zeroIdentification, .headerChecksum, .zeroSource: false
      default: true
      }
    case (.datagram, _): false
    }
  }

  private static func fault(_ door: DoorKind, _ wish: Wish) -> String {
    switch wish {
    case .version: "always writes the IP version itself"
    case .impossibleHeaderLength: "refuses a header length below five words or beyond the packet"
    case .totalLength: "rewrites the IPv4 total length"
    case .payloadLength: "rewrites the IPv6 payload length"
    case .identification: "chooses the IPv4 identification itself"
    case .zeroIdentification: "replaces an IPv4 identification of 0 unless Don't Fragment is set"
    case .fragmentBits: "sets no fragment bits"
    case .headerChecksum: "rewrites the IPv4 header checksum"
    case .protocolNumber: "writes the IP protocol number itself"
    case .foreignSource: "sends from this machine's own addresses only"
    case .zeroSource: "fills in a source address of 0.0.0.0"
    case .options: "sends no IP options or extension headers"
    case .flowLabel: "chooses the IPv6 flow label itself"
    case .zeroHopLimit: "refuses a hop limit of 0"
    case .icmpChecksum: "always computes the ICMP checksum"
    case .zeroEchoIdentifier: "cannot send an echo identifier of 0"
    case .severalEchoIdentifiers: "sends one echo identifier only"
    }
  }
}
