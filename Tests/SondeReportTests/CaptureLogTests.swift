import SondeCapture
import SondeHeaders
import SondeLink
import SondeReport
import Testing

@testable import SondeProbe

@Suite struct CaptureLogTests {
  private func packets(_ octets: [UInt8]) throws -> [CapturedPacket] {
    var reader = CaptureReader()
    reader.feed(octets)
    reader.finish()
    var packets: [CapturedPacket] = []
    while let packet = try reader.next() { packets.append(packet) }
    return packets
  }

  @Test func aPacketIsWrittenAsItLeftWithTheVerdictOnItsAnswer() throws {
    var log = CaptureLog()
    var file = log.header
    file += log.octets(Happening.sent(1))
    let departed = Departure(probe: 1, kernel: Instant(nanoseconds: 5), wall: Happening.wall + 5, bytes: [0x45, 0xff])
    file += log.octets(.left(departed))
    file += log.octets(.answer(Happening.answer(1, flags: [.local])))
    file += log.octets(Happening.noise(at: 0))
    let found = try packets(file + log.rest())
    #expect(found.map(\.direction) == [.outbound, .inbound, .inbound])
    #expect(
      found[0].bytes == [0x45, 0xff] && found[0].timestamp == Happening.wall + 5 && found[0].comments == ["probe 1"])
    #expect(found[1].comments == ["probe 1: reply by echo-reply [local], rtt 1234567 ns: because"])
    #expect(found[2].comments == ["noise: carries id 8, not our 7"])
  }

  @Test func whatTheKernelNeverStampedIsWrittenAsAsked() throws {
    var log = CaptureLog()
    var file = log.header
    file += log.octets(Happening.sent(1)) + log.octets(.silence(Happening.silence(1)))
    file += log.octets(Happening.sent(2))
    let found = try packets(file + log.rest())
    #expect(found.count == 2 && found.allSatisfy { $0.direction == .outbound && $0.timestamp == Happening.wall })
    #expect(found.map { $0.bytes.count } == [28, 28])
  }

  @Test func everyWayOfReadingTheFirstOctetIsAnInterface() throws {
    let bytes = [UInt8](repeating: 0, count: 12) + [0x08, 0]
    var sent = Sent(probe: 1, target: 0, turn: 0, at: .init(nanoseconds: 0), wall: 5, asked: Registry.dissect(bytes))
    sent.asked = Registry.dissect(bytes, as: .link(LinkType.ethernet.rawValue))
    var log = CaptureLog()
    var file = log.header + log.octets(.sent(sent)) + log.octets(.silence(Happening.silence(1)))
    file += log.octets(Happening.sent(2)) + log.octets(.silence(Happening.silence(2)))
    sent.probe = 3
    file += log.octets(.sent(sent))
    let departed = Departure(
      probe: 3, kernel: Instant(nanoseconds: 5), wall: 7, bytes: bytes + [1], linkType: .ethernet)
    file += log.octets(.left(departed))
    let found = try packets(file + log.rest())
    #expect(found.map(\.linkType) == [1, 101, 1].map { UInt16($0) })
    #expect(found[0].bytes == bytes && found[2].bytes == bytes + [1])
  }

  @Test func anEmptyRunIsAFileNevertheless() throws {
    var log = CaptureLog()
    let found = try packets(log.header + log.rest())
    #expect(found.isEmpty)
  }
}
