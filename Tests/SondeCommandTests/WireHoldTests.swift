import Foundation
import Testing
import WireSupport

/// `--hold`: no RST of this machine's kernel for as long as a run lasts, and all of them after.
@Suite(.wire) struct WireHoldTests {
  /// A peer that listens, a capture of RSTs at the near host, and a run that holds port 4000 after its SYN.
  private func conversation(
    _ side: Side, _ body: (_ holder: Int32, _ ack: Int, _ folder: TemporaryFolder) throws -> Void
  )
    throws
  {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      let peer = try network.onFar {
        try network.start("exec ncat -\(side.family) -l -k 7080 > \(folder.path)/heard 2>&1")
      }
      defer { network.stop(peer) }
      try network.onFar { try Shell.until("ss -tln | grep -q :7080") }
      let capture = try network.start(
        "exec tcpdump -Z root -Uni near0 -w \(folder.path)/pcap 'tcp or ip6 proto 6' 2> \(folder.path)/tcpdump")
      defer { network.stop(capture) }
      try Shell.until("grep -q listening \(folder.path)/tcpdump")
      let holder = try network.start(
        "exec '\(SondeBinary.path)' send --hold --json -W 30 '\(packet(side, "S", 1000))' "
          + "> \(folder.path)/lines 2>&1")
      defer { network.stop(holder) }
      try Shell.until("grep -q '\"by\":\"tcp-syn-ack\"' \(folder.path)/lines")
      let lines = Shell.text("\(folder.path)/lines")
      let number = try #require(
        lines.split(separator: "\n").last?.components(separatedBy: " seq=").last?.components(separatedBy: ",").first)
      try body(holder, try #require(Int(number)) + 1, folder)
    }
  }

  private func packet(_ side: Side, _ flags: String, _ seq: Int, ack: Int = 0, _ data: String = "") -> String {
    let ip = side.family == 4 ? "IP" : "IPv6"
    return "\(ip)(dst=\"\(side.far)\")/TCP(sport=4000, dport=7080, flags=\"\(flags)\", seq=\(seq), ack=\(ack))"
      + (data.isEmpty ? "" : "/\"\(data)\"")
  }

  /// How many RSTs the near host has sent, by the capture.
  private func resets(_ side: Side, _ folder: TemporaryFolder) throws -> Int {
    let filter = "tcp.flags.reset == 1 && \(side.family == 4 ? "ip" : "ipv6").src == \(side.near)"
    let outcome = try Shell.run("tshark -r \(folder.path)/pcap -Y '\(filter)'")
    return outcome.output.split(separator: "\n").count
  }

  @Test(arguments: Side.both)
  func aConversationByHandIsNotReset(side: Side) throws {
    try conversation(side) { _, ack, folder in
      let data = try sonde("send -W .3 '\(packet(side, "PA", 1001, ack: ack, "spoken"))'")
      #expect(data.errors.isEmpty, "\(data)")
      try Shell.until("grep -q spoken \(folder.path)/heard")
      // Nothing else may have the port meanwhile.
      for other in ["probe --hold -p 7080 --source-port 4000 \(side.far)", "send --hold '\(packet(side, "S", 5))'"] {
        let refused = try sonde(other)
        #expect(refused.status == 2 && refused.output.isEmpty, "\(refused)")
        #expect(
          refused.errors.hasPrefix("sonde: source port 4000: ") && refused.errors.split(separator: "\n").count == 1)
      }
      #expect(try resets(side, folder) == 0)
    }
  }

  @Test(arguments: Side.both, [2, 15, 9] as [Int32])
  func howeverTheRunEndsTheKernelAnswersAgain(side: Side, signal: Int32) throws {
    try conversation(side) { holder, ack, folder in
      #expect(try Shell.run("ss -tlnH sport = :4000").lines.count > 1)
      // Its `defer` waits for what has been waited for already, which does no harm.
      Shell.stop(holder, by: signal)
      #expect(try Shell.run("ss -tlnH sport = :4000").output.isEmpty)
      #expect(try resets(side, folder) == 0)
      _ = try sonde("send -W .3 '\(packet(side, "PA", 1001, ack: ack, "late"))'")
      try Shell.until("tshark -r \(folder.path)/pcap -Y 'tcp.flags.reset == 1' 2> /dev/null | grep -q RST")
      #expect(try resets(side, folder) > 0)
    }
  }

  @Test func aClosedOutputEndsTheRunAndFreesThePort() throws {
    try WireNetwork.run { network in
      try network.withServices {
        let outcome = try Shell.run(
          "\"$SONDE\" send --hold -W 30 '\(packet(.v4, "S", 7))' | head -n 1; ss -tlnH sport = :4000", seconds: 20)
        #expect(outcome.status == 0 && outcome.lines.filter { !$0.isEmpty }.count == 1, "\(outcome)")
      }
    }
  }

  @Test func withoutItTheKernelResets() throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      let capture = try network.start(
        "exec tcpdump -Z root -Uni near0 -w \(folder.path)/pcap tcp 2> \(folder.path)/tcpdump")
      defer { network.stop(capture) }
      try Shell.until("grep -q listening \(folder.path)/tcpdump")
      let peer = try network.onFar { try network.start("exec ncat -4 -l -k 7080 > /dev/null 2>&1") }
      defer { network.stop(peer) }
      try network.onFar { try Shell.until("ss -tln | grep -q :7080") }
      let plain = try sonde("probe -p 7080 \(Side.v4.far)")
      #expect(plain.status == 0 && plain.output.contains("1 open"), "\(plain)")
      try Shell.until("tshark -r \(folder.path)/pcap -Y 'tcp.flags.reset == 1' 2> /dev/null | grep -q RST")
      #expect(try resets(.v4, folder) == 1)
      let held = try sonde("probe --hold -p 7080 \(Side.v4.far)")
      #expect(held.status == 0 && held.output.contains("1 open"), "\(held)")
      #expect(try resets(.v4, folder) == 1)
    }
  }
}
