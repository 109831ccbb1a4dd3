internal import SondeHeaders
internal import SondeLink
internal import SondeProbe
internal import TestSupport
internal import Testing

/// Over any link that delivers at last, both streams arrive whole and in order (RFC 9293 §3.8).
@Suite struct ConversationFaultTests {
  private func options(_ dice: inout SeededGenerator) -> Conversation.Options {
    var options = Conversation.Options()
    options.timestamps = dice.chance(0.5)
    options.sackPermitted = dice.chance(0.5)
    options.windowScale = dice.chance(0.5) ? UInt8(dice.next(below: 15)) : nil
    options.mss = dice.chance(0.9) ? UInt16(dice.next(below: 1400)) + 100 : nil
    options.largestSegment = Int(dice.next(below: 1400)) + 100
    options.receiveBuffer = Int(dice.next(below: 60_000)) + 1
    options.sendBuffer = Int(dice.next(below: 100_000)) + 1
    options.acknowledgmentDelay = .milliseconds(Int64(dice.chance(0.5) ? dice.next(below: 200) : 0))
    options.isNagle = dice.chance(0.3)
    options.windowProbe = dice.chance(0.5) ? .octet : .old
    options.attempts = 60
    options.connectAttempts = 60
    options.greatestTimeout = .seconds(4)
    // Long enough that a repeated FIN still finds somebody.
    options.timeWait = .seconds(60)
    return options
  }

  private func check(_ seed: UInt64) throws {
    var dice = SeededGenerator(seed: seed)
    let count = { (dice: inout SeededGenerator) in Int(dice.next(below: dice.chance(0.05) ? 80_000 : 6_000)) }
    let nearStream = pattern(count(&dice))
    let farStream = pattern(count(&dice), from: 77)
    var near = Conversation(
      from: 40_000, initialSequenceNumber: 0 &- UInt32(dice.next(below: 30_000)), options: options(&dice))
    var far = Conversation(
      from: 7, initialSequenceNumber: 0 &- UInt32(dice.next(below: 30_000)), options: options(&dice))
    try near.connect(to: 7, at: .ms(0))
    // Now and then both ends open.
    if dice.chance(0.2) { try far.connect(to: 40_000, at: .ms(0)) } else { try far.listen() }
    let faults = Faults(
      loss: dice.chance(0.8) ? dice.nextFraction() * 0.2 : 0, duplication: dice.nextFraction() * 0.2,
      reordering: dice.nextFraction() * 0.2, hold: .milliseconds(Int64(dice.next(below: 50)) + 1),
      delay: .microseconds(Int64(dice.next(below: 20_000))), jitter: .microseconds(Int64(dice.next(below: 10_000))))
    let duel = try Duel(
      near: Talker(near, saying: nearStream, dice.split(), isWhimsical: dice.chance(0.7), from: .ms(0)),
      far: Talker(far, saying: farStream, dice.split(), isWhimsical: dice.chance(0.7), from: .ms(0)),
      faults: faults, seed: seed)
    let note: Comment =
      "seed \(seed): \(duel.near.end.status) \(duel.near.end.state) \(duel.far.end.status) \(duel.far.end.state) \(duel.took)"
    #expect(duel.far.read == nearStream, note)
    #expect(duel.near.read == farStream, note)
    #expect(duel.near.isOver && duel.far.isOver, note)
    #expect(duel.near.end.ending ?? .closed == .closed && duel.far.end.ending ?? .closed == .closed, note)
  }

  @Test(arguments: 0..<8) func bothStreamsArriveWholeOverABadLink(group: Int) throws {
    for seed in UInt64(group) * 25..<UInt64(group + 1) * 25 { try check(seed) }
  }

  @Test func aFreshSeedFaresAsWell() throws {
    var generator = Seeded()
    try check(generator.next())
  }
}
