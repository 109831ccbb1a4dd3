import SondeHeaders
import SondeLink
import SondeOctets
import Testing

@testable import SondeProbe
@testable import SondeReport

@Suite struct DepartingTests {
  private func fragmented() throws -> Sent {
    let packet = AnyPacket([
      IPv4(from: "192.0.2.1", to: "192.0.2.2", identification: 7), ICMPv4.echoRequest(identifier: 1, sequenceNumber: 2),
      Payload(octets: [UInt8](repeating: 9, count: 100)),
    ])
    var sent = Sent(
      probe: 1, target: 0, turn: 0, at: .init(nanoseconds: 0), wall: 5,
      asked: Registry.dissect(try packet.encoded().bytes))
    sent.fragments = try packet.fragment(mtu: 60).map { (piece) throws(CraftError) in try piece.encoded().bytes }
    return sent
  }

  private func departure(_ bytes: [UInt8]?) -> Departure {
    Departure(probe: 1, kernel: Instant(nanoseconds: 5), wall: 6, bytes: bytes)
  }

  @Test func eachFragmentIsKnownByItsPlaceInWhateverOrderTheyLeft() throws {
    let sent = try fragmented()
    #expect(sent.fragments.count == 3)
    var departing = Departing(sent)
    for (number, place) in [2, 0, 1].enumerated() {
      #expect(!departing.isWhole && departing.missing.count == 3 - number)
      var bytes = sent.fragments[place]
      if place == 1 { bytes[8] = 1 }
      departing.add(departure(bytes))
    }
    #expect(departing.isWhole && departing.missing.isEmpty && departing.changed == ["ip.ttl"])
  }

  @Test func aFragmentThatWasNotToldOfIsMissing() throws {
    let sent = try fragmented()
    var departing = Departing(sent)
    departing.add(departure(sent.fragments[1]))
    departing.add(departure(sent.fragments[1]))
    departing.add(departure(nil))
    #expect(!departing.isWhole && departing.missing == [sent.fragments[0], sent.fragments[2]])
  }

  @Test func whatALinkCannotTellIsNotCalledUnchanged() throws {
    var sent = try fragmented()
    sent.fragments = []
    var departing = Departing(sent)
    departing.add(departure(nil))
    #expect(departing.isWhole && departing.changed == nil)
  }
}
