import SondeCapture
import Testing

@Suite struct CutFileTests {
  private static let pcaps = ["icmp.pcap", "loop.pcap", "rawip.pcap", "ipv4.pcap", "sll2.pcap"]
  private static let pcapngs = ["merged.pcapng", "comments.pcapng", "secrets.pcapng", "dumpcap.pcapng"]

  /// After how many octets of the file each packet is given.
  private func ends(_ file: [UInt8]) throws -> [Int] {
    var reader = CaptureReader()
    var ends: [Int] = []
    for (index, octet) in file.enumerated() {
      reader.feed([octet])
      while try reader.nextRecord() != nil { ends.append(index + 1) }
    }
    return ends
  }

  private func cutEverywhere(_ file: [UInt8]) throws {
    let whole = Reading(file)
    let ends = try ends(file)
    #expect(ends.count == whole.packets.count && whole.error == nil)
    var clean = 0
    for length in 0..<file.count {
      let reading = Reading(Array(file.prefix(length)))
      let before = ends.count { $0 <= length }
      #expect(reading.packets == Array(whole.packets.prefix(before)))
      guard let error = reading.error else {
        clean += 1
        continue
      }
      switch error.reason {
      case .empty: #expect(length == 0)
      case .cut(let needed, let available):
        #expect(needed > available)
        #expect(error.offset + UInt64(available) == UInt64(length))
      default: Issue.record("\(error)")
      }
    }
    // The only cuts that cannot be seen are those between two records or blocks.
    #expect(clean > 0 && clean < whole.packets.count + 12)
  }

  @Test(arguments: pcaps) func pcapCutAnywhereYieldsThePacketsBeforeTheCut(_ name: String) throws {
    try cutEverywhere(try capture(name))
  }

  @Test(arguments: pcapngs) func pcapngCutAnywhereYieldsThePacketsBeforeTheCut(_ name: String) throws {
    try cutEverywhere(try capture(name))
  }

  @Test func vectorsCutAnywhereYieldThePacketsBeforeTheCut() throws {
    for file in [Vectors.twoSections, Vectors.bigEndianNanoseconds, Vectors.commented, PcapngWriterTests.file()] {
      try cutEverywhere(file)
    }
  }

  @Test(arguments: pcaps) func packetIsGivenWithItsLastOctet(_ name: String) throws {
    let file = try capture(name)
    var expected: [Int] = []
    for packet in Reading(file).packets { expected.append((expected.last ?? 24) + 16 + packet.bytes.count) }
    #expect(try ends(file) == expected)
    #expect(expected.last == file.count)
  }
}
