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

  @Test func readerReadsWhatWasWritten() {
    let reading = Reading(Self.file())
    #expect(reading.error == nil)
    let expected = (0..<5 as Range<UInt8>).map { count in
      CapturedPacket(
        linkType: 101, timestamp: 1_700_000_000_123_456_789 + Int64(count), bytes: Self.packet(count),
        comments: count == 3 ? [] : ["answer \(count): naïve"], direction: count % 2 == 0 ? .outbound : .inbound)
    }
    let cut = CapturedPacket(
      interface: 1, linkType: 101, timestamp: 1, bytes: Array(Self.packet(9).prefix(30)), originalLength: 37)
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

/// Readings by tshark and capinfos. Where these are not installed the suite is skipped, and with CI=true it fails.
@Suite(
  .enabled(
    if: Tool.isCI || (Tool.tshark != nil && Tool.capinfos != nil),
    "tshark and capinfos are not installed: what is written was read by no other program"))
struct PcapngTsharkTests {
  @Test func tsharkReadsTimesLengthsCommentsAndDirections() throws {
    let tshark = try #require(Tool.tshark, "tshark is not installed")
    let fields = [
      "frame.time_epoch", "frame.len", "frame.cap_len", "frame.interface_name", "frame.comment",
      "frame.packet_flags_direction", "ip.dst",
    ]
    let output = try withFile(PcapngWriterTests.file()) { path in
      try tshark.lines(["-r", path, "-T", "fields", "-E", "separator=|"] + fields.flatMap { ["-e", $0] })
    }
    #expect(output.status == 0)
    #expect(
      output.lines == [
        "1700000000.123456789|28|28|veth0|answer 0: naïve|0x00000002|192.0.2.2",
        "1700000000.123456790|29|29|veth0|answer 1: naïve|0x00000001|192.0.2.2",
        "1700000000.123456791|30|30|veth0|answer 2: naïve|0x00000002|192.0.2.2",
        "1700000000.123456792|31|31|veth0||0x00000001|192.0.2.2",
        "1700000000.123456793|32|32|veth0|answer 4: naïve|0x00000002|192.0.2.2",
        "0.000000001|37|30|lo|||192.0.2.2",
      ])
  }

  @Test func capinfosReadsSectionAndInterfaces() throws {
    let capinfos = try #require(Tool.capinfos, "capinfos is not installed")
    let output = try withFile(PcapngWriterTests.file()) { try capinfos.lines([$0]) }
    #expect(output.status == 0)
    let words = output.lines.map { $0.split(separator: " ").joined(separator: " ") }
    for line in [
      "File type: Wireshark/... - pcapng", "Number of packets: 6", "Capture hardware: x86-64",
      "Capture oper-sys: Linux", "Capture application: sonde", "Number of interfaces in file: 2", "Name = veth0",
      "Time precision = nanoseconds (9)", "Capture length = 30", "Strict time order: False",
    ] {
      #expect(words.contains(line), "capinfos does not say \(line)")
    }
  }

  @Test(arguments: CaptureReaderTests.captures) func tsharkReadsRewrittenCaptures(_ name: String) throws {
    let tshark = try #require(Tool.tshark, "tshark is not installed")
    let original = try capture("\(name).pcap")
    var writer = PcapngWriter()
    var file = writer.sectionHeader() + writer.interfaceDescription(linkType: 1).octets
    for packet in Reading(original).packets {
      file += writer.packet(interface: 0, timestamp: packet.timestamp ?? 0, bytes: packet.bytes)
    }
    let arguments = ["-x", "-t", "e", "-r"]
    let before = try withFile(original) { try tshark.lines(arguments + [$0]) }
    let after = try withFile(file) { try tshark.lines(arguments + [$0]) }
    #expect(after.status == 0)
    #expect(after.lines.count > 3)
    // The written file's times have three more decimals.
    #expect(after.lines.map { $0.replacing("000000 ", with: "000 ") } == before.lines)
  }
}
