internal import SondeLink
internal import SondeLinux
internal import SondeProbe
internal import SondeReport
internal import SondeScript

/// Leads a talk: commands from wherever they come, packets over the wire, and what passes to whoever reads.
final class TalkRun {
  private let command: TalkCommand
  private var input: TalkInput
  private let console: Console
  private let signals: Signals
  private let report: TalkReport
  private var screen: TalkScreen?
  private let file = InputFile()
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  /// Why a command could not be done, and where it stands.
  private var failure: String?
  private var place = ""
  private var isFinishing = false
  /// The command that was begun last.
  private var latest = TalkInstruction(.status)
  /// When the last segment came.
  private var heard: Instant?
  /// How long after the last segment the kernel is still kept from answering on the port: who closes last waits in no
  /// TIME-WAIT, and a copy of the peer's last acknowledgment that comes late would draw its reset.
  private static let linger = Duration.milliseconds(250)
  /// It is to end behind the commands that wait: Control-D was typed after them.
  private var endsBehind = false

  init(_ command: TalkCommand, _ input: TalkInput, _ console: Console, _ signals: Signals, _ report: TalkReport) {
    self.command = command
    self.input = input
    self.console = console
    self.signals = signals
    self.report = report
  }

  /// - Returns: the exit status.
  /// - Throws: `LinkError` where the link can be read no more, or the file is not whole.
  func run(_ ends: TalkEnds, over link: inout LinuxLink) throws(LinkError) -> Int32 {
    var manner = ends.manner
    manner.isInteractive = input.source == .keys
    if manner.isInteractive {
      screen = try TalkScreen(console)
      console.note("help lists the commands; Control-D ends in order, Control-C by a reset")
    }
    defer { screen?.close() }
    var status: TalkStatus?
    let tookPlace: Bool
    if command.manner.raw {
      var pipe = TalkPipe(ends.role, ends.make(0))
      try lead(&pipe, over: &link) { attend(pipe: &$0, &$1) }
      status = pipe.status
      tookPlace = pipe.tookPlace
    } else if command.manner.udp {
      var datagrams = ends.datagrams(manner)
      try lead(&datagrams, over: &link) { attend(&$0, &$1) }
      tookPlace = datagrams.tookPlace
    } else {
      var performance = TalkPerformance(ends.role, manner, ends.make)
      try lead(&performance, over: &link) { attend(&$0, &$1) }
      status = performance.status
      tookPlace = performance.tookPlace
    }
    screen?.close()
    let rest = heard.map { $0 + Self.linger - link.now } ?? .zero
    if status?.ending == .closed, rest > .zero, !Signals.endHasCome { Clock.pause(rest) }
    report.close(status, at: link.now, ownDrops: link.ownDrops)
    if let failure = report.failure { throw failure }
    if let failure {
      report.fail(failure)
      return 1
    }
    return tookPlace && status?.ending?.isOfThePeer != true ? 0 : 1
  }

  private func lead<Performer: TalkPerformer>(
    _ performer: inout Performer, over link: inout LinuxLink,
    _ attend: (inout Performer, inout LinuxLink) -> TalkAttention
  ) throws(LinkError) {
    let end = command.manner.deadline.map { link.now + .nanoseconds(Int64(clamping: $0)) } ?? .distantFuture
    try SondeScript.run(&performer, over: &link, until: end, attend: attend) { passage in
      switch passage {
      case .event(let event):
        if case .received = event { heard = Clock.monotonic }
        report.show(event)
      case .outcome(.failed(let why)): failed(why)
      case .outcome(let outcome): report.show(outcome, at: Clock.monotonic)
      }
    }
  }

  private func failed(_ why: String) {
    if input.source == .keys { return report.remark("cannot \(latest.name): \(why)", at: Clock.monotonic) }
    if failure == nil { failure = place.isEmpty ? why : "\(place): \(why)" }
  }

  // MARK: Commands

  private func attend(_ performer: inout some TalkPerformer, _ link: inout LinuxLink) -> TalkAttention {
    console.flush()
    if isEnded(&performer, at: link.now) { return .waits() }
    if link.inputIsReady, input.wantsMore { read(&performer, at: link.now) }
    if !performer.isBusy, !isFinishing {
      if let next = input.take() {
        place = next.place
        latest = next.instruction
        performer.begin(next.instruction, at: link.now)
        return .begun
      }
      if let fault = input.fault {
        place = ""
        failed(fault)
        performer.abort(at: link.now)
        return .begun
      }
      if input.isAtEnd || endsBehind {
        finish(&performer, at: link.now)
        return .begun
      }
    }
    link.attend(input: input.wantsMore, output: false)
    // Something may be typed ahead meanwhile.
    screen?.draw(performer.isBusy ? "waiting for \(latest.awaited); Control-C gives up" : performer.standing)
    return .waits()
  }

  private func finish(_ performer: inout some TalkPerformer, at now: Instant) {
    isFinishing = true
    latest = TalkInstruction(.quit)
    performer.finish(at: now)
  }

  /// Whether the talk was just given up: by a signal, for want of a reader, or because a command could not be done.
  private func isEnded(_ performer: inout some TalkPerformer, at now: Instant) -> Bool {
    var came = signals.take()
    if came.remove(.suspend) != nil {
      if let screen { screen.suspend() } else { Process.stop() }
    }
    let isLost = failure != nil && input.source != .keys
    guard !came.isEmpty || isLost || console.noticesClosing() else { return false }
    performer.abort(at: now)
    return true
  }

  private func read(_ performer: inout some TalkPerformer, at now: Instant) {
    let count = (try? file.read(into: &buffer)) ?? 0
    guard input.source == .keys else { return input.feed(buffer[..<count]) }
    if count == 0 { return input.feed([]) }
    for outcome in screen?.feed(buffer[..<count]) ?? [] {
      switch outcome {
      case .line(let line):
        do throws(TalkFault) {
          try input.type(line)
        } catch {
          console.note("\(error)")
        }
      case .interrupt: break
      case .end:
        // A second time it is meant at once.
        if isFinishing || endsBehind {
          performer.abort(at: now)
          isFinishing = true
        } else if input.hasWaiting {
          endsBehind = true
        } else {
          finish(&performer, at: now)
        }
      }
    }
  }

  // MARK: Octets

  private var pending: ArraySlice<UInt8> = []
  private let output = OutputFile(.output)

  /// Passes octets on: from standard input as long as there is room, to standard output as fast as it takes them.
  private func attend(pipe: inout TalkPipe, _ link: inout LinuxLink) -> TalkAttention {
    console.flush()
    if isEnded(&pipe, at: link.now) { return .waits() }
    if let opening = input.take() {
      pipe.begin(opening.instruction, at: link.now)
      return .begun
    }
    if link.inputIsReady, !input.isAtEnd, pipe.room > 0 {
      let count = readPiece(pipe.room)
      if count == 0 {
        input.feed([])
        pipe.endInput(at: link.now)
      } else {
        pipe.take(Array(buffer[..<count]), at: link.now)
      }
    }
    if pending.isEmpty { pending = pipe.output(1 << 18)[...] }
    if !pending.isEmpty {
      do throws(LinkError) {
        pending = pending.dropFirst(try output.writeSome(pending))
      } catch {
        pipe.abort(at: link.now)
        return .begun
      }
    }
    pipe.holdsOutput = !pending.isEmpty
    link.attend(input: !input.isAtEnd && pipe.room > 0, output: !pending.isEmpty)
    // What was taken may open the window.
    return .waits()
  }

  private func readPiece(_ room: Int) -> Int {
    if room >= buffer.count { return (try? file.read(into: &buffer)) ?? 0 }
    var piece = [UInt8](repeating: 0, count: room)
    let count = (try? file.read(into: &piece)) ?? 0
    buffer.replaceSubrange(0..<count, with: piece[..<count])
    return count
  }
}

extension Conversation.Ending {
  /// Whether it ended otherwise than this end wanted.
  fileprivate var isOfThePeer: Bool {
    switch self {
    case .closed, .aborted: false
    case .refused, .reset, .timedOut, .unreachable: true
    }
  }
}
