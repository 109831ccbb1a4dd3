internal import SondeOctets

// What a UDP port may say, and lengths that lie.
extension Behaviour {
  private static func udp(
    _ name: String, _ does: String, _ react: @escaping @Sendable (Request) -> [Reaction]
  ) -> Behaviour {
    Behaviour(name, does) { $0.isUDP ? react($0) : [] }
  }

  /// The right answer with another length field.
  private static func stating(_ name: String, _ does: String, _ length: @escaping @Sendable (Int) -> Int) -> Behaviour {
    udp(name, does) { asked in
      [
        .now(
          asked.reply.with {
            $0.body.put(UInt16(truncatingIfNeeded: length($0.body.count)), at: 4)
          }.summedAsStated)
      ]
    }
  }

  static let datagrams: [Behaviour] = [
    udp("udp other port", "Answers from the next port, as TFTP does.") { asked in
      [.now(asked.reply.with { $0.body.put($0.body.number(0, as: UInt16.self) &+ 1, at: 0) }.sealed)]
    },
    udp("udp empty", "Answers with an empty datagram.") { asked in
      [.now(asked.reply.with { $0.body.removeLast($0.body.count - 8) }.lengthened.sealed)]
    },
    stating("udp length 0", "Answers with length 0.") { _ in 0 },
    stating("udp length 7", "Answers with length 7, less than a header.") { _ in 7 },
    stating("udp length longer", "Answers with a length that promises more than comes.") { $0 + 8 },
    stating("udp length shorter", "Answers with a length that leaves octets over: a surplus area.") { $0 - 4 },
    udp("udp sum ffff", "Answers with data that sums to zero, so that the checksum goes out as 0xffff.") { asked in
      var reply = asked.reply.with { $0.body = $0.body.prefix(8) + [0, 0] }.lengthened.sealed
      // What the sum lacks becomes the data.
      reply.body.put(reply.body.number(6, as: UInt16.self), at: 8)
      return [.now(reply.sealed)]
    },
    udp("udp two ports", "Answers from another port, then from the one asked.") { asked in
      [
        .now(asked.reply.with { $0.body.put($0.body.number(0, as: UInt16.self) &+ 1, at: 0) }.sealed),
        .now(asked.reply),
      ]
    },
    udp("udp closed then open", "Says port unreachable, then answers.") { asked in
      [.now(asked.error(.portUnreachable, from: asked.destination)), .now(asked.reply)]
    },
    udp("udp open then closed", "Answers, and long after says port unreachable.") { asked in
      [.now(asked.reply), .after(900, asked.error(.portUnreachable, from: asked.destination))]
    },
    udp("udp unswapped", "Answers from our port number to the port asked.") { asked in
      [.now(asked.back(asked.body))]
    },
  ]
}

extension Datagram {
  /// With a UDP checksum over as much as the length field says, as a receiver will compute it.
  var summedAsStated: Datagram {
    let stated = Int(body.number(4, as: UInt16.self))
    guard (8...body.count).contains(stated) else { return sealed }
    let part = with { $0.body = Array(body.prefix(stated)) }.sealed
    return with { $0.body = part.body + body.suffix(body.count - stated) }
  }
}
