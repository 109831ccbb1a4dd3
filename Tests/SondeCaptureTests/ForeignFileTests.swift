import SondeCapture
import Testing

/// Files that other programs wrote, each with what tshark says of its packets beside it (`.facts`): time, length,
/// captured length, interface, comment, direction.
///
/// ```
/// tcpdump -i any -y LINUX_SLL -w sll.pcap            tcpdump -i any --nano -w sll2.pcap
/// dumpcap -i lo -s 60 -i veth7 -s 0 --capture-comment "two interfaces, naïve" -w dumpcap.pcapng
/// mergecap -I none -w merged.pcapng icmp.pcap sll.pcap sll2.pcap rawip.pcap
/// editcap -a "1:first, naïve" -a "2:second" -s 40 -F pcapng sll2.pcap comments.pcapng
/// editcap --inject-secrets tls,keys.txt icmp.pcap secrets.pcapng
/// ```
///
/// null.pcap, loop.pcap (big endian), rawip.pcap (big endian, nanoseconds) and ipv4.pcap (nanoseconds) are scapy's.
@Suite struct ForeignFileTests {
  static let files = [
    "sll.pcap", "sll2.pcap", "null.pcap", "loop.pcap", "rawip.pcap", "ipv4.pcap", "dumpcap.pcapng",
    "merged.pcapng", "comments.pcapng", "secrets.pcapng",
  ]

  @Test(arguments: files) func packetsAreThoseThatTsharkSees(_ name: String) throws {
    let reading = Reading(try capture(name))
    let stem = name.prefix { $0 != "." }
    let lines = String(decoding: try capture("\(stem).facts"), as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(reading.error == nil)
    #expect(!lines.isEmpty)
    #expect(reading.packets.map { facts($0, hasInterfaces: name.hasSuffix("ng")) } == lines)
  }

  @Test func linkTypesAreTheNumbersOfTheRegistry() throws {
    let types: [(file: String, linkType: UInt16)] = [
      ("icmp.pcap", 1), ("sll.pcap", 113), ("sll2.pcap", 276), ("null.pcap", 0), ("loop.pcap", 108),
      ("rawip.pcap", 101), ("ipv4.pcap", 228),
    ]
    for (file, linkType) in types {
      let packets = Reading(try capture(file)).packets
      #expect(packets.count == 2)
      #expect(packets.allSatisfy { $0.linkType == linkType }, "\(file)")
    }
    #expect(Reading(try capture("merged.pcapng")).packets.map(\.linkType) == [1, 1, 101, 101, 113, 276, 113, 276])
  }

  @Test func frameCheckBitsAreNoPartOfTheLinkType() throws {
    var file = try capture("loop.pcap")
    // The word at 20, big endian: FCS length 4 octets, and the bit that says so.
    file[20] = 0x24
    #expect(Reading(file).packets == Reading(try capture("loop.pcap")).packets)
  }

  @Test func sectionAndInterfacesTellWhatDumpcapWrote() throws {
    var reader = CaptureReader()
    reader.feed(try capture("dumpcap.pcapng"))
    while try reader.nextRecord() != nil {}
    let section = try #require(reader.section)
    #expect(section.comments == ["two interfaces, naïve"])
    #expect(section.order == .little)
    #expect(section.hardware == "AMD EPYC (with SSE4.2)")
    #expect(section.system == "Linux 6.18.44-0-amd64")
    #expect(section.application?.hasPrefix("Dumpcap (Wireshark) 4.0.17") == true)
    #expect(reader.interfaces.map(\.name) == ["lo", "veth7"])
    #expect(reader.interfaces.map(\.description) == ["Loopback", nil])
    #expect(reader.interfaces.map(\.snapLength) == [60, 262_144])
    #expect(reader.interfaces.map(\.counts) == [.init(received: 4, dropped: 0), .init(received: 10, dropped: 0)])
  }

  @Test func pcapFilesHaveNoSection() throws {
    var reader = CaptureReader()
    reader.feed(try capture("sll.pcap"))
    #expect(try reader.nextRecord() != nil)
    #expect(reader.section == nil)
    #expect(reader.interfaces.map(\.linkType) == [113])
  }

  @Test func statisticsOfAnUnknownInterfaceArePassedOver() throws {
    var file = try capture("dumpcap.pcapng")
    let start = try #require(file.indices.last { file[$0...].starts(with: [5, 0, 0, 0]) })
    // The last statistics are the second interface's.
    #expect(file[start + 8] == 1)
    file[start + 8] = 2
    var reader = CaptureReader()
    reader.feed(file)
    while try reader.nextRecord() != nil {}
    #expect(reader.interfaces.map(\.counts) == [.init(received: 4, dropped: 0), nil])
  }

  @Test func blocksOfOtherKindsArePassedOver() throws {
    let file = try capture("comments.pcapng")
    let plain = Reading(file)
    // Name resolution (one IPv4 record), custom (to be copied or not), journal, secrets and unknown blocks.
    let blocks = [
      "04000000 20000000 01000900 c0000201 6c616261 00000000 00000000 20000000",
      "ad0b0000 14000000 ffff0000 01020304 14000000", "ad0b0040 14000000 ffff0000 01020304 14000000",
      "09000000 10000000 5f5f5f5f 10000000", "0a000000 14000000 4b534c54 00000000 14000000",
      "efbeadde 0c000000 0c000000",
    ].map(Vectors.octets)
    let start = try #require(file.indices.first { file[$0...].starts(with: [6, 0, 0, 0]) })
    for block in blocks {
      let reading = Reading(Array(file[..<start]) + block + block + file[start...] + block)
      #expect(reading == plain)
      #expect(reading.packets.count == 2)
    }
  }
}
