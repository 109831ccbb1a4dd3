internal import SondeOctets

// Answers of every protocol: how often, when, from where, with what in them.
extension Behaviour {
  static let replies: [Behaviour] = [
    Behaviour("honest", "Answers as it should.") { [.now($0.reply)] },
    Behaviour("silent", "Says nothing.") { _ in [] },
    Behaviour("duplicate", "Answers twice.") { Array(repeating: .now($0.reply), count: $0.isSecondEcho ? 1 : 2) },
    Behaviour("hundred", "Answers a hundred times at once.") {
      Array(repeating: .now($0.reply), count: $0.isSecondEcho ? 1 : 100)
    },
    Behaviour("late", "Answers after 1.2 seconds.") { [.after(1200, $0.reply)] },
    Behaviour("late duplicate", "Answers at once and again after 400 ms.") { [.now($0.reply), .after(400, $0.reply)] },
    Behaviour("reordered", "Answers odd sequence numbers 250 ms later than even ones.") { asked in
      [.after(asked.isICMP && asked.body[7] & 1 == 1 ? 250 : 0, asked.reply)]
    },
    Behaviour("wrong checksum", "Answers with one bit of the transport checksum flipped.") { asked in
      [.now(asked.reply.with { $0.body[asked.isTCP ? 16 : asked.isUDP ? 6 : 2] ^= 0x10 })]
    },
    Behaviour("zero checksum", "Answers with transport checksum 0.") { asked in
      [.now(asked.reply.with { $0.body.put(UInt16(0), at: asked.isTCP ? 16 : asked.isUDP ? 6 : 2) })]
    },
    Behaviour("wrong id", "Answers another id, or to another port of ours.") { asked in
      let offset = asked.isICMP ? 4 : 2
      return [
        .now(asked.reply.with { $0.body.put($0.body.number(offset, as: UInt16.self) ^ 0x1551, at: offset) }.sealed)
      ]
    },
    Behaviour("wrong sequence", "Answers the next sequence number, or acknowledges one too many.") { asked in
      guard !asked.isTCP else { return [.now(asked.segment(ack: asked.next &+ 1))] }
      return [.now(asked.reply.with { $0.body.put($0.body.number(6, as: UInt16.self) &+ 1, at: 6) }.sealed)]
    },
    Behaviour("swapped id", "Answers with the two octets of the id swapped.") { asked in
      let offset = asked.isICMP ? 4 : 2
      return [.now(asked.reply.with { $0.body.swapAt(offset, offset + 1) }.sealed)]
    },
    Behaviour("other source", "Answers from another address than the one asked.") { asked in
      [.now(asked.reply.with { $0.source = asked.stranger }.sealed)]
    },
    Behaviour("other destination", "Answers somebody else, past us.") { asked in
      [.now(asked.reply.with { $0.destination = asked.stranger }.sealed)]
    },
    Behaviour("altered payload", "Answers with the last octet of our data changed.") { asked in
      [.now(asked.reply.with { $0.body[$0.body.count - 1] ^= 0xff }.sealed)]
    },
    Behaviour("cut payload", "Answers with half of our data.") { asked in
      [.now(asked.reply.with { $0.body.removeLast(($0.body.count - 8) / 2) }.lengthened.sealed)]
    },
    Behaviour("lengthened payload", "Answers with four octets behind our data.") { asked in
      [.now(asked.reply.with { $0.body += [0xde, 0xad, 0xbe, 0xef] }.lengthened.sealed)]
    },
    Behaviour("swapped words", "Answers with two words of our data swapped: the checksum still holds.") { asked in
      guard asked.body.count >= 12 else { return [] }
      return [
        .now(
          asked.reply.with {
            let end = $0.body.count & ~1
            $0.body.swapAt(end - 4, end - 2)
            $0.body.swapAt(end - 3, end - 1)
          })
      ]
    },
    Behaviour("odd code", "Answers with ICMP code 7.") { [.now($0.reply.with { $0.body[1] = 7 }.sealed)] },
    Behaviour("wrong type", "Answers an echo with a timestamp reply of its id and sequence number.") { asked in
      let type: UInt8 = asked.isIPv4 ? 14 : 140
      return [.now(asked.reply.with { $0.body[0] = type }.sealed)]
    },
    Behaviour("cut header", "Answers with four octets of ICMP, UDP or TCP header.") { asked in
      [.now(asked.reply.with { $0.body = Array($0.body.prefix(4)) })]
    },
    Behaviour("ttl 1", "Answers with TTL or hop limit 1.") { [.now($0.reply.with { $0.hopLimit = 1 })] },
    Behaviour("ttl 255", "Answers with TTL or hop limit 255.") { [.now($0.reply.with { $0.hopLimit = 255 })] },
    Behaviour("ip checksum", "Answers over IPv4 with a wrong header checksum.") { asked in
      [.now(asked.reply.octets.with { if asked.isIPv4 { $0[10] ^= 1 } })]
    },
    Behaviour("ip options", "Answers with a router alert: as IPv4 option, or behind a hop-by-hop header.") { asked in
      [
        .now(
          asked.reply.with {
            $0.options = [0x94, 4, 0, 0]
            $0.extensions = [(0, [0, 0, 5, 2, 0, 0, 1, 0])]
          })
      ]
    },
    Behaviour("malformed ip options", "Answers with an option longer than the header.") { asked in
      [
        .now(
          asked.reply.with {
            $0.options = [1, 1, 7, 39]
            $0.extensions = [(60, [0, 0, 0x1e, 40, 0, 0, 0, 0])]
          })
      ]
    },
    Behaviour("destination options", "Answers over IPv6 behind a destination options header of padding.") { asked in
      [.now(asked.reply.with { $0.extensions = [(60, [0, 0, 1, 4, 0, 0, 0, 0])] })]
    },
    Behaviour("atomic fragment", "Answers over IPv6 as a fragment that is the whole (RFC 6946).") { asked in
      [.now(asked.reply.with { $0.extensions = [(44, [0, 0, 0, 0, 0, 0, 0, 7])] })]
    },
    Behaviour("fragments", "Answers in fragments, in order.") { $0.reply.fragments.map { .now($0) } },
    Behaviour("fragments last first", "Answers in fragments, the last one first.") {
      $0.reply.fragments.reversed().map { .now($0) }
    },
    Behaviour("fragments overlap", "Answers in fragments, of which the second says again what stood in the first.") {
      asked in
      let reply = asked.reply
      guard reply.body.count >= 24 else { return [.now(reply)] }
      let lie = Array(repeating: UInt8(0x21), count: 8) + reply.body[16...]
      return [
        .now(reply.fragment(0..<16)), .now(reply.with { $0.body[8...] = lie[...] }.fragment(8..<reply.body.count)),
      ]
    },
    Behaviour("fragment missing", "Answers in fragments, of which the last never comes.") {
      $0.reply.fragments.dropLast().map { .now($0) }
    },
    Behaviour("fragment first missing", "Answers in fragments, of which the first never comes.") {
      $0.reply.fragments.dropFirst().map { .now($0) }
    },
    Behaviour("reflected", "Sends our packet back with the addresses swapped.") { asked in
      [.now(asked.back(asked.body))]
    },
    Behaviour("reflected ports", "Sends our packet back with addresses and ports swapped.") { asked in
      guard !asked.isICMP else { return [.now(asked.back(asked.body))] }
      let ports = Array(asked.body[2..<4]) + asked.body[0..<2]
      return [.now(asked.back(ports + asked.body[4...]))]
    },
    Behaviour("own packet", "Sends our very packet back, addresses and all.") { [.now($0.octets)] },
    Behaviour("truncated", "Answers with a total length that promises more than comes.") { asked in
      [.now(asked.reply.octets.with { $0.removeLast(min(4, asked.body.count - 8)) })]
    },
    Behaviour("padded", "Answers with octets behind the end that the IP length tells of.") { asked in
      [.now(asked.reply.octets + [0, 0, 0, 0, 0, 0])]
    },
    Behaviour("reply then unreachable", "Answers, and long after says that it is unreachable.") { asked in
      [.now(asked.reply), .after(900, asked.error(.hostUnreachable))]
    },
    Behaviour("unreachable then reply", "Says that it is unreachable, and then answers.") { asked in
      [.now(asked.error(.hostUnreachable))] + (asked.isSecondEcho ? [] : [.now(asked.reply)])
    },
    Behaviour("two sources", "Answers from the address asked and from another.") { asked in
      [.now(asked.reply.with { $0.source = asked.stranger }.sealed), .now(asked.reply)]
    },
    Behaviour("wrong then right", "Answers with a wrong checksum, with a wrong id, and then rightly.") { asked in
      let offset = asked.isICMP ? 4 : 2
      return [
        .now(asked.reply.with { $0.body[asked.isTCP ? 16 : asked.isUDP ? 6 : 2] ^= 0x10 }),
        .now(asked.reply.with { $0.body.put($0.body.number(offset, as: UInt16.self) ^ 0x1551, at: offset) }.sealed),
        .now(asked.reply),
      ]
    },
    Behaviour("altered twice", "Answers rightly, and again with other data.") { asked in
      let other = asked.reply.with { $0.body[$0.body.count - 1] ^= 0xff }.sealed
      return [.now(asked.reply)] + (asked.isSecondEcho ? [] : [.now(other)])
    },
  ]
}

extension Datagram {
  /// With the UDP length of what there is.
  var lengthened: Datagram {
    guard `protocol` == 17 else { return self }
    return with { $0.body.put(UInt16(truncatingIfNeeded: $0.body.count), at: 4) }
  }

  /// Cut every sixteen octets.
  var fragments: [Datagram] {
    stride(from: 0, to: body.count, by: 16).map { fragment($0..<min($0 + 16, body.count)) }
  }

  /// The piece of the body, with more behind it unless it reaches the end.
  func fragment(_ range: Range<Int>) -> Datagram {
    with {
      $0.body = Array(body[range])
      let more: UInt16 = range.upperBound < body.count ? 1 : 0
      $0.fragment = more << 13 | UInt16(range.lowerBound / 8)
      // Answers that are put together at the same time are told apart by it alone, in IPv6 whatever their protocol.
      let name = [`protocol`, 0] + body.prefix(8)
      $0.identification = InternetChecksum.of(name.rawSpan)
      var header = [UInt8](repeating: 0, count: 8)
      header.put(UInt16(range.lowerBound) | more, at: 2)
      header.put($0.identification, at: 6)
      $0.extensions = [(44, header)]
    }
  }
}
