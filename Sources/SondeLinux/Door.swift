internal import CLinuxNet
internal import Glibc
internal import SondeLink
internal import SondeOctets

/// Which of the kernel's two transmit timestamps a link asks for.
///
/// A capture on the same machine stamps an outgoing packet between the two: SCHED is taken before
/// it enters the queueing discipline, SND when the driver takes it, after the capture's tap. Over a
/// device without a queue (veth) the median round-trip time by SCHED was 0.3 µs above a
/// capture's, by SND 2 µs below (Linux 6.18, 200 exchanges by each door), so SCHED is the default. On a real
/// card SCHED also counts the time spent in a full queue of this machine, which SND leaves out.
public enum TransmitStamp: Hashable, Sendable {
  case none
  /// SOF_TIMESTAMPING_TX_SCHED.
  case scheduled
  /// SOF_TIMESTAMPING_TX_SOFTWARE.
  case sent

  var flags: Int32 {
    switch self {
    case .none: 0
    case .scheduled: KernelNumber.stampScheduled | KernelNumber.stampNumbered | KernelNumber.stampSoftware
    case .sent: KernelNumber.stampSent | KernelNumber.stampNumbered | KernelNumber.stampSoftware
    }
  }
}

/// A socket that sends, and what is remembered of what it sent.
struct Door: ~Copyable {
  let socket: Descriptor
  let kind: DoorKind
  let stamps: Bool
  /// Whether it is its own ear: only the datagram door can be.
  let hears: Bool
  var ledger = StampLedger()
  /// The echo identifier of the datagram door: the port that it is bound to.
  var identification: UInt16 = 0
  /// The errno of the last send if it was refused: the kernel puts it into the error queue too.
  var reported: Int32 = 0
  private var fields: HeaderFields?

  /// The header fields that the datagram door sends by socket options.
  private struct HeaderFields: Hashable {
    var hopLimit: UInt8
    var trafficClass: UInt8
    var dontFragment: Bool
  }

  /// Sets up an open socket; it may send from now on.
  ///
  /// - Parameters:
  ///   - identification: the echo identifier of the datagram door; 0 lets the kernel choose.
  ///   - hears: whether the datagram door is its own ear.
  init(
    _ socket: consuming Descriptor, _ kind: DoorKind, _ family: Family, stamp: TransmitStamp, identification: UInt16,
    hears: Bool = false
  ) throws(LinkError) {
    self.socket = socket
    self.kind = kind
    stamps = stamp != .none
    self.hears = hears
    if kind == .datagram || kind == .raw { try prepare(family) }
    if kind == .datagram {
      let any = family == .ipv4 ? clinux_ipv4(0, identification) : clinux_ipv6(0, 0, identification, 0)
      try self.socket.bind(to: any, as: "bind (echo identifier \(identification))")
      self.identification = clinux_port(try self.socket.name())
    }
    if !hears { try self.socket.attach(PacketFilter.nothing) }
    let heard = hears ? KernelNumber.stampReceived | KernelNumber.stampSoftware : 0
    if stamp.flags | heard != 0 {
      try self.socket.set(
        KernelNumber.socketLevel, KernelNumber.timestamping, stamp.flags | heard, as: "SO_TIMESTAMPING")
    }
  }

  private func prepare(_ family: Family) throws(LinkError) {
    try socket.set(KernelNumber.socketLevel, KernelNumber.broadcast, 1, as: "SO_BROADCAST")
    switch family {
    case .ipv4:
      try socket.set(KernelNumber.ipLevel, KernelNumber.ipReceiveErrors, 1, as: "IP_RECVERR")
      if kind == .raw {
        // Else connection tracking holds back a lone fragment (raw(7)).
        try socket.set(KernelNumber.ipLevel, KernelNumber.ipNoDefragment, 1, as: "IP_NODEFRAG")
        // Else a path MTU that the kernel remembers refuses packets, or cuts them up, before any router sees them.
        try socket.set(
          KernelNumber.ipLevel, KernelNumber.ipMTUDiscover, KernelNumber.mtuProbe, as: "IP_MTU_DISCOVER")
      } else {
        try socket.set(KernelNumber.ipLevel, KernelNumber.ipPacketInfo, 1, as: "IP_PKTINFO")
        try socket.set(KernelNumber.ipLevel, KernelNumber.ipReceiveTTL, 1, as: "IP_RECVTTL")
        try socket.set(KernelNumber.ipLevel, KernelNumber.ipReceiveTOS, 1, as: "IP_RECVTOS")
      }
    case .ipv6:
      try socket.set(KernelNumber.ipv6Level, KernelNumber.ipv6ReceiveErrors, 1, as: "IPV6_RECVERR")
      if kind == .datagram {
        try Ear.prepareIPv6(socket)
      } else {
        try socket.set(
          KernelNumber.ipv6Level, KernelNumber.ipv6MTUDiscover, KernelNumber.mtuProbe, as: "IPV6_MTU_DISCOVER")
      }
    }
  }

  /// Sends one packet.
  ///
  /// - Parameters:
  ///   - packet: from the IP header on.
  ///   - fields: what the IP header says.
  ///   - address: where to.
  /// - Returns: the octets taken, or a negative errno.
  mutating func send(
    _ packet: [UInt8], _ fields: PacketFields, to address: clinux_address, interface: Int?, probe: UInt64
  ) throws(LinkError) -> Int {
    var aside = clinux_aside()
    var bytes = packet[...]
    if let interface, kind != .cooked {
      aside.family = Int32(fields.family.rawValue)
      aside.interface = Int32(clamping: interface)
    }
    if kind == .datagram {
      bytes = try strip(packet, fields)
      aside.family = Int32(fields.family.rawValue)
      aside.source_high = fields.source.halves.high
      aside.source_low = fields.source.halves.low
    }
    ledger.register(probe: probe, length: packet.count)
    return conclude(bytes, address, aside)
  }

  /// Sends one whole frame.
  ///
  /// - Parameters:
  ///   - frame: from the Ethernet header on.
  ///   - outgoing: what was asked to be sent: the frame, or the packet in it.
  /// - Returns: the octets taken, or a negative errno.
  mutating func send(frame: [UInt8], of outgoing: Outgoing, interface: Int) -> Int {
    ledger.register(probe: outgoing.probe, length: outgoing.bytes.count, linkType: outgoing.linkType)
    // Without an EtherType here the kernel reads it from the frame (packet(7)).
    return conclude(frame[...], clinux_link(Int32(clamping: interface), 0, 0, 0), clinux_aside())
  }

  private mutating func conclude(
    _ bytes: ArraySlice<UInt8>, _ address: clinux_address, _ aside: clinux_aside
  ) -> Int {
    var result = attempt(bytes, address, aside)
    // An ICMP error that came for an earlier packet is reported by whichever call comes next
    // (ip(7), IP_RECVERR); it says nothing of this packet, and is not said twice.
    if result < 0, Self.mayBePending.contains(Int32(-result)) { result = attempt(bytes, address, aside) }
    if result >= 0 {
      ledger.advance()
      reported = 0
    } else {
      reported = Int32(-result)
      // A send that the firewall refuses has already been numbered.
      if reported == EPERM { ledger.advance() }
    }
    return result
  }

  private static let mayBePending: Set<Int32> = [
    ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EPROTO, EACCES, ENOPROTOOPT, EOPNOTSUPP, EHOSTDOWN, ENONET, EMSGSIZE,
  ]

  private mutating func attempt(_ bytes: ArraySlice<UInt8>, _ address: clinux_address, _ aside: clinux_aside) -> Int {
    var aside = aside
    aside.is_numbered = stamps && ledger.numbering == .given ? 1 : 0
    aside.number = ledger.next
    let result = socket.send(bytes, to: address, aside: aside)
    guard result == -Int(EINVAL), aside.is_numbered == 1, ledger.next == 0 else { return result }
    // The first send tells whether the kernel knows the number; a packet that is wrong in itself is
    // refused again without it.
    aside.is_numbered = 0
    let plain = socket.send(bytes, to: address, aside: aside)
    if plain >= 0 { ledger.fallBack() }
    return plain
  }

  /// The ICMP message of an echo request, after its IP header's fields became socket options.
  private mutating func strip(_ packet: [UInt8], _ header: PacketFields) throws(LinkError) -> ArraySlice<UInt8> {
    let message = packet[min(header.headerLength, packet.count)...]
    guard message.count >= 8, message.bigEndian(at: 4, as: UInt16.self) == identification else {
      throw LinkError(
        "door datagram", refusal: "this door sends ICMP messages with the echo identifier \(identification) only")
    }
    let wanted = HeaderFields(
      hopLimit: header.hopLimit, trafficClass: header.trafficClass, dontFragment: header.dontFragment)
    guard fields != wanted else { return message }
    let hops = Int32(wanted.hopLimit)
    let service = Int32(wanted.trafficClass)
    switch header.family {
    case .ipv4:
      let discover = wanted.dontFragment ? KernelNumber.mtuProbe : KernelNumber.mtuDont
      try socket.set(KernelNumber.ipLevel, KernelNumber.ipTTL, hops, as: "IP_TTL")
      try socket.set(KernelNumber.ipLevel, KernelNumber.ipMulticastTTL, hops, as: "IP_MULTICAST_TTL")
      try socket.set(KernelNumber.ipLevel, KernelNumber.ipTOS, service, as: "IP_TOS")
      try socket.set(KernelNumber.ipLevel, KernelNumber.ipMTUDiscover, discover, as: "IP_MTU_DISCOVER")
    case .ipv6:
      try socket.set(KernelNumber.ipv6Level, KernelNumber.ipv6UnicastHops, hops, as: "IPV6_UNICAST_HOPS")
      try socket.set(KernelNumber.ipv6Level, KernelNumber.ipv6MulticastHops, hops, as: "IPV6_MULTICAST_HOPS")
      try socket.set(KernelNumber.ipv6Level, KernelNumber.ipv6TrafficClass, service, as: "IPV6_TCLASS")
    }
    fields = wanted
    return message
  }
}
