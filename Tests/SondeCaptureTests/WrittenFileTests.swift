import SondeCapture
import Testing

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
