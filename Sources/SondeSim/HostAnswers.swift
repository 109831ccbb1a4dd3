internal import SondeHeaders
internal import SondeLink
internal import SondeOctets

// What a simulated host answers by itself.
extension SimulatedHost {
  /// The answers to a packet that arrived whole and with right sums. `time` is the host's clock, in
  /// nanoseconds since 1970.
  func answers(
    to asked: Dissection, time: Int64, _ connections: inout [SimulatedConnection.Key: SimulatedConnection]
  ) -> [AnyPacket] {
    guard let source = asked.source, !source.isGroup else { return [] }
    if let query = asked.first(ICMPv4.self) { return reply(to: query, asked, source, time) }
    if let query = asked.first(ICMPv6.self) { return reply(to: query, asked, source) }
    if let segment = asked.first(TCP.self) {
      // A connection is never opened with a group (RFC 9293 §3.9.2.3).
      guard asked.destination?.isGroup == false else { return [] }
      let behaviour = tcp[segment.destinationPort] ?? otherTCP
      var serve: [any Header] = []
      if behaviour == .serve {
        let key = SimulatedConnection.Key(
          local: address, localPort: segment.destinationPort, remote: source, remotePort: segment.sourcePort)
        serve = converse(segment, asked.inner(of: TCP.self), &connections[key])
      }
      return react(
        behaviour, asked, source, answer: { listening(segment) }, refuse: { reset(segment, asked) }, serve: serve)
    }
    if let datagram = asked.first(UDP.self) {
      let behaviour = udp[datagram.destinationPort] ?? otherUDP
      let answer = { () -> [any Header] in
        [
          UDP(from: datagram.destinationPort, to: datagram.sourcePort),
          Payload(octets: asked.inner(of: UDP.self)),
        ]
      }
      return react(behaviour, asked, source, answer: answer, error: .portUnreachable)
    }
    // The pointer names the field that was not understood: IPv6's Next Header is octet 6 (RFC 8200 §4).
    let unknown = Rejection(v4: .destinationUnreachable(code: 2), v6: .parameterProblem(code: 1, pointer: 6))
    return react(otherProtocols, asked, source, error: unknown)
  }

  private func reply(to query: ICMPv4, _ asked: Dissection, _ source: IPAddress, _ time: Int64) -> [AnyPacket] {
    var reply = query
    reply.checksum = .auto
    switch query.type {
    case .echoRequest: reply.type = .echoReply
    case .timestampRequest where query.numbers.count == 3:
      reply.type = .timestampReply
      let milliseconds = UInt32(truncatingIfNeeded: (time / 1_000_000) % 86_400_000)
      reply.numbers = [query.numbers[0], milliseconds, milliseconds]
    default: return []
    }
    return react(icmp, asked, source, answer: { [reply, Payload(octets: asked.inner(of: ICMPv4.self))] })
  }

  private func reply(to query: ICMPv6, _ asked: Dissection, _ source: IPAddress) -> [AnyPacket] {
    guard query.type == .echoRequest else { return [] }
    var reply = query
    reply.checksum = .auto
    reply.type = .echoReply
    return react(icmp, asked, source, answer: { [reply, Payload(octets: asked.inner(of: ICMPv6.self))] })
  }

  /// What a server says that sends back what it gets; a SYN that it accepts opens a connection.
  private func converse(
    _ segment: TCP, _ data: [UInt8], _ connection: inout SimulatedConnection?
  ) -> [any Header] {
    if var open = connection {
      let answer = open.receive(segment, data)
      connection = open.isClosed ? nil : open
      return answer
    }
    let answer = listening(segment)
    if let synAck = answer.first as? TCP, synAck.flags.contains(.syn) {
      connection = SimulatedConnection(accepting: synAck)
    }
    return answer
  }

  /// What a listening socket says to a segment of no connection (RFC 9293 §3.10.7.2).
  private func listening(_ segment: TCP) -> [any Header] {
    if segment.flags.contains(.rst) { return [] }
    if segment.flags.contains(.ack) { return acknowledgmentReset(segment) }
    guard segment.flags.contains(.syn), !segment.flags.contains(.fin) else { return [] }
    // Any number will do, so long as the same SYN always gets the same one.
    let ports = UInt64(segment.sourcePort) << 16 | UInt64(segment.destinationPort)
    var generator = SeededGenerator(seed: UInt64(segment.sequenceNumber) << 32 | ports)
    return [
      TCP(
        from: segment.destinationPort, to: segment.sourcePort, flags: [.syn, .ack],
        sequenceNumber: UInt32(truncatingIfNeeded: generator.next()),
        acknowledgmentNumber: segment.sequenceNumber &+ 1, window: window, options: options)
    ]
  }

  /// What a port without a socket says (RFC 9293 §3.5.2, group 1).
  private func reset(_ segment: TCP, _ asked: Dissection) -> [any Header] {
    if segment.flags.contains(.rst) { return [] }
    if segment.flags.contains(.ack) { return acknowledgmentReset(segment) }
    var length = UInt32(truncatingIfNeeded: asked.inner(of: TCP.self).count)
    if segment.flags.contains(.syn) { length &+= 1 }
    if segment.flags.contains(.fin) { length &+= 1 }
    return [
      TCP(
        from: segment.destinationPort, to: segment.sourcePort, flags: [.rst, .ack],
        acknowledgmentNumber: segment.sequenceNumber &+ length, window: 0)
    ]
  }

  private func acknowledgmentReset(_ segment: TCP) -> [any Header] {
    [
      TCP(
        from: segment.destinationPort, to: segment.sourcePort, flags: .rst,
        sequenceNumber: segment.acknowledgmentNumber, window: 0)
    ]
  }

  /// Puts an IP header before the layers that the behaviour calls for.
  private func react(
    _ behaviour: Behaviour, _ asked: Dissection, _ source: IPAddress, answer: () -> [any Header] = { [] },
    refuse: () -> [any Header] = { [] }, serve: [any Header]? = nil, error: Rejection? = nil
  ) -> [AnyPacket] {
    let layers: [any Header]
    switch behaviour {
    case .silence: return []
    case .answer: layers = answer()
    case .serve: layers = serve ?? answer()
    case .refuse:
      if let error { return reject(error, asked, source) }
      layers = refuse()
    case .reject(let rejection): return reject(rejection, asked, source)
    }
    let typeOfService = asked.first(IPv4.self)?.typeOfService ?? asked.first(IPv6.self)?.trafficClass ?? 0
    let ip = ipHeader(from: address, to: source, hopLimit: arrivingHopLimit, typeOfService: typeOfService)
    guard let ip, !layers.isEmpty else { return [] }
    return [AnyPacket([ip] + layers)]
  }

  private func reject(_ rejection: Rejection, _ asked: Dissection, _ source: IPAddress) -> [AnyPacket] {
    guard !asked.drawsNoErrors, !groups.contains(where: { $0 == asked.destination }) else { return [] }
    let error = icmpError(
      rejection, about: asked.packet, to: source, from: rejection.sender ?? address, hopLimit: arrivingHopLimit,
      quoting: quoting)
    return error.map { [$0] } ?? []
  }

  /// What the routers on the way back leave of the TTL.
  private var arrivingHopLimit: UInt8 { hopLimit - min(hopLimit, UInt8(clamping: path.count)) }
}
