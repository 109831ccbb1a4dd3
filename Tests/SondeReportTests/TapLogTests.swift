import SondeCapture
import SondeLink
import SondeReport
import Testing

/// What a tap writes is read back by the project's own reader, which is held against tshark elsewhere.
@Suite struct TapLogTests {
  private func packets(_ events: [TapEvent]) throws -> [CapturedPacket] {
    var log = TapLog()
    var reader = CaptureReader()
    reader.feed(log.header)
    for event in events { reader.feed(log.octets(event)) }
    reader.finish()
    var packets: [CapturedPacket] = []
    while let packet = try reader.next() { packets.append(packet) }
    return packets
  }

  private let sent = TapEvent.sent(
    Outgoing(probe: 7, bytes: [0x45, 1]), at: Instant(nanoseconds: 5), wall: 1_700_000_000_123_456_789)

  @Test func bothDirectionsAreWrittenWithTheirNanoseconds() throws {
    let frame = Frame(
      bytes: [0x60, 2, 3], stamp: Stamp(monotonic: Instant(nanoseconds: 9), wall: 1_700_000_000_123_456_999))
    let packets = try packets([sent, .received(frame)])
    #expect(packets.map(\.bytes) == [[0x45, 1], [0x60, 2, 3]])
    #expect(packets.map(\.timestamp) == [1_700_000_000_123_456_789, 1_700_000_000_123_456_999])
    #expect(packets.map(\.direction) == [.outbound, .inbound])
    #expect(packets.map(\.comments) == [["probe 7"], []])
  }

  @Test func eachLinkTypeIsAnInterface() throws {
    let frame = Frame(bytes: [1], linkType: .ethernet, stamp: Stamp(monotonic: Instant(nanoseconds: 1), wall: 1))
    let packets = try packets([sent, .received(frame), sent])
    #expect(packets.map(\.linkType) == [101, 1, 101])
    #expect(packets.map(\.interface) == [0, 1, 0])
  }

  @Test func whatDidNotPassIsNotWritten() throws {
    let failure = TapEvent.failed(LinkError(operation: "send", code: 1, message: "no"), probe: 7)
    let departure = TapEvent.left(Departure(probe: 7, kernel: Instant(nanoseconds: 6), wall: 1, bytes: [0x45, 1]))
    #expect(try packets([failure, departure]).isEmpty)
  }
}
