import Foundation
import Testing
import WireSupport

/// What is said of what the kernel changes, before and after, held to a capture at the other end.
@Suite(.wire) struct WireKernelChangeTests {
  private func changed(_ arguments: String) throws -> [String] {
    let outcome = try sonde(arguments)
    let sent = try #require(try objects(outcome).of("sent").first, "\(outcome)")
    return try #require(sent["kernel_changed"] as? [String], "\(outcome)")
  }

  @Test(arguments: Side.both, ["datagram", "raw", "cooked", "packet"])
  func aDryRunForetellsWhatARunReports(side: Side, door: String) throws {
    try WireNetwork.run { network in
      var lines = ["ping -c 1", "ping -c 1 -M do", "ping -c 1 -t 9 -Q 8", "ping -c 1 -s 0"]
      if door != "datagram" {
        lines += ["probe -p 9", "probe --udp -p 9 --data x"]
        lines.append(side.family == 4 ? "ping -c 1 --ip-id 0 --df" : "ping -c 1 --flow-label 7")
      }
      for line in lines {
        let foretold = try changed("\(line) --door \(door) --dry-run --json \(side.far)")
        #expect(try changed("\(line) --door \(door) --json -v \(side.far)") == foretold, "\(line)")
        let isDatagram = door == "datagram"
        #expect(foretold == (isDatagram ? side.family == 4 ? ["ip.id", "ip.chksum"] : ["ipv6.fl"] : []), "\(line)")
      }
      let text = try sonde("ping --dry-run --door \(door) \(side.far)")
      #expect(text.output.contains("the kernel will set") == (door == "datagram"), "\(text)")
      try network.sh("echo 0 > /proc/sys/net/ipv6/auto_flowlabels")
      if side.family == 6 {
        #expect(try changed("ping -c 1 --door \(door) --dry-run --json \(side.far)").isEmpty)
        #expect(try changed("ping -c 1 --door \(door) -v --json \(side.far)").isEmpty)
      }
    }
  }

  /// The file and the line have the packet as the firewall let it out, fragments too.
  @Test(arguments: Side.both)
  func whatAFirewallRewritesIsToldAndWrittenAsItLeft(side: Side) throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      let field = side.family == 4 ? "ip ttl" : "ip6 hoplimit"
      try network.sh(
        "nft 'table inet sonde { chain out { type filter hook output priority 0; \(field) set 7; } ; } '")
      let names = side.family == 4 ? ["ip.ttl", "ip.chksum"] : ["ipv6.hlim"]
      let hops = side.family == 4 ? "ip.ttl" : "ipv6.hlim"
      let recipe =
        side.family == 4
        ? "IP(dst=\"\(side.far)\")/ICMP()/\"\(String(repeating: "a", count: 3000))\""
        : "IPv6(dst=\"\(side.far)\")/ICMPv6EchoRequest(data=\"\(String(repeating: "a", count: 3000))\")"
      for (line, frames) in [
        ("ping -c 1 --door raw -v \(side.far)", 1), ("probe -p 9 -v \(side.far)", 1),
        ("trace -n -m 1 --queries 1 -v \(side.far)", 1),
        ("send --mtu 1280 '\(recipe)'", 3),
      ] {
        #expect(try changed("\(line) --json --write \(folder.path)/file") == names, "\(line)")
        let source = side.family == 4 ? "ip.src" : "ipv6.src"
        let written = try Shell.run(
          "tshark -r \(folder.path)/file -Y '\(source) == \(side.near)' -T fields -e \(hops)")
        #expect(written.output == String(repeating: "7\n", count: frames), "\(line): \(written)")
      }
    }
  }

  @Test(arguments: Side.both)
  func ofAFrameNothingIsChangedWhichIsSaid(side: Side) throws {
    try WireNetwork.run { _ in
      for line in ["--dry-run \(side.far)", "-v \(side.far)", "-U -c 1 -W 100ms \(side.near)"] {
        let names = try changed("arp --json \(line)")
        #expect(names.isEmpty, "\(line)")
      }
      #expect(try objects(sonde("arp -q -v --json \(side.far)")).of("sent").isEmpty)
    }
  }

  @Test func aTranslatedAddressIsToldAndWrittenAsItLeft() throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      try network.sh("ip addr add 10.9.0.9/24 dev near0")
      try network.sh(
        "nft 'table ip sonde { chain post { type nat hook postrouting priority 100; snat to 10.9.0.9; } ; }'")
      let names = try changed("probe --udp -p 9 -v --json --write \(folder.path)/file --retries 0 -W .3 10.9.0.2")
      #expect(names == ["ip.chksum", "ip.src", "udp.chksum"])
      let written = try Shell.run("tshark -r \(folder.path)/file -Y udp -T fields -e ip.src")
      #expect(written.output.hasPrefix("10.9.0.9\n"), "\(written)")
    }
  }
}
