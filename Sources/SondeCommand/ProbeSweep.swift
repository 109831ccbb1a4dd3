internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe
internal import SondeReport
internal import SondeSweep

/// The first round of a probe of very many ports: all are asked once, as a sweep asks.
///
/// What it settles is what is beyond doubt: ports that proved to be open, and ports closed by the plain word of the host
/// asked that nothing contradicts in its time. All others are left to the schedule of ports, which asks again, measures
/// limits and weighs what contradicts itself.
final class ProbeSweep {
  /// Fewer questions than this are asked one by one: a ring is not worth its making.
  private static let fewest = 1024
  /// So many ports of a state are described one by one; of more the number is told.
  private static let described = 26

  /// A closed port that waits for what may contradict that.
  private struct Held {
    var target: Int
    var due: Instant
    /// How many octets are to be printed of it.
    var length: Int
  }

  private let probe: ProbeCommand
  private let console: Console
  private let routing: SweepRouting
  private var sockets: SweepSockets?
  private let families: [Family]
  private let questions: SweepQuestions
  private let plan: SweepPlan
  private let pacer: Pacer
  private let hosts: [IPAddress: Int]
  /// The host, where there is only one: it is not looked up for each packet.
  private let lone: IPAddress?
  private let portCount: Int
  /// Each port's place in the list of ports.
  private let places: [UInt16]
  private var reading: SweepReading
  private var json: SweepJSON?
  /// The lines of those that wait, one after the other.
  private var lines = TextOctets()
  private var printed = 0
  /// In the order in which they came, which is that in which their time is up.
  private var held: [Held] = []
  private var released = 0
  /// How many closed ports of each host are described, and what is to be said of those that wait.
  private var closed: [Int]
  private var descriptions: [Int: Settlement] = [:]
  /// How often each target was asked in vain; nil once it is settled.
  private var asked: [Int?]
  /// What an answer says of ports that are to be asked anew all the same.
  private var doubtful: [Int: Verdict] = [:]
  /// Some closed ports of each host that said so by an ICMP error.
  private var errors: [Int: Verdict] = [:]
  private var answeredPorts = 0
  private var rtt = RTTStatistics()
  private var contradicted: Set<Int> = []

  /// What is left to do, and the books of what was done.
  struct Outcome {
    /// How often each target was asked in vain; nil where it is settled.
    var asked: [Int?]
    /// The probe that asked each, where it is not settled, and what came of it.
    var found: [Int: (probe: UInt64, verdict: Verdict)] = [:]
    /// What ICMP errors of hosts said that settled ports, of some of them.
    var errors: [Int: Verdict] = [:]
    var tally = Tally()
    var ownDrops: UInt64 = 0
    /// The user wants no more.
    var isStopped = false

    /// Whether nothing is left to be asked.
    var isDone: Bool { asked.allSatisfy { $0 == nil } }
  }

  /// Opens what it needs; nil where the ports are to be asked one by one: where there are few of them, and where
  /// options want each probe to be watched, or fields that are no part of the proof.
  init?(
    _ probe: ProbeCommand, _ destinations: [Destination], isForeignSource: Bool, _ draw: inout SeededGenerator,
    _ console: Console
  ) {
    guard Self.suits(probe, destinations), !isForeignSource else { return nil }
    self.probe = probe
    self.console = console
    hosts = Dictionary(destinations.enumerated().map { ($1.address, $0) }) { first, _ in first }
    guard hosts.count == destinations.count else { return nil }
    lone = destinations.count == 1 ? destinations.first?.address : nil
    portCount = probe.ask.ports.count
    var places = [UInt16](repeating: 0, count: 65_536)
    for (place, port) in probe.ask.ports.enumerated() { places[Int(port)] = UInt16(place) }
    self.places = places
    let ranges = Dictionary(grouping: destinations, by: \.family).mapValues { destinations in
      AddressRanges(destinations.map { $0.address.number...$0.address.number })
    }
    let ipv4 = ranges[.ipv4] ?? AddressRanges()
    let ipv6 = ranges[.ipv6] ?? AddressRanges()
    let families = Family.allCases.filter { ranges[$0] != nil }
    let packets = families.compactMap { family in
      destinations.first { $0.family == family }.map { destination in
        var layers: [any Header] = [
          probe.ip.header(to: destination, probe.send, identification: 1),
          probe.transport.header(from: 0, to: 0, sequenceNumber: 0),
        ]
        if !probe.transport.payload.isEmpty { layers.append(Payload(octets: probe.transport.payload)) }
        return AnyPacket(layers)
      }
    }
    // A host asked by two sources has two forms of question.
    guard Set(destinations.map(\.source)).count == families.count,
      let space = SweepSpace(ipv4: ipv4, ipv6: ipv6, ports: probe.ask.ports),
      let questions = try? SweepQuestions(
        packets, key: SweepKey(using: &draw), sourcePorts: SweepTask.freePorts, keeping: []),
      let routing = try? SweepRouting(space, probe.send)
    else { return nil }
    do {
      sockets = try SweepSockets(routing, families, door: nil, packets: space.count, mark: probe.send.firewallMark)
    } catch {
      return nil
    }
    self.families = families
    self.questions = questions
    self.routing = routing
    var plan = SweepPlan(space: space, order: SweepOrder(total: space.count, seed: draw.next()))
    plan.timeout = .patience(probe.ask.timeout ?? 1_000_000_000)
    plan.coolDown = probe.ask.timeout.map { CoolDown(.patience($0)) } ?? .automatic
    plan.silence = questions.silence
    plan.tick = .milliseconds(10)
    let safe: Double = probe.transport.udp ? 1000 : 5000
    if probe.ask.rate == nil { plan.adaptive = AdaptivePace(floor: safe, start: safe, ceiling: 0) }
    self.plan = plan
    pacer = Pacer(rate: probe.ask.rate.map { Double($0) } ?? safe, expected: questions.longest)
    reading = SweepReading(questions)
    closed = [Int](repeating: 0, count: destinations.count)
    asked = [Int?](repeating: 0, count: destinations.count * probe.ask.ports.count)
    if probe.output.json, !probe.output.quiet {
      let names = Dictionary(destinations.map { ($0.address, $0.name) }) { first, _ in first }
      json = SweepJSON(
        SweepSubject(
          proto: probe.transport.proto, asksPorts: true, names: names, start: Clock.monotonic,
          onlyOpen: probe.ask.open), questions)
    }
  }

  private static func suits(_ probe: ProbeCommand, _ destinations: [Destination]) -> Bool {
    let (transport, send, ip) = (probe.transport, probe.send, probe.ip)
    // The schedule has at least one question for all that this round leaves.
    guard destinations.count * probe.ask.ports.count >= fewest, probe.ask.retries != 0 else { return false }
    let isWatched =
      probe.output.verbose || send.explain || send.write != nil || probe.ask.deadline != nil || transport.hold
    let isWritten =
      transport.flags != nil || transport.sourcePort != nil || transport.seq != nil || transport.ack != nil
      || transport.checksum != nil || transport.udpLength != nil || ip.isWritten
    let isElsewhere = send.door.map { $0 != "auto" } ?? false
    return !isWatched && !isWritten && !isElsewhere
      && destinations.allSatisfy { $0.scoped.zone == 0 && !$0.isGroup }
  }

  /// Asks every port, and tells `report` what is settled by that.
  ///
  /// - Throws: `LinkError` naming what the kernel refused.
  func run(_ signals: Signals, waking: Interrupter, _ report: inout ProbeReport) throws(LinkError) -> Outcome {
    guard let sockets = sockets.take() else { preconditionFailure("a round is run once") }
    let filter = SweepFilter(
      probe.transport.udp ? .udp(from: SweepTask.freePorts) : .tcp(from: SweepTask.freePorts),
      families: Set(families), to: Array(routing.sources.values))
    var isStopped = false
    var isThin = false
    let resting = try Interrupter()
    var sweep = try sockets.ready(filter, waking: waking, resting: resting).sweep(plan, questions, pacer)
    let summary = sweep.run(on: SweepSockets.threads) {
      if !isStopped, console.isClosed || !signals.take().isEmpty {
        isStopped = true
        resting.interrupt()
      }
      return isStopped ? .end : isThin ? .stop : .goOn
    } onTick: { moment in
      let counts = moment.progress.counts
      // Errors that come for some ports alone are limited: what measures limits goes on from here.
      if self.probe.transport.udp, counts.sent > 256, counts.answered > 0 {
        isThin = counts.answered + moment.progress.pending < counts.sent / 2
      }
      _ = console.noticesClosing()
      self.release(until: moment.progress.at, &report)
      report.watch(settled: self.answeredPorts, of: self.asked.count)
    } onEvent: { event, packet in
      self.take(event, packet, &report)
    }
    release(until: .distantFuture, &report)
    let counts = summary.counts
    var tally = Tally()
    tally.rtt = rtt
    tally.sent = Int(clamping: counts.sent)
    tally.sendFailed = Int(clamping: counts.sendFailed)
    tally.answered = Int(clamping: counts.answered)
    tally.silent = Int(clamping: counts.silent)
    tally.duplicates = Int(clamping: counts.duplicates)
    tally.late = Int(clamping: counts.late)
    tally.noise = Int(clamping: counts.noise)
    tally.errors = Int(clamping: counts.errors)
    let found = asked.contains { $0 != nil } ? found(before: summary.asked) : [:]
    return Outcome(
      asked: asked, found: found, errors: errors, tally: tally, ownDrops: counts.ownDrops, isStopped: isStopped)
  }

  /// What is known of the ports that were asked, up to a place of the order, and are not settled.
  private func found(before end: UInt64) -> [Int: (probe: UInt64, verdict: Verdict)] {
    var found: [Int: (probe: UInt64, verdict: Verdict)] = [:]
    for place in 0..<end {
      guard let target = target(plan.space.target(at: plan.order.number(at: place))), asked[target] != nil else {
        continue
      }
      found[target] = (place + 1, doubtful[target] ?? questions.silence)
      // Whoever ended the run did not wait for its answer.
      if doubtful[target] == nil { asked[target] = max(1, asked[target] ?? 1) }
    }
    return found
  }

  /// By which door it asks.
  var door: String { sockets?.door.rawValue ?? "" }

  private func target(_ target: SweepTarget) -> Int? {
    let place = Int(places[Int(target.port)])
    if let lone { return target.address == lone ? place : nil }
    return hosts[target.address].map { $0 * portCount + place }
  }

  private func take(_ event: SweepEvent, _ packet: RawSpan, _ report: inout ProbeReport) {
    switch event {
    case .answered(let result, let answer):
      guard let target = target(result.target) else { return }
      answeredPorts += 1
      if let rtt = result.rtt { self.rtt.add(rtt.nanoseconds) }
      if answer.verdict == .open {
        asked[target] = nil
        report.show(.settled(settlement(target, result, answer, packet)))
      } else if answer.verdict == .closed, answer.isPlain, answer.from == answer.target.address {
        asked[target] = nil
        hold(target, result, answer, packet, event)
        if answer.icmp != nil, closed[target / probe.ask.ports.count] <= 64 { errors[target] = answer.verdict }
      } else {
        asked[target] = 0
        doubtful[target] = answer.verdict
      }
    case .repeated(let result, let answer):
      guard let target = target(result.target) else { return }
      if answer.verdict != .closed, isHeld(target) {
        // Something said otherwise: that port is asked anew, and both are weighed.
        asked[target] = 0
        doubtful[target] = answer.verdict == .open ? .open : .closed
        contradicted.insert(target)
      } else if asked[target] == nil {
        print(event, packet)
      } else if answer.verdict == .open {
        doubtful[target] = .open
      }
    case .silent(let result):
      guard let target = target(result.target) else { return }
      asked[target] = result.verdict == .sendFailed ? 0 : result.attempts
      if result.verdict == .sendFailed { doubtful[target] = .sendFailed }
    case .noise: print(event, packet)
    }
  }

  private func isHeld(_ target: Int) -> Bool { held[released...].contains { $0.target == target } }

  private func print(_ event: SweepEvent, _ packet: RawSpan) {
    guard json != nil else { return }
    var line = TextOctets()
    json?.append(event, packet, to: &line)
    console.gather { $0 += line.octets }
  }

  private func hold(
    _ target: Int, _ result: SweepResult, _ answer: SweepAnswer, _ packet: RawSpan, _ event: SweepEvent
  ) {
    let start = lines.count
    json?.append(event, packet, to: &lines)
    let host = target / portCount
    closed[host] += 1
    if json == nil, closed[host] <= Self.described {
      descriptions[target] = settlement(target, result, answer, packet)
    }
    held.append(Held(target: target, due: result.at + PortSchedule.grace, length: lines.count - start))
  }

  /// Prints and counts the closed ports that nothing has contradicted in their time.
  private func release(until now: Instant, _ report: inout ProbeReport) {
    // Lines that stand one after the other are printed together.
    var line = printed..<printed
    while released < held.count, held[released].due <= now {
      let port = held[released]
      released += 1
      let described = descriptions.isEmpty ? nil : descriptions.removeValue(forKey: port.target)
      let isContradicted = !contradicted.isEmpty && contradicted.remove(port.target) != nil
      if isContradicted { printLines(line) }
      printed += port.length
      line = (isContradicted ? printed : line.lowerBound)..<printed
      guard !isContradicted else { continue }
      if let described {
        report.take(described)
      } else {
        report.count(closed: port.target / portCount)
      }
    }
    printLines(line)
    // What is over goes when it is the greater part: each octet is moved once at most.
    if released > held.count / 2 {
      held.removeFirst(released)
      lines.removeFirst(printed)
      (released, printed) = (0, 0)
    }
    console.flush()
  }

  private func printLines(_ range: Range<Int>) {
    if !range.isEmpty { console.gather { $0 += lines.octets[range] } }
  }

  private func settlement(
    _ target: Int, _ result: SweepResult, _ answer: SweepAnswer, _ packet: RawSpan
  ) -> Settlement {
    let details = reading.details(of: answer, packet)
    let frame = Frame(bytes: packet.octets, stamp: Stamp(monotonic: result.at, wall: result.wall))
    let found = Answer(
      probe: result.number, target: target, turn: 0, verdict: answer.verdict, by: answer.by, from: answer.from,
      rtt: result.rtt, flags: result.flags(with: details.flags), why: details.why, report: details.report,
      reply: details.reply, frame: frame, at: result.at, isFirst: true)
    return Settlement(
      target: target, verdict: answer.verdict, answer: found, probe: result.number, attempts: result.attempts)
  }
}
