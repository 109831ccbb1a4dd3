internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeProbe
internal import SondeReport
internal import SondeSweep

/// What a sweep prints: lines as answers come, how far it has come, and its books at the end.
final class SweepReport {
  private enum Format {
    case json(SweepJSON)
    case csv(SweepCSV)
    case text(SweepText)
    /// The summary alone.
    case none
  }

  private let console: Console
  private var format: Format
  private let isText: Bool
  /// What is written at once: a line costs less than the call that writes it.
  private var text = TextOctets()
  private var rtt = RTTHistogram()
  private let outbox: SweepOutbox?
  private var recorder: SweepRecorder
  private let subject: SweepSubject
  private let door: String
  private let progress: Progress
  private var line: SweepProgressLine

  init(
    _ sweep: SweepCommand, _ task: SweepTask, _ questions: SweepQuestions, at start: Instant, door: String,
    resumed: UInt64, _ outbox: SweepOutbox?, _ recorder: consuming SweepRecorder, _ console: Console
  ) {
    self.console = console
    self.outbox = outbox
    self.recorder = recorder
    self.door = door
    subject = SweepSubject(
      proto: sweep.proto, asksPorts: sweep.ask.ports != nil, names: task.targets.names,
      addressWidth: task.families.contains(.ipv6) ? 28 : 16, start: start, onlyOpen: sweep.lines.open,
      isVerbose: sweep.output.verbose)
    isText = !sweep.output.json && !sweep.lines.csv
    if sweep.output.quiet {
      format = .none
    } else if sweep.output.json {
      format = .json(SweepJSON(subject, questions))
    } else if sweep.lines.csv {
      format = .csv(SweepCSV(subject, questions))
      text += SweepCSV.header
    } else {
      format = .text(SweepText(subject, questions, color: Console.colors(sweep.output.color)))
    }
    progress = Progress(console, isWanted: !sweep.output.quiet)
    line = SweepProgressLine(at: start.nanoseconds, before: resumed)
  }

  /// Whether nobody reads what is printed any more.
  var isClosed: Bool { console.isClosed }

  /// Why the file is not whole that packets are written to.
  var failure: LinkError? { recorder.failure }

  /// The run can start: empties the file that packets are written to.
  func start() throws(LinkError) { try recorder.start() }

  func show(_ event: SweepEvent, _ packet: RawSpan) {
    // What has come by then still counts, but nobody reads of it.
    if console.isClosed { return }
    if outbox != nil {
      tellSent()
      recorder.record(event, packet)
    }
    if case .answered(let result, _) = event, let time = result.rtt { rtt.add(time.nanoseconds) }
    switch format {
    case .json(var json):
      format = .none
      json.append(event, packet, to: &text)
      format = .json(json)
    case .csv(var csv):
      format = .none
      csv.append(event, packet, to: &text)
      format = .csv(csv)
    case .text(var lines):
      format = .none
      lines.append(event, packet, to: &text)
      format = .text(lines)
    case .none: break
    }
    if text.count > 1 << 16 { flush() }
  }

  /// Tells of the packets that left since the last call.
  private func tellSent() {
    for sent in outbox?.take() ?? [] {
      recorder.record(sent)
      if case .json = format, subject.isVerbose { sent.append(subject, door: door, to: &text) }
    }
  }

  /// Writes what is gathered.
  func flush() {
    tellSent()
    recorder.flush()
    guard text.count > 0 else { return }
    console.gather { $0 += text.octets }
    text.clear()
    console.flush()
  }

  /// Writes what is gathered, says how far the run has come, and notices whether anybody reads.
  func tick(_ standing: SondeSweep.SweepProgress) {
    flush()
    _ = console.noticesClosing()
    progress.show { now, room in
      line.line(
        SweepProgressLine.Standing(
          asked: standing.asked, questions: standing.questions, sent: standing.counts.sent,
          answered: standing.counts.answered, silent: standing.counts.silent, ownDrops: standing.counts.ownDrops,
          isCoolingDown: standing.isCoolingDown),
        at: now, room: room)
    }
  }

  /// Says what the run came to.
  func close(_ run: SweepSummary, _ sweep: SweepCommand, _ task: SweepTask) {
    progress.end()
    flush()
    let books = SweepBooks(
      run, rtt: rtt, questions: task.order.count, shard: task.shard?.text, seed: task.seed,
      asksPorts: sweep.ask.ports != nil)
    if sweep.output.json {
      console.print(books.json)
    } else {
      // Among comma-separated values there is no place for it.
      for line in books.lines { if isText { console.print(line) } else { console.note(line) } }
    }
    console.flush()
    if console.isClosed { return }
    for warning in [books.warning, isText ? books.withheld : nil] { if let warning { console.complain(warning) } }
    if let why = run.refusals.first {
      let others = run.refusals.count > 1 ? ", and more of the kind" : ""
      console.complain("sweep: \(counted(run.counts.sendFailed, "packet")) could not be sent: \(why)\(others)")
    }
  }
}

extension ShardChoice {
  /// As `--shard` writes it.
  var text: String { "\(shard.index + 1)/\(shard.count)" }
}
