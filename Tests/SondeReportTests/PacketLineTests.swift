import Foundation
import SondeCapture
import SondeHeaders
import SondeOctets
import SondeReport
import Testing

@Suite struct PacketLineTests {
  @Test(arguments: Shelf.printed)
  func linesAreTsharks(name: String) throws {
    let lines = String(decoding: try Shelf.octets("\(name).lines"), as: UTF8.self)
    #expect(printed(try Shelf.packets("\(name).pcap")) == lines)
  }

  @Test func numbersAreRelativeAcrossTheEndOfTheirRange() throws {
    let first: UInt32 = 0xffff_fffe
    let said = sayings([
      try segment(.syn, first), try segment([.syn, .ack], 7, first &+ 1, isBack: true),
      try segment(.ack, first &+ 1, 8, 10), try segment(.ack, first &+ 11, 8, 10),
      try segment(.ack, 8, first &+ 21, isBack: true),
    ])
    #expect(said[0] == "5000 → 6000 [SYN] Seq=0 Win=1000 Len=0")
    #expect(said[1] == "6000 → 5000 [SYN, ACK] Seq=0 Ack=1 Win=1000 Len=0")
    #expect(said[2] == "5000 → 6000 [ACK] Seq=1 Ack=1 Win=1000 Len=10")
    #expect(said[3] == "5000 → 6000 [ACK] Seq=11 Ack=1 Win=1000 Len=10")
    #expect(said[4] == "6000 → 5000 [ACK] Seq=1 Ack=21 Win=1000 Len=0")
  }

  @Test func aConnectionWithoutItsBeginningCountsFromItsFirstPacket() throws {
    let said = sayings([try segment(.ack, 5000, 900, 10), try segment(.ack, 5010, 900, 10)])
    #expect(
      said == ["5000 → 6000 [ACK] Seq=1 Ack=1 Win=1000 Len=10", "5000 → 6000 [ACK] Seq=11 Ack=1 Win=1000 Len=10"])
  }

  @Test func windowsAreScaledWhereBothEndsOfferedIt() throws {
    let both = sayings([
      try segment(.syn, 1, options: [.windowScale(7)]),
      try segment([.syn, .ack], 1, 2, isBack: true, options: [.windowScale(2)]),
      try segment(.ack, 2, 2), try segment(.ack, 2, 2, isBack: true),
    ])
    #expect(both[2].contains("Win=128000") && both[3].contains("Win=4000"), "\(both)")
    let one = sayings([
      try segment(.syn, 1, options: [.windowScale(7)]), try segment([.syn, .ack], 1, 2, isBack: true),
      try segment(.ack, 2, 2),
    ])
    #expect(one[0].hasSuffix("WS=128") && one[2].contains("Win=1000 "), "\(one)")
  }

  @Test func anEvictedConnectionShowsItsNumbersAsTheyAre() throws {
    var packets = [try segment(.syn, 500, port: 1)]
    // As many others as there is room for: the one of port 1 is the one unheard of longest.
    let bytes = try segment(.ack, 700, 1, port: 1).bytes
    for index in 0..<65_536 {
      var other = bytes
      (other[14], other[15], other[20], other[21]) = (
        UInt8(index >> 14), UInt8(index & 0xff), 1, UInt8(index >> 8 & 0x3f)
      )
      packets.append(captured(other))
    }
    packets.append(try segment(.ack, 501, 77, 5, port: 1))
    packets.append(try segment(.ack, 506, 77, 5, port: 1))
    packets.append(try segment(.syn, 900, port: 2))
    let said = sayings(packets)
    #expect(said[0].contains("Seq=0") && said[1].contains("Seq=1 "))
    #expect(said[65_536].contains("Seq=1 "))
    #expect(said[65_537] == "1 → 6000 [ACK] Seq=501 Ack=77 Win=1000 Len=5")
    #expect(said[65_538] == "1 → 6000 [ACK] Seq=506 Ack=77 Win=1000 Len=5")
    #expect(said[65_539].contains("Seq=0"), "a beginning is one, whatever was forgotten")
  }

  @Test func aConnectionThatIsHeardOfStays() throws {
    var packets = [try segment(.syn, 500, port: 1)]
    let bytes = try segment(.ack, 700, 1, port: 1).bytes
    for index in 0..<65_536 {
      var other = bytes
      (other[14], other[15], other[20], other[21]) = (
        UInt8(index >> 14), UInt8(index & 0xff), 1, UInt8(index >> 8 & 0x3f)
      )
      packets.append(captured(other))
      if index == 60_000 { packets.append(try segment(.ack, 501, 77, 5, port: 1)) }
    }
    packets.append(try segment(.ack, 506, 77, 5, port: 1))
    #expect(sayings(packets).last == "1 → 6000 [ACK] Seq=6 Ack=1 Win=1000 Len=5")
  }

  @Test func whatIsSentAgainOvertakenOrMissingIsRemarked() throws {
    let said = sayings([
      try segment(.ack, 100, 1, 10), try segment(.ack, 110, 1, 10, at: 1000),
      try segment(.ack, 100, 1, 10, at: 2000), try segment(.ack, 110, 1, 10, at: 400_000),
      try segment(.ack, 500, 1, 10, at: 500_000), try segment(.ack, 499, 1, 1, at: 600_000),
      try segment(.ack, 1, 510, isBack: true, at: 700_000), try segment(.ack, 1, 510, isBack: true, at: 700_001),
      try segment(.ack, 1, 510, isBack: true, window: 0, at: 700_002), try segment(.ack, 100, 1, 10, at: 800_000),
      try segment(.syn, 9000, at: 900_000),
    ])
    #expect(!said[0].hasPrefix("[") && !said[1].hasPrefix("["))
    #expect(said[2].hasPrefix("[TCP Out-Of-Order] 5000"))
    #expect(said[3].hasPrefix("[TCP Retransmission] 5000"), "nothing of it is missing behind it")
    #expect(said[4].hasPrefix("[TCP Previous segment not captured] 5000"))
    #expect(said[5].hasPrefix("[TCP Retransmission] 5000"))
    #expect(said[6].hasPrefix("[TCP ACKed unseen segment] 6000"))
    #expect(said[7].hasPrefix("[TCP Dup ACK 7#1] 6000"), "\(said[7])")
    #expect(said[8].hasPrefix("[TCP ZeroWindow] 6000"))
    #expect(said[9].hasPrefix("[TCP Spurious Retransmission] 5000"))
    #expect(said[10].hasPrefix("[TCP Port numbers reused] 5000"))
  }

  @Test func aReplyNamesTheOneRequestThatItAnswers() throws {
    func echo(_ isReply: Bool, _ data: String) throws -> CapturedPacket {
      let (near, far) = (IPv4Address(192, 0, 2, 1), IPv4Address(192, 0, 2, 2))
      let message =
        isReply
        ? ICMPv4.echoReply(identifier: 1, sequenceNumber: 2) : ICMPv4.echoRequest(identifier: 1, sequenceNumber: 2)
      return captured(
        try AnyPacket([IPv4(from: isReply ? far : near, to: isReply ? near : far), message, Payload(data)])
          .encoded().bytes)
    }
    let lines = printed([
      try echo(true, "a"), try echo(false, "a"), try echo(true, "b"), try echo(true, "a"), try echo(true, "a"),
    ]).split(separator: "\n")
    #expect(lines[3].hasSuffix("Echo (ping) reply    id=0x0001, seq=2/512, ttl=64 (request in 2)"), "\(lines[3])")
    for index in [0, 1, 2, 4] { #expect(lines[index].hasSuffix("ttl=64"), "\(lines[index])") }
  }

  @Test func damagedPacketsSayWhereTheyStopAndWhy() throws {
    let whole = try Shelf.packets("table1.pcap")[0].bytes
    func line(_ count: Int, _ length: Int? = nil) -> String {
      printed([captured(Array(whole.prefix(count)), length: length, linkType: 1)])
    }
    #expect(
      line(50).hasSuffix("TCP 50 50297 → 7 [stopped in tcp: 20 octets needed at offset 34, 16 left]\n"), "\(line(50))")
    #expect(line(36).hasSuffix("TCP 36 [stopped in tcp: 20 octets needed at offset 34, 2 left]\n"), "\(line(36))")
    #expect(line(50, 74).hasSuffix("16 left] [Packet size limited during capture]\n"))
    #expect(line(20).contains("IPv4 20 [stopped in ip: "), "\(line(20))")
    #expect(
      line(5).contains("ETHER 5 [stopped in ether: ") || line(5).contains("Ethernet 5 [stopped in ether: "),
      "\(line(5))")
    #expect(!line(74).contains("stopped"))
  }

  @Test func timesBeforeTheFirstAndTimesUnknownKeepTheColumns() {
    let bytes: [UInt8] = [0x60]
    var unknown = captured(bytes)
    unknown.timestamp = nil
    var extreme = captured(bytes)
    extreme.timestamp = .min
    let lines = printed([captured(bytes), captured(bytes, at: -1), unknown, extreme]).split(separator: "\n")
    #expect(lines[1].hasPrefix("    2  -0.000001 "), "\(lines[1])")
    #expect(lines[2].hasPrefix("    3            "), "\(lines[2])")
    #expect(lines[3].hasPrefix("    4 -"), "\(lines[3])")
  }
}
