internal import SondeCraft
internal import SondeHeaders
internal import SondeLink

/// What a scenario knows while its steps are done: the values of variables, what each host has seen, and when the last
/// thing happened, from which the next step's times count.
struct Interpreter {
  let hosts: HostNames
  /// The network, where the scenario names one: it tells what its links carry.
  let topology: Topology?
  var values: [String: FieldValue] = [:]
  var logs: [String: HostLog] = [:]
  /// When the scenario began.
  private(set) var start: Instant
  /// Whether a packet of the scenario's own has told where its record's clock stands.
  private var isAnchored = false
  /// When the last step ended: its packet left, its frame came, its time was up.
  var moment: Instant
  /// Whether it is not known when that was: a record does not tell how long a command took.
  var isMomentUnknown = false
  var draw: SeededGenerator
  var commands: [String: Int] = [:]
  var outcomes: [String: CommandOutcome] = [:]
  /// What commands have written that still run.
  var written: [String: (output: [UInt8], errors: [UInt8])] = [:]
  /// How the last command ended that was run or waited for.
  var last: CommandOutcome?
  var outcome = ScenarioOutcome()
  /// Whether a step failed on which others stand.
  var isStopped = false

  /// How long a record is searched.
  static let wholeRecord = Duration.seconds(1_000_000)

  init(hosts: [StageHost], on topology: Topology?, at now: Instant, seed: UInt64) {
    self.topology = topology
    self.hosts = HostNames(hosts: hosts)
    start = now
    moment = now
    draw = SeededGenerator(seed: seed)
    for host in hosts { logs[host.name] = HostLog() }
  }

  /// The value of a variable or of a host's name.
  var lookup: @Sendable (String, FieldSpec.Form?) -> FieldValue? {
    let (values, hosts) = (values, hosts)
    return { values[$0] ?? hosts.value($0, $1) }
  }

  func host(of step: Step) -> String { step.host ?? hosts.hosts.first?.name ?? "" }

  /// Does one step, and those within it.
  mutating func perform<S: Stage & ~Copyable>(
    _ step: Step, rounds: [Int], over stage: inout S, _ begin: (Step, [Int]) -> Void, _ emit: (StepOutcome) -> Void
  ) {
    if case .loop(let count, let counter, let steps) = step.action {
      return loop(step, count, counter, steps, rounds: rounds, over: &stage, begin, emit)
    }
    begin(step, rounds)
    var result = StepOutcome(step, rounds: rounds, .met, began: moment, ended: moment)
    do throws(StepFailure) {
      try perform(step, &result, over: &stage)
    } catch {
      result.verdict = error.verdict
      result.message = error.message
      if error.stops { isStopped = true }
    }
    // A record's clock may have gone ahead, in search of what was sent.
    result.ended = stage.isRecorded ? moment : max(moment, stage.now)
    switch result.verdict {
    case .met: outcome.met += 1
    case .skipped: outcome.skipped += 1
    case .unmet: outcome.unmet += 1
    case .impossible: outcome.impossible += 1
    }
    emit(result)
  }

  private mutating func perform<S: Stage & ~Copyable>(
    _ step: Step, _ result: inout StepOutcome, over stage: inout S
  ) throws(StepFailure) {
    switch step.action {
    case .send(let recipe, let interface):
      try stage.isRecorded
        ? findSent(recipe, host(of: step), &result, over: &stage)
        : send(recipe, host(of: step), by: interface, &result, over: &stage)
    case .expect(let expectation): try expect(expectation, host(of: step), &result, over: &stage)
    case .nothing(let sight, let within):
      try keepOut([sight], of: [host(of: step)], for: within, &result, over: &stage)
    case .wait(let time, let sights):
      try keepOut(sights, of: step.host.map { [$0] } ?? hosts.hosts.map(\.name), for: time, &result, over: &stage)
    case .hold(let transport, let port):
      guard case .number(let number) = try value(of: port, step, over: &stage), let port = UInt16(exactly: number)
      else {
        throw StepFailure(.impossible, "the port is no number up to 65535")
      }
      try asking { () throws(StageError) in try stage.hold(transport, port: port, on: host(of: step)) }
    case .set(let name, let expression):
      if stage.isRecorded, expression.needsMore(isMomentUnknown) || lacksValue(expression) {
        throw StepFailure(.skipped, "the record does not tell it", stops: false)
      }
      let value = try value(of: expression, step, over: &stage)
      values[name] = value
      result.taken[name] = value
    case .check(let check): try verify(check, step, &result, over: &stage)
    case .run, .start, .stop, .finish, .until:
      guard !stage.isRecorded else {
        isMomentUnknown = true
        throw StepFailure(.skipped, "a record does not hold what commands do", stops: false)
      }
      try perform(command: step, &result, over: &stage)
    case .loop: break
    }
  }

  private mutating func loop<S: Stage & ~Copyable>(
    _ step: Step, _ count: Expression, _ counter: String?, _ steps: [Step], rounds: [Int], over stage: inout S,
    _ begin: (Step, [Int]) -> Void, _ emit: (StepOutcome) -> Void
  ) {
    let number: UInt64
    do throws(StepFailure) {
      guard case .number(let value) = try value(of: count, step, over: &stage), (1...1_000_000).contains(value) else {
        throw StepFailure(.impossible, "a loop has 1 to 1000000 rounds")
      }
      number = value
    } catch {
      outcome.impossible += 1
      isStopped = true
      return emit(StepOutcome(step, rounds: rounds, .impossible, message: error.message, began: moment, ended: moment))
    }
    let outer = Set(values.keys)
    for round in 1...Int(number) {
      guard !isStopped else { return }
      // What the steps give values to is theirs in each round anew.
      values = values.filter { outer.contains($0.key) }
      if let counter { values[counter] = .number(UInt64(round)) }
      do throws(StepFailure) {
        // Steps that wait for nothing would not notice that the run is to end.
        if !stage.isRecorded { try hear(until: stage.now, over: &stage) }
      } catch {
        outcome.impossible += 1
        isStopped = true
        let now = stage.now
        return emit(StepOutcome(step, rounds: rounds, .impossible, message: error.message, began: now, ended: now))
      }
      for step in steps {
        guard !isStopped else { return }
        perform(step, rounds: rounds + [round], over: &stage, begin, emit)
      }
    }
  }

  /// Goes to the moment at which a record has a packet that was sent: what it waited for before its first packet, a
  /// record does not hold.
  mutating func go(to sent: Instant) {
    if !isAnchored, sent < moment { start = start + (sent - moment) }
    isAnchored = true
    moment = sent
    isMomentUnknown = false
  }

  // What steps stand on.

  /// Does what a stage may refuse.
  func asking<Value>(_ action: () throws(StageError) -> Value) throws(StepFailure) -> Value {
    do throws(StageError) { return try action() } catch { throw StepFailure(.impossible, error.message) }
  }

  /// Takes in what the hosts saw up to an instant, or until something was seen.
  ///
  /// - Returns: how many frames came.
  @discardableResult
  mutating func hear<S: Stage & ~Copyable>(until deadline: Instant, over stage: inout S) throws(StepFailure) -> Int {
    var sightings: [Sighting] = []
    do throws(StageError) {
      try stage.receive(until: deadline, into: &sightings)
    } catch {
      throw StepFailure(.impossible, error.message)
    }
    for sighting in sightings { logs[sighting.host, default: HostLog()].insert(sighting) }
    return sightings.count
  }

  /// Takes in all that the hosts saw up to an instant.
  mutating func hearAll<S: Stage & ~Copyable>(until deadline: Instant, over stage: inout S) throws(StepFailure) {
    while true {
      let isLast = stage.now >= deadline
      // Where frames never cease one that came later ends it.
      if try hear(until: deadline, over: &stage) == 0 || latest > deadline, isLast { return }
    }
  }

  /// When the last frame came that any host saw.
  var latest: Instant { logs.values.compactMap { $0.entries.last?.time }.max() ?? start }

  func pattern(_ recipe: OpenRecipe) throws(StepFailure) -> RecipePattern {
    do throws(RecipeError) { return try recipe.pattern(lookup) } catch { throw StepFailure(.impossible, error.message) }
  }
}

/// Why a step was not met, or could not be.
struct StepFailure: Error {
  var verdict: StepOutcome.Verdict
  var message: String
  /// Whether no other step is done.
  var stops: Bool

  init(_ verdict: StepOutcome.Verdict, _ message: String, stops: Bool = true) {
    self.verdict = verdict
    self.message = message
    self.stops = stops
  }
}

/// What a host has seen, in the order of time.
struct HostLog {
  /// A frame, read as layers once.
  struct Entry {
    var sighting: Sighting
    var packet: Dissection

    var time: Instant { sighting.time }
  }

  private(set) var entries: [Entry] = []
  /// How many lie before what is still to be looked at: up to the last that matched.
  var passed = 0
  /// The same for what was sent, in a record.
  var passedSent = 0

  /// Puts a frame behind those that came before it; what was looked at stays where it is.
  mutating func insert(_ sighting: Sighting) {
    let packet = Registry.dissect(sighting.frame.bytes, as: .link(sighting.frame.linkType.rawValue))
    var place = entries.count
    while place > passed, entries[place - 1].time > sighting.time { place -= 1 }
    entries.insert(Entry(sighting: sighting, packet: packet), at: place)
  }
}

extension Sighting {
  /// When it was seen: the kernel's own time, unless a step of its clock has thrown that far off.
  var time: Instant {
    guard let kernel = frame.stamp.kernel, kernel <= frame.stamp.monotonic,
      frame.stamp.monotonic - kernel < .seconds(1)
    else { return frame.stamp.monotonic }
    return kernel
  }

  /// Its length in octets as on Ethernet; a packet of which only the IP layer is there would have a link header.
  var length: Int { frame.bytes.count + (frame.linkType == .raw ? 14 : 0) }
}

extension Step.Sight.Way {
  func holds(_ direction: Sighting.Direction) -> Bool {
    switch (self, direction) {
    case (.any, _), (_, .unknown): true
    case (.incoming, .incoming), (.passing, .passing): true
    case (.outgoing, .outgoing), (.outgoing, .ours): true
    default: false
    }
  }
}
