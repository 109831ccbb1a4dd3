import SondeCapture
import SondeOctets
import TestSupport
import Testing

/// Readings by Wireshark's programs and tcpdump. Where one is not installed the suite is skipped, and with CI=true it
/// fails.
@Suite(
  .enabled(
    if: Tool.isCI || Tool.all.allSatisfy { $0 != nil },
    "tshark, capinfos, editcap, mergecap or tcpdump is not installed: what is written was read by no other program"))
struct WrittenFileTests {
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

  @Test(arguments: CaptureReaderTests.captures.map { "\($0).pcap" } + ForeignFileTests.files)
  func tsharkReadsRewrittenCaptures(_ name: String) throws {
    let tshark = try #require(Tool.tshark, "tshark is not installed")
    let original = try capture(name)
    let order: ByteOrder = name.utf8.count % 2 == 0 ? .little : .big
    var reader = CaptureReader()
    reader.feed(original)
    var writer = PcapngWriter(order: order)
    var packets: [UInt8] = []
    var described = 0
    while let record = try reader.nextRecord() {
      for interface in reader.interfaces.dropFirst(described) {
        packets += writer.interfaceDescription(linkType: interface.linkType).octets
      }
      described = reader.interfaces.count
      packets += writer.packet(record, reader.bytes)
    }
    let arguments = ["-n", "-x", "-t", "e", "-r"]
    let before = try withFile(original) { try tshark.lines(arguments + [$0]) }
    let after = try withFile(writer.sectionHeader() + packets) { try tshark.lines(arguments + [$0]) }
    #expect(after.status == 0)
    #expect(after.lines.count > 3)
    // Times in microseconds are written with three decimals more.
    func alike(_ lines: [String]) -> [String] { lines.map { $0.replacing("000000 ", with: "000 ") } }
    #expect(alike(after.lines) == alike(before.lines))
  }

  private static let fields = [
    "-n", "-T", "fields", "-E", "separator=|", "-e", "frame.time_epoch", "-e", "frame.len", "-e", "frame.cap_len",
    "-e", "frame.interface_id", "-e", "frame.comment", "-e", "frame.packet_flags_direction", "-r",
  ]

  @Test func tsharkReadsRandomFilesOfBothFormatsOrdersAndUnits() throws {
    let tshark = try #require(Tool.tshark, "tshark is not installed")
    var generator = Seeded()
    for order in [ByteOrder.little, .big] {
      for precision in [CapturePrecision.microseconds, .nanoseconds] {
        var capture = RandomCapture(&generator, packets: 50)
        capture.order = order
        capture.precision = precision
        capture.interfaces = capture.interfaces.map { (1, $0.snapLength) }
        for index in capture.packets.indices {
          // Line breaks would stand in tshark's lines, and no file of times in seconds is meant here.
          capture.packets[index].comments = capture.packets[index].comments.filter { $0 != "" && $0 != "two\nlines" }
          if precision == .microseconds, let time = capture.packets[index].timestamp {
            capture.packets[index].timestamp = time / 1000 * 1000
          }
        }
        let pcapng = try withFile(capture.pcapng) { try tshark.lines(Self.fields + [$0]) }
        #expect(pcapng.lines == capture.cut.map { facts($0) })
        let pcap = try withFile(capture.pcap) { try tshark.lines(Self.fields + [$0]) }
        #expect(pcap.lines == capture.plain.map { facts($0, hasInterfaces: false) })
      }
    }
  }

  @Test func editcapConvertsAndTheReaderReadsWhatItWrote() throws {
    let editcap = try #require(Tool.editcap, "editcap is not installed")
    let original = PcapngWriterTests.file()
    var plain = Reading(original).packets
    for index in plain.indices {
      plain[index].comments = []
      plain[index].direction = nil
      plain[index].interface = 0
    }
    for format in ["nsecpcap", "pcapng"] {
      let converted = try withFile(original) { path in
        try withFile([]) { result in
          #expect(try editcap.lines(["-F", format, path, result]).status == 0)
          return try contents(result)
        }
      }
      let reading = Reading(converted)
      #expect(reading.error == nil)
      #expect(reading.packets == (format == "pcapng" ? Reading(original).packets : plain))
    }
  }

  @Test func capinfosFindsStatisticsCommentsAndDescriptions() throws {
    let capinfos = try #require(Tool.capinfos, "capinfos is not installed")
    for order in [ByteOrder.little, .big] {
      var writer = PcapngWriter(order: order)
      var file = writer.sectionHeader(comments: ["kept"])
      file += writer.interfaceDescription(linkType: 1, name: "eth0", description: "to the lab").octets
      file += writer.packet(interface: 0, timestamp: 1, bytes: [UInt8](repeating: 0, count: 60))
      file += writer.statistics(interface: 0, timestamp: 2, CaptureCounts(received: 80_000, dropped: 79_748))
      let words = try withFile(file) { try capinfos.lines([$0]) }.lines.map {
        $0.split(separator: " ").joined(separator: " ")
      }
      for line in [
        "Number of packets: 1", "Capture comment: kept", "Description = to the lab", "Number of stat entries = 1",
      ] {
        #expect(words.contains(line), "capinfos does not say \(line)")
      }
    }
  }

  @Test func mergecapJoinsFilesOfBothFormats() throws {
    let mergecap = try #require(Tool.mergecap, "mergecap is not installed")
    let writer = PcapWriter(linkType: 113, precision: .microseconds, order: .big)
    let record = CaptureRecord(linkType: 113, timestamp: 1_800_000_000_000_001_000, originalLength: 90)
    let bytes = [UInt8](repeating: 1, count: 70)
    let merged = try withFile(writer.header + writer.packet(record, bytes.rawSpan)) { first in
      try withFile(PcapngWriterTests.file()) { second in
        try withFile([]) { result in
          #expect(try mergecap.lines(["-I", "none", "-w", result, first, second]).status == 0)
          return try contents(result)
        }
      }
    }
    let reading = Reading(merged)
    #expect(reading.error == nil)
    #expect(reading.packets.map(\.linkType) == [101, 101, 101, 101, 101, 101, 113])
    #expect(reading.packets.last?.bytes == bytes)
    #expect(reading.packets.last?.originalLength == 90)
    #expect(reading.packets.last?.timestamp == record.timestamp)
  }

  @Test func tcpdumpReadsEveryLinkType() throws {
    let tcpdump = try #require(Tool.tcpdump, "tcpdump is not installed")
    let files = ["icmp", "sll", "sll2", "null", "loop", "rawip", "ipv4"]
    for name in files {
      let original = try capture("\(name).pcap")
      let packets = Reading(original).packets
      let writer = PcapWriter(linkType: packets[0].linkType, order: .big)
      let file = packets.reduce(writer.header) { $0 + writer.packet($1.record, $1.bytes.rawSpan) }
      let arguments = ["-n", "-e", "-xx", "-tt", "--nano", "-r"]
      let before = try withFile(original) { try tcpdump.lines(arguments + [$0]) }
      let after = try withFile(file) { try tcpdump.lines(arguments + [$0]) }
      #expect(after.status == 0)
      #expect(after.lines.count > 3)
      #expect(after.lines == before.lines)
    }
  }
}
