internal import SondeHeaders
internal import SondeOctets

/// Which of a packet's layers its line tells of.
struct PacketSketch {
  /// An address of whatever kind the outermost layers that have one hold.
  enum Address {
    case none
    case mac(UInt64)
    case v4(UInt32)
    case v6(IPv6Address)

    var isThere: Bool { if case .none = self { false } else { true } }

    var endpoint: Endpoint {
      switch self {
      case .none: Endpoint(high: 0, low: 0)
      case .mac(let address): Endpoint(high: 0, low: address)
      case .v4(let address): Endpoint(high: 0, low: UInt64(address))
      case .v6(let address): Endpoint(high: address.high, low: address.low)
      }
    }
  }

  /// What the line is about.
  enum Subject {
    case nothing, ethernet, arp, ipv4, ipv6, icmpv4, icmpv6, igmp, udp, tcp
    /// A transport that begins with two ports, by its layer.
    case ports
    /// Any other protocol, by its layer.
    case other
  }

  var subject = Subject.nothing
  /// The number of the layer that the line is about.
  var layer = 0
  var source = Address.none
  var destination = Address.none
  /// The offset of the innermost IP header; nil where there is none.
  var ipOffset: Int?
  /// Where the innermost IP packet ends by its own length, were all of it there.
  var ipEnd = 0
  var hopLimit: UInt8 = 0
  var isIPv6 = false
  /// The offset of the fragment header of IPv6.
  var fragmentOffset: Int?
  /// The two octets that named what no layer was found for; nil where something was.
  var etherType: UInt16?

  /// - Parameter length: how many octets the packet had on the wire.
  init(_ outline: Outline, _ bytes: RawSpan, length: Int) {
    ipEnd = length
    for index in 0..<outline.layers.count {
      let type = outline.layers[index].type
      let offset = outline.layers[index].offset
      if type == TCP.self {
        subject = .tcp
      } else if type == UDP.self {
        subject = .udp
      } else if type == IPv4.self {
        take(ipv4: offset, bytes)
      } else if type == Ethernet.self {
        subject = .ethernet
        destination = .mac(bytes.bigEndian(at: offset, as: UInt64.self) >> 16)
        source = .mac(
          UInt64(bytes.bigEndian(at: offset &+ 6, as: UInt32.self)) << 16
            | UInt64(bytes.bigEndian(at: offset &+ 10, as: UInt16.self)))
        etherType = bytes.bigEndian(at: offset &+ 12)
      } else if type == ICMPv4.self {
        subject = .icmpv4
      } else if type == IPv6.self {
        take(ipv6: offset, bytes)
      } else if type == ICMPv6.self {
        subject = .icmpv6
      } else if type == ARP.self {
        subject = .arp
      } else if type == VLANTag.self {
        etherType = bytes.bigEndian(at: offset &+ 2)
        if case .nothing = subject { subject = .ethernet }
      } else if type == LinuxCooked.self {
        take(cooked: offset, length: 4, address: 6, protocol: 14, bytes)
      } else if type == LinuxCookedV2.self {
        take(cooked: offset, length: 11, address: 12, protocol: 0, bytes)
      } else if type == IPv6Fragment.self {
        fragmentOffset = offset
        continue
      } else if type == IGMP.self {
        subject = .igmp
      } else if type == Quote.self {
        break
      } else if type == Payload.self || type == Trailer.self || type == IPv6HopByHop.self || type == IPv6Routing.self
        || type == IPv6Destination.self || isMessage
      {
        continue
      } else {
        subject = PortsText.stand(in: type) ? .ports : .other
      }
      layer = index
    }
  }

  /// Whether the message that the line is about has been found: what else lies in it are its parts.
  var isMessage: Bool {
    switch subject {
    case .icmpv4, .icmpv6, .igmp, .udp, .tcp, .ports, .arp: true
    default: false
    }
  }

  /// The sender's address, where it is one of Ethernet, and the protocol; `length` and the others are their places.
  private mutating func take(cooked offset: Int, length: Int, address: Int, protocol number: Int, _ bytes: RawSpan) {
    subject = .ethernet
    etherType = bytes.bigEndian(at: offset &+ number)
    if bytes[offset &+ length] == 6 { source = .mac(bytes.bigEndian(at: offset &+ address, as: UInt64.self) >> 16) }
  }

  private mutating func take(ipv4 offset: Int, _ bytes: RawSpan) {
    subject = .ipv4
    etherType = nil
    ipOffset = offset
    isIPv6 = false
    fragmentOffset = nil
    source = .v4(bytes.bigEndian(at: offset &+ 12))
    destination = .v4(bytes.bigEndian(at: offset &+ 16))
    hopLimit = bytes[offset &+ 8]
    let stated = Int(bytes.bigEndian(at: offset &+ 2, as: UInt16.self))
    // Zero is what a device that cuts segments itself leaves.
    if stated >= 20 { ipEnd = min(ipEnd, offset &+ stated) }
  }

  private mutating func take(ipv6 offset: Int, _ bytes: RawSpan) {
    subject = .ipv6
    etherType = nil
    ipOffset = offset
    isIPv6 = true
    fragmentOffset = nil
    source = .v6(
      IPv6Address(high: bytes.bigEndian(at: offset &+ 8), low: bytes.bigEndian(at: offset &+ 16)))
    destination = .v6(
      IPv6Address(high: bytes.bigEndian(at: offset &+ 24), low: bytes.bigEndian(at: offset &+ 32)))
    hopLimit = bytes[offset &+ 7]
    let stated = Int(bytes.bigEndian(at: offset &+ 4, as: UInt16.self))
    if stated > 0 { ipEnd = min(ipEnd, offset &+ 40 &+ stated) }
  }
}
