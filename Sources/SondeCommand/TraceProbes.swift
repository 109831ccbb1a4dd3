internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe

/// The packets of a trace: all of one flow look the same to whoever shares flows out over several ways, and yet the
/// shortest quote tells which of them it quotes.
///
/// Routers hash addresses, ports, the flow label, of ICMP also identifier and checksum (Augustin et al., "Avoiding
/// traceroute anomalies with Paris traceroute", IMC 2006). So these stay; what varies stands beside them: ICMP's
/// sequence number, and two octets of data that keep the checksum; UDP's length, and data that make another checksum,
/// of which one may be rewritten on the way and the other tells still; TCP's sequence number; IPv4's identification.
struct TraceProbes: Sendable {
  /// One flow's own numbers.
  struct Flow: Sendable {
    /// ICMP's identifier, or the source port.
    var number: UInt16
    var label: UInt32
  }

  /// How many lengths of UDP datagrams there are: more than probes wait for answers at a time.
  private static let lengths: UInt64 = 128
  /// The octets of data that the shortest probe has.
  private static let leastData = 16

  let destination: Destination
  let ask: TraceOptions
  let ip: IPFieldOptions
  let send: SendOptions
  let flows: [Flow]
  /// Random, or the seed's.
  let secret: UInt64

  /// The packet that asks a question.
  func packet(_ question: TraceSchedule.Question) -> AnyPacket {
    let flow = flows[question.query % flows.count]
    var ip = ip
    var send = send
    send.ttl = UInt64(clamping: question.ttl)
    ip.flowLabel = destination.family == .ipv6 ? ip.flowLabel ?? UInt64(flow.label) : nil
    // Zero would be filled in by the kernel.
    let identification = max(1, UInt16(truncatingIfNeeded: secret >> 16 &+ question.number))
    return AnyPacket(
      [ip.header(to: destination, send, identification: identification)] + message(question.number, flow))
  }

  private func message(_ number: UInt64, _ flow: Flow) -> [any Header] {
    if let port = ask.tcp {
      var draw = SeededGenerator(seed: secret ^ number &+ 1)
      return [
        TCP(
          from: flow.number, to: UInt16(port), flags: .syn, sequenceNumber: UInt32(truncatingIfNeeded: draw.next()),
          window: 64_240, options: [.mss(1460)])
      ]
    }
    if ask.udp {
      // An odd factor makes another word of each of 65536 numbers.
      let word = UInt16(truncatingIfNeeded: secret &+ number &* 0x9e37)
      let rest = [UInt8](repeating: 0, count: Self.leastData - 2 + Int(number % Self.lengths))
      return [
        UDP(from: flow.number, to: UInt16(ask.port ?? 33_434)),
        Payload(octets: [UInt8(word >> 8), UInt8(truncatingIfNeeded: word)] + rest),
      ]
    }
    let sequenceNumber = UInt16(truncatingIfNeeded: number &+ 1)
    let cookie = Cookie(nonce: UInt32(truncatingIfNeeded: secret), probe: number).octets
    var sum = InternetChecksum()
    sum.add(cookie.rawSpan)
    sum.add(sequenceNumber)
    // Sequence number, cookie and this word add up to the same in each probe.
    let filler = sum.checksum
    let data = Payload(octets: cookie + [UInt8(filler >> 8), UInt8(truncatingIfNeeded: filler)])
    switch destination.family {
    case .ipv4: return [ICMPv4.echoRequest(identifier: flow.number, sequenceNumber: sequenceNumber), data]
    case .ipv6: return [ICMPv6.echoRequest(identifier: flow.number, sequenceNumber: sequenceNumber), data]
    }
  }
}

/// The source ports of a trace's flows, held so that no other program takes an answer.
///
/// TCP's are bound and never listen: to a SYN-ACK the kernel answers with RST, which frees the half-open connection at
/// the host asked, so that it answers the next SYN of the same flow. UDP's drop what comes, so that the kernel does
/// not call an answer's port unreachable.
struct TracePorts {
  private final class HeldTCP {
    let port: PortReservation
    init(_ number: UInt16) throws(LinkError) { port = try PortReservation(.tcp, port: number) }
  }
  private final class HeldUDP {
    let port: PortGuard
    init(_ number: UInt16) throws(LinkError) { port = try PortGuard(.udp, port: number) }
  }

  private var heldTCP: [HeldTCP] = []
  private var heldUDP: [HeldUDP] = []

  /// None where ICMP asks.
  var numbers: [UInt16] { heldTCP.map { $0.port.port } + heldUDP.map { $0.port.port } }

  init(_ ask: TraceOptions, _ draw: inout SeededGenerator) throws(LinkError) {
    guard ask.udp || ask.tcp != nil else { return }
    if let written = ask.sourcePort {
      try hold(UInt16(written), ask)
      return
    }
    while numbers.count < ask.flows {
      var isHeld = false
      for _ in 0..<64 where !isHeld {
        // Ports for such use (RFC 6335 §6).
        let port = UInt16(49_152 + draw.next(below: 16_384))
        isHeld = (try? hold(port, ask)) != nil
      }
      if !isHeld { try hold(0, ask) }
    }
  }

  private mutating func hold(_ port: UInt16, _ ask: TraceOptions) throws(LinkError) {
    if ask.udp { heldUDP.append(try HeldUDP(port)) } else { heldTCP.append(try HeldTCP(port)) }
  }
}
