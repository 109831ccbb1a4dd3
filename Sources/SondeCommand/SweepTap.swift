internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeReport
internal import SondeSweep
internal import Synchronization

/// Keeps the packets that the sending thread makes, until the one that writes takes them.
final class SweepOutbox: Sendable {
  private let kept = Mutex<[SweepSent]>([])

  func add(_ sent: SweepSent) { kept.withLock { $0.append(sent) } }

  /// What was added since the last call.
  func take() -> [SweepSent] {
    kept.withLock { kept in
      defer { kept.removeAll(keepingCapacity: true) }
      return kept
    }
  }
}

/// A form whose packets are told: for runs of which every packet is to be seen, at the cost of speed.
struct ToldQuestions: SweepForm {
  private var questions: SweepQuestions
  private let space: SweepSpace
  private let order: SweepOrder
  private let outbox: SweepOutbox
  /// How far real time is ahead of the monotonic clock, in nanoseconds.
  private let ahead: Int64

  init(_ questions: SweepQuestions, _ task: SweepTask, _ outbox: SweepOutbox) {
    self.questions = questions
    space = task.space
    order = task.order
    self.outbox = outbox
    ahead = Clock.wall - Clock.monotonic.nanoseconds
  }

  var longest: Int { questions.longest }

  mutating func write(_ target: SweepTarget, attempt: UInt8, at now: Instant, _ body: (RawSpan) -> Void) {
    let place = space.number(of: target).flatMap { order.place(of: $0) } ?? 0
    questions.write(target, attempt: attempt, at: now) { packet in
      outbox.add(
        SweepSent(
          target: target, number: place + 1, at: now, wall: now.nanoseconds + ahead, octets: packet.octets))
      body(packet)
    }
  }

  func read(_ packet: RawSpan, _ facts: BulkFacts) -> SweepFinding { questions.read(packet, facts) }
}

/// Writes a sweep's packets to a file, if one was asked for.
struct SweepRecorder: ~Copyable {
  private var log: SweepLog
  private var file: RunFile
  private var gathered: [UInt8] = []

  init(_ file: consuming RunFile, _ questions: SweepQuestions) {
    log = SweepLog(questions)
    self.file = file
  }

  /// Why the file is not whole; nothing more is written to it.
  var failure: LinkError? { file.failure }

  /// Empties the file and writes what every such file starts with.
  mutating func start() throws(LinkError) { try file.start(log.header()) }

  mutating func record(_ sent: SweepSent) {
    if file.isWanted { gather(log.octets(of: sent)) }
  }

  mutating func record(_ event: SweepEvent, _ packet: RawSpan) {
    if file.isWanted { gather(log.octets(of: event, packet)) }
  }

  private mutating func gather(_ octets: [UInt8]) {
    gathered += octets
    if gathered.count > 1 << 16 { flush() }
  }

  /// Writes what is gathered.
  mutating func flush() {
    file.write(gathered)
    gathered.removeAll(keepingCapacity: true)
  }
}
