import SondeHeaders
import SondeLink
import SondeOctets
import SondeScript
import Testing

@Suite struct TalkDatagramsTests {
  private let start = Instant(nanoseconds: 0)

  private func end() -> TalkDatagrams {
    TalkDatagrams(
      from: 4000, to: Talk.End(.v4("192.0.2.2"), 7), identification: 1, Talk.Settings(), .init()
    ) { _ in
      .v4("192.0.2.1")
    } resolve: {
      IPAddress($0)
    }
  }

  private func datagram(_ text: String) throws -> Received {
    let packet = AnyPacket([
      IPv4(from: "192.0.2.2", to: "192.0.2.1"), UDP(from: 7, to: 4000), Payload(octets: Array(text.utf8)),
    ])
    return .frame(Frame(bytes: try packet.encoded().bytes, stamp: Stamp(monotonic: start)))
  }

  @Test func aDatagramThatCameBeforeItWasAskedForIsTheOneAskedFor() throws {
    var talk = end()
    talk.receive(try datagram("early"), at: start)
    talk.begin(TalkInstruction(.receiveFrom(nil)), at: start)
    _ = talk.step(at: start)
    #expect(!talk.isBusy && talk.takeOutcomes().count == 1)
    // The next one is waited for.
    talk.begin(TalkInstruction(.receiveFrom(nil)), at: start)
    _ = talk.step(at: start)
    #expect(talk.isBusy)
    talk.receive(try datagram("late"), at: start)
    _ = talk.step(at: start)
    #expect(!talk.isBusy && talk.takeOutcomes().count == 1)
  }

  /// A datagram that went has taken place, whether or not anybody answers; one that was refused has not.
  @Test func aTalkTakesPlaceUnlessItIsRefused() throws {
    var talk = end()
    #expect(!talk.tookPlace)
    talk.begin(try #require(try TalkInstruction(line: "sendto hello")), at: start)
    #expect(talk.tookPlace)
    let refusal = AnyPacket([
      IPv4(from: "192.0.2.2", to: "192.0.2.1"), ICMPv4.destinationUnreachable(code: 3),
      Quote(Registry.dissect(talk.takePackets()[0].bytes).packet),
    ])
    talk.receive(.frame(Frame(bytes: try refusal.encoded().bytes, stamp: Stamp(monotonic: start))), at: start)
    #expect(!talk.tookPlace)
    talk.receive(try datagram("after all"), at: start)
    #expect(talk.tookPlace)
  }

  @Test func aDatagramLeavesAsItIsWrittenOrToWhomItNames() throws {
    var talk = end()
    for line in ["sendto hello len=9", "sendto 192.0.2.9 53 x"] {
      talk.begin(try #require(try TalkInstruction(line: line)), at: start)
    }
    let sent = talk.takePackets().map { Registry.dissect($0.bytes) }
    #expect(sent.map { $0.first(UDP.self)?.destinationPort } == [7, 53])
    #expect(sent[0].first(UDP.self)?.length == .set(9) && sent[1].destination == .v4("192.0.2.9"))
  }
}
