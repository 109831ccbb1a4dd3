import Foundation
import SondeCapture
import Testing

@Suite struct CaptureReaderTests {
  static let captures = ["arp", "conn", "frag4600", "icmp", "seg4600", "seqack", "table1", "table2", "udp"]

  @Test(arguments: captures) func packetsAreThoseThatTsharkSees(_ name: String) throws {
    let reading = Reading(try capture("\(name).pcap"))
    let lines = String(decoding: try capture("\(name).lines"), as: UTF8.self).split(separator: "\n")
    #expect(reading.error == nil)
    #expect(reading.packets.count == lines.count)
    for (packet, line) in zip(reading.packets, lines) {
      // Number, seconds since the first packet, source, an arrow, destination, protocol, length.
      let words = line.split(separator: " ")
      #expect(packet.originalLength == Int(words[6]))
      #expect(packet.bytes.count == packet.originalLength)
      #expect(packet.linkType == 1)
      let microseconds = Int64(words[1].filter { $0 != "." })
      #expect(packet.timestamp == microseconds.map { 1_700_000_000_000_000_000 + $0 * 1000 })
    }
  }

  @Test func bigEndianFilesReadLikeLittleEndianOnes() {
    let first = [1_700_000_000_123_456_000, 1_700_000_000_123_456_789] as [Int64]
    for (vector, time) in zip([Vectors.bigEndianMicroseconds, Vectors.bigEndianNanoseconds], first) {
      let reading = Reading(vector)
      #expect(reading.error == nil)
      #expect(reading.packets.map(\.timestamp) == [time, 1_700_000_001_000_000_000])
      #expect(reading.packets.map(\.bytes.count) == [29, 28])
      #expect(reading.packets.map(\.originalLength) == [29, 33])
      #expect(reading.packets.allSatisfy { $0.linkType == 101 })
    }
  }

  @Test func everyPacketBlockOfBothByteOrdersIsRead() {
    let reading = Reading(Vectors.twoSections)
    #expect(reading.error == nil)
    #expect(
      reading.packets.map(\.timestamp) == [
        1_700_000_000_123_456_789, 1_700_001_000_500_000_000, nil, nil, 1_700_000_000_123_000_000,
      ])
    #expect(reading.packets.map(\.bytes.count) == [31, 34, 29, 30, 29])
    #expect(reading.packets.map(\.originalLength) == [31, 34, 29, 40, 29])
    #expect(reading.packets.map(\.interface) == [0, 1, 0, 0, 0])
    #expect(reading.packets.map(\.direction) == [.inbound, .outbound, nil, nil, nil])
    #expect(reading.packets.map(\.comments) == [["first", "second"], [], [], [], []])
    // The IPv4 header's total length shows that no octet is out of place.
    #expect(reading.packets.map { $0.bytes[3] } == [31, 34, 29, 40, 29])
  }

  @Test func commentsOfEditcapAreRead() throws {
    let reading = Reading(Vectors.commented)
    let plain = Reading(try capture("icmp.pcap"))
    #expect(reading.error == nil)
    #expect(reading.packets.map(\.comments) == [["hello, reply"], []])
    #expect(reading.packets.map(\.bytes) == plain.packets.map(\.bytes))
    #expect(reading.packets.map(\.timestamp) == plain.packets.map(\.timestamp))
  }

  @Test func interfacesAreThoseOfTheCurrentSection() throws {
    var reader = CaptureReader()
    reader.feed(Vectors.twoSections)
    _ = try reader.next()
    #expect(reader.interfaces.map(\.name) == ["veth0", nil])
    #expect(reader.interfaces.map(\.snapLength) == [0, 34])
    for _ in 0..<3 { _ = try reader.next() }
    #expect(reader.interfaces.map(\.snapLength) == [30])
  }

  @Test(arguments: [1, 2, 3, 7, 16, 61, 4096]) func piecesOfAnySizeReadAlike(_ piece: Int) throws {
    for file in [Vectors.twoSections, Vectors.bigEndianNanoseconds, try capture("frag4600.pcap")] {
      #expect(Reading(file, piece: piece) == Reading(file))
    }
  }

  @Test func packetComesAsSoonAsItsLastOctet() throws {
    let file = try capture("icmp.pcap")
    var reader = CaptureReader()
    reader.feed(Array(file.prefix(24 + 16 + 59)))
    #expect(try reader.next() == nil)
    reader.feed([file[99]])
    #expect(try reader.next()?.bytes.count == 60)
    #expect(try reader.next() == nil)
  }

  @Test func cutSaysWhatWasMissing() throws {
    let reading = Reading(Array(try capture("icmp.pcap").dropLast(10)))
    #expect(reading.packets.count == 1)
    #expect(reading.error == CaptureError(.cut(needed: 76, available: 66), at: 100))
  }

  @Test func errorStays() throws {
    var reader = CaptureReader()
    reader.feed([0, 1, 2, 3])
    let error = CaptureError(.unknownFormat(magic: 0x0001_0203), at: 0)
    #expect(throws: error) { try reader.next() }
    reader.feed(try capture("icmp.pcap"))
    #expect(throws: error) { try reader.next() }
  }

  @Test func wrongFilesSayWhatIsWrong() {
    typealias Case = (octets: [UInt8], error: CaptureError)
    let section = Array(Vectors.twoSections.prefix(28))
    let huge = section + Vectors.octets("00000006 04000004")
    let cases: [Case] = [
      (Vectors.octets("34cdb2a1"), CaptureError(.foreignFormat(.modifiedPcap), at: 0)),
      (Vectors.octets("a1b2cd34"), CaptureError(.foreignFormat(.modifiedPcap), at: 0)),
      (Vectors.octets("1f8b0808"), CaptureError(.foreignFormat(.gzip), at: 0)),
      (Vectors.octets("1f8c0808"), CaptureError(.unknownFormat(magic: 0x1f8c_0808), at: 0)),
      (Array("GIF89a".utf8), CaptureError(.unknownFormat(magic: 0x4749_4638), at: 0)),
      ([], CaptureError(.empty, at: 0)),
      ([0xa1], CaptureError(.cut(needed: 4, available: 1), at: 0)),
      (
        Vectors.octets("d4c3b2a1 0300 0400") + [UInt8](repeating: 0, count: 16),
        CaptureError(.unsupportedVersion(major: 3, minor: 4), at: 4)
      ),
      (
        Vectors.octets("0a0d0d0a 1c000000 11223344"),
        CaptureError(.unknownByteOrder(magic: 0x1122_3344), at: 8)
      ),
      (
        Vectors.octets("0a0d0d0a 0000001c 1a2b3c4d 0002 0000 ffffffffffffffff 0000001c"),
        CaptureError(.unsupportedVersion(major: 2, minor: 0), at: 12)
      ),
      (
        Array(Vectors.bigEndianNanoseconds.prefix(24)) + Vectors.octets("00000000 00000000 04000001 04000001"),
        CaptureError(.oversized(length: 0x0400_0001), at: 32)
      ),
      (huge, CaptureError(.oversized(length: 0x0400_0004), at: 32)),
      (section + Vectors.octets("00000006 00000008"), CaptureError(.illegalLength(8), at: 32)),
      (section + Vectors.octets("00000006 0000000e"), CaptureError(.illegalLength(14), at: 32)),
      (
        section + Vectors.octets("00000bad 0000000c 00000010"),
        CaptureError(.lengthsDisagree(first: 12, last: 16), at: 36)
      ),
      (
        section + Vectors.octets("00000003 00000010 00000000 00000010"),
        CaptureError(.unknownInterface(0, known: 0), at: 36)
      ),
      (
        Array(Vectors.twoSections.prefix(28 + 44)) + Vectors.octets("00000003 00000010 00000001 00000010"),
        CaptureError(.overrun(needed: 1, available: 0), at: 84)
      ),
      (
        section + Vectors.octets("00000001 00000018 0065 0000 00000000 0009 0005 00000018"),
        CaptureError(.overrun(needed: 5, available: 0), at: 48)
      ),
    ]
    for (octets, error) in cases {
      let reading = Reading(octets)
      #expect(reading.error == error)
      #expect(reading.packets.isEmpty)
    }
  }

  /// tshark tells the same of such files, with the default unit and no offset.
  @Test func optionsOfTheWrongLengthArePassedOver() throws {
    let section = Array(Vectors.twoSections.prefix(28))
    let packet = "00000000 000f4240 00000004 00000004 01020304"
    func read(unit: String, offset: String) throws -> Reading {
      let options = Vectors.octets(unit) + Vectors.octets(offset) + Vectors.octets("00020001 61000000")
      let length: [UInt8] = [0, 0, 0, UInt8(20 + options.count)]
      let interface = Vectors.octets("00000001") + length + Vectors.octets("00650000 00000000") + options + length
      let flags = "00020002 00010000 00010001 63000000"
      let reading = Reading(
        section + interface + Vectors.octets("00000006 00000034 00000000 \(packet) \(flags) 00000034"))
      #expect(reading.error == nil)
      #expect(reading.packets.first?.comments == ["c"])
      #expect(reading.packets.first?.direction == nil)
      return reading
    }
    let second: Int64 = 1_000_000_000
    #expect(try read(unit: "00090000", offset: "000e0002 00010000").packets.first?.timestamp == second)
    #expect(try read(unit: "00090002 03000000", offset: "000e0000").packets.first?.timestamp == second)
    // Nearly the same, of the right lengths.
    #expect(
      try read(unit: "00090001 03000000", offset: "000e0008 00000000 00000001").packets.first?.timestamp
        == 1001 * second)
  }

  @Test func longestBlockIsWaitedFor() throws {
    // A block of the greatest length is waited for; nothing is set aside for it.
    var reader = CaptureReader()
    reader.feed(Array(Vectors.twoSections.prefix(28)) + Vectors.octets("00000006 04000000"))
    #expect(try reader.next() == nil)
  }

  @Test func unknownInterfaceCountsItsNeighbours() {
    // The first enhanced packet, after its section header and the two interfaces, names interface 2.
    var file = Vectors.twoSections
    let name = Vectors.octets("00000006 00000064 00000000")
    guard let start = file.indices.first(where: { file[$0...].starts(with: name) }) else {
      Issue.record("the vector has no enhanced packet")
      return
    }
    file[start + 11] = 1
    #expect(Reading(file).packets.first?.timestamp != nil)
    file[start + 11] = 2
    #expect(Reading(file).error == CaptureError(.unknownInterface(2, known: 2), at: UInt64(start + 8)))
  }
}
