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
  private let progress: Progress
  private var line: SweepProgressLine
  private let start: Instant

  init(
    _ sweep: SweepCommand, _ task: SweepTask, _ questions: SweepQuestions, at start: Instant, resumed: UInt64,
    _ console: Console
  ) {
    self.console = console
    self.start = start
    let subject = SweepSubject(
      proto: sweep.proto, asksPorts: sweep.ask.ports != nil, names: task.targets.names, start: start,
      onlyOpen: sweep.lines.open, isVerbose: sweep.output.verbose)
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

  /// Takes octets that stand before an event's own: the packets that were sent.
  func add(_ lines: (inout TextOctets) -> Void) { lines(&text) }

  func show(_ event: SweepEvent, _ packet: RawSpan) {
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

  /// Writes what is gathered.
  func flush() {
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
    } else if isText {
      for line in books.lines { console.print(line) }
    }
    console.flush()
    if let warning = books.warning { console.complain(warning) }
    for why in run.refusals { console.complain("sweep: some questions could not be sent: \(why)") }
  }
}

extension ShardChoice {
  /// As `--shard` writes it.
  var text: String { "\(shard.index + 1)/\(shard.count)" }
}
