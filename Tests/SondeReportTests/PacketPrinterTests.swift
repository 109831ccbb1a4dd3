import Foundation
import SondeCapture
import SondeHeaders
import SondeOctets
import SondeReport
import TestSupport
import Testing

@Suite struct PacketPrinterTests {
  static let details = PacketPrinter.Details(showsTree: true, showsOctets: true, width: 80)

  @Test func theTreeSaysWhatValuesMean() throws {
    let text = printed([try Shelf.packets("table1.pcap")[0]], .line, .init(showsTree: true))
    for line in [
      "IPv4, octets 14 to 33\n", "  Header length: 5 (20 octets)\n", "(DSCP default, ECN not capable)\n",
      "(don't fragment)\n", "  Protocol: 6 (TCP)\n", "  Destination port: 7 (echo)\n", "(0 relative to the first)\n",
      "(SYN)\n", "  Data offset: 10 (40 octets)\n",
    ] {
      #expect(text.contains(line), "\(line) is not in \(text)")
    }
    #expect(text.components(separatedBy: "(correct)").count == 3, "of IP and of TCP: \(text)")
    var bytes = try Shelf.packets("table1.pcap")[0].bytes
    bytes[22] = 63
    let damaged = printed([captured(bytes, linkType: 1)], .line, .init(showsTree: true))
    #expect(damaged.contains("(wrong, should be 0x"), "\(damaged)")
  }

  @Test func everyFieldStandsBelowItsOctets() throws {
    let text = printed([try Shelf.packets("udp.pcap")[0]], .line, .init(showsOctets: true, width: 80))
    #expect(
      text.contains(
        """
        UDP, 8 octets at 34
        0022  87                33                80                10
              Source port 34611                   Destination port 32784
        0026  00                0f                c0                35
              Length 15                           Checksum 0xc035
        Data, 7 octets at 42
        002a  62 6f 6e 6a 6f 75 72                             bonjour

        """), "\(text)")
  }

  @Test(arguments: [1, 40, 41, 60, 80, 1000])
  func drawingsKeepToTheWidth(width: Int) throws {
    for name in Shelf.printed {
      let text = printed(try Shelf.packets("\(name).pcap"), .line, .init(showsOctets: true, width: width))
      for line in text.split(separator: "\n") where !line.contains(" → ") {
        #expect(line.count <= max(40, width), "\(line)")
      }
    }
  }

  @Test func colorsAreThereOnlyWhereTheyAreAskedFor() throws {
    let packets = try Shelf.packets("udp.pcap")
    #expect(!printed(packets, .line, Self.details).contains("\u{1b}"))
    var colored = Self.details
    colored.isColored = true
    #expect(printed(packets, .line, colored).contains("\u{1b}["))
  }

  @Test func anObjectHoldsWhatIsDocumented() throws {
    for name in Shelf.printed {
      let packets = try Shelf.packets("\(name).pcap")
      let lines = printed(packets, .json).split(separator: "\n")
      #expect(lines.count == packets.count)
      for (index, line) in lines.enumerated() {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["type"] as? String == "packet" && object["frame"] as? Int == index + 1)
        #expect(object["length"] as? Int == packets[index].originalLength)
        #expect(object["captured"] as? Int == packets[index].bytes.count)
        #expect(object["stopped"] is NSNull && object["recipe"] is String && object["summary"] is String)
        let layers = try #require(object["layers"] as? [[String: Any]])
        #expect(layers.first?["name"] as? String == "ether" && layers.first?["offset"] as? Int == 0)
        for layer in layers { #expect(layer["fields"] is [String: Any]) }
      }
    }
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(printed([try Shelf.packets("udp.pcap")[0]], .json).utf8))
        as? [String: Any])
    #expect(object["payload"] as? String == "626f6e6a6f7572")
    let udp = (object["layers"] as? [[String: Any]])?.last
    #expect(udp?["name"] as? String == "udp" && udp?["offset"] as? Int == 34)
    #expect((udp?["fields"] as? [String: Any])?["dport"] as? Int == 32784)
  }

  @Test func anObjectSaysWhereReadingStopped() throws {
    let cut = captured(Array(try Shelf.packets("table1.pcap")[0].bytes.prefix(50)), length: 74, linkType: 1)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(printed([cut], .json).utf8)) as? [String: Any])
    let stopped = try #require(object["stopped"] as? [String: Any])
    #expect(stopped["layer"] as? String == "tcp" && stopped["offset"] as? Int == 34)
    #expect(stopped["reason"] as? String == "20 octets needed at offset 34, 16 left")
    #expect(object["captured"] as? Int == 50 && object["length"] as? Int == 74)
  }

  /// Whatever octets come, something is printed: valid UTF-8, and JSON that can be read.
  @Test func noOctetsStopThePrinting() throws {
    var generator = Seeded()
    let whole = try Shelf.printed.flatMap { try Shelf.packets("\($0).pcap") }
    var packets: [CapturedPacket] = []
    for _ in 0..<1500 {
      var packet = whole[Int.random(in: 0..<whole.count, using: &generator)]
      if packet.bytes.count > 200 { packet.bytes.removeLast(packet.bytes.count - 200) }
      for _ in 0..<Int.random(in: 0...4, using: &generator) {
        packet.bytes[Int.random(in: 0..<packet.bytes.count, using: &generator)] = .random(
          in: 0...255, using: &generator)
      }
      packet.bytes.removeLast(
        Int.random(in: 0...packet.bytes.count, using: &generator) / Int.random(in: 1...9, using: &generator))
      packet.record.linkType = [1, 1, 1, 101, 0, 113, 276, 147].randomElement(using: &generator) ?? 1
      packet.record.originalLength = .random(in: -1...2000, using: &generator)
      packets.append(packet)
    }
    for _ in 0..<300 { packets.append(captured(generator.octets(.random(in: 0...80, using: &generator)), linkType: 1)) }
    for details in [PacketPrinter.Details(), Self.details] {
      let text = printed(packets, .line, details)
      #expect(!text.contains("\u{fffd}"))
    }
    #expect(printed(packets, .recipe).split(separator: "\n").count == packets.count)
    for line in printed(packets, .json).split(separator: "\n") {
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    }
  }
}
