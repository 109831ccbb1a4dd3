internal import SondeHeaders
public import SondeLink
public import SondeOctets
internal import SondeProbe

/// Does the instructions of a TCP talk one after the other: what takes time is under way until it is done, or its
/// time is up.
public struct TalkPerformance: TalkPerformer, Sendable {
  /// Whom it speaks with.
  public enum Role: Sendable {
    case calls(from: IPAddress, to: Talk.End)
    case listens
  }

  /// How instructions are done.
  public struct Manner: Sendable {
    /// How long an instruction may wait for the peer; one that opens a connection waits as long as that tries.
    public var patience: Duration = .seconds(60)
    /// Whether somebody sits there, who would rather ask again than wait.
    public var isInteractive = false

    public init() {}
  }

  public private(set) var talk: Talk
  /// Whether a connection stood.
  public private(set) var tookPlace = false
  private let role: Role
  private let manner: Manner
  private let make: @Sendable (_ number: Int) -> Talk
  private var number = 0
  private(set) var isEnding = false
  private var wait: Wait?
  private var outcomes: [TalkOutcome] = []
  /// Octets that were read at once, and that no instruction has asked for yet.
  private var unasked = 0
  private var urgent: [UInt8] = []
  private var hasUrgent = false
  private var isAtEnd = false

  /// What is waited for, and until when.
  private struct Wait: Sendable {
    enum Goal: Sendable {
      case time
      case opened
      case moment(TalkMoment)
      case octets(Int?)
      case urgentOctet
      case writing(ArraySlice<UInt8>, isUrgent: Bool, TalkInstruction)
      case finished
    }
    var goal: Goal
    var until: Instant
  }

  /// - Parameter make: makes the end of a connection by its number, from 0: each has numbers of its own.
  public init(_ role: Role, _ manner: Manner = Manner(), _ make: @escaping @Sendable (_ number: Int) -> Talk) {
    self.role = role
    self.manner = manner
    self.make = make
    talk = make(0)
  }

  private var conversation: Conversation { talk.conversation }
  private var ground: TalkInstruction.Ground { if case .calls = role { .calls } else { .listens } }

  public var isBusy: Bool { wait != nil }
  public var isOver: Bool { isEnding && wait == nil }
  public var standing: String { conversation.state.rawValue.lowercased() }

  // MARK: Instructions

  public mutating func begin(_ instruction: TalkInstruction, at now: Instant) {
    if let objection = instruction.objection(on: ground) { return outcomes.append(.failed(objection)) }
    if let complaint = complaint(about: instruction) { return outcomes.append(.failed(complaint)) }
    do throws(ConversationError) {
      try perform(instruction, at: now)
    } catch {
      outcomes.append(.failed(error.description))
    }
  }

  /// Why the fields that an instruction sets are not those of the segments of this talk; nil where they are, and where
  /// nobody has called yet.
  private func complaint(about instruction: TalkInstruction) -> String? {
    var source = talk.local
    if case .calls(let from, _) = role { source = from }
    guard !instruction.edits.isEmpty, let source else { return nil }
    var octets: [UInt8] = []
    if case .write(let data) = instruction.verb { octets = Array(data.prefix(1)) }
    return instruction.edits.complaint(from: source, octets)
  }

  private mutating func perform(_ instruction: TalkInstruction, at now: Instant) throws(ConversationError) {
    let edits = instruction.edits
    switch instruction.verb {
    case .connect, .accept: try open(instruction, at: now)
    case .write(let octets): try write(octets[...], isUrgent: false, instruction, at: now)
    case .writeUrgent(let octets): try write(octets[...], isUrgent: true, instruction, at: now)
    case .read(let count): read(count, at: now)
    case .readUrgent:
      if manner.isInteractive, !hasUrgent { return outcomes.append(.remark("no urgent octet has come")) }
      wait(for: .urgentOctet, at: now)
    case .shutdown(let side):
      if side != .out { talk.shutdownRead() }
      if side != .in { try talk.shutdownWrite(edits: edits, at: now) }
    case .close: try talk.close(edits: edits, at: now)
    case .reset: talk.abort(edits: edits, at: now)
    case .window(let octets): talk.pinWindow(octets)
    case .status: outcomes.append(.status(status))
    case .wait(.time(let time)): wait = Wait(goal: .time, until: now + time)
    case .wait(let moment): wait(for: .moment(moment), at: now)
    case .sendTo, .receiveFrom: break
    case .help(let verb): outcomes.append(.help(verb))
    case .quit: finish(at: now)
    }
  }

  private mutating func open(_ instruction: TalkInstruction, at now: Instant) throws(ConversationError) {
    if conversation.ending != nil || conversation.state == .timeWait { renew() }
    if let standing = standingAlready { outcomes.append(.remark(standing)) }
    switch (role, instruction.verb) {
    case (.calls(let from, let to), .connect):
      // Behind the command line that has opened it already, the word asks to wait until it stands.
      if conversation.state == .closed { try talk.connect(from: from, to: to, edits: instruction.edits, at: now) }
      if !manner.isInteractive { wait = Wait(goal: .opened, until: .distantFuture) }
    case (.listens, .accept):
      if conversation.state == .closed { try talk.listen(edits: instruction.edits) }
      if !manner.isInteractive { wait = Wait(goal: .opened, until: .distantFuture) }
    case (.calls, _), (.listens, _): break
    }
  }

  /// What there is to say where a connection was opened before.
  private var standingAlready: String? {
    if conversation.state.isSynchronized { return "already connected" }
    // A script asks only to wait until it stands.
    guard manner.isInteractive, conversation.state != .closed else { return nil }
    return conversation.state == .listen ? "nobody has called yet" : "already connecting"
  }

  private mutating func renew() {
    number += 1
    talk = make(number)
    (unasked, hasUrgent, isAtEnd) = (0, false, false)
  }

  private mutating func write(
    _ octets: ArraySlice<UInt8>, isUrgent: Bool, _ instruction: TalkInstruction, at now: Instant
  ) throws(ConversationError) {
    guard conversation.state != .closed, conversation.state != .listen else {
      throw conversation.ending.map { .ended($0) } ?? .wrongState(conversation.state)
    }
    // Only the last piece of urgent data is urgent: the pointer goes ahead of it all.
    let isWhole = octets.count <= conversation.writableCount
    let piece = isWhole ? octets : octets.prefix(conversation.writableCount)
    if !piece.isEmpty || octets.isEmpty {
      try talk.write(Array(piece), isUrgent: isUrgent && isWhole, edits: instruction.edits, at: now)
    }
    if isWhole {
      wait = nil
    } else {
      let rest = octets.dropFirst(piece.count)
      wait = Wait(goal: .writing(rest, isUrgent: isUrgent, instruction), until: .distantFuture)
    }
  }

  private mutating func read(_ count: Int?, at now: Instant) {
    if manner.isInteractive, count == nil, available == 0 {
      return outcomes.append(.remark(isAtEnd ? "the peer has ended its stream" : "nothing has come"))
    }
    if manner.isInteractive, count == nil, conversation.readableCount == 0 {
      outcomes.append(.remark("nothing more has come than is shown above"))
    }
    wait(for: .octets(count), at: now)
  }

  private mutating func wait(for goal: Wait.Goal, at now: Instant) {
    wait = Wait(goal: goal, until: now + manner.patience)
  }

  public mutating func finish(at now: Instant) {
    guard !isEnding else { return }
    isEnding = true
    guard conversation.ending == nil, conversation.state != .closed else {
      wait = nil
      return
    }
    guard conversation.state.isSynchronized else { return abort(at: now) }
    // What still comes is taken until the peer has ended its side too: a close would answer it by a reset.
    try? talk.shutdownWrite(at: now)
    wait = Wait(goal: .finished, until: now + manner.patience)
  }

  public mutating func abort(at now: Instant) {
    isEnding = true
    wait = nil
    talk.abort(at: now)
  }

  // MARK: Progress

  public mutating func receive(_ received: Received, at now: Instant) { talk.receive(received, at: now) }
  public mutating func failed(_ error: LinkError, at now: Instant) { talk.failed(error, at: now) }

  public mutating func step(at now: Instant) -> Instant? {
    var next = talk.step(at: now)
    if takeIn() { next = talk.step(at: now) }
    if let fault = talk.takeFault() {
      outcomes.append(.failed(fault.description))
      // Somebody who sits there sees it sent again as it ought to be.
      if !manner.isInteractive {
        abort(at: now)
        next = talk.step(at: now)
      }
    }
    progress(at: now)
    // What was taken may have opened the window.
    if !talk.settings.readsAtOnce { next = earlier(next, talk.step(at: now)) }
    if let wait, wait.until != .distantFuture { next = min(next ?? wait.until, wait.until) }
    return next
  }

  private func earlier(_ one: Instant?, _ other: Instant?) -> Instant? {
    guard let one, let other else { return one ?? other }
    return min(one, other)
  }

  /// Reads at once what has come; true where that may open the window.
  private mutating func takeIn() -> Bool {
    if conversation.state.isSynchronized { tookPlace = true }
    if let octet = talk.takeUrgent() {
      urgent = [octet]
      hasUrgent = true
    }
    var hasRead = false
    if talk.settings.readsAtOnce, conversation.readableCount > 0 {
      let octets = talk.read()
      unasked += octets.count
      outcomes.append(.data(octets))
      hasRead = true
    }
    if conversation.isAtEnd { isAtEnd = true }
    return hasRead
  }

  /// How many octets an instruction may take.
  private var available: Int { unasked + conversation.readableCount }

  private mutating func progress(at now: Instant) {
    guard let wait else { return }
    if isReached(wait, at: now) { return }
    if let reason = obstacle(to: wait.goal) {
      self.wait = nil
      outcomes.append(.failed(reason))
    } else if wait.until <= now {
      timeIsUp(wait, at: now)
    }
  }

  private mutating func timeIsUp(_ wait: Wait, at now: Instant) {
    self.wait = nil
    switch wait.goal {
    case .time: break
    case .finished:
      outcomes.append(.failed("the peer has not ended its side in time: reset"))
      talk.abort(at: now)
    default: outcomes.append(.failed("its time is up"))
    }
  }

  /// Whether the goal is reached; what it asked for is then done.
  private mutating func isReached(_ wait: Wait, at now: Instant) -> Bool {
    switch wait.goal {
    case .time: return false
    case .opened: guard conversation.state.isSynchronized else { return false }
    case .moment(let moment): guard has(moment) else { return false }
    case .octets(let count):
      // Taken as they come: a window may be smaller than what is wanted.
      let rest = count.map { $0 - take($0) }
      if let rest, rest > 0 {
        if rest != count { self.wait = Wait(goal: .octets(rest), until: now + manner.patience) }
        return false
      }
      guard count != nil || take(available) > 0 || isAtEnd else { return false }
    case .urgentOctet:
      guard hasUrgent, let octet = urgent.first else { return false }
      hasUrgent = false
      outcomes.append(.urgent(octet))
    case .writing(let rest, let isUrgent, let instruction):
      guard conversation.writableCount > 0 else { return false }
      do throws(ConversationError) {
        try write(rest, isUrgent: isUrgent, instruction, at: now)
      } catch {
        outcomes.append(.failed(error.description))
        self.wait = nil
      }
      _ = talk.step(at: now)
      return true
    case .finished: guard conversation.ending != nil else { return false }
    }
    self.wait = nil
    return true
  }

  /// Takes at most so many octets, and says how many there were; those that were read at once are known already.
  private mutating func take(_ limit: Int) -> Int {
    let known = min(unasked, limit)
    unasked -= known
    let octets = limit > known ? talk.read(limit - known) : []
    if !octets.isEmpty { outcomes.append(.data(octets)) }
    if conversation.isAtEnd { isAtEnd = true }
    return known + octets.count
  }

  private func has(_ moment: TalkMoment) -> Bool {
    switch moment {
    case .time: false
    case .established: conversation.state.isSynchronized
    case .data: available > 0
    case .urgent: hasUrgent
    case .peerClosed: conversation.state.isSynchronized && !conversation.state.canReceive
    case .acknowledged: conversation.state.isSynchronized && conversation.unacknowledgedCount == 0
    case .closed: conversation.ending != nil || conversation.state == .timeWait
    }
  }

  /// Why the goal cannot be reached any more; nil while it can.
  private func obstacle(to goal: Wait.Goal) -> String? {
    switch goal {
    case .time, .finished: return nil
    case .octets(.some) where isAtEnd, .moment(.data) where isAtEnd: return "the peer has ended its stream"
    default: break
    }
    if let ending = conversation.ending { return ending.words }
    if conversation.state == .closed { return "there is no connection" }
    return nil
  }

  public var status: TalkStatus { talk.status }
  public mutating func takePackets() -> [Outgoing] { talk.takePackets() }
  public mutating func takeEvents() -> [TalkEvent] { talk.takeEvents() }
  public mutating func takeOutcomes() -> [TalkOutcome] {
    defer { outcomes = [] }
    return outcomes
  }
}
