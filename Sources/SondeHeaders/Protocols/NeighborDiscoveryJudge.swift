internal import SondeOctets

// What answers a neighbor solicitation (RFC 4861 §4.4, §7.2), and what one hears that probes for an address
// (RFC 4862 §5.4).

extension ICMPv6 {
  /// The end of the target address names the exchange; nil for any other message.
  ///
  /// - Throws: `ParseError` with reason `short` where the target is cut off.
  static func neighborToken(in bytes: RawSpan, _ side: Side) throws(ParseError) -> FlowToken? {
    guard bytes.byteCount > 0 else { return nil }
    switch (side, Kind(rawValue: bytes[0])) {
    // Another's solicitation shows that it probes for the same address.
    case (.sent, .neighborSolicitation), (.quote, .neighborSolicitation), (.reply, .neighborSolicitation),
      (.reply, .neighborAdvertisement):
      break
    default: return nil
    }
    try Reader(bytes).require(24)
    return FlowToken(
      kind: UInt16(Kind.neighborAdvertisement.rawValue) << 8 | 58, ours: bytes.bigEndian(at: 20),
      theirs: bytes.bigEndian(at: 22))
  }

  /// The strict half for an advertisement: of the address asked for, and solicited.
  func judge(advertisement: ICMPv6, _ exchange: ReplyExchange) -> Judgement {
    guard let asked = Self.target(of: self), let told = Self.target(of: advertisement) else {
      return .refused(why: "names no whole target address")
    }
    guard told == asked else { return .refused(why: "tells of \(told), not of \(asked)") }
    let isProbe = exchange.asked.source == .v6(.any)
    guard isProbe || advertisement.restOfHeader & Self.solicited != 0 else {
      return .refused(why: "is of \(asked), and not solicited: its S flag is 0, not 1")
    }
    // From beyond a router nobody may speak for a neighbor (RFC 4861 §7.1.2).
    if let ip = exchange.reply.first(IPv6.self), ip.hopLimit != 255 {
      return .refused(why: "has hop limit \(ip.hopLimit), not 255: it did not come from this link")
    }
    // Without the option the target is known by the link address that it already has (RFC 4861 §4.4).
    let option = exchange.reply.layers.lazy.compactMap { $0.header as? NeighborDiscoveryOption }.first {
      $0.type == .targetLinkLayerAddress
    }
    let place = option?.macAddress.map { "at \($0)" } ?? "there"
    return .answers(
      isProbe ? .addressInUse : .reply, by: .neighborAdvertisement, flags: advertisement.code == 0 ? [] : [.oddCode],
      why: isProbe ? "\(asked) is in use \(place)" : "\(asked) is \(place)")
  }

  /// The strict half for a solicitation of another: it answers our probe if it is a probe of the same address
  /// (RFC 4862 §5.4.3); all others are nobody's noise.
  func judge(solicitation: ICMPv6, _ exchange: ReplyExchange) -> Judgement? {
    guard exchange.asked.source == .v6(.any), exchange.reply.source == .v6(.any), let asked = Self.target(of: self),
      Self.target(of: solicitation) == asked
    else { return nil }
    guard let other = exchange.reply.first(Ethernet.self)?.source,
      let ours = exchange.asked.first(Ethernet.self)?.source
    else { return nil }
    guard other != ours else { return .refused(why: "is our own") }
    return .answers(
      .addressInUse, by: .neighborSolicitation, flags: [.conflict], why: "\(other) probes for \(asked) too")
  }

  /// The S flag of an advertisement's second word (RFC 4861 §4.4).
  private static let solicited: UInt32 = 1 << 30

  private static func target(of message: ICMPv6) -> IPAddress? {
    guard message.body.count >= 16 else { return nil }
    let octets = message.body.prefix(16)
    return .v6(
      IPv6Address(
        high: octets.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
        low: octets.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }))
  }
}
