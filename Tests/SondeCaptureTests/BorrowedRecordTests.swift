import SondeOctets
import Testing

@testable import SondeCapture

@Suite struct BorrowedRecordTests {
  private static let files = ["frag4600.pcap", "dumpcap.pcapng", "merged.pcapng", "comments.pcapng", "loop.pcap"]

  @Test(arguments: files) func recordsAndTheirOctetsAreThoseOfTheCopies(_ name: String) throws {
    let file = try capture(name)
    let packets = Reading(file).packets
    for piece in [1, 13, 4096] {
      var reader = CaptureReader()
      var found: [CapturedPacket] = []
      for start in stride(from: 0, to: file.count, by: piece) {
        reader.feed(Array(file[start..<min(start + piece, file.count)]))
        while let record = try reader.nextRecord() { found.append(CapturedPacket(record, bytes: reader.bytes.octets)) }
      }
      #expect(found == packets)
    }
  }

  @Test func octetsOfSimpleAndObsoleteBlocksAreLent() throws {
    var reader = CaptureReader()
    reader.feed(Vectors.twoSections)
    var found: [CapturedPacket] = []
    while let record = try reader.nextRecord() { found.append(CapturedPacket(record, bytes: reader.bytes.octets)) }
    #expect(found == Reading(Vectors.twoSections).packets)
  }

  @Test func octetsAreGoneOnceMoreIsFed() throws {
    let file = try capture("icmp.pcap")
    var reader = CaptureReader()
    #expect(reader.bytes.byteCount == 0)
    reader.feed(file)
    _ = try reader.nextRecord()
    #expect(reader.bytes.byteCount == 60)
    reader.feed([])
    #expect(reader.bytes.byteCount == 0)
    _ = try reader.nextRecord()
    #expect(reader.bytes.byteCount == 60)
    #expect(try reader.nextRecord() == nil)
    #expect(reader.bytes.byteCount == 0)
  }

  @Test func errorTakesTheOctetsAway() throws {
    var reader = CaptureReader()
    reader.feed(Array(try capture("icmp.pcap").dropLast(10)))
    reader.finish()
    _ = try reader.nextRecord()
    #expect(throws: CaptureError(.cut(needed: 76, available: 66), at: 100)) { try reader.nextRecord() }
    #expect(reader.bytes.byteCount == 0)
    #expect(reader.window.kept == 0)
  }

  /// 200 MB go through a reader that never keeps more than two records and a piece.
  @Test(arguments: [65_536, 262_144]) func keptOctetsDoNotGrowWithTheFile(_ piece: Int) throws {
    let length = 1500
    let writer = PcapWriter(linkType: 1)
    let record = CaptureRecord(linkType: 1, timestamp: 1_700_000_000_123_456_789, originalLength: length)
    let packet = writer.packet(record, [UInt8](repeating: 0x5a, count: length).rawSpan)
    // As many packets as there are octets in one, so that every piece begins at another place of a packet.
    var block: [UInt8] = []
    while block.count < 2_000_000 { block += packet }
    var reader = CaptureReader()
    reader.feed(writer.header)
    var fed = 0
    var count = 0
    var most = 0
    while fed < 200_000_000 {
      for start in stride(from: 0, to: block.count, by: piece) {
        let end = min(start + piece, block.count)
        reader.feed(block.rawSpan.extracting(start..<end))
        fed += end - start
        most = max(most, reader.window.kept)
        while let record = try reader.nextRecord() {
          count += 1
          if record.originalLength != length || reader.bytes.byteCount != length { Issue.record("\(record)") }
        }
      }
    }
    reader.finish()
    #expect(try reader.nextRecord() == nil)
    #expect(count == fed / packet.count)
    #expect(most <= piece + 2 * packet.count)
  }
}
