import SondeCraft
import SondeHeaders
import SondeLink
import SondeOctets
import SondeScript

/// A stage on virtual time on which happens what a test has written: frames at their instants, and commands that end.
struct ScriptedStage: Stage {
  struct Happening {
    var at: Duration
    var sighting: Sighting
  }

  private(set) var now = Instant(nanoseconds: 1_000_000_000_000)
  var hosts = [
    StageHost(
      "a",
      interfaces: [
        .init("right", linkAddress: MACAddress("02:00:00:00:00:0a"), addresses: [.v4("192.0.2.1"), .v6("2001:db8::1")])
      ]),
    StageHost(
      "b",
      interfaces: [
        .init("left", linkAddress: MACAddress("02:00:00:00:00:0b"), addresses: [.v4("192.0.2.2"), .v6("2001:db8::2")])
      ]),
  ]
  var isRecorded = false
  /// Counted from the beginning.
  private var happenings: [Happening]
  /// What commands do: how long they take, and how they end.
  var commands: [String: (Duration, CommandOutcome)] = [:]
  private var running: [(ends: Instant, outcome: CommandOutcome)] = []
  private(set) var sent: [(host: String, interface: String?, packet: Outgoing)] = []
  private(set) var held: [String] = []
  private(set) var started: [StageCommand] = []
  private(set) var ended: [Int] = []
  private let start = Instant(nanoseconds: 1_000_000_000_000)

  /// - Parameter frames: when, at which host, which way, and what.
  init(_ frames: [(Duration, String, Sighting.Direction, String)]) {
    happenings = frames.map { at, host, direction, recipe in
      let packet = (try? Recipe(recipe).first.packet) ?? AnyPacket([])
      let type: LinkType = packet.start == .link(1) ? .ethernet : .raw
      let stamp = Stamp(monotonic: Instant(nanoseconds: 1_000_000_000_000) + at)
      let frame = Frame(bytes: (try? packet.encoded().bytes) ?? [], linkType: type, stamp: stamp)
      return Happening(at: at, sighting: Sighting(host: host, interface: "eth0", direction, frame))
    }
  }

  mutating func send(_ packet: Outgoing, from host: String, by interface: String?) throws(StageError) {
    sent.append((host, interface, packet))
  }

  mutating func receive(until deadline: Instant, into sightings: inout [Sighting]) throws(StageError) {
    let next = min(
      happenings.first.map { start + $0.at } ?? deadline, running.map(\.ends).filter { $0 > now }.min() ?? deadline)
    now = max(now, min(next, deadline))
    while let first = happenings.first, start + first.at <= now {
      sightings.append(first.sighting)
      happenings.removeFirst()
    }
  }

  mutating func hold(_ transport: StageTransport, port: UInt16, on host: String) throws(StageError) {
    held.append("\(host) \(transport.rawValue) \(port)")
  }

  mutating func start(_ command: StageCommand, on host: String) throws(StageError) -> Int {
    started.append(command)
    guard let (time, outcome) = commands[command.words.first ?? ""] else { throw StageError("no such command") }
    running.append((now + time, outcome))
    return running.count - 1
  }

  mutating func outcome(of command: Int) -> CommandOutcome? {
    running[command].ends <= now ? running[command].outcome : nil
  }

  mutating func end(_ command: Int, patience: Duration) throws(StageError) {
    ended.append(command)
    running[command].ends = min(running[command].ends, now)
  }
}

/// What became of each step of a scenario, and the stage after it.
///
/// - Parameter isKnown: whether the text is read in the knowledge of the hosts.
func outcomes(
  _ text: String, _ frames: [(Duration, String, Sighting.Direction, String)] = [],
  on topology: Topology? = nil, isKnown: Bool = true, _ prepare: (inout ScriptedStage) -> Void = { _ in }
) throws -> (outcomes: [StepOutcome], stage: ScriptedStage, total: ScenarioOutcome) {
  let scenario = try Scenario(text: text, name: "test", in: topology ?? (isKnown ? pair() : nil))
  var stage = ScriptedStage(frames)
  prepare(&stage)
  var outcomes: [StepOutcome] = []
  let total = scenario.run(over: &stage, emit: { outcomes.append($0) })
  return (outcomes, stage, total)
}
