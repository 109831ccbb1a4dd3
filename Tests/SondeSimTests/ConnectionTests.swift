import SondeHeaders
import SondeLink
import SondeOctets
import SondeSim
import Testing

@Suite struct ConnectionTests {
  /// A near end that says one segment at a time.
  struct Caller: ~Copyable {
    var link = SimulatedLink([SimulatedHost(.v4(them), tcp: [80: .serve])])
    var sequenceNumber: UInt32
    var acknowledgmentNumber: UInt32 = 0

    init(from sequenceNumber: UInt32) { self.sequenceNumber = sequenceNumber }

    mutating func say(_ flags: TCP.Flags, _ text: String = "", offset: Int32 = 0) throws -> [Dissection] {
      let tcp = TCP(
        from: 40000, to: 80, flags: flags, sequenceNumber: sequenceNumber &+ UInt32(bitPattern: offset),
        acknowledgmentNumber: flags.contains(.ack) ? acknowledgmentNumber : 0)
      _ = link.send([Outgoing(probe: 0, bytes: try segment(tcp, payload: text.isEmpty ? nil : Payload(text)))])
      return frames(try listen(&link)).map { Registry.dissect($0.bytes) }
    }

    /// Opens the connection.
    mutating func open() throws {
      let synAck = try #require(try say(.syn).first?.first(TCP.self))
      #expect(synAck.flags == [.syn, .ack])
      sequenceNumber &+= 1
      #expect(synAck.acknowledgmentNumber == sequenceNumber)
      acknowledgmentNumber = synAck.sequenceNumber &+ 1
      #expect(try say(.ack).isEmpty)
    }
  }

  // The second starts at the end of the numbers, so that all that follows goes round.
  @Test(arguments: [UInt32(1000), .max]) func aServerSendsBackWhatItGetsAndClosesWithUs(start: UInt32) throws {
    var caller = Caller(from: start)
    try caller.open()
    for text in ["hello", "world!"] {
      let answers = try caller.say([.ack, .psh], text)
      let reply = try #require(answers.first)
      caller.sequenceNumber &+= UInt32(text.utf8.count)
      #expect(answers.count == 1)
      #expect(reply.payload == Array(text.utf8))
      #expect(reply.first(TCP.self)?.acknowledgmentNumber == caller.sequenceNumber)
      #expect(reply.first(TCP.self)?.sequenceNumber == caller.acknowledgmentNumber)
      caller.acknowledgmentNumber &+= UInt32(text.utf8.count)
    }
    let end = try #require(try caller.say([.ack, .fin]).first?.first(TCP.self))
    #expect(end.flags == [.ack, .fin])
    caller.sequenceNumber &+= 1
    #expect(end.acknowledgmentNumber == caller.sequenceNumber)
    caller.acknowledgmentNumber &+= 1
    #expect(try caller.say(.ack).isEmpty)
    // The connection is forgotten: the next segment belongs to none.
    #expect(try caller.say(.ack).first?.first(TCP.self)?.flags == .rst)
  }

  @Test func whatWasLostIsSentAgainWhenWeRepeatOurselves() throws {
    var caller = Caller(from: 1000)
    try caller.open()
    let first = try caller.say([.ack, .psh], "hello")
    // As if the answer had been lost: the same segment again.
    let second = try caller.say([.ack, .psh], "hello")
    #expect(first.map(\.payload) == second.map(\.payload))
    #expect(first.first?.first(TCP.self)?.sequenceNumber == second.first?.first(TCP.self)?.sequenceNumber)
    #expect(second.first?.first(TCP.self)?.acknowledgmentNumber == 1006)
    // What comes too early is acknowledged as far as it was in order.
    let early = try caller.say([.ack, .psh], "later", offset: 100)
    #expect(early.first?.first(TCP.self)?.acknowledgmentNumber == 1006)
  }

  @Test func aRepeatedSYNGetsTheSameSYNACK() throws {
    var caller = Caller(from: 1000)
    let first = try caller.say(.syn).first?.first(TCP.self)
    let second = try caller.say(.syn).first?.first(TCP.self)
    #expect(first != nil)
    #expect(first == second)
    // Another SYN is none of this connection.
    #expect(try caller.say(.syn, offset: 50).first?.first(TCP.self)?.flags == .ack)
  }

  @Test func onlyTheRightAcknowledgmentOpens() throws {
    var caller = Caller(from: 1000)
    let synAck = try #require(try caller.say(.syn).first?.first(TCP.self))
    caller.sequenceNumber &+= 1
    caller.acknowledgmentNumber = synAck.sequenceNumber &+ 2
    let reset = try #require(try caller.say(.ack).first?.first(TCP.self))
    #expect(reset.flags == .rst)
    #expect(reset.sequenceNumber == synAck.sequenceNumber &+ 2)
  }

  @Test func onlyTheExpectedResetCloses() throws {
    var caller = Caller(from: 1000)
    try caller.open()
    // RFC 5961 §3.2: within the window a challenge, outside it silence, and the connection lives on.
    #expect(try caller.say(.rst, offset: 10).first?.first(TCP.self)?.flags == .ack)
    #expect(try caller.say(.rst, offset: -10).isEmpty)
    #expect(try caller.say([.ack, .psh], "x").first?.payload == [0x78])
    caller.sequenceNumber &+= 1
    #expect(try caller.say(.rst).isEmpty)
    #expect(try caller.say(.ack).first?.first(TCP.self)?.flags == .rst)
  }

  @Test func anAcknowledgmentOfWhatWasNeverSentChangesNothing() throws {
    var caller = Caller(from: 1000)
    try caller.open()
    caller.acknowledgmentNumber &+= 500
    #expect(try caller.say([.ack, .psh], "x").first?.first(TCP.self)?.acknowledgmentNumber == 1001)
    caller.acknowledgmentNumber &-= 500
    #expect(try caller.say([.ack, .psh], "x").first?.payload == [0x78])
  }
}
