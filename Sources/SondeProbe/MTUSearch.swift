public import SondeHeaders
public import SondeLink
public import SondeOctets

/// Finds the largest packet that reaches a host whole.
///
/// A small packet first shows that the host answers at all. Then the largest goes, and what errors name is tried as
/// far as it is plausible; without errors the size is searched between what was answered and what was not. A
/// size counts as too big by an error or by the silence of several packets, and the end is proved from both sides: one
/// size was answered, and the next one is known not to be.
///
/// Sources: RFC 1191 (§5 and §7 for routers that name no MTU), RFC 8201, RFC 4821 §7 for searching without errors.
public struct MTUSearch: Schedule {
  /// The packets of one size that are out or still to go.
  private struct Trial: Sendable {
    var size: Int
    /// How many hops its packets live; 0 leaves that to the caller.
    var hops: UInt8 = 0
    var left: Int
    /// The turn of its first packet: what becomes of those before is not its concern.
    var first: UInt64
    var out = 0
    var nextAt: Instant?
  }

  /// What an error said that is believed.
  private struct Claim: Sendable {
    var size: Int
    var mtu: Int
    var from: IPAddress
  }

  private let host: IPAddress
  private let sizes: Sizes
  private let patience: Patience
  private let packet: @Sendable (_ size: Int, _ turn: UInt64, _ hops: UInt8) -> AnyPacket
  private let way: Way?
  private var turn: UInt64 = 0
  private var trial: Trial?
  private var roundTrip: Duration?
  /// The largest size answered, and the smallest that is known not to get through.
  private var passed: Int?
  private var failed: Int
  private var limit = MTUFinding.Limit.interface
  private var claims: [Claim] = []
  /// Whether the last word on sizes was an error that named nothing to go by.
  private var descends = false
  private var isAsked = false
  /// The silent size that was asked for once more, because all else hangs on it.
  private var confirmed: Int?
  private var walk: HoleWalk?
  private var oddities: [MTUFinding.Oddity] = []
  private var fragmentedFrom: Int?
  private var obstacle: MTUFinding.Answered?
  private var isComplete = false
  /// Whether the run ends before the search does: packets without an answer prove nothing then.
  private var isCutShort = false
  private var end: Instant?

  /// - Parameters:
  ///   - host: who is asked; only its own answers show that a size got through.
  ///   - packet: makes the packet of a size, in octets from the IP header on, that lives so many hops, of which 0 stands for
  ///     as many as are usual; turns count from 0.
  public init(
    _ host: IPAddress, sizes: Sizes, patience: Patience, way: Way? = nil,
    packet: @escaping @Sendable (_ size: Int, _ turn: UInt64, _ hops: UInt8) -> AnyPacket
  ) {
    self.host = host
    self.sizes = sizes
    self.patience = patience
    self.way = way
    self.packet = packet
    failed = sizes.largest + 1
  }

  /// What is known now.
  public var finding: MTUFinding {
    var limit = limit
    if let claim = claims.last(where: { $0.mtu == passed }) { limit = .router(claim.from) }
    if !isComplete { limit = .unknown }
    return MTUFinding(
      mtu: passed, limit: limit, isIPv6: host.version == 6, refused: failed > sizes.largest ? nil : failed,
      isStopped: isCutShort, oddities: oddities, fragmentedFrom: fragmentedFrom, hole: walk?.hole, obstacle: obstacle)
  }

  public mutating func next(at now: Instant) -> Turn {
    if trial == nil {
      trial = nextTrial()
      if trial != nil {
        end = nil
        isComplete = false
      }
    }
    guard let current = trial else {
      // An answer that belies the last error comes behind it, from farther away.
      let end = end ?? (isAsked && limit.isError ? now + gap : now)
      self.end = end
      isComplete = true
      return end <= now ? .over : .wait(until: end)
    }
    guard current.left > 0 else { return .wait(until: .distantFuture) }
    if let nextAt = current.nextAt, nextAt > now { return .wait(until: nextAt) }
    let nextAt = now + gap
    trial?.left -= 1
    trial?.nextAt = nextAt
    defer { turn += 1 }
    let target = Self.target(current.size, hops: current.hops)
    return .probe(Request(target: target, turn: turn, packet: packet(current.size, turn, current.hops), way: way))
  }

  /// The number of what is asked: a size, and for how many hops.
  private static func target(_ size: Int, hops: UInt8) -> Int { Int(hops) << 24 | size }

  /// The size of the packet that a target stands for, in octets.
  public static func size(of target: Int) -> Int { target & 0xff_ffff }

  /// How many hops it lives; 0 where that is as usual.
  public static func hops(of target: Int) -> UInt8 { UInt8(truncatingIfNeeded: target >> 24) }

  private func isTried(_ target: Int, _ turn: UInt64) -> Bool {
    trial.map { Self.target($0.size, hops: $0.hops) == target && $0.first <= turn } ?? false
  }

  private var gap: Duration { roundTrip.map { max($0 * 3, .milliseconds(50)) } ?? patience.gap }

  private mutating func nextTrial() -> Trial? {
    guard let passed else { return isAsked ? nil : begin(sizes.smallest) }
    if let size = nextSize(above: passed) { return begin(size) }
    // What a router has named, one silence of the next size only confirms.
    guard limit == .silence, !claims.contains(where: { $0.mtu == passed }) else { return nil }
    if confirmed != failed {
      confirmed = failed
      return begin(failed)
    }
    if walk?.lost != failed { walk = HoleWalk(lost: failed, passing: passed) }
    return walk?.question.map { begin($0.size, hops: $0.hops) }
  }

  private mutating func begin(_ size: Int, hops: UInt8 = 0) -> Trial {
    isAsked = true
    return Trial(size: size, hops: hops, left: patience.retries + 1, first: turn)
  }

  /// The next size that would tell something; nil where one size was answered and the next was not.
  private func nextSize(above passed: Int) -> Int? {
    guard passed + 1 < failed else { return nil }
    let range = passed + 1..<failed
    if limit == .interface { return sizes.largest }
    if let word = claims.last, range.contains(word.mtu), isTaken(word) { return word.mtu }
    // A router may name less than it carries.
    if claims.contains(where: { $0.mtu == passed }) { return passed + 1 }
    if descends, let plateau = Self.plateaus.first(where: { range.contains($0) }) { return plateau }
    // Every link of IPv6 carries this much, and almost every one of IPv4.
    if range.contains(1280) { return 1280 }
    return passed + (failed - passed) / 2
  }

  /// Whether a router's word is still tried: not where it has called size after size that it named too big itself.
  private func isTaken(_ word: Claim) -> Bool { claims.count { $0.from == word.from } <= 4 }

  /// The sizes that links have (RFC 1191 §7, table 7-1), down to the least that any has.
  private static let plateaus = [65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68]

  public mutating func sent(_ probe: UInt64, _ request: Request, at now: Instant) {
    if isTried(request.target, request.turn) { trial?.out += 1 }
  }

  public mutating func answered(_ answer: Answer) -> Settlement? {
    let size = Self.size(of: answer.target)
    let hops = Self.hops(of: answer.target)
    if let rtt = answer.rtt, answer.from == host { roundTrip = max(rtt, roundTrip ?? .zero) }
    let isLocal = answer.by == .localError || answer.flags.contains(.local)
    if hops > 0, let from = answer.from, answer.verdict != .tooBig, !isLocal {
      if isTried(answer.target, answer.turn) { trial = nil }
      walk?.reached(from, by: size, hops: hops)
      if hasArrived(answer) { pass(size, answer) }
    } else if answer.verdict == .tooBig {
      heed(answer, of: size)
      if hops > 0 { giveUpWalk() }
    } else if hasArrived(answer) {
      pass(size, answer)
    } else if hops > 0 {
      giveUpWalk()
    } else {
      obstacle = obstacle ?? MTUFinding.Answered(from: answer.from, verdict: answer.verdict, why: answer.why)
      fail(size, isLocal ? .local(answer.why) : answer.from.map { .refuser($0) } ?? .silence)
    }
    return nil
  }

  public mutating func contradicted(_ answer: Answer) -> Settlement? {
    if hasArrived(answer) { pass(Self.size(of: answer.target), answer) }
    return nil
  }

  /// Whether an answer shows that its packet reached the host whole: one that lived too long on the way, or of which
  /// fragments were missing (RFC 792, page 6), did not.
  private func hasArrived(_ answer: Answer) -> Bool {
    answer.from == host && answer.by != .localError && answer.verdict != .tooBig && answer.verdict != .timeExceeded
  }

  public mutating func silent(_ silence: Silence, at now: Instant) -> Settlement? {
    guard !isCutShort, isTried(silence.target, silence.turn) else { return nil }
    trial?.out -= 1
    guard let tried = trial, tried.left == 0, tried.out == 0 else { return nil }
    if tried.hops == 0 {
      fail(tried.size, .silence)
    } else {
      trial = nil
      walk?.silent(tried.size, hops: tried.hops)
    }
    return nil
  }

  public mutating func cutShort() { isCutShort = !isComplete }

  public mutating func failed(_ failure: SendFailure, at now: Instant) -> Settlement? {
    if Self.hops(of: failure.target) > 0 {
      giveUpWalk()
    } else {
      fail(Self.size(of: failure.target), .local(failure.error.message))
    }
    return nil
  }

  /// Ends the walk where its question cannot be asked, or the way is no longer the one that was measured: what was
  /// measured stands.
  private mutating func giveUpWalk() {
    walk?.giveUp()
    if let hops = trial?.hops, hops > 0 { trial = nil }
  }

  private mutating func pass(_ size: Int, _ answer: Answer) {
    if answer.flags.contains(.fragmented) { fragmentedFrom = min(fragmentedFrom ?? size, size) }
    passed = max(passed ?? 0, size)
    if size >= failed {
      walk = nil
      failed = sizes.largest + 1
      limit = .interface
    }
    let refuted = claims.filter { $0.size <= size || $0.mtu < size }
    claims.removeAll { $0.size <= size || $0.mtu < size }
    for claim in refuted { doubt(claim.from, UInt32(clamping: claim.mtu), claim.size, .refuted) }
    if let asked = trial?.size, asked <= size { trial = nil }
  }

  /// Takes the word of a router that a size is too big, and its MTU as far as that can be.
  private mutating func heed(_ answer: Answer, of size: Int) {
    guard let from = answer.from, !answer.flags.contains(.local) else { return fail(size, .local(answer.why)) }
    let named = answer.report?.mtu ?? 0
    let reason = reasonToDoubt(named, of: size)
    if let reason {
      doubt(from, named, size, reason)
    } else {
      claims.removeAll { $0.mtu == named && $0.from == from }
      claims.append(Claim(size: size, mtu: Int(named), from: from))
    }
    descends = reason != nil
    fail(size, .refuser(from))
  }

  /// Why what an error names cannot be the MTU; nil where it can.
  private func reasonToDoubt(_ named: UInt32, of size: Int) -> MTUFinding.Oddity.Reason? {
    if named == 0 { return .zero }
    if named < sizes.floor { return .belowFloor }
    if named >= size { return .notSmaller }
    return Int(named) < passed ?? 0 ? .refuted : nil
  }

  private mutating func doubt(_ from: IPAddress, _ mtu: UInt32, _ size: Int, _ reason: MTUFinding.Oddity.Reason) {
    let isKnown = oddities.contains { $0.from == from && $0.mtu == mtu && $0.reason == reason }
    if !isKnown { oddities.append(MTUFinding.Oddity(from: from, mtu: mtu, size: size, reason: reason)) }
  }

  private mutating func fail(_ size: Int, _ why: MTUFinding.Limit) {
    if trial?.size == size { trial = nil }
    if size <= passed ?? 0 || size > failed { return }
    // An error says more than silence, and comes late where a router limits them.
    if size < failed || limit == .silence { limit = why }
    failed = size
    if why == .silence { descends = false }
  }
}

extension MTUFinding.Limit {
  fileprivate var isError: Bool {
    switch self {
    case .router, .refuser: true
    case .interface, .silence, .local, .unknown: false
    }
  }
}
