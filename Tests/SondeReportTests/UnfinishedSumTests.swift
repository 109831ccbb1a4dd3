import SondeCapture
import SondeHeaders
import SondeOctets
import SondeReport
import Testing

/// What is said of checksums that a device had yet to compute.
@Suite struct UnfinishedSumTests {
  /// The first packet of a capture with one octet changed.
  private func tree(_ name: String, damaging offset: Int, isUnfinished: Bool) throws -> String {
    let packet = try Shelf.packets(name)[0]
    var bytes = packet.bytes
    bytes[offset] ^= 0xff
    var printer = PacketPrinter(.line, .init(showsTree: true))
    var text = TextOctets()
    let facts = FrameFacts(number: 1, record: packet.record, sumsAreUnfinished: isUnfinished)
    printer.append(bytes.rawSpan, facts, to: &text)
    return String(decoding: text.octets, as: UTF8.self)
  }

  @Test(arguments: [("table1.pcap", 38), ("udp.pcap", 43)])
  func aTransportsIsNotCalledWrongWhereTheKernelSaysSo(name: String, offset: Int) throws {
    let unfinished = try tree(name, damaging: offset, isUnfinished: true)
    #expect(unfinished.contains("(offload: a device had yet to complete it, to 0x"), "\(unfinished)")
    #expect(!unfinished.contains("wrong, should be"))
    let finished = try tree(name, damaging: offset, isUnfinished: false)
    #expect(finished.contains("wrong, should be 0x") && !finished.contains("offload"), "\(finished)")
  }

  @Test(arguments: [("table1.pcap", 22), ("icmp.pcap", 38)])
  func whatNoDeviceComputesStaysWrong(name: String, offset: Int) throws {
    let text = try tree(name, damaging: offset, isUnfinished: true)
    #expect(text.contains("wrong, should be 0x") && !text.contains("offload"), "\(text)")
  }

  @Test func objectsSayItToo() throws {
    let packet = try Shelf.packets("table1.pcap")[0]
    for isUnfinished in [true, false] {
      var printer = PacketPrinter(.json)
      var text = TextOctets()
      printer.append(
        packet.bytes.rawSpan, FrameFacts(number: 1, record: packet.record, sumsAreUnfinished: isUnfinished), to: &text)
      #expect(String(decoding: text.octets, as: UTF8.self).contains(",\"checksum_not_ready\":true,") == isUnfinished)
    }
  }
}
