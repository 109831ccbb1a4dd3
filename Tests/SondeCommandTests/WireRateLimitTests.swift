import Testing
import WireSupport

/// Closed UDP ports of a host whose kernel sends ICMP errors as seldom as it does by default.
@Suite(.wire) struct WireRateLimitTests {
  /// Puts the far host's limits back that the wire tests do without.
  private func limit(_ network: WireNetwork) throws {
    try network.onFar {
      try network.sh("echo 6168 > /proc/sys/net/ipv4/icmp_ratemask; echo 1000 > /proc/sys/net/ipv4/icmp_ratelimit")
      try network.sh("echo 100 > /proc/sys/net/ipv6/icmp/ratelimit")
    }
  }

  @Test func allClosedPortsAreFoundClosedByBothFamilies() throws {
    try WireNetwork.run { network in
      try limit(network)
      let six = "\"$SONDE\" probe --json --udp -p 8100-8159 \(Side.v6.far) > $D/6 & "
      let four = "\"$SONDE\" probe --json --udp -p 8100-8159 \(Side.v4.far) > $D/4 & "
      let outcome = try Shell.run("D=$(mktemp -d); \(six)\(four)wait; cat $D/4 $D/6; rm -r $D", seconds: 200)
      let lines = try objects(outcome)
      #expect(lines.of("summary").count == 2, "\(outcome)")
      for side in Side.both {
        let ports = lines.filter { $0.text("host") == side.far }
        #expect(Set(ports.map { $0.number("port") }).count == 60 && ports.count == 60)
        let others = ports.filter { $0.text("verdict") != "closed" }
        #expect(others.isEmpty, "IPv\(side.family): \(others)")
      }
    }
  }

  @Test func whatARunThatEndsCouldNotAskIsCalledRateLimited() throws {
    try WireNetwork.run { network in
      try limit(network)
      try network.withServices {
        let outcome = try sonde("probe --json --udp --data hello -p 7071,8100-8139 -w 6 \(Side.v4.far)")
        let lines = try objects(outcome)
        #expect(lines.contains { $0.number("port") == 7071 && $0.text("verdict") == "open" })
        let ports = (8100...8139).compactMap { port in lines.first { $0.number("port") == port } }
        let closed = ports.count { $0.text("verdict") == "closed" }
        #expect(ports.count == 40)
        #expect((7...13).contains(closed), "\(outcome)")
        for port in ports where port.text("verdict") != "closed" {
          #expect(port.text("verdict") == "open|filtered")
          #expect(port.text("why").hasPrefix("rate-limited: the host sends "), "\(port)")
          #expect(port.text("why").contains(", and the run ended before this port's turn; "), "\(port)")
        }
      }
    }
  }

  @Test func aTerminalIsToldHowLongItTakesAndWhy() throws {
    try WireNetwork.run { network in
      try limit(network)
      let probe = "probe --udp -p 8100-8139 -w 6"
      let shown = try Shell.run("script -qec \"$SONDE \(probe) \(Side.v4.far)\" /dev/null")
      #expect(shown.output.contains("\r\(Side.v4.far) sends 1 ICMP error a second: "), "\(shown)")
      #expect(shown.output.contains(" of 40 ports, 0:"), "\(shown)")
      let piped = try sonde("\(probe) \(Side.v6.far)")
      #expect(piped.errors.isEmpty && !piped.output.contains("\r"), "\(piped)")
    }
  }
}
