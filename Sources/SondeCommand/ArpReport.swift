internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe
internal import SondeReport

/// What an arp run prints: arping's lines, or JSON Lines.
struct ArpReport {
  private let ask: ArpOptions
  private let output: OutputOptions
  private let targets: [ArpTarget]
  private let console: Console
  private var json: EventJSON?
  private var explainer: Explainer?
  private var toAll = 0
  private var toOne = 0
  private var answers = 0
  /// How many addresses were probed for as often as was asked, and nobody has them.
  private(set) var free = 0

  init(_ arp: ArpCommand, _ targets: [ArpTarget], _ console: Console) {
    ask = arp.ask
    output = arp.output
    self.targets = targets
    self.console = console
    explainer = arp.send.explain ? Explainer() : nil
    if output.json {
      json = EventJSON(
        targets.map { EventJSON.Target(host: $0.name) }, settles: ask.detect || ask.announces,
        printsSent: output.verbose || ask.announces, hearsDepartures: output.verbose || ask.announces,
        explains: arp.send.explain
      ) { _ in DoorKind.packet.rawValue }
    }
  }

  func open() {
    guard json == nil, !output.quiet else { return }
    for target in targets.prefix(Self.mostOpenings) {
      let from = "from \(target.source) \(target.interface.name)"
      console.print(ask.announces ? "ANNOUNCE \(target.name) \(from)" : "ARPING \(target.name) \(from)")
    }
    let rest = targets.count - Self.mostOpenings
    if rest > 0 { console.print("and \(rest) more") }
    console.flush()
  }

  private static let mostOpenings = 8

  mutating func show(_ event: Event) {
    switch event {
    case .sent(let sent):
      let isToAll = (sent.asked.first(Ethernet.self)?.destination.rawValue ?? 0) >> 40 & 1 == 1
      if isToAll { toAll += 1 } else { toOne += 1 }
    case .answer: answers += 1
    case .settled(let settlement) where isFree(settlement): free += 1
    case .sendFailed(let failure) where json == nil:
      console.complain("arp: \(targets[failure.target].name): \(failure.error)")
    default: break
    }
    let sentence = explainer?.sentence(event)
    guard !output.quiet else { return }
    if json != nil {
      let event = told(event)
      for line in json?.lines(event) ?? [] { console.print(line) }
    } else if let line = line(event) {
      console.print(line)
      // What an answer means was said when it came.
      if let sentence, !event.isSettledByAnswer { console.print("    \(sentence)") }
    }
    console.flush()
  }

  /// Whether the address was probed for as often as was asked, each time to the end, and nobody has it.
  private func isFree(_ settlement: Settlement) -> Bool {
    guard ask.detect, settlement.verdict == .timeout else { return false }
    return ask.count == 0 || !settlement.isCutShort && UInt64(settlement.attempts) >= ask.count ?? 3
  }

  /// The event as a program reads it: silence says there what it means for the address.
  private func told(_ event: Event) -> Event {
    guard case .settled(var settlement) = event, settlement.answer == nil else { return event }
    settlement.why = NeighborText.why(settlement)
    guard isFree(settlement) else { return .settled(settlement) }
    settlement.why += ": the address is \(NeighborText.free(isOwn: targets[settlement.target].isOwn))"
    return .settled(settlement)
  }

  private func line(_ event: Event) -> String? {
    switch event {
    case .answer(let answer):
      return NeighborText.line(answer, of: targets[answer.target].address, verbose: output.verbose)
    case .settled(let settlement):
      return NeighborText.line(
        settlement, of: targets[settlement.target].name, isOwn: targets[settlement.target].isOwn,
        for: ask.purpose, isFree: isFree(settlement))
    case .noise(let noise) where output.verbose:
      return "noise from \(noise.from.map(\.description) ?? "nowhere"): \(noise.why)"
    case .failure(let error) where output.verbose: return "\(error)"
    default: return nil
    }
  }

  mutating func close(_ session: Session<NeighborSchedule>, ownDrops: UInt64) {
    if json != nil {
      if !output.quiet { for line in json?.rest() ?? [] { console.print(line) } }
      console.print(EventJSON.summary(session.tally, ownDrops: ownDrops))
    } else {
      let tally = session.tally
      for (owner, addresses) in session.plan.manyfold {
        let listed = addresses.prefix(8).map(\.description).joined(separator: ", ")
        let more = addresses.count > 8 ? " and \(addresses.count - 8) more" : ""
        console.print("\(owner) answers for \(listed)\(more): a proxy, or one host with several addresses")
      }
      let ways = [toAll > 0 ? "\(toAll) broadcast" : nil, toOne > 0 ? "\(toOne) unicast" : nil].compactMap { $0 }
      console.print(
        "Sent \(toAll + toOne) \(ask.announces ? "announcement" : "probe")\(toAll + toOne == 1 ? "" : "s") "
          + "(\(ways.isEmpty ? "none left" : ways.joined(separator: ", ")))")
      console.print(NeighborText.received(answers, tally, for: ask.purpose))
    }
    if ownDrops > 0 { console.complain("\(ownDrops) packets were lost on this machine, for want of room") }
    console.flush()
  }
}

extension Event {
  /// Whether it is a last word that an answer, told before, has decided.
  fileprivate var isSettledByAnswer: Bool {
    if case .settled(let settlement) = self { settlement.answer != nil } else { false }
  }
}
