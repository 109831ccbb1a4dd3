internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeReport
internal import SondeScript

/// Scenarios one after the other: on a stage each, told as they go, and written to one file.
struct ScenarioRun: ~Copyable {
  private let explains: Bool
  private let output: OutputOptions
  private let seed: UInt64
  private let console: Console
  private var log = ScenarioLog()
  private var file: RunFile
  private var hasStarted = false
  /// The worst that came of a scenario so far.
  private var status: Int32 = 0

  /// Opens the file, which keeps what it holds until the first scenario begins.
  init(
    explains: Bool, _ output: OutputOptions, seed: UInt64, write: String?, _ console: Console
  ) throws(LinkError) {
    self.explains = explains
    self.output = output
    self.seed = seed
    self.console = console
    file = try RunFile(write)
  }

  /// Looks for scenarios in a capture file.
  ///
  /// - Returns: the exit status.
  mutating func replay(_ scenarios: [Scenario], _ octets: [UInt8]) throws -> Int32 {
    for scenario in scenarios {
      do throws(StageError) {
        let stage = try ReplayStage(octets, scenario: scenario.name, topology: scenario.topology)
        try run(scenario, on: stage)
      } catch {
        fail(scenario, "\(error)")
      }
    }
    return try end()
  }

  /// Runs scenarios in memory.
  ///
  /// - Returns: the exit status.
  mutating func simulate(_ scenarios: [Scenario]) throws -> Int32 {
    for scenario in scenarios {
      do throws(StageError) {
        let stage = try SimulatedStage(scenario.topology ?? .loopback)
        try run(scenario, on: stage)
      } catch {
        fail(scenario, "\(error)")
      }
    }
    return try end()
  }

  /// Runs scenarios by real kernels: in a laboratory each, or on this machine.
  ///
  /// - Returns: the exit status.
  /// - Throws: `LinkError` that says what keeps this user from laboratories.
  mutating func live(_ scenarios: [Scenario]) throws -> Int32 {
    var isOnOwnGround = false
    if scenarios.contains(where: { $0.topology != nil }), !Laboratory.isPrivileged {
      // Before any thread is there: the kernel allows it to a process of one thread only.
      try Laboratory.enterUserNamespace()
      isOnOwnGround = true
    }
    let interrupter = try Interrupter()
    _ = try Signals.watch([.interrupt, .terminate], waking: interrupter)
    for scenario in scenarios where !isOver {
      if scenario.topology == nil, isOnOwnGround {
        fail(scenario, "it names no lab, and this machine's network is out of sight of those that do: run it by itself")
        continue
      }
      do {
        try live(scenario, waking: interrupter)
      } catch {
        fail(scenario, "\(error)")
      }
    }
    return try end()
  }

  private mutating func live(_ scenario: Scenario, waking interrupter: Interrupter) throws {
    let laboratory = try scenario.topology.map { (topology) throws(LinkError) in try Laboratory(topology) }
    defer { laboratory?.close() }
    let ground = laboratory.map { StageGround.laboratory($0) } ?? .machine(StageGround.machineName)
    let stage = try LiveStage(ground, waking: interrupter) { [console] in
      Signals.endHasCome || console.noticesClosing()
    }
    try run(scenario, on: stage) { $0.ownDrops }
  }

  /// Whether no more scenarios are to begin.
  private var isOver: Bool { Signals.endHasCome || console.isClosed || file.failure != nil }

  private mutating func run<Base: Stage & ~Copyable>(
    _ scenario: Scenario, on base: consuming Base, ownDrops: (borrowing Base) -> UInt64 = { _ in 0 }
  ) throws(StageError) {
    do throws(LinkError) {
      if !hasStarted { try file.start(log.header) }
      hasStarted = true
    } catch {
      throw StageError("\(error)")
    }
    let report = ScenarioReport(
      scenario, explains: explains, output, log: log, keepsFrames: file.isWanted, from: base.now, console)
    var stage = TappedStage(base) {
      report.send($0, from: $1)
    } to: {
      report.see($0)
    }
    report.open()
    let outcome = scenario.run(over: &stage, seed: seed) { step, _ in
      report.begin(step)
    } emit: { outcome in
      report.show(outcome)
    }
    report.close(outcome, ownDrops: ownDrops(stage.base))
    if file.isWanted { file.write(report.octets(stage.hosts)) }
    // It numbers the interfaces of the file on.
    log = report.log
    status = max(status, exitStatus(outcome))
  }

  private func exitStatus(_ outcome: ScenarioOutcome) -> Int32 {
    if outcome.isMet { return 0 }
    if outcome.unmet > 0 { return 1 }
    // Nobody reads any more: the status so far.
    if console.isClosed { return 0 }
    // Interrupted, it is as if it had ended there: what was not tried has not happened.
    return Signals.endHasCome ? 1 : 2
  }

  /// Tells of a scenario that could not be tried.
  private mutating func fail(_ scenario: Scenario, _ message: String) {
    if !isOver || !Signals.endHasCome { console.complain("\(scenario.name): \(message)") }
    status = 2
  }

  private mutating func end() throws(LinkError) -> Int32 {
    console.flush()
    if let failure = file.failure { throw failure }
    return status
  }
}

extension Topology {
  /// One host that has the addresses of loopback alone: what a scenario without a network is simulated on.
  fileprivate static var loopback: Topology {
    let addresses = [
      InterfaceAddress(.v4(IPv4Address(rawValue: 0x7f00_0001)), prefixLength: 8),
      InterfaceAddress(.v6(IPv6Address(high: 0, low: 1)), prefixLength: 128),
    ]
    return Topology(
      name: "loopback", hosts: [Host(StageGround.machineName)],
      networks: [Network("lo", mtu: 65536, ends: [End(StageGround.machineName, "lo", addresses)])])
  }
}
