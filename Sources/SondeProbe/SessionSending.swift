internal import SondeHeaders
internal import SondeLink
internal import SondeOctets

// Sending.
extension Session {
  /// The frames that a probe leaves in: several where it is fragmented; none where it does not encode.
  mutating func prepare(_ request: Request, at now: Instant) -> [Outgoing] {
    number += 1
    let probe = number
    if let before = unanswered[request.target] { events.append(.pending(before)) }
    if let refusal = request.refusal {
      ledger.enter(probe, request, isGroup: request.isGroup, destination: nil)
      fail(probe, refusal, at: now)
      return []
    }
    do throws(CraftError) {
      let emission = try request.packet.encoded()
      // IPv6 fragments of one packet share a number that no other packet's have.
      let fragments = try request.mtu.map { (mtu) throws(CraftError) in
        try request.packet.fragment(mtu: mtu, identification: UInt32(truncatingIfNeeded: probe))
      }
      var pieces: [[UInt8]] = []
      for fragment in fragments ?? [] where fragments?.count != 1 { pieces.append(try fragment.encoded().bytes) }
      // By the type of its outermost layer, whatever version that says it has.
      let asked = Registry.dissect(emission.bytes, as: request.packet.start)
      let link = asked.layers.first { $0.header.pseudoHeader(within: nil) != nil }?.offset ?? 0
      correlator.register(
        probe, asked, isGroup: request.isGroup, longestFragment: pieces.map { $0.count - link }.max())
      ledger.enter(probe, request, isGroup: correlator.isGroup(probe), destination: asked.destination)
      unanswered[request.target] = silence(of: probe, request)
      if !pieces.isEmpty { leaving[probe] = Fragments(octets: pieces, unsent: pieces.count) }
      let linkType = request.packet.layers.leading?.linkType.map { LinkType(rawValue: $0) } ?? .raw
      return (pieces.isEmpty ? [emission.bytes] : pieces).map { bytes in
        Outgoing(probe: probe, bytes: bytes, linkType: linkType, way: request.way)
      }
    } catch {
      ledger.enter(probe, request, isGroup: request.isGroup, destination: nil)
      fail(probe, LinkError(operation: "encode", code: 0, message: error.description), at: now)
      return []
    }
  }

  mutating func left(_ outgoing: Outgoing, _ outcome: SendOutcome) {
    let probe = outgoing.probe
    // A probe has left with its last fragment.
    if let unsent = leaving[probe]?.unsent, unsent > 1 {
      leaving[probe]?.unsent = unsent - 1
      return
    }
    let fragments = leaving.removeValue(forKey: probe)?.octets ?? []
    guard let entry = ledger[probe], let asked = correlator.dissection(of: probe) else { return }
    let request = entry.request
    ledger.sent(probe, at: outcome.at)
    correlator.left(probe)
    plan.sent(probe, request, at: outcome.at)
    events.append(
      .sent(
        Sent(
          probe: probe, target: request.target, turn: request.turn, at: outcome.at, wall: outcome.wall, asked: asked,
          fragments: fragments)))
    if isStopped { fallSilent(probe) }
  }

  mutating func fail(_ probe: UInt64, _ error: LinkError, at now: Instant) {
    guard let request = ledger[probe]?.request else { return }
    ledger.failed(probe)
    forget(probe, request)
    plan.sent(probe, request, at: now)
    let failure = SendFailure(probe: probe, target: request.target, turn: request.turn, error: error)
    events.append(.sendFailed(failure))
    settle(plan.failed(failure, at: now))
  }

  mutating func drop(_ probe: UInt64) {
    guard let request = ledger[probe]?.request else { return }
    ledger.drop(probe)
    forget(probe, request)
  }

  mutating func forget(_ probe: UInt64, _ request: Request) {
    leaving[probe] = nil
    correlator.forget(probe)
    if unanswered[request.target]?.probe == probe { unanswered[request.target] = nil }
  }

  mutating func settle(_ settlement: Settlement?) {
    if let settlement { events.append(.settled(settlement)) }
  }
}

extension AnyPacket {
  /// How the packet's own first octet is read.
  fileprivate var start: Registry.Start {
    if let number = layers.leading?.linkType { return .link(number) }
    return layers.leading?.ipProtocol.map { .ipProtocol($0) } ?? .ip
  }
}
