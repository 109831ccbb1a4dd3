internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe
internal import SondeSweep

/// The questions of a sweep: to whom, in which order, which of them are this machine's, and by what they are proved.
struct SweepTask {
  let targets: SweepTargets
  let space: SweepSpace
  let shard: ShardChoice?
  /// Where an earlier run stopped, and where this one is to be gone on from.
  let resumption: SweepResumption?
  /// What the order is drawn from: the same for all shards.
  let seed: UInt64
  let key: SweepKey
  /// What questions come from, where they come from ports.
  let sourcePorts: ClosedRange<UInt16>

  /// - Throws: `Failure` naming the word at fault.
  init(_ sweep: SweepCommand) throws {
    do throws(SweepError) {
      shard = try ShardChoice.read(sweep.pace.shard) { Process.environment($0) }
    } catch {
      throw Failure(error.message)
    }
    targets = try SweepTargets(sweep.words, sweep.ask, sweep.send, isShared: shard != nil)
    if sweep.ask.timestamp, !targets.selection.addresses.ipv6.isEmpty {
      throw Failure("--timestamp is a question of IPv4, and there are IPv6 addresses among the targets; add -4")
    }
    let addresses = targets.selection.addresses
    guard
      let space = SweepSpace(ipv4: addresses.ipv4, ipv6: addresses.ipv6, ports: sweep.ask.ports?.sorted() ?? [0])
    else {
      throw Failure("sweep: these are more than 2^62 questions")
    }
    self.space = space
    // Who only looks leaves no file behind.
    resumption = try sweep.send.dryRun ? nil : sweep.pace.resume.map { try SweepResumption($0) }
    // Shards that nobody gave a seed have to find the same order by themselves. Numbers of more than 53 bits are not read
    // exactly by all that read JSON (RFC 8259 §6).
    seed =
      sweep.send.seed ?? resumption?.earlier?.identity.seed
      ?? (shard == nil ? System.random(UInt64.self) : space.sharedSeed) >> 11
    if let written = sweep.send.seed {
      var draw = SeededGenerator(seed: written)
      key = SweepKey(using: &draw)
    } else {
      // The order's seed is printed: the key has nothing to do with it.
      key = SweepKey(System.random(UInt64.self), System.random(UInt64.self))
    }
    sourcePorts = sweep.transport.sourcePort.map { UInt16($0)...UInt16($0) } ?? Self.freePorts
  }

  /// What makes another run the same sweep.
  func identity(_ sweep: SweepCommand) -> SweepIdentity {
    var kind = sweep.ask.ports == nil ? sweep.ask.timestamp ? "timestamp" : "echo" : sweep.transport.proto
    if let flags = sweep.transport.flags { kind += "-\(flags)" }
    return SweepIdentity(kind: kind, space: space, seed: seed, shard: shard?.shard ?? .whole)
  }

  var order: SweepOrder { SweepOrder(total: space.count, seed: seed, shard: shard?.shard ?? .whole) }

  /// Ports that the kernel gives to no program by itself, behind those that it does unless somebody changed that
  /// (ip(7), ip_local_port_range).
  static let freePorts: ClosedRange<UInt16> = 61_440...65_535

  /// The families of the targets.
  var families: [Family] { Family.allCases.filter { !ranges($0).isEmpty } }

  /// The addresses of a family, in ascending order.
  func ranges(_ family: Family) -> [ClosedRange<UInt128>] {
    let addresses = targets.selection.addresses
    return (family == .ipv4 ? addresses.ipv4 : addresses.ipv6).ranges
  }

  /// The lowest address of a family.
  func first(_ family: Family) -> IPAddress? {
    ranges(family).first.map { IPAddress(number: $0.lowerBound, isIPv6: family == .ipv6) }
  }

  /// What asks hosts of all families, from our addresses.
  ///
  /// - Throws: `SweepFormError` where the fields that a hand has set make no question.
  func questions(_ sweep: SweepCommand, from sources: [Family: IPAddress]) throws(SweepFormError) -> SweepQuestions {
    let packets = families.compactMap { family in
      let source = sources[family]
      let destination = first(family)
      return source.flatMap { source in destination.map { sweep.packet(from: source, to: $0) } }
    }
    var kept: SweepQuestions.Kept = []
    if sweep.transport.seq != nil { kept.insert(.sequenceNumber) }
    if sweep.transport.ack != nil { kept.insert(.acknowledgmentNumber) }
    if sweep.ip.ipID != nil { kept.insert(.identification) }
    return try SweepQuestions(
      packets, key: key, sourcePorts: sourcePorts, attempts: Int(sweep.pace.retries ?? 0) + 1, keeping: kept,
      payloads: .services)
  }
}
