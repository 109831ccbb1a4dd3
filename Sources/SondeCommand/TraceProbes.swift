internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeProbe

/// The packets of a trace.
struct TraceProbes: Sendable {
  /// One flow's own numbers.
  struct Flow: Sendable {
    /// ICMP's identifier, or the source port.
    var number: UInt16
    var label: UInt32
  }

  let destination: Destination
  let ip: IPFieldOptions
  let send: SendOptions
  let flows: [Flow]
  let message: TraceMessage

  /// The packet that asks a question.
  func packet(_ question: TraceSchedule.Question) -> AnyPacket {
    let flow = flows[question.query % flows.count]
    var ip = ip
    var send = send
    send.ttl = UInt64(clamping: question.ttl)
    ip.flowLabel = destination.family == .ipv6 ? ip.flowLabel ?? UInt64(flow.label) : nil
    let identification = message.identification(question.number)
    return AnyPacket(
      [ip.header(to: destination, send, identification: identification)]
        + message.headers(question.number, flow: flow.number))
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
