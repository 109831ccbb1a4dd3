import SondeCapture
import SondeOctets
import Testing

@Suite struct PcapWriterTests {
  /// The packets of a vector that another program wrote, written again.
  private func rewritten(_ vector: [UInt8], _ writer: PcapWriter) -> [UInt8] {
    Reading(vector).packets.reduce(writer.header) { $0 + writer.packet($1.record, $1.bytes.rawSpan) }
  }

  @Test func rewrittenFilesAreTheSameOctetForOctet() throws {
    // Written by other programs: their snap lengths stand at 16.
    for (precision, vector) in [
      (CapturePrecision.microseconds, Vectors.bigEndianMicroseconds), (.nanoseconds, Vectors.bigEndianNanoseconds),
    ] {
      let writer = PcapWriter(linkType: 101, snapLength: 65_535, precision: precision, order: .big)
      #expect(rewritten(vector, writer) == vector)
    }
    let sll = try capture("sll.pcap")
    #expect(rewritten(sll, PcapWriter(linkType: 113, precision: .microseconds)) == sll)
    let sll2 = try capture("sll2.pcap")
    #expect(rewritten(sll2, PcapWriter(linkType: 276)) == sll2)
  }

  @Test func snapLengthCutsAndTheOriginalLengthTells() {
    let bytes = [1, 2, 3, 4, 5] as [UInt8]
    for (snap, kept) in [(4, 4), (5, 5), (6, 5), (0, 5)] as [(UInt32, Int)] {
      let writer = PcapWriter(linkType: 1, snapLength: snap)
      for (original, told) in [(5, 5), (9, 9), (2, 5)] {
        let record = CaptureRecord(linkType: 1, timestamp: 7, originalLength: original)
        let reading = Reading(writer.header + writer.packet(record, bytes.rawSpan))
        #expect(reading.packets.map(\.bytes) == [Array(bytes.prefix(kept))])
        #expect(reading.packets.map(\.originalLength) == [told])
      }
    }
  }

  @Test func timesOutsideTheFormatStandAtItsEnds() {
    let last: Int64 = 4_294_967_295_999_999_999
    let cases: [(given: Int64?, read: Int64)] = [
      (nil, 0), (-1, 0), (.min, 0), (0, 0), (last, last), (last + 1, last), (.max, last),
    ]
    let none: [UInt8] = []
    for (given, read) in cases {
      let writer = PcapWriter(linkType: 1)
      let record = CaptureRecord(linkType: 1, timestamp: given, originalLength: 0)
      #expect(Reading(writer.header + writer.packet(record, none.rawSpan)).packets.map(\.timestamp) == [read])
    }
  }

  @Test func microsecondsAreRoundedDown() {
    let writer = PcapWriter(linkType: 1, precision: .microseconds)
    let none: [UInt8] = []
    for (given, read) in [(1_999, 1_000), (2_000, 2_000), (999_999_999, 999_999_000)] as [(Int64, Int64)] {
      let record = CaptureRecord(linkType: 1, timestamp: given, originalLength: 0)
      #expect(Reading(writer.header + writer.packet(record, none.rawSpan)).packets.map(\.timestamp) == [read])
    }
  }

  @Test func packetsAboveEveryReadersLimitAreCut() {
    let writer = PcapWriter(linkType: 1, snapLength: .max)
    #expect(writer.snapLength == PcapngWriter.largestPacket)
    let bytes = [UInt8](repeating: 7, count: PcapngWriter.largestPacket + 1)
    let record = CaptureRecord(linkType: 1, timestamp: 0, originalLength: bytes.count)
    let reading = Reading(writer.header + writer.packet(record, bytes.rawSpan))
    #expect(reading.packets.map(\.bytes.count) == [PcapngWriter.largestPacket])
    #expect(reading.packets.map(\.originalLength) == [PcapngWriter.largestPacket + 1])
  }
}
