import Foundation
import Testing
import WireSupport

/// Hand-set fields and frames: what the far end of the cable sees, and what `sent` says of it.
@Suite(.wire) struct WireSendFrameTests {
  /// IPv4 fields set wrong, each alone and all at once.
  private static let lies = [
    "chksum=0xdead", "len=99", "version=5", "ihl=3", "ihl=7", "len=0", "chksum=0xdead, len=99, version=7, ihl=9",
  ]

  /// The one `sent` line of a run, and the frames that the far host saw of it.
  private func seen(_ recipe: String, _ network: WireNetwork) throws -> (sent: [String: Any], frames: [String]) {
    let capture = try network.onFar { try WireCapture("far0", "ether[12:2] = 0x0800 and not icmp") }
    let outcome = try sonde("send --json -W 200ms '\(recipe)'")
    #expect(outcome.errors.isEmpty, "\(outcome)")
    try capture.finish(atLeast: 1)
    let sent = try #require(try objects(outcome).first { $0.text("type") == "sent" }, "\(outcome)")
    return (sent, try capture.octets(of: "frame"))
  }

  @Test(arguments: lies)
  func aWrongIPv4FieldLeavesAsWritten(_ lie: String) throws {
    try WireNetwork.run { network in
      let (sent, frames) = try seen("IP(dst=\"10.9.0.2\", \(lie))/UDP(dport=9)/\"wrong\"", network)
      // The raw door keeps a wrong version.
      #expect(sent.text("door") == (lie == "version=5" ? "raw" : "cooked"))
      #expect((sent["kernel_changed"] as? [String]) == [], "\(sent)")
      #expect(frames.map { String($0.dropFirst(28)) } == [sent.text("bytes")])
    }
  }

  @Test(arguments: lies)
  func aWrongFieldInAFrameLeavesAsWritten(_ lie: String) throws {
    try WireNetwork.run { network in
      let (sent, frames) = try seen("Ether()/IP(dst=\"10.9.0.2\", \(lie))/UDP(dport=9)/\"wrong\"", network)
      #expect(sent.text("door") == "packet")
      #expect((sent["kernel_changed"] as? [String]) == [], "\(sent)")
      #expect(frames == [sent.text("bytes")])
    }
  }

  /// A right packet needs no other door.
  @Test func aRightPacketLeavesByTheRawDoor() throws {
    try WireNetwork.run { network in
      let (sent, frames) = try seen("IP(dst=\"10.9.0.2\")/UDP(dport=9)/\"right\"", network)
      #expect(sent.text("door") == "raw")
      #expect((sent["kernel_changed"] as? [String]) == [])
      #expect(frames.map { String($0.dropFirst(28)) } == [sent.text("bytes")])
    }
  }

  @Test(arguments: ["chksum=0xdead", "len=99", "ihl=3", "ihl=7", "chksum=0xdead, len=99, version=7, ihl=9"])
  func theRawDoorRefusesWhatItWouldRewrite(_ lie: String) throws {
    try WireNetwork.run { network in
      let capture = try network.onFar { try WireCapture("far0", "udp or ip[0] & 0xf0 != 0x40") }
      let outcome = try sonde("send --json -W 100ms --door raw 'IP(dst=\"10.9.0.2\", \(lie))/UDP(dport=9)'")
      #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome)")
      #expect(outcome.errors.hasPrefix("sonde: door raw: the raw door "), "\(outcome)")
      #expect(outcome.errors.hasSuffix("use --door cooked\n"), "\(outcome)")
      _ = try sonde("send -q -W 100ms 'IP(dst=\"10.9.0.2\")/UDP(dport=10)'")
      try capture.finish(atLeast: 1)
      #expect(try capture.fields("udp.dstport", where: "udp") == ["10"])
    }
  }

  /// The report's datagram of 4600 octets over an MTU of 1500, as the far end sees it.
  @Test func aLongDatagramLeavesInTheReportsFragments() throws {
    try WireNetwork.run { network in
      let capture = try network.onFar { try WireCapture("far0", "ip and src 10.9.0.1 and not icmp") }
      let outcome = try sonde(
        "send --json -W 200ms --mtu 1500 "
          + "\"IP(dst='10.9.0.2', id=0x11f8)/UDP(sport=34611, dport=32784)/'$(printf %04600d 0)'\"")
      #expect(outcome.errors.isEmpty, "\(outcome)")
      try capture.finish(atLeast: 4)
      let fields = try capture.fields("ip.len", "ip.frag_offset", "ip.flags.mf", "ip.id")
      #expect(
        fields == [
          "1500\t0\t1\t0x11f8", "1500\t185\t1\t0x11f8", "1500\t370\t1\t0x11f8", "188\t555\t0\t0x11f8",
        ])
      #expect(try capture.fields("udp.length", "udp.checksum.status", where: "udp") == ["4608\t1"])
      let lines = try objects(outcome)
      #expect((lines.first?["fragments"] as? [String])?.count == 4, "\(outcome)")
      let answer = try #require(lines.first { $0.text("type") == "answer" })
      #expect(answer.text("verdict") == "closed", "the far host put it together: \(answer)")
    }
  }

  /// A reply in fragments is put together and judged whole.
  @Test(arguments: [
    "IP(dst='10.9.0.2')/ICMP()/'$(printf %03000d 0)'", "IPv6(dst='fd09::2')/ICMPv6EchoRequest()/'$(printf %03000d 0)'",
  ])
  func aReplyInFragmentsIsOneAnswer(_ recipe: String) throws {
    try WireNetwork.run { _ in
      let outcome = try sonde("send --json -W 300ms --mtu 1400 \"\(recipe)\"")
      let answers = try objects(outcome).filter { $0.text("type") == "answer" }
      #expect(answers.count == 1, "\(outcome)")
      #expect(answers.first?.text("verdict") == "reply" && answers.first?.flags == ["fragmented"], "\(outcome)")
    }
  }

  @Test func aRunOfBothKindsIsWrittenWithBothLinkTypes() throws {
    try WireNetwork.run { _ in
      let folder = try TemporaryFolder()
      let file = folder.path + "/run.pcapng"
      let outcome = try sonde(
        "send -q -W 200ms --write \(file) 'ARP(pdst=\"10.9.0.2\")' 'IP(dst=\"10.9.0.2\")/ICMP()'")
      #expect(outcome.status == 0, "\(outcome)")
      let read = try Shell.run("tshark -r \(file) -T fields -e _ws.col.Protocol -e frame.comment 2> /dev/null")
      #expect(
        read.lines.filter { !$0.isEmpty }.count == 4 && read.lines.filter { $0.hasPrefix("ARP") }.count == 2, "\(read)")
      #expect(read.output.contains("reply by arp-reply") && read.output.contains("reply by echo-reply"), "\(read)")
    }
  }
}
