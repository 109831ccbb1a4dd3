import Foundation
import SondeCraft
import SondeHeaders
import SondeOctets
import SondeReport
import Testing

/// Packets as source: that it compiles is shown by Samples.swift, which is made of it.
@Suite struct SwiftSourceTests {
  /// All layers, with fields of every kind.
  private static let recipes = #"""
    Ether(src='02:00:00:00:00:01', dst='02:00:00:00:00:02')/IP(src='192.0.2.1', dst='192.0.2.2')/UDP(sport=1, dport=2)/'hi'
    Ether(type=0x88b5)/'data'
    Ether(type=5)/b'\x01\x02'
    Ether()/Dot1Q(vlan=7, prio=3, id=1)/Dot1Q(vlan=4095)/IPv6(dst='2001:db8::1')/TCP()
    Ether()/Dot1Q(type=0x1234)/'x'
    Ether()/ARP(hwsrc='02:00:00:00:00:01', psrc='192.0.2.1', pdst='192.0.2.2')
    ARP(op=2, hwsrc='02:00:00:00:00:01', psrc='192.0.2.1', pdst='192.0.2.2', hwdst='02:00:00:00:00:02')
    ARP(op=2, hwtype=6, ptype=0x1234, hwlen=2, plen=3, hwsrc=b'ab', psrc=b'abc', hwdst=b'cd', pdst=b'def')
    ARP(ptype=0x86dd, psrc='2001:db8::1', pdst='2001:db8::2')
    CookedLinux(pkttype=4, lladdrtype=1, lladdrlen=6, src=b'\x02\0\0\0\0\x01\0\0')/IP(dst='192.0.2.2')/ICMP()
    CookedLinuxV2(pkttype=4, ifindex=2)/IP(dst='192.0.2.2')/ICMP()
    Loopback(type=2)/IP(dst='192.0.2.2')/ICMP()
    IP(dst='192.0.2.2', ttl=1, tos=0xb8, id=0xabcd, flags='DF+MF', frag=185, version=5, ihl=6, len=99, chksum=0xdead, proto=99)/"say \"hi\" \\o/"
    IP(dst='192.0.2.2', flags=4)/b'\x00\xff\n'
    IP(dst='192.0.2.2', options=[IPOption_NOP(), IPOption_EOL()])/UDP()
    IP(dst='192.0.2.2', options=[IPOption_RR(routers=['192.0.2.3', '0.0.0.0'], pointer=8), IPOption_Router_Alert(alert=1)])/ICMP()
    IP(dst='192.0.2.2', options=[IPOption_LSRR(routers=['192.0.2.3'])])/TCP()
    IP(dst='192.0.2.2', options=[IPOption_SSRR(routers=['192.0.2.3', '192.0.2.4'])])/TCP()
    IP(dst='192.0.2.2', options=[IPOption_Timestamp(flg=1, oflw=2, internet_address='192.0.2.9', timestamp=5)])/TCP()
    IP(dst='192.0.2.2', options=[IPOption_Security(security=7, compartment=8, handling_restrictions=9, transmission_control_code=b'abc')])/TCP()
    IP(dst='192.0.2.2', options=[IPOption_Stream_Id(security=9), IPOption_MTU_Probe(mtu=1400), IPOption_MTU_Reply(mtu=1300)])/TCP()
    IP(dst='192.0.2.2', options=[IPOption_Traceroute(id=1, outbound_hops=2, return_hops=3, originator_ip='192.0.2.9')])/UDP()
    IP(dst='192.0.2.2', options=[IPOption_Address_Extension(src_ext='192.0.2.9', dst_ext='192.0.2.8')])/UDP()
    IP(dst='192.0.2.2', options=[IPOption_SDBM(addresses=['192.0.2.9'])])/UDP()
    IP(dst='192.0.2.2', options=[IPOption(b'\x9e\x04ab')])/UDP()
    IP(dst='192.0.2.2')/TCP(sport=1, dport=2, seq=3, ack=4, flags='FSRPAUECN', window=5, urgptr=6, reserved=7, dataofs=9, chksum=0xbeef)
    IP(dst='192.0.2.2')/TCP(flags='A', options=[('MSS', 1460), ('NOP', None), ('WScale', 7), ('SAckOK', b''), ('Timestamp', (1, 2))])/'x'
    IP(dst='192.0.2.2')/TCP(flags='', options=[('SAck', (1, 2, 3, 4)), ('EOL', None)])
    IP(dst='192.0.2.2')/TCP(options=[(254, b'abc'), ('UTO', 5)])
    IP(dst='192.0.2.2')/UDP(len=4, chksum=0)/b'abc'
    IP(dst='192.0.2.2')/SCTP(sport=1, dport=2, tag=0x01020304, chksum=7)/b'\x01'
    IP(dst='192.0.2.2')/ICMP(id=1, seq=2)/'ping'
    IP(dst='192.0.2.2')/ICMP(type=0, id=1)
    IP(dst='192.0.2.2')/ICMP(type=3, code=3)/IPerror(src='192.0.2.2', dst='192.0.2.1', ttl=1)/UDPerror(sport=1, dport=2, len=8, chksum=0x1234)
    IP(dst='192.0.2.2')/ICMP(type=3, code=4, nexthopmtu=1400)/Quote(IP(dst='192.0.2.1')/UDP()/'beyond the cut', cut=28)
    IP(dst='192.0.2.2')/ICMP(type=11, code=1)/Quote(IP(dst='192.0.2.1')/TCP(options=[('MSS', 9)]))
    IP(dst='192.0.2.2')/ICMP(type=5, code=1, gw='192.0.2.7')/IPerror(dst='192.0.2.1')/ICMPerror(id=7)
    IP(dst='192.0.2.2')/ICMP(type=13, id=1, seq=2, ts_ori=3, ts_rx=4, ts_tx=5)
    IP(dst='192.0.2.2')/ICMP(type=12, ptr=20, chksum=1)
    IP(dst='192.0.2.2')/IP(dst='192.0.2.3')/IPv6(dst='2001:db8::2')/UDP()
    IPv6(src='2001:db8::1', dst='2001:db8::2', hlim=1, tc=2, fl=3, nh=4, version=5, plen=6)/UDP()
    IPv6(dst='2001:db8::2')/IPv6ExtHdrHopByHop(options=[RouterAlert(value=1), PadN(optdata=b'ab'), Pad1()])/UDP()
    IPv6(dst='2001:db8::2')/IPv6ExtHdrHopByHop(options=[Jumbo(jumboplen=70000)], autopad=0)/UDP()
    IPv6(dst='2001:db8::2')/IPv6ExtHdrDestOpt(options=[HAO(hoa='2001:db8::9'), HBHOptUnknown(otype=30, optdata=b'q')], len=3)/TCP()
    IPv6(dst='2001:db8::2')/IPv6ExtHdrRouting(addresses=['2001:db8::3', '2001:db8::4'], segleft=1, reserved=5)/UDP()
    IPv6(dst='2001:db8::2')/IPv6ExtHdrRouting(type=2, addresses=['2001:db8::3'])/UDP()
    IPv6(dst='2001:db8::2')/IPv6ExtHdrSegmentRouting(addresses=['2001:db8::3', '2001:db8::4'], tag=7, tlv_objects=[IPv6ExtHdrSegmentRoutingTLVPadN(padding=b'a'), IPv6ExtHdrSegmentRoutingTLVPad1()])/UDP()
    IPv6(dst='2001:db8::2')/IPv6ExtHdrFragment(offset=3, m=1, id=7, res1=1, res2=2)/b'rest'
    IPv6(dst='2001:db8::2')/ICMPv6EchoRequest(id=1, seq=2, data=b'ping')
    IPv6(dst='2001:db8::2')/ICMPv6EchoReply()
    IPv6(dst='2001:db8::2')/ICMPv6DestUnreach(code=4)/IPerror6(dst='2001:db8::1')/UDPerror(len=8)
    IPv6(dst='2001:db8::2')/ICMPv6PacketTooBig(mtu=1300)/IPerror6(dst='2001:db8::1')/IPv6ExtHdrFragment()/TCPerror()
    IPv6(dst='2001:db8::2')/ICMPv6TimeExceeded(code=1)/IPerror6(dst='2001:db8::1')/ICMPv6EchoRequest(id=3)
    IPv6(dst='2001:db8::2')/ICMPv6ParamProblem(code=1, ptr=40)/IPerror6(dst='2001:db8::1')/UDPerror()
    IPv6(dst='2001:db8::2')/ICMPv6ND_RS()/ICMPv6NDOptSrcLLAddr(lladdr='02:00:00:00:00:01')
    IPv6(dst='2001:db8::2')/ICMPv6ND_RA(chlim=64, M=1, O=1, routerlifetime=9, reachabletime=8, retranstimer=7)/ICMPv6NDOptPrefixInfo(prefix='2001:db8::')/ICMPv6NDOptMTU(mtu=1400)/ICMPv6NDOptRDNSS(dns=['2001:db8::53'])/ICMPv6NDOptDNSSL(searchlist=['example.com'])/ICMPv6NDOptRouteInfo(plen=48, prefix='2001:db8::')
    IPv6(dst='2001:db8::2')/ICMPv6ND_NS(tgt='2001:db8::2')/ICMPv6NDOptUnknown(type=200, data=b'abcdef')
    IPv6(dst='2001:db8::2')/ICMPv6ND_NA(tgt='2001:db8::2', S=1, R=0)/ICMPv6NDOptDstLLAddr(lladdr='02:00:00:00:00:01')
    IPv6(dst='2001:db8::2')/ICMPv6ND_Redirect(tgt='2001:db8::2', dst='2001:db8::3')/ICMPv6NDOptRedirectedHdr(pkt=b'12345678')
    IPv6(dst='2001:db8::2')/ICMPv6Unknown(type=131, msgbody=b'abcdefgh')
    IPv6(dst='2001:db8::2')/UDP(chksum=0)/Raw(load=b'abc')/Padding(load=b'\x00\x00')
    Raw(load=b'')
    """#.split(separator: "\n").map(String.init)

  @Test func sourceThatIsCompiledMakesTheSameOctets() throws {
    #expect(Samples.all.count == Self.recipes.count)
    for (sample, recipe) in zip(Samples.all, Self.recipes) {
      #expect(
        Hex.text(try sample.encoded().bytes) == Hex.text(try Recipe(recipe).first.packet.encoded().bytes), "\(recipe)")
    }
  }

  /// Samples.swift is what is made now; with SONDE_WRITE_SAMPLES it is written.
  @Test func theSamplesAreTheSource() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Samples.swift")
    let source = try Self.source(of: Self.recipes)
    if ProcessInfo.processInfo.environment["SONDE_WRITE_SAMPLES"] != nil {
      try source.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == source)
  }

  /// Nothing but what no layer here is stands as octets, and nothing in a comment.
  @Test func layersStandAsWhatTheyAre() throws {
    for recipe in Self.recipes {
      let packet = try Recipe(recipe).first.packet
      let lines = SwiftSource(packet, bytes: try packet.encoded().bytes).lines
      let layers = packet.layers.layers.filter { !($0 is Quote) }.count
      #expect(!lines.contains { $0.contains("//") }, "\(recipe)")
      #expect(lines.count { !$0.contains("Packet {") && !$0.contains("Quote") && !$0.hasSuffix("}") } >= layers)
    }
  }

  private static func source(of recipes: [String]) throws -> String {
    var lines = [
      "// swift-format-ignore-file", "import SondeCraft", "import SondeHeaders", "import SondeOctets", "",
      "/// Source as `SwiftSource` makes it, for the recipes of its tests.", "enum Samples {",
      "  static let all: [AnyPacket] = [\(recipes.indices.map { "sample\($0)" }.joined(separator: ", "))]",
    ]
    for (index, recipe) in recipes.enumerated() {
      let packet = try Recipe(recipe).first.packet
      lines += ["", "  private static var sample\(index): AnyPacket {"]
      lines += SwiftSource(packet, bytes: try packet.encoded().bytes).lines.map { "    \($0)" }
      lines += ["    return packet.erased", "  }"]
    }
    return lines.joined(separator: "\n") + "\n}\n"
  }
}
