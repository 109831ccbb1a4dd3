import SondeHeaders
import SondeOctets
import SondeReport
import Testing

/// What is told of the sums of packets: text, JSON Lines and ledgers.
@Suite struct SumReportTests {
  /// A TCP segment with one octet of data from 192.0.2.1 to 192.0.2.2, as Scapy makes it, with another sum.
  private static func packet(sum: String) -> [UInt8] {
    let text = "45000029000100004006f6cac0000201c0000202 0001 0002 00000000 00000000 5002 2000 \(sum) 0000 78"
    return (try? Hex.octets(text)) ?? []
  }

  private static func sums(_ bytes: [UInt8], withSegments: Bool = false) -> [ExplainedSum] {
    var reader = SumReader()
    reader.read(bytes.rawSpan, as: .ip, withSegments: withSegments)
    return reader.sums
  }

  @Test func aSumIsOneObject() {
    let json = SumJSON()
    var buffer: [UInt8] = []
    for sum in Self.sums(Self.packet(sum: "93d7")) { json.append(sum, number: 7, to: &buffer) }
    let lines = String(decoding: buffer, as: UTF8.self).split(separator: "\n")
    let expected: [Substring] = [
      "{\"type\":\"checksum\",\"frame\":7,\"layer\":\"ip\",\"offset\":0,\"found\":\"0xf6ca\",\"expected\":\"0xf6ca\","
        + "\"verdict\":\"valid\",\"why\":null}",
      "{\"type\":\"checksum\",\"frame\":7,\"layer\":\"tcp\",\"offset\":20,\"found\":\"0x93d7\","
        + "\"expected\":\"0x93da\",\"verdict\":\"wrong\",\"why\":\"no classic mistake gives this; it was summed over "
        + "words that came to 0x0003 more (RFC 1624 §3): an address or a port that was rewritten without updating "
        + "this sum, while the IP header's was (NAT), fits as well as damage\"}",
    ]
    #expect(lines == expected)
  }

  @Test func theFileTheLineAndTheMistakesAreMembersOfTheirOwn() {
    var buffer: [UInt8] = []
    let sums = Self.sums(Self.packet(sum: "da93"))
    SumJSON(counting: "line", file: "a \"b\".pcap").append(sums[1], number: 0, to: &buffer)
    let line = String(decoding: buffer, as: UTF8.self)
    #expect(line.hasPrefix("{\"type\":\"checksum\",\"file\":\"a \\\"b\\\".pcap\",\"line\":0,\"layer\":\"tcp\","))
    #expect(line.hasSuffix("§2(B))\",\"mistakes\":[\"bytes-swapped\"]}\n"), "\(line)")
  }

  @Test func theLineTellsEverything() {
    #expect(
      Self.sums(Self.packet(sum: "da93")).map(\.line) == [
        "ip at 0: found 0xf6ca, expected 0xf6ca: valid",
        "tcp at 20: found 0xda93, expected 0x93da: wrong: the right sum with its octets swapped: stored in the wrong "
          + "byte order (RFC 1071 §2(B))",
      ])
  }

  @Test func theLedgerShowsPseudoHeaderFieldAndPad() {
    let sum = Self.sums(Self.packet(sum: "da93"))[1]
    let expected = [
      "offset  word    running sum", "pseudo  0xc000  0x0c000  source 192.0.2.1", "pseudo  0x0201  0x0c201",
      "pseudo  0xc000  0x18201  carry  destination 192.0.2.2", "pseudo  0x0202  0x18403",
      "pseudo  0x0015  0x18418  length 21", "pseudo  0x0006  0x1841e  protocol 6", "20      0x0001  0x1841f",
      "22      0x0002  0x18421", "24      0x0000  0x18421", "26      0x0000  0x18421", "28      0x0000  0x18421",
      "30      0x0000  0x18421", "32      0x5002  0x1d423", "34      0x2000  0x1f423",
      "36      0x0000  0x1f423  (the checksum's own place counts as zero; it holds 0xda93)",
      "38      0x0000  0x1f423", "40      0x7800  0x26c23  carry  (78 and a zero octet: the length is odd)",
      "fold    0x6c23 + 0x2 = 0x6c25", "sum     0x6c25", "complement 0x93da",
    ]
    #expect(sum.ledger() == expected)
  }

  @Test func aLongLedgerLeavesOutItsMiddleAndStillAddsUp() {
    let segment = SummedSegment(
      layer: "icmp", octets: [8, 0, 0, 0] + [UInt8](repeating: 1, count: 996), fieldOffset: 2, headerByteCount: 8)
    let all = SumLedger(segment, at: 20).lines()
    let some = SumLedger(segment, at: 20).lines(limit: 10)
    let frame = 3 + all.filter { $0.hasPrefix("fold") }.count
    #expect(all.count == 500 + frame)
    #expect(some.count == 11 + frame)
    #expect(some.suffix(6) == all.suffix(6))
    #expect(some[7] == "…       490 words that come to 0x1ebea", "\(some)")
    #expect(SumLedger(segment, at: 20).lines(limit: 500) == all)
  }

  @Test func aZeroOfUDPIsSentAsOnesAndTheLedgerSaysSo() {
    let segment = SummedSegment(
      layer: "udp", octets: [0xff, 0xff, 0, 0, 0, 0, 0, 0], fieldOffset: 6, headerByteCount: 8, zeroMeansNone: true)
    #expect(
      SumLedger(segment, at: 0).lines().suffix(2) == [
        "complement 0x0000", "sent as 0xffff: zero means that no sum was computed (RFC 768)",
      ])
  }

  @Test func theTallyCountsByLayerAndVerdict() {
    var tally = SumTally()
    #expect(tally.line == "0 packets: no checksums")
    for sum in ["93da", "da93", "da93"] {
      tally.packets += 1
      for sum in Self.sums(Self.packet(sum: sum)) { tally.count(sum) }
    }
    #expect(tally.hasBad)
    #expect(tally.line.hasPrefix("3 packets: ip 3 valid; tcp "), "\(tally.line)")
  }

  @Test func whatAQuoteHoldsIsEvidenceOnly() throws {
    // An unreachable that quotes a packet whose own sums are wrong.
    let inner = Self.packet(sum: "0001")
    let head = try Hex.octets("45000045000100004001 f6b3 c0000202 c0000201 0303 0000 00000000")
    let sums = Self.sums(head + inner)
    #expect(sums.map(\.check.layer) == ["ip", "icmp", "ip", "tcp"])
    #expect(sums.map(\.isQuoted) == [false, false, true, true])
    #expect(sums.map(\.check.layerOffset) == [0, 20, 28, 48])
    #expect(sums[3].check.verdict == .wrong && !sums[3].isBad)
    var tally = SumTally()
    tally.count(sums[3])
    #expect(!tally.hasBad && tally.line.hasSuffix("quoted tcp 1 wrong"))
    var buffer: [UInt8] = []
    SumJSON().append(sums[3], number: 1, to: &buffer)
    #expect(String(decoding: buffer, as: UTF8.self).hasSuffix(",\"quoted\":true}\n"))
    // Cut as routers cut it, the segment's sum cannot be known.
    let cut = Self.sums(head + inner.prefix(28))
    #expect(cut.count == 3 || cut.last?.check.verdict == .unverifiable)
  }
}
