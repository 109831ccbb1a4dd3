import Foundation
import Testing
import WireSupport

/// A way that narrows: near, far, a router and a host behind each other, on links of 1500, 1400 and 1300 octets.
private struct Narrows {
  let network: WireNetwork
  /// The router between 1400 and 1300, and the host at the end.
  let router: Int32
  let host: Int32

  static func run(_ body: (Narrows) throws -> Void) throws {
    try WireNetwork.run { network in
      // A namespace lives as long as its process.
      let router = try network.start("exec unshare -n sleep 120")
      defer { network.stop(router) }
      let host = try network.start("exec unshare -n sleep 120")
      defer { network.stop(host) }
      let narrows = Narrows(network: network, router: router, host: host)
      try narrows.build()
      try body(narrows)
    }
  }

  func on(_ child: Int32, _ line: String) throws { try network.sh("nsenter -t \(child) -n sh -c '\(line)'") }

  private func build() throws {
    let own = "$(readlink /proc/self/ns/net)"
    for child in [router, host] {
      try Shell.until("test \"$(readlink /proc/\(child)/ns/net)\" != \"\(own)\"")
      try on(child, "ip link set lo up; echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad")
      try on(child, "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding")
      try on(child, "echo 0 > /proc/sys/net/ipv4/icmp_ratemask; echo 0 > /proc/sys/net/ipv6/icmp/ratelimit")
    }
    try network.onFar {
      try network.sh("ip link add far1 mtu 1400 type veth peer name up0 mtu 1400 netns \(router)")
      try network.sh("ip addr add 10.9.5.1/24 dev far1; ip addr add fd09:5::1/64 dev far1 nodad; ip link set far1 up")
      try network.sh("ip route add 10.9.6.0/24 via 10.9.5.2; ip route add fd09:6::/64 via fd09:5::2")
      try network.sh("ethtool -K far0 tso off gso off gro off; ethtool -K far1 tso off gso off gro off")
    }
    try on(router, "ip link add down0 mtu 1300 type veth peer name end0 mtu 1300 netns \(host)")
    try on(router, "ip addr add 10.9.5.2/24 dev up0; ip addr add fd09:5::2/64 dev up0 nodad; ip link set up0 up")
    try on(router, "ip addr add 10.9.6.1/24 dev down0; ip addr add fd09:6::1/64 dev down0 nodad; ip link set down0 up")
    try on(host, "ip addr add 10.9.6.2/24 dev end0; ip addr add fd09:6::2/64 dev end0 nodad; ip link set end0 up")
    try on(router, "ip route add default via 10.9.5.1; ip route add default via fd09:5::1")
    try on(host, "ip route add default via 10.9.6.1; ip route add default via fd09:6::1")
    for net in ["5", "6"] {
      try network.sh("ip route add 10.9.\(net).0/24 via 10.9.0.2; ip route add fd09:\(net)::/64 via fd09::2")
    }
    for side in [Way.v4, .v6] { try Shell.until("ping -c1 -W0.3 \(side.host)") }
  }
}

private struct Way: CustomTestStringConvertible {
  var testDescription: String
  var host: String
  /// The router between 1400 and 1300 octets, and the one between 1500 and 1400.
  var router: String
  var first: String

  static let v4 = Way(testDescription: "IPv4", host: "10.9.6.2", router: "10.9.5.2", first: "10.9.0.2")
  static let v6 = Way(testDescription: "IPv6", host: "fd09:6::2", router: "fd09:5::2", first: "fd09::2")
}

/// The path MTU over real routers, against what `ping -M do` gets through.
@Suite(.wire) struct WireMTUTests {
  private func found(_ arguments: String) throws -> (mtu: Int?, limitedBy: String, sent: Int, notes: [String]) {
    let folder = try TemporaryFolder()
    let outcome = try sonde("mtu --json \(arguments) | tee \(folder.path)/lines")
    #expect(outcome.errors.isEmpty, "\(outcome)")
    #expect(try Shell.run("\(script("jsonlines.py")) < \(folder.path)/lines").output == "mtu=1 summary=1\n")
    let lines = try objects(outcome)
    let result = try #require(lines.of("mtu").first, "\(outcome)")
    let sent = try #require(lines.of("summary").first?.number("sent"))
    return (result.number("mtu"), result.text("limited_by"), sent, result["notes"] as? [String] ?? [])
  }

  @Test func threeLinksAreMeasuredByEachProbeInFewerThanTenPackets() throws {
    try Narrows.run { _ in
      for way in [Way.v4, .v6] {
        // Each run but the first finds the path MTU in the kernel's memory.
        for probe in ["", "--udp 9", "--tcp 9", "--door cooked", ""] {
          let found = try found("\(probe) \(way.host)")
          #expect(found.mtu == 1300 && found.limitedBy == way.router && found.sent < 10, "\(probe): \(found)")
          #expect(found.notes.isEmpty, "\(found.notes)")
        }
        let text = try sonde("mtu \(way.host)")
        #expect(text.status == 0 && text.output == "1300 limited by \(way.router)\n", "\(text)")
        let told = try sonde("mtu --explain \(way.host)")
        #expect(told.output.hasPrefix("1300 limited by \(way.router)\n    "), "\(told)")
        let middle = try found(way.router)
        #expect(middle.mtu == 1400 && middle.limitedBy == way.first, "\(middle)")
        let near = try sonde("mtu \(way.first)")
        #expect(near.output == "1500 limited by the interface near0\n", "\(near)")
        let capped = try sonde("mtu --max 1000 \(way.host)")
        #expect(capped.output == "1000 got through, and no larger size was asked for\n", "\(capped)")
      }
      let datagram = try found("--door datagram \(Way.v4.host)")
      #expect(datagram.mtu == 1300 && datagram.limitedBy == Way.v4.router)
      // An independent witness: 28 octets of headers, and 48 for IPv6.
      for line in ["-s 1272 10.9.6.2", "-s 1252 fd09:6::2"] {
        #expect(try Shell.run("ping -c1 -W1 -M do \(line)").status == 0)
      }
      for line in ["-s 1273 10.9.6.2", "-s 1253 fd09:6::2"] {
        #expect(try Shell.run("ping -c1 -W1 -M do \(line)").status == 1)
      }
    }
  }

  /// What the kernel remembers of the path keeps no crafted packet from the routers.
  @Test(arguments: ["raw", "cooked"])
  func aRememberedPathMTUStopsNoPacket(door: String) throws {
    try Narrows.run { _ in
      for (way, words) in [(Way.v4, "Frag needed and DF set (mtu = 1400)"), (.v6, "Packet too big: mtu=1400")] {
        #expect(try found(way.host).mtu == 1300)
        // The kernel's own ping is no longer let out.
        let remembered = try Shell.run(
          "for try in 1 2; do ping -c1 -W1 -M do -s 1400 \(way.host) 2>&1; done | grep 'local error'")
        #expect(remembered.status == 0, "\(remembered)")
        let df = way.host.contains(":") ? "" : "-M do"
        let outcome = try sonde("ping -c 1 \(df) -s 1400 --door \(door) \(way.host)")
        #expect(outcome.output.contains("From \(way.first) icmp_seq=1 \(words)"), "\(outcome)")
      }
    }
  }

  /// Echo replies are as large as the requests: a narrower way back shows by their fragments, and small answers do
  /// not mind it.
  @Test func aNarrowerWayBackIsToldApart() throws {
    try Narrows.run { narrows in
      try narrows.on(narrows.host, "ip route replace default via 10.9.6.1 mtu lock 1200")
      try narrows.on(narrows.host, "ip -6 route replace default via fd09:6::1 mtu lock 1280")
      for way in [Way.v4, .v6] {
        let echo = try found(way.host)
        #expect(echo.mtu == 1300 && echo.limitedBy == way.router, "\(echo)")
        #expect(echo.notes.count == 1 && echo.notes[0].contains("the way back carries less"), "\(echo)")
        let small = try found("--udp 9 \(way.host)")
        #expect(small.mtu == 1300 && small.notes.isEmpty, "\(small)")
      }
    }
  }

  @Test func aRunThatIsStoppedSaysWhatItKnows() throws {
    try Narrows.run { narrows in
      try narrows.on(
        narrows.router,
        "nft \"table ip hole { chain out { type filter hook output priority 0; icmp type destination-unreachable drop; "
          + "}; }\"")
      let stopped = try Shell.run("timeout -s INT 2.5 \"$SONDE\" mtu 10.9.6.2")
      #expect(stopped.output.hasSuffix(": the run was stopped before the limit was found\n"), "\(stopped)")
      #expect(stopped.output.contains(" or more, and less than 1"), "\(stopped)")
      let bounded = try sonde("mtu -w 2.5 10.9.6.2")
      #expect(bounded.status == 1 && bounded.output.hasSuffix(" before the limit was found\n"), "\(bounded)")
    }
  }

  @Test func aBlackHoleIsFoundThoughATenthIsLost() throws {
    try Narrows.run { narrows in
      let rules =
        "table inet hole { chain out { type filter hook output priority 0; icmp type destination-unreachable drop; "
        + "icmpv6 type packet-too-big drop; }; chain way { type filter hook forward priority 0; "
        + "numgen random mod 100 < 5 drop; }; }"
      try narrows.on(narrows.router, "nft \"\(rules)\"")
      for way in [Way.v4, .v6] {
        let outcome = try sonde("mtu -W .4 --retries 4 \(way.host)")
        #expect(outcome.status == 0, "\(outcome)")
        let place = "1300 limited by a black hole between \(way.router) and \(way.host): 1301 octets are lost"
        #expect(outcome.output.hasPrefix(place), "\(outcome)")
      }
    }
  }

  @Test func anMTUThatCannotBeIsSaidAndNotBelieved() throws {
    try Narrows.run { narrows in
      // nftables mends the checksum of what it rewrites.
      for (named, words) in [("0", "no MTU, as routers older"), ("9000", "9000, which is no smaller")] {
        try narrows.on(narrows.router, "nft \"\(Self.lie(named))\"")
        let outcome = try sonde("mtu 10.9.6.2")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.hasPrefix("1300 limited by 10.9.5.2, which does not say so"), "\(outcome)")
        #expect(outcome.output.contains("10.9.5.2 called 1400 octets too big and named \(words)"), "\(outcome)")
        try narrows.on(narrows.router, "nft delete table ip lie")
      }
    }
  }

  private static func lie(_ mtu: String) -> String {
    "table ip lie { chain out { type filter hook output priority 0; icmp type destination-unreachable "
      + "icmp code 4 icmp mtu set \(mtu); }; }"
  }

  @Test func aHostThatDoesNotAnswerOrCannotBeReachedIsSaidToBeThat() throws {
    try WireNetwork.run { network in
      try network.filterAtFar("icmp type echo-request drop; icmpv6 type echo-request drop")
      for side in Side.both {
        let silent = try sonde("mtu -W .2 \(side.far)")
        #expect(silent.status == 1 && silent.output.hasPrefix("\(side.far) does not answer, so nothing"), "\(silent)")
        let early = try sonde("mtu -w .3 \(side.far)")
        #expect(early.status == 1 && early.output.hasPrefix("the run was stopped before \(side.far)"), "\(early)")
        let beyond = try sonde("mtu -W .2 \(side.beyond)")
        #expect(beyond.status == 1, "\(beyond)")
        #expect(beyond.output.hasPrefix("\(side.beyond) cannot be reached: \(side.far) says unreachable"), "\(beyond)")
        let asked = try sonde("mtu --udp 9 \(side.far)")
        #expect(asked.status == 0 && asked.output == "1500 limited by the interface near0\n", "\(asked)")
      }
    }
  }
}
