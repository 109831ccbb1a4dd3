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
    let doors = routing.doors(sweep.send.door)
    var needed: Set<BulkDoorKind> = routing.loopback == nil ? [] : [.raw]
    needed.insert(doors.last ?? .packet)
    let opening = try BulkOpening(
      needed, wished: Set(doors), families: Set(task.families), mark: sweep.send.firewallMark)
    let asksHosts = try routing.book(doors[0]).asksHosts
    var news = asksHosts ? try NeighbourEar() : NeighbourEar(deaf: ())
    try Privileges.drop()
    let (waking, resting) = (try Interrupter(), try Interrupter())
    let signals = try Signals.watch([.interrupt, .terminate], waking: waking)
    let kind = doors.first { opening.doors.contains($0) } ?? .packet
    var listened: [Int] = []
    if let interface = routing.interface {
      listened.append(interface.index)
      if asksHosts { try news.listen(on: Int32(clamping: interface.index), Set(task.families)) }
    }
    if let loopback = routing.loopback { listened.append(loopback) }
    let ear = try RingEar(
      opening, RingEar.Options(filter, interfaces: listened, interrupter: waking))
    let door = try LinuxBulkDoor(opening, kind, on: routing.interface, interrupter: resting)
    let hops = SweepNeighbours(try routing.book(kind), hearing: news)
    var sweeping = Sweep(plan, form: questions, door: door, hops: hops, ear: ear, pacer: pacer)
    let report = SweepReport(sweep, task, questions, at: Clock.monotonic, resumed: 0, console)
    open(kind)
    let stopping = SweepStopping(signals, resting)
    let summary = sweeping.run(
      on: System.cores > 1 ? { Worker.start($0) } : nil, wish: { stopping.wish(isClosed: report.isClosed) },
      onTick: { report.tick($0.progress) }, onEvent: { report.show($0, $1) })
    report.close(summary, sweep, task)
    let counts = summary.counts
    if counts.answered > 0 { return 0 }
    return counts.sent > 0 && counts.sendFailed == counts.sent ? 2 : 1
  }

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

  private var plan: SweepPlan {
    var plan = SweepPlan(space: task.space, order: task.order)
    plan.retries = Int(sweep.pace.retries ?? 0)
    plan.timeout = .patience(sweep.pace.timeout ?? 1_000_000_000)
    plan.coolDown = sweep.pace.cooldown.map { CoolDown(Duration(nanoseconds: $0)) } ?? .automatic
    plan.silence = questions.silence
    plan.tellsSilence = !sweep.output.quiet && !sweep.lines.open && (sweep.ask.ports != nil || sweep.output.verbose)
    plan.limit = .limit(sweep.pace.deadline)
    plan.tick = .milliseconds(100)
    return plan
  }

  private var pacer: Pacer {
    Pacer(
      rate: Double(sweep.pace.rate ?? 10_000), bandwidth: Double(sweep.pace.bandwidth ?? 0),
      expected: questions.longest)
  }

  /// Says what is about to be asked, of whom and how.
  private func open(_ door: BulkDoorKind) {
    guard !sweep.output.json, !sweep.lines.csv, !sweep.output.quiet else { return }
    console.print(SweepOpening(sweep, task, routing, door).line)
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
