internal import SondeHeaders
internal import SondeOctets

/// A packet that came to the hostile host, and what a host that means well would answer.
struct Request: Sendable {
  var octets: [UInt8]
  var source: IPAddress
  var destination: IPAddress
  var `protocol`: UInt8
  /// Where the transport header begins.
  var offset: Int

  /// Reads an IP packet; nil where it is none, is a fragment, or ends inside its headers.
  init?(_ octets: [UInt8]) {
    guard let first = octets.first else { return nil }
    switch first >> 4 {
    case 4:
      offset = Int(first & 15) * 4
      guard offset >= 20, octets.count >= offset + 8, octets.number(6, as: UInt16.self) & 0x3fff == 0 else {
        return nil
      }
      source = .v4(IPv4Address(rawValue: octets.number(12)))
      destination = .v4(IPv4Address(rawValue: octets.number(16)))
      `protocol` = octets[9]
    case 6:
      guard octets.count >= 48 else { return nil }
      source = .v6(IPv6Address(high: octets.number(8), low: octets.number(16)))
      destination = .v6(IPv6Address(high: octets.number(24), low: octets.number(32)))
      var number = octets[6]
      offset = 40
      while [0, 43, 60].contains(number), octets.count >= offset + 8 {
        number = octets[offset]
        offset += Int(octets[offset + 1]) * 8 + 8
      }
      guard octets.count >= offset + 8, number != 44 else { return nil }
      `protocol` = number
    default: return nil
    }
    self.octets = octets
  }

  var isIPv4: Bool { source.version == 4 }
  var body: [UInt8] { Array(octets[offset...]) }
  var isTCP: Bool { `protocol` == 6 && body.count >= 20 }
  var isUDP: Bool { `protocol` == 17 }
  var isICMP: Bool { `protocol` == (isIPv4 ? 1 : 58) }

  /// Whether it wants an answer: no RST, no ICMP error or reply.
  var isQuestion: Bool {
    if isTCP { return body[13] & 4 == 0 }
    return !isICMP || (isIPv4 ? [8, 13, 15, 17, 42] : [128, 160]).contains(body[0])
  }

  /// Whether it is an echo of even sequence number. Where a lie is in what comes after the first answer, such an echo
  /// is answered plainly, so that who has asked the one before it is still there to hear.
  var isSecondEcho: Bool { isICMP && body[7] & 1 == 0 }

  /// Where our own data begins in the body.
  var dataOffset: Int { isTCP ? min(body.count, Int(body[12] >> 4) * 4) : 8 }

  /// A router on the way, and a host that nobody asked.
  var router: IPAddress { destination.neighbour(251) }
  var stranger: IPAddress { destination.neighbour(250) }

  /// A packet back to who asks, from the address asked; its checksum is right.
  func back(_ body: [UInt8], from: IPAddress? = nil) -> Datagram {
    Datagram(source: from ?? destination, destination: source, protocol: `protocol`, body: body).sealed
  }

  /// What the protocol wants for an answer: a reply, the same datagram back, a SYN-ACK, a RST.
  var reply: Datagram {
    if isTCP { return segment() }
    var body = self.body
    if isUDP {
      body.put(octets.number(offset + 2, as: UInt16.self), at: 0)
      body.put(octets.number(offset, as: UInt16.self), at: 2)
      return back(body)
    }
    let replies: [UInt8: UInt8] = isIPv4 ? [8: 0, 13: 14, 15: 16, 17: 18, 42: 43] : [128: 129, 160: 161]
    body[0] = replies[body[0]] ?? body[0]
    // Of an extended echo: the interface is active and has IPv4 (RFC 8335 §3).
    if body[0] == 43 || body[0] == 161 { body[7] = 0x06 }
    return back(body)
  }

  /// The sequence number behind all that our segment takes (RFC 9293 §3.4).
  var next: UInt32 {
    let taken = UInt32(truncatingIfNeeded: body.count - dataOffset) &+ UInt32(body[13] & 1) &+ UInt32(body[13] >> 1 & 1)
    return body.number(4, as: UInt32.self) &+ taken
  }

  /// A TCP segment back: the right answer, but for what is given.
  func segment(
    _ flags: TCP.Flags? = nil, ack: UInt32? = nil, sequence: UInt32? = nil, from port: UInt16? = nil,
    window: UInt16 = 64240, words: UInt8? = nil, options: [UInt8] = [], data: [UInt8] = []
  ) -> Datagram {
    let asked = TCP.Flags(rawValue: UInt16(body[13]))
    let isOpening = asked.contains(.syn) && !asked.contains(.ack)
    let flags = flags ?? (isOpening ? [.syn, .ack] : asked.contains(.ack) ? .rst : [.rst, .ack])
    // A RST to a segment with ACK stands at the number that it acknowledges (RFC 9293 §3.5.2).
    let ours: UInt32 = asked.contains(.ack) ? body.number(8) : flags.contains(.rst) ? 0 : 0x5eed_0000
    let header = TCP(
      from: port ?? body.number(2), to: body.number(0), flags: flags, sequenceNumber: sequence ?? ours,
      acknowledgmentNumber: ack ?? (flags.contains(.ack) ? next : 0), window: window,
      dataOffset: .set(words ?? UInt8(truncatingIfNeeded: 5 + options.count / 4)))
    return back(Datagram.encoded([header, Payload(octets: options + data)]))
  }

  /// A RST that acknowledges our segment, as a closed port sends it.
  var reset: Datagram { segment([.rst, .ack]) }

  /// An ICMP error that quotes what came, from a router unless said otherwise.
  ///
  /// - Parameter quote: what is quoted; nil for the whole packet, as far as an error may be long (RFC 1812
  ///   §4.3.2.3, RFC 4443 §2.4 c).
  func error(
    _ kind: ErrorKind, word: UInt32 = 0, from: IPAddress? = nil, quote: [UInt8]? = nil
  ) -> Datagram {
    let (type, code) = isIPv4 ? kind.v4 : kind.v6
    let room = isIPv4 ? 548 : 1232
    let quote = Array((quote ?? octets).prefix(room))
    let layers: [any Header] =
      isIPv4
      ? [ICMPv4(type: .init(rawValue: type), code: code, restOfHeader: word), Payload(octets: quote)]
      : [ICMPv6(type: .init(rawValue: type), code: code, restOfHeader: word), Payload(octets: quote)]
    return Datagram(
      source: from ?? router, destination: source, protocol: isIPv4 ? 1 : 58, body: Datagram.encoded(layers)
    ).sealed
  }
}

/// Type and code of an ICMP error in both families.
struct ErrorKind: Sendable {
  var v4: (UInt8, UInt8)
  var v6: (UInt8, UInt8)

  init(_ type: UInt8, _ code: UInt8, v6 other: (UInt8, UInt8)) {
    v4 = (type, code)
    v6 = other
  }

  static let hostUnreachable = ErrorKind(3, 1, v6: (1, 3))
  static let portUnreachable = ErrorKind(3, 3, v6: (1, 4))
  static let tooBig = ErrorKind(3, 4, v6: (2, 0))
  static let hopLimitExceeded = ErrorKind(11, 0, v6: (3, 0))
  static let reassemblyExceeded = ErrorKind(11, 1, v6: (3, 1))
}
