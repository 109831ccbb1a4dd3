internal import SondeLink
internal import SondeProbe
internal import Testing

/// A connection is not only right but brisk: losses are mended without waiting for the timer.
@Suite struct ConversationSpeedTests {
  @Test(arguments: [true, false]) func oneLossInAHundredDoesNotStopAStream(sack: Bool) throws {
    var options = Conversation.Options()
    options.sackPermitted = sack
    options.receiveBuffer = 1 << 20
    options.timeWait = .seconds(60)
    let stream = pattern(1 << 20)
    var far = Conversation(from: 7, initialSequenceNumber: 1, options: options)
    var near = Conversation(from: 40_000, initialSequenceNumber: 2, options: options)
    try far.listen()
    try near.connect(to: 7, at: .ms(0))
    let dice = SeededGenerator(seed: 5)
    let duel = try Duel(
      near: Talker(near, saying: stream, dice, isWhimsical: false, from: .ms(0)),
      far: Talker(far, saying: [], dice, isWhimsical: false, from: .ms(0)),
      faults: Faults(loss: 0.01, duplication: 0.01, reordering: 0.01, hold: .milliseconds(1), delay: .milliseconds(1)),
      seed: 9)
    #expect(duel.far.read == stream)
    #expect(duel.took < .seconds(3), "\(duel.took)")
  }
}
