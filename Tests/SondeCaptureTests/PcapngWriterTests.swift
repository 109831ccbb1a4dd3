import SondeCapture
import Testing

@Suite struct PcapngWriterTests {
  /// An IPv4 packet with `count` octets of UDP payload, from 192.0.2.1 to 192.0.2.2.
  static func packet(_ count: UInt8) -> [UInt8] {
    Vectors.octets("45 00 00") + [28 + count] + Vectors.octets("0001 0000 40 11 0000 c0000201 c0000202 03e8 07d0 00")
      + [8 + count] + Vectors.octets("0000") + (0..<count)
  }

  /// A file with two interfaces and packets of every length of padding.
  static func file() -> [UInt8] {
    var writer = PcapngWriter()
    var file = writer.sectionHeader(hardware: "x86-64", system: "Linux", application: "sonde")
    let raw = writer.interfaceDescription(linkType: 101, name: "veth0")
    let cutting = writer.interfaceDescription(linkType: 101, snapLength: 30, name: "lo")
    file += raw.octets + cutting.octets
    for count in 0..<5 as Range<UInt8> {
      file += writer.packet(
        interface: raw.number, timestamp: 1_700_000_000_123_456_789 + Int64(count), bytes: packet(count),
        comment: count == 3 ? nil : "answer \(count): naïve", direction: count % 2 == 0 ? .outbound : .inbound)
    }
    return file + writer.packet(interface: cutting.number, timestamp: 1, bytes: packet(9))
  }

  @Test func blocksAreLaidOutAsTheDraftSays() {
    var writer = PcapngWriter()
    #expect(
      writer.sectionHeader(application: nil)
        == Vectors.octets("0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000"))
    #expect(
      writer.interfaceDescription(linkType: 1, snapLength: 96, name: "lo").octets
        == Vectors.octets(
          "01000000 28000000 0100 0000 60000000 0200 0200 6c6f0000 0900 0100 09000000 0000 0000 28000000"))
    #expect(
      writer.packet(
        interface: 0, timestamp: 0x0102_0304_0506_0708, bytes: [1, 2, 3, 4, 5], originalLength: 9, comment: "ok",
        direction: .outbound)
        == Vectors.octets(
          """
          06000000 3c000000 00000000 04030201 08070605 05000000 09000000 01020304 05000000
          0100 0200 6f6b0000 0200 0400 02000000 0000 0000 3c000000
          """))
    // Without options there is no end of options either.
    #expect(
      writer.packet(interface: 0, timestamp: 0, bytes: [])
        == Vectors.octets("06000000 20000000 00000000 00000000 00000000 00000000 00000000 20000000"))
  }

  @Test func bigEndianBlocksAreLaidOutAsTheDraftSays() {
    var writer = PcapngWriter(order: .big)
    #expect(
      writer.sectionHeader(application: nil, comments: ["ok"])
        == Vectors.octets("0a0d0d0a 00000028 1a2b3c4d 0001 0000 ffffffffffffffff 0001 0002 6f6b0000 00000000 00000028"))
    #expect(
      writer.interfaceDescription(linkType: 276, description: "lab", precision: .microseconds).octets
        == Vectors.octets(
          "00000001 00000028 0114 0000 00000000 0003 0003 6c616200 0009 0001 06000000 0000 0000 00000028"))
    #expect(
      writer.packet(interface: 0, timestamp: 0x0001_0203_0405_0607 * 1000, bytes: [1, 2, 3], direction: .inbound)
        == Vectors.octets(
          """
          00000006 00000030 00000000 00010203 04050607 00000003 00000003 01020300
          0002 0004 00000001 0000 0000 00000030
          """))
  }

  @Test func statisticsAreLaidOutAsTheDraftSays() {
    var writer = PcapngWriter()
    _ = writer.interfaceDescription(linkType: 1)
    #expect(
      writer.statistics(
        interface: 0, timestamp: 0x0102_0304_0506_0708, CaptureCounts(received: 0x0a0b, dropped: 1))
        == Vectors.octets(
          """
          05000000 34000000 00000000 04030201 08070605 0400 0800 0b0a000000000000
          0500 0800 0100000000000000 0000 0000 34000000
          """))
    // What is not known is not told.
    #expect(
      writer.statistics(interface: 0, timestamp: 0, CaptureCounts())
        == Vectors.octets("05000000 18000000 00000000 00000000 00000000 18000000"))
  }

  @Test func readerReadsWhatWasWritten() {
    let reading = Reading(Self.file())
    #expect(reading.error == nil)
    let expected = (0..<5 as Range<UInt8>).map { count in
      CapturedPacket(
        CaptureRecord(
          linkType: 101, timestamp: 1_700_000_000_123_456_789 + Int64(count), originalLength: 28 + Int(count),
          direction: count % 2 == 0 ? .outbound : .inbound, comments: count == 3 ? [] : ["answer \(count): naïve"]),
        bytes: Self.packet(count))
    }
    let cut = CapturedPacket(
      CaptureRecord(interface: 1, linkType: 101, timestamp: 1, originalLength: 37),
      bytes: Array(Self.packet(9).prefix(30)))
    #expect(reading.packets == expected + [cut])
  }

  @Test func packetsAboveEveryReadersLimitAreCut() {
    var writer = PcapngWriter()
    let interface = writer.interfaceDescription(linkType: 101)
    for excess in [0, 1] {
      let bytes = [UInt8](repeating: 7, count: PcapngWriter.largestPacket + excess)
      let packet = writer.packet(interface: interface.number, timestamp: 0, bytes: bytes)
      let reading = Reading(writer.sectionHeader() + interface.octets + packet)
      #expect(reading.packets.map(\.bytes.count) == [PcapngWriter.largestPacket])
      #expect(reading.packets.map(\.originalLength) == [PcapngWriter.largestPacket + excess])
    }
  }

  @Test func timesBeforeTheEpochBecomeZero() {
    var writer = PcapngWriter()
    let interface = writer.interfaceDescription(linkType: 101)
    let packet = writer.packet(interface: 0, timestamp: -1, bytes: [1])
    #expect(Reading(writer.sectionHeader() + interface.octets + packet).packets.map(\.timestamp) == [0])
  }

  @Test func commentsTooLongForAnOptionAreCutBetweenCharacters() {
    var writer = PcapngWriter()
    let start = writer.sectionHeader() + writer.interfaceDescription(linkType: 101).octets
    let cases: [(text: String, kept: Int)] = [
      (String(repeating: "a", count: 65_535), 65_535), (String(repeating: "a", count: 65_536), 65_535),
      ("a" + String(repeating: "é", count: 40_000), 65_535), (String(repeating: "é", count: 40_000), 65_534),
      (String(repeating: "🙂", count: 20_000), 65_532),
    ]
    for (text, kept) in cases {
      let file = start + writer.packet(interface: 0, timestamp: 0, bytes: [1], comment: text)
      let comment = Reading(file).packets.first?.comments.first
      #expect(comment?.utf8.count == kept)
      #expect(comment.map { text.hasPrefix($0) } == true)
    }
  }
}
