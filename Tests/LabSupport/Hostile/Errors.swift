internal import SondeOctets

// ICMP errors that quote us rightly: kinds, senders, MTUs, pointers.
extension Behaviour {
  /// Every code of unreachable there is and two that there are not, from a router: "unreachable 13".
  static let unreachables: [Behaviour] = (Array(0...16) + [200]).map { (code: UInt8) in
    Behaviour("unreachable \(code)", "A router says unreachable with code \(code).") { asked in
      [.now(asked.error(ErrorKind(3, code, v6: (1, code))))]
    }
  }

  static let errors: [Behaviour] = [
    Behaviour("port unreachable", "Says itself that the port is unreachable.") { asked in
      [.now(asked.error(.portUnreachable, from: asked.destination))]
    },
    Behaviour("foreign port unreachable", "A router says that the port is unreachable.") { asked in
      [.now(asked.error(.portUnreachable))]
    },
    Behaviour("protocol unreachable", "Says itself that it does not speak the protocol.") { asked in
      [.now(asked.error(ErrorKind(3, 2, v6: (4, 1)), word: asked.isIPv4 ? 0 : 6, from: asked.destination))]
    },
    Behaviour("foreign protocol unreachable", "A router says that the host does not speak the protocol.") { asked in
      [.now(asked.error(ErrorKind(3, 2, v6: (4, 1)), word: asked.isIPv4 ? 0 : 6))]
    },
    Behaviour("host unreachable", "A router says that the host is unreachable.") { [.now($0.error(.hostUnreachable))] },
    Behaviour("own host unreachable", "Says itself that it is unreachable.") { asked in
      [.now(asked.error(.hostUnreachable, from: asked.destination))]
    },
    Behaviour("ttl exceeded", "A router says that the TTL ran out.") { [.now($0.error(.hopLimitExceeded))] },
    Behaviour("own ttl exceeded", "Says itself that the TTL ran out.") { asked in
      [.now(asked.error(.hopLimitExceeded, from: asked.destination))]
    },
    Behaviour("reassembly exceeded", "Says itself that fragments were missing.") { asked in
      [.now(asked.error(.reassemblyExceeded, from: asked.destination))]
    },
    Behaviour("foreign reassembly exceeded", "A router says that fragments were missing.") { asked in
      [.now(asked.error(.reassemblyExceeded))]
    },
    Behaviour("odd time exceeded", "A router says time exceeded with code 7.") { asked in
      [.now(asked.error(ErrorKind(11, 7, v6: (3, 7))))]
    },
    Behaviour("parameter problem", "A router dislikes the octet with the TTL, or the hop limit.") { asked in
      [.now(asked.error(ErrorKind(12, 0, v6: (4, 0)), word: asked.isIPv4 ? 8 << 24 : 7))]
    },
    Behaviour("missing option", "Says itself that an option is missing, or is unknown to it.") { asked in
      [.now(asked.error(ErrorKind(12, 1, v6: (4, 2)), word: asked.isIPv4 ? 0 : 40, from: asked.destination))]
    },
    Behaviour("bad length", "A router says bad length, or incomplete header chain.") { asked in
      [.now(asked.error(ErrorKind(12, 2, v6: (4, 3)), word: asked.isIPv4 ? 2 << 24 : 6))]
    },
    Behaviour("odd parameter problem", "A router says parameter problem with code 99.") { asked in
      [.now(asked.error(ErrorKind(12, 99, v6: (4, 99))))]
    },
    Behaviour("advice", "A router quenches and redirects us, and the host answers.") { asked in
      // A redirect is for neighbours; ICMPv6's has the type of an informational message (RFC 4861 §4.5).
      let redirect: UInt32 = asked.isIPv4 ? 0x0a4d_c9fa : 0
      let quench = asked.error(ErrorKind(4, 0, v6: (137, 0)))
      return [.now(quench), .now(asked.error(ErrorKind(5, 1, v6: (137, 0)), word: redirect)), .now(asked.reply)]
    },
    Behaviour("source quench", "A router asks to send less.") { [.now($0.error(ErrorKind(4, 0, v6: (200, 0))))] },
    Behaviour("redirect", "A router says to use another.") { asked in
      [.now(asked.error(ErrorKind(5, 1, v6: (137, 0)), word: asked.isIPv4 ? 0x0a4d_c9fa : 0))]
    },
    Behaviour("unknown error", "A router sends an error of type 100, which no RFC names.") { asked in
      [.now(asked.error(ErrorKind(100, 0, v6: (100, 0))))]
    },
    Behaviour("unknown error 5", "A router sends an ICMPv6 error of type 5.") { asked in
      [.now(asked.error(ErrorKind(19, 0, v6: (5, 0))))]
    },
    Behaviour("unknown message", "A router sends type 200, in ICMPv6 informational, with our packet in it.") { asked in
      [.now(asked.error(ErrorKind(200, 0, v6: (200, 0))))]
    },
    Behaviour("mtu 0", "A router says too big and tells of an MTU of 0.") { [.now($0.error(.tooBig, word: 0))] },
    Behaviour("mtu 1", "A router says too big and tells of an MTU of 1.") { [.now($0.error(.tooBig, word: 1))] },
    Behaviour("mtu 67", "A router says too big and tells of an MTU of 67.") { [.now($0.error(.tooBig, word: 67))] },
    Behaviour("mtu 68", "A router says too big and tells of the least MTU of IPv4.") {
      [.now($0.error(.tooBig, word: 68))]
    },
    Behaviour("mtu 1279", "A router says too big and tells of an MTU of 1279.") {
      [.now($0.error(.tooBig, word: 1279))]
    },
    Behaviour("mtu 1280", "A router says too big and tells of the least MTU of IPv6.") {
      [.now($0.error(.tooBig, word: 1280))]
    },
    Behaviour("mtu 1300", "A router says too big and tells of an MTU of 1300.") {
      [.now($0.error(.tooBig, word: 1300))]
    },
    Behaviour("mtu above", "A router says too big and tells of an MTU one above what was sent.") { asked in
      [.now(asked.error(.tooBig, word: UInt32(asked.octets.count) + 1))]
    },
    Behaviour("mtu equal", "A router says too big and tells of an MTU of just what was sent.") { asked in
      [.now(asked.error(.tooBig, word: UInt32(asked.octets.count)))]
    },
    Behaviour("error twice", "A router says twice that the host is unreachable.") { asked in
      Array(repeating: .now(asked.error(.hostUnreachable)), count: asked.isSecondEcho ? 1 : 2)
    },
    Behaviour("error hundred", "A router says a hundred times that the host is unreachable.") { asked in
      Array(repeating: .now(asked.error(.hostUnreachable)), count: asked.isSecondEcho ? 1 : 100)
    },
    Behaviour("late error", "A router says after 1.2 seconds that the host is unreachable.") { asked in
      [.after(1200, asked.error(.hostUnreachable))]
    },
    Behaviour("two errors", "One router says unreachable, then another that it is prohibited.") { asked in
      [
        .now(asked.error(.hostUnreachable)),
        .now(asked.error(ErrorKind(3, 13, v6: (1, 1)), from: asked.destination.neighbour(252))),
      ]
    },
    Behaviour("error then exceeded", "A router says unreachable, then that the TTL ran out.") { asked in
      [.now(asked.error(.hostUnreachable)), .now(asked.error(.hopLimitExceeded))]
    },
    Behaviour("wrong error checksum", "A router says unreachable with a wrong ICMP checksum.") { asked in
      [.now(asked.error(.hostUnreachable).with { $0.body[2] ^= 0x10 })]
    },
    Behaviour("error elsewhere", "A router says unreachable to somebody else.") { asked in
      [.now(asked.error(.hostUnreachable).with { $0.destination = asked.stranger }.sealed)]
    },
    Behaviour("labels", "A router says that the TTL ran out, with an MPLS label (RFC 4950).") { asked in
      [.now(asked.labelled())]
    },
    Behaviour("wrong labels", "The same, and the extension's checksum is wrong.") { asked in
      [.now(asked.labelled(flipping: 1))]
    },
    Behaviour("old labels", "The same, without saying where the quote ends (RFC 4884 §5.5).") { asked in
      [.now(asked.labelled(tellsLength: false))]
    },
    Behaviour("cut labels", "The same, and the object is longer than the message.") { asked in
      [.now(asked.labelled(objectLength: 400))]
    },
    Behaviour("fragmented error", "A router says unreachable in fragments, the last one first.") { asked in
      asked.error(.hostUnreachable).fragments.reversed().map { .now($0) }
    },
  ]
}

extension Request {
  /// TTL exceeded with the label 16001 behind 128 octets of quote (RFC 4950 §3).
  func labelled(tellsLength: Bool = true, objectLength: UInt16 = 8, flipping bits: UInt16 = 0) -> Datagram {
    var structure: [UInt8] = [0x20, 0, 0, 0, 0, 0, 1, 1, 0x03, 0xe8, 0x11, 0x3f]
    structure.put(objectLength, at: 4)
    structure.put(InternetChecksum.of(structure.rawSpan) ^ bits, at: 2)
    let quote = Array((octets + [UInt8](repeating: 0, count: 128)).prefix(128))
    // The length of the quote, in words of 32 bits, and of 64 in ICMPv6 (RFC 4884 §4).
    let word: UInt32 = tellsLength ? (isIPv4 ? 32 << 16 : 16 << 24) : 0
    return error(.hopLimitExceeded, word: word, quote: quote + structure)
  }
}
