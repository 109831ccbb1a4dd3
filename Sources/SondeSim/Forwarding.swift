package import SondeHeaders
internal import SondeOctets

// What the IP layer does to any packet, in the words of either version.
extension Dissection {
  /// The TTL or hop limit of the outermost IP header; nil where the packet does not start with one.
  var hopLimit: UInt8? {
    switch layers.first?.header {
    case let header as IPv4: header.timeToLive
    case let header as IPv6: header.hopLimit
    default: nil
    }
  }

  /// Whether it is an IPv4 packet that must not be fragmented, or an IPv6 packet, which no router fragments.
  var mustNotBeFragmented: Bool { first(IPv4.self)?.flags.contains(.dontFragment) ?? true }

  /// Whether nothing may be said about the packet by an ICMP error: it is one itself, went to a group, or is
  /// a later fragment (RFC 1122 §3.2.2, RFC 4443 §2.4 e). Too big and parameter problem, which
  /// IPv6 sends about multicasts too, stay silent here.
  var drawsNoErrors: Bool {
    if errorReport != nil || destination?.isGroup == true { return true }
    return (first(IPv4.self)?.fragmentOffset ?? 0) != 0
  }

  /// The octets that the outermost header of a type carries.
  func inner<H: Header>(of type: H.Type) -> [UInt8] {
    guard let layer = layer(of: type) else { return [] }
    return Array(bytes[min(layer.offset + layer.header.byteCount, layer.end)..<layer.end])
  }

  /// The packet after `hops` routers forwarded it: each lowers the TTL by one, and updates the IPv4 checksum
  /// by the difference rather than computing it anew (RFC 1141, RFC 1624).
  package func forwarded(over hops: Int) -> AnyPacket {
    let fewer = UInt8(clamping: hops)
    guard fewer > 0 else { return packet }
    return packet.changing(IPv4.self) { header in
      guard let checksum = header.checksum.hand else { return }
      let low = UInt16(header.protocol.value(or: 0))
      let before = UInt16(header.timeToLive) << 8 | low
      header.timeToLive -= min(fewer, header.timeToLive)
      let after = UInt16(header.timeToLive) << 8 | low
      header.checksum = .set(InternetChecksum.update(checksum, from: before, to: after))
    }
    .changing(IPv6.self) { header in
      header.hopLimit -= min(fewer, header.hopLimit)
    }
  }
}

/// An IP header for an answer; nil where the addresses are of two families.
func ipHeader(
  from source: IPAddress, to destination: IPAddress, hopLimit: UInt8, typeOfService: UInt8 = 0
) -> (any Header)? {
  switch (source, destination) {
  case (.v4(let source), .v4(let destination)):
    IPv4(from: source, to: destination, ttl: hopLimit, typeOfService: typeOfService)
  case (.v6(let source), .v6(let destination)):
    IPv6(from: source, to: destination, hopLimit: hopLimit, trafficClass: typeOfService)
  default: nil
  }
}

/// An ICMP error about `asked`, as it arrived where the error is made; nil where the sender is of the
/// other family.
func icmpError(
  _ error: Rejection, about asked: AnyPacket, to destination: IPAddress, from sender: IPAddress, hopLimit: UInt8,
  quoting: QuoteLength
) -> AnyPacket? {
  guard let ip = ipHeader(from: sender, to: destination, hopLimit: hopLimit) else { return nil }
  let (limit, message): (Int, any Header) = sender.version == 4 ? (576, error.v4) : (1280, error.v6)
  let cut: Int
  switch quoting {
  case .whole: cut = limit - ip.byteCount - message.byteCount
  case .behindHeader(let count): cut = (asked.layers.layers.first?.byteCount ?? 0) + max(0, count)
  }
  return AnyPacket([ip, message, Quote(asked, cut: cut)])
}
