internal import SondeCraft
internal import SondeHeaders
internal import SondeLink
internal import SondeOctets

// What a scenario sends, and what it sent when it was recorded.
extension Interpreter {
  /// More packets than that one step does not send.
  private static let mostPackets = 100_000

  mutating func send<S: Stage & ~Copyable>(
    _ recipe: OpenRecipe, _ host: String, by interface: String?, _ result: inout StepOutcome, over stage: inout S
  ) throws(StepFailure) {
    let packets: RecipePackets
    do throws(RecipeError) {
      for mention in try recipe.mentions(lookup) {
        guard let name = mention.term.variable, lookup(name, nil) == nil, let field = mention.field else { continue }
        let value = FieldValue.number(draw.number(for: field))
        values[name] = value
        result.taken[name] = value
      }
      packets = try recipe.packets(lookup)
    } catch {
      throw StepFailure(.impossible, error.message)
    }
    guard packets.underestimatedCount <= Self.mostPackets else {
      throw StepFailure(
        .impossible, "the recipe names \(packets.underestimatedCount) packets; \(Self.mostPackets) are the most")
    }
    result.expected = recipe.text(with: lookup)
    guard let sender = hosts.hosts.first(where: { $0.name == host }) else {
      throw StepFailure(.impossible, "there is no host \(host)")
    }
    moment = max(moment, stage.now)
    for (number, packet) in packets.enumerated() {
      var scripted = ScriptedPacket(packet, from: sender, by: interface, hosts.hosts)
      scripted.fill(&draw)
      if number == 0 { result.seen = try? scripted.packet.recipe }
      let way = scripted.isFrame ? scripted.interface : interface
      for bytes in try octets(of: scripted, from: host) {
        let outgoing = Outgoing(
          probe: UInt64(number), bytes: bytes, linkType: scripted.isFrame ? .ethernet : .raw, way: scripted.way)
        moment = stage.now
        try asking { () throws(StageError) in try stage.send(outgoing, from: host, by: way) }
      }
    }
    result.at = moment
  }

  /// A packet as it leaves: in fragments where it is longer than its link's MTU.
  private func octets(of packet: ScriptedPacket, from host: String) throws(StepFailure) -> [[UInt8]] {
    let mtu = topology?.ends(of: host).first { $0.end.interface == packet.exit }?.network.mtu
    var pieces: [[UInt8]] = []
    do throws(CraftError) {
      for piece in try packet.pieces(mtu: mtu) { pieces.append(try piece.encoded().bytes) }
    } catch {
      throw StepFailure(.impossible, "\(error)")
    }
    return pieces
  }

  /// Looks for what was sent in a record: each packet behind the one before it.
  mutating func findSent<S: Stage & ~Copyable>(
    _ recipe: OpenRecipe, _ host: String, _ result: inout StepOutcome, over stage: inout S
  ) throws(StepFailure) {
    result.expected = recipe.text(with: lookup)
    let count: Int
    do throws(RecipeError) {
      let lookup = lookup
      count = try recipe.packets { lookup($0, $1) ?? OpenRecipe.sample($1) }.underestimatedCount
    } catch {
      throw StepFailure(.impossible, error.message)
    }
    for _ in 0..<min(count, Self.mostPackets) {
      let pattern = try pattern(recipe)
      // A packet that left in fragments has its payload in several frames.
      var found = try sent(pattern, host, over: &stage)
      if found == nil { found = try sent(pattern.withoutPayload, host, over: &stage) }
      if found == nil { found = try sent(pattern.inFragments, host, over: &stage) }
      guard let (entry, match) = found else {
        throw StepFailure(.unmet, "the record has no such packet of \(host)'s here")
      }
      go(to: entry.time)
      values.merge(match.taken) { _, new in new }
      result.taken.merge(match.taken) { _, new in new }
      result.seen = entry.packet.recipe
      result.at = entry.time
      result.candidates = [.init(entry.sighting, [])]
    }
  }

  private mutating func sent<S: Stage & ~Copyable>(
    _ pattern: RecipePattern, _ host: String, over stage: inout S
  ) throws(StepFailure) -> (HostLog.Entry, PatternMatch)? {
    var place = logs[host]?.passedSent ?? 0
    while true {
      while let entries = logs[host]?.entries, place < entries.count {
        let entry = entries[place]
        place += 1
        guard Step.Sight.Way.outgoing.holds(entry.sighting.direction) else { continue }
        let match = pattern.match(entry.packet)
        guard match.isMatch else { continue }
        logs[host]?.passedSent = place
        return (entry, match)
      }
      let before = stage.now
      try hear(until: before + Self.wholeRecord, over: &stage)
      // The clock has gone to the end of the wait: nothing more is in the record.
      if stage.now >= before + Self.wholeRecord { return nil }
    }
  }
}

extension SeededGenerator {
  /// A number for a field that nothing has set.
  mutating func number(for field: FieldSpec) -> UInt64 {
    switch field.name {
    case "sourcePort", "destinationPort": UInt64(port())
    default: 1 + next(below: (field.bits.count < 64 ? 1 << UInt64(field.bits.count) : .max) - 1)
    }
  }

  /// A port above those that Linux gives out by itself (ip_local_port_range).
  mutating func port() -> UInt16 { UInt16(61_000 + next(below: 4536)) }
}
