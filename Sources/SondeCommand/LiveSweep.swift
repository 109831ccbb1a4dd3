internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe
internal import SondeReport
internal import SondeSweep

/// A sweep over the wire: its sockets, the signals that end it, what it prints and where it goes on.
struct LiveSweep {
  private let sweep: SweepCommand
  private let task: SweepTask
  private let console: Console
  private let routing: SweepRouting
  private let questions: SweepQuestions

  /// - Throws: `Failure` where routing, or what a hand has set, makes the sweep impossible.
  init(_ sweep: SweepCommand, _ task: SweepTask, _ console: Console) throws {
    self.sweep = sweep
    self.task = task
    self.console = console
    routing = try SweepRouting(task.space, sweep.send)
    do throws(SweepFormError) {
      questions = try task.questions(sweep, from: routing.sources)
    } catch {
      throw Failure("sweep: \(error)")
    }
    guard questions.longest <= routing.mtu else {
      throw Failure("sweep: packets of \(questions.longest) octets do not fit the way, which takes \(routing.mtu)")
    }
  }

  /// Runs the sweep and returns the exit status.
  func run() throws -> Int32 {
    let state = try task.resumption?.take(up: task.identity(sweep))
    let file = try RunFile(sweep.send.write)
    let sockets = try SweepSockets(
      routing, task.families, door: sweep.send.door, packets: task.order.count,
      mark: sweep.send.firewallMark)
    let kind = sockets.door
    try Privileges.drop()
    let (waking, resting) = (try Interrupter(), try Interrupter())
    let signals = try Signals.watch([.interrupt, .terminate], waking: waking)
    let ready = try sockets.ready(filter, waking: waking, resting: resting)
    let outbox = sweep.send.write != nil || sweep.output.json && sweep.output.verbose ? SweepOutbox() : nil
    let report = SweepReport(
      sweep, task, questions, at: Clock.monotonic, door: kind.rawValue, resumed: state?.head ?? 0, outbox,
      SweepRecorder(file, questions), console)
    try report.start()
    open(kind, state)
    let stopping = SweepStopping(signals, resting)
    let plan = plan(from: state)
    let summary: SweepSummary
    if let outbox {
      let told = ToldQuestions(questions, task, outbox)
      summary = run(ready.sweep(plan, told, pacer), report, stopping)
    } else {
      summary = run(ready.sweep(plan, questions, pacer), report, stopping)
    }
    report.close(summary, sweep, task)
    if let failure = report.failure { throw failure }
    // What nobody could read is not said to be done.
    if !console.isClosed { task.resumption?.write(summary.state) }
    if let failure = task.resumption?.failure { throw failure }
    let counts = summary.counts
    if counts.answered > 0 { return 0 }
    return counts.sent > 0 && counts.sendFailed == counts.sent ? 2 : 1
  }

  private func run<Form: SweepForm>(
    _ sweeping: consuming SweepSockets.LiveForm<Form>, _ report: SweepReport,
    _ stopping: SweepStopping
  ) -> SweepSummary {
    var ticks = 0
    let resumption = task.resumption
    return sweeping.run(
      on: SweepSockets.threads, wish: { stopping.wish(isClosed: report.isClosed) },
      onTick: { moment in
        report.tick(moment.progress)
        ticks += 1
        if ticks % Self.ticksPerCheckpoint == 0, !report.isClosed { resumption?.write(moment.state()) }
      }, onEvent: { report.show($0, $1) })
  }

  /// Lines are written at least so often, and where the run stands every fifth time.
  private static let tick = Duration.milliseconds(100)
  private static let ticksPerCheckpoint = 5

  /// What may be an answer.
  private var filter: SweepFilter {
    let question: SweepFilter.Question =
      switch (sweep.ask.icmp, sweep.ask.timestamp, sweep.transport.udp) {
      case (true, _, _): .echo
      case (_, true, _): .timestamp
      case (_, _, true): .udp(from: task.sourcePorts)
      default: .tcp(from: task.sourcePorts)
      }
    return SweepFilter(question, families: Set(task.families), to: Array(routing.sources.values))
  }

  private func plan(from state: SweepState?) -> SweepPlan {
    var plan = SweepPlan(space: task.space, order: task.order)
    plan.retries = Int(sweep.pace.retries ?? 0)
    plan.timeout = .patience(sweep.pace.timeout ?? 1_000_000_000)
    plan.coolDown = sweep.pace.cooldown.map { CoolDown(Duration(nanoseconds: $0)) } ?? .automatic
    plan.silence = questions.silence
    // Lines for people leave silence out: what nobody is told of is settled by the word.
    let asksPortsForPrograms = sweep.ask.ports != nil && (sweep.output.json || sweep.lines.csv)
    plan.tellsSilence =
      !sweep.output.quiet && !sweep.lines.open && (sweep.output.verbose || asksPortsForPrograms)
    plan.limit = .limit(sweep.pace.deadline)
    plan.tick = Self.tick
    plan.resumed = state
    if sweep.pace.adaptive {
      let ceiling = Double(sweep.pace.rate ?? 0)
      plan.adaptive = AdaptivePace(floor: 100, start: min(1000, ceiling > 0 ? ceiling : 1000), ceiling: ceiling)
    }
    return plan
  }

  private var pacer: Pacer {
    // The adaptive rate has no limit but the one that is written.
    Pacer(
      rate: Double(sweep.pace.rate ?? (sweep.pace.adaptive ? 1000 : 10_000)),
      bandwidth: Double(sweep.pace.bandwidth ?? 0), expected: questions.longest)
  }

  /// Says what is about to be asked, of whom and how.
  private func open(_ door: BulkDoorKind, _ state: SweepState?) {
    guard !sweep.output.json, !sweep.lines.csv, !sweep.output.quiet else { return }
    console.print(SweepOpening(sweep, task, routing, door).line)
    if let state {
      let left = task.order.count - min(state.settled, task.order.count)
      console.print(
        left == 0 ? "nothing is left to ask: all is settled" : "going on: \(grouped(left)) are left to settle")
    }
    console.flush()
  }
}

/// What signals and a closed standard output want of a sweep.
final class SweepStopping {
  private let signals: Signals
  /// What the sending thread may sleep by.
  private let resting: Interrupter
  private var wanted = SweepWish.goOn

  init(_ signals: Signals, _ resting: Interrupter) {
    self.signals = signals
    self.resting = resting
  }

  /// The first signal ends the questions, the second one the run, as a closed standard output does.
  func wish(isClosed: Bool) -> SweepWish {
    if wanted == .end { return wanted }
    if isClosed {
      wanted = .end
      resting.interrupt()
    } else if Signals.endHasCome, !signals.take().isEmpty {
      wanted = wanted == .goOn ? .stop : .end
      resting.interrupt()
    }
    return wanted
  }
}
