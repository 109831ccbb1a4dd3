import SondeCraft
import SondeHeaders
import SondeOctets
import SondeProbe
import SondeReport
import Testing

@Suite struct TalkTextTests {
  private func segment(_ flags: TCP.Flags, seq: UInt32, ack: UInt32 = 0, data: String = "", back: Bool = false) throws
    -> [UInt8]
  {
    let (from, to): (IPv4, TCP) =
      back
      ? (
        IPv4(from: "192.0.2.2", to: "192.0.2.1"),
        TCP(from: 7, to: 4000, flags: flags, sequenceNumber: seq, acknowledgmentNumber: ack)
      )
      : (
        IPv4(from: "192.0.2.1", to: "192.0.2.2"),
        TCP(from: 4000, to: 7, flags: flags, sequenceNumber: seq, acknowledgmentNumber: ack)
      )
    return try AnyPacket([from, to, Payload(octets: Array(data.utf8))]).encoded().bytes
  }

  @Test func aSegmentReadsAsDecodeHasItWithTheChangeOfStateBeside() throws {
    var text = TalkText()
    let line = text.packet(
      try segment(.syn, seq: 1000), .out, at: .microseconds(1234), [.state(from: .closed, to: .synSent)])
    #expect(
      line == "  0.001234 > 192.0.2.1 → 192.0.2.2 TCP 40 4000 → 7 [SYN] Seq=0 Win=8192 Len=0  CLOSED → SYN-SENT")
  }

  @Test func numbersAreRelativeOrAsTheyAreOnTheWire() throws {
    var (relative, absolute) = (TalkText(), TalkText(isAbsolute: true))
    let packets = [
      try segment(.syn, seq: 1000), try segment([.syn, .ack], seq: 5000, ack: 1001, back: true),
      try segment([.psh, .ack], seq: 1001, ack: 5001, data: "hi"),
    ]
    let lines = packets.map { relative.packet($0, .out, at: .zero) }
    #expect(lines[1].contains("Seq=0 Ack=1 ") && lines[2].contains("Seq=1 Ack=1 ") && lines[2].contains("Len=2"))
    let wire = packets.map { absolute.packet($0, .in, at: .zero) }
    #expect(wire[0].contains(" < ") && wire[0].contains("Seq=1000 "))
    #expect(wire[1].contains("Seq=5000 Ack=1001 ") && wire[2].contains("Seq=1001 Ack=5001 "), "\(wire)")
  }

  @Test func whatAHandSetAndWhatHappenedStandBesideTheSegment() throws {
    var text = TalkText()
    let line = text.packet(
      try segment(.ack, seq: 1), .out, at: .zero, [.windowClosed, .acknowledged(3)],
      edits: [FieldEdit("seq", .add(5)), FieldEdit("chksum", .set(.number(0)))])
    #expect(line.hasSuffix("  by hand: seq+=5 chksum=0; the peer's window is closed"))
    #expect(text.events([.acknowledged(3)], at: .zero) == nil)
    #expect(text.events([.ended(.timedOut)], at: .seconds(2)) == "  2.000000   ended: the peer is silent")
  }

  @Test(arguments: [
    ([0x68, 0x69], "\"hi\""), ([0x22, 0x5c, 10, 13, 9, 0], #""\"\\\n\r\t\x00""#), ([0xff, 0x00], "hex ff00"),
    ([0xc3, 0xa9], "\"é\""),
    // The control sequence introducer in one character, and what turns the direction; a no-break space is text.
    ([0xc2, 0x9b, 0x33, 0x31, 0x6d], #""\u009b31m""#), ([0xe2, 0x80, 0xae, 0x61], #""\u202ea""#),
    ([0xc2, 0xa0], "\"\u{a0}\""), ([0xe2, 0x80, 0xa6], "\"…\""),
  ])
  func dataIsReadable(_ octets: [UInt8], _ wanted: String) { #expect(TalkText.quoted(octets) == wanted) }

  @Test(arguments: [(1, ""), (2, "é"), (3, "é"), (4, "éé"), (5, "éé"), (6, "ééé")])
  func aCharacterThatTheLimitCutsIsLeftOut(_ limit: Int, _ shown: String) {
    #expect(TalkText.quoted(Array("ééé".utf8), limit: limit) == "\"\(shown)\"" + (limit < 6 ? " …" : ""))
    #expect(TalkText.quoted([0xff] + Array("éé".utf8), limit: limit).hasPrefix("hex ff"))
    #expect(TalkText.quoted([0xff, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80], limit: limit).hasPrefix("hex ff"))
  }

  @Test func muchDataIsCutAndCounted() {
    let line = TalkText.data([UInt8](repeating: 0x78, count: 5000))
    #expect(line.hasPrefix("5000 octets: \"xxx") && line.hasSuffix("x\" …") && line.count < 1100)
    #expect(TalkText.data([0x78]) == "1 octet: \"x\"")
  }

  @Test func oneOctetIsNoPlural() {
    var status = Conversation(from: 1, initialSequenceNumber: 0).status
    (status.octetsAcknowledged, status.octetsReceived) = (1, 1)
    #expect(TalkWords.books(status).hasSuffix("; 1 octet of data acknowledged, 1 received"))
    let lines = TalkWords.status(
      .established, nil, local: nil, remote: nil, status, readable: 1, unacknowledged: 1, isAbsolute: false)
    #expect(lines.contains { $0.hasSuffix("; 1 octet not acknowledged") })
    #expect(lines.contains { $0.hasSuffix("; 1 octet waits to be read") })
    status.octetsAcknowledged = 21
    #expect(TalkWords.books(status).hasSuffix("; 21 octets of data acknowledged, 1 received"))
    #expect(TalkWords.words(of: .windowOpened(1)) == "the peer's window is open again: 1 octet")
  }

  @Test func jsonTellsThePacketThenWhatItChanged() throws {
    var json = TalkJSON()
    let lines = json.packet(
      try segment(.syn, seq: 1000), .out, at: .microseconds(5), wall: 0, purpose: "opening",
      [.state(from: .closed, to: .synSent)], edits: [FieldEdit("seq", .add(5))])
    #expect(lines.count == 2)
    #expect(
      lines[0].hasPrefix(#"{"type":"sent","at_ns":5000,"time":"1970-01-01T00:00:00.000000000Z","purpose":"opening""#))
    #expect(lines[0].contains(#""by_hand":["seq+=5"]"#) && lines[0].contains(#""recipe":"IP("#))
    #expect(lines[1] == #"{"type":"state","at_ns":5000,"from":"CLOSED","to":"SYN-SENT"}"#)
  }
}
