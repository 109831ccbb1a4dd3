internal import SondeOctets

// ICMP errors whose quote is short, of another packet, or rewritten on the way.
extension Behaviour {
  /// A router says that the host is unreachable, and quotes what `change` makes of our packet.
  private static func quoting(
    _ name: String, _ does: String, _ kind: ErrorKind = .hostUnreachable, isHost: Bool = false,
    _ change: @escaping @Sendable (Request) -> [UInt8]
  ) -> Behaviour {
    Behaviour(name, does) { asked in
      [.now(asked.error(kind, from: isHost ? asked.destination : nil, quote: change(asked)))]
    }
  }

  static let quotes: [Behaviour] = [
    quoting("quote nothing", "An error that quotes nothing.") { _ in [] },
    quoting("quote 4", "An error that quotes four octets.") { Array($0.octets.prefix(4)) },
    quoting("quote 12", "An error that quotes twelve octets.") { Array($0.octets.prefix(12)) },
    quoting("quote header", "An error that quotes the IP header alone.") { Array($0.octets.prefix($0.offset)) },
    quoting("quote header 4", "An error that quotes the IP header and four octets: the ports, or type and code.") {
      Array($0.octets.prefix($0.offset + 4))
    },
    quoting("quote header 6", "An error that quotes the IP header and six octets: half of a sequence number.") {
      Array($0.octets.prefix($0.offset + 6))
    },
    quoting("quote header 8", "An error that quotes the IP header and eight octets (RFC 792).") {
      Array($0.octets.prefix($0.offset + 8))
    },
    quoting("quote other flow", "An error that quotes another source port, or another id.") { asked in
      let place = asked.offset + (asked.isICMP ? 4 : 0)
      return asked.octets.with { $0.put($0.number(place, as: UInt16.self) ^ 0x1551, at: place) }
    },
    quoting("quote other port", "An error that quotes another destination port, or another sequence number.") { asked in
      let place = asked.offset + (asked.isICMP ? 6 : 2)
      return asked.octets.with { $0.put($0.number(place, as: UInt16.self) &+ 1, at: place) }
    },
    quoting("quote other source", "An error that quotes a packet of somebody else.") { asked in
      asked.octets.with { $0.replaceSubrange(asked.places.source, with: asked.stranger.octets) }
    },
    quoting("quote other destination", "An error that quotes a packet to somebody else.") { asked in
      asked.octets.with { $0.replaceSubrange(asked.places.destination, with: asked.stranger.octets) }
    },
    quoting("quote other number", "An error that quotes another TCP sequence number (RFC 5927).") { asked in
      asked.octets.with { $0[asked.offset + 7] ^= 0x55 }
    },
    quoting("quote other protocol", "An error that quotes our octets as another protocol's.") { asked in
      asked.octets.with { $0[asked.isIPv4 ? 9 : 6] = 132 }
    },
    quoting("quote other type", "An error that quotes an echo reply, not our echo request.") { asked in
      asked.octets.with { $0[asked.offset] = asked.isIPv4 ? 0 : 129 }
    },
    quoting("quote smaller ttl", "An error that quotes TTL 1: what every router on the way takes off.") { asked in
      asked.octets.with { $0[asked.isIPv4 ? 8 : 7] = 1 }
    },
    quoting("quote greater ttl", "An error that quotes TTL 255.") { asked in
      asked.octets.with { $0[asked.isIPv4 ? 8 : 7] = 255 }
    },
    quoting("quote tos", "An error that quotes another traffic class.") { asked in
      asked.octets.with { $0.put($0.number(0, as: UInt16.self) ^ (asked.isIPv4 ? 0x00b8 : 0x0b80), at: 0) }
    },
    quoting("quote identification", "An error that quotes another identification, or flow label.") { asked in
      asked.octets.with { $0.put($0.number(asked.isIPv4 ? 4 : 2, as: UInt16.self) ^ 0x0101, at: asked.isIPv4 ? 4 : 2) }
    },
    quoting("quote length", "An error that quotes a total length four too small.") { asked in
      asked.octets.with { $0[asked.isIPv4 ? 3 : 5] &-= 4 }
    },
    quoting("quote stale sum", "An error that quotes a wrong IP header checksum.") { asked in
      asked.octets.with { if asked.isIPv4 { $0[10] ^= 0x42 } }
    },
    quoting("quote no sum", "An error that quotes transport checksum 0, as old NATs do.") { asked in
      asked.octets.with { $0.put(UInt16(0), at: asked.offset + (asked.isTCP ? 16 : asked.isUDP ? 6 : 2)) }
    },
    quoting("quote payload", "An error that quotes other data.") { asked in
      asked.octets.with { $0[$0.count - 1] ^= 0xff }
    },
    quoting("quote longer", "An error that quotes more than we sent.") { $0.octets + [1, 2, 3, 4] },
    quoting(
      "quote NAT", "A port unreachable whose quote a NAT rewrote: TTL, TOS, identification, no sum.",
      .portUnreachable, isHost: true
    ) { asked in
      asked.octets.with {
        $0[asked.isIPv4 ? 8 : 7] = 3
        $0.put($0.number(0, as: UInt16.self) ^ (asked.isIPv4 ? 0x0020 : 0x0200), at: 0)
        if asked.isIPv4 { $0.put(UInt16(0x7777), at: 4) }
        $0.put(UInt16(0), at: asked.offset + (asked.isTCP ? 16 : asked.isUDP ? 6 : 2))
      }
    },
    quoting(
      "quote port 8", "A port unreachable of the host that quotes IP header and eight octets.",
      .portUnreachable, isHost: true
    ) { Array($0.octets.prefix($0.offset + 8)) },
    quoting("quote version", "An error that quotes an IP header of version 9.") { asked in
      asked.octets.with { $0[0] = 0x90 | $0[0] & 15 }
    },
    quoting("quote short ihl", "An error that quotes an IHL of 4 words, or a next header of none.") { asked in
      asked.octets.with { if asked.isIPv4 { $0[0] = 0x44 } else { $0[6] = 59 } }
    },
    quoting("own quote nothing", "An error of the host itself that quotes nothing.", isHost: true) { _ in [] },
    quoting("own quote 12", "An error of the host itself that quotes twelve octets.", isHost: true) {
      Array($0.octets.prefix(12))
    },
    quoting("quote swapped", "An error that quotes the answer, not the question: addresses and ports swapped.") {
      asked in
      asked.reply.octets
    },
  ]
}

extension Request {
  /// Where the addresses stand.
  var places: (source: Range<Int>, destination: Range<Int>) {
    isIPv4 ? (12..<16, 16..<20) : (8..<24, 24..<40)
  }
}
