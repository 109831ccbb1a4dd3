import SondeCraft
import SondeHeaders
import SondeOctets
import TestSupport
import Testing

/// The fast writer says what the general one says, or nothing.
@Suite struct PlainRecipeTests {
  /// What the fast writer makes of a packet; nil where it leaves it to the general one.
  private func plain(_ bytes: [UInt8]) -> String? {
    var text = TextOctets()
    text += "before "
    guard PlainRecipe.append(bytes.rawSpan, to: &text) else {
      #expect(text.octets == Array("before ".utf8), "nothing is left behind")
      return nil
    }
    return String(decoding: text.octets.dropFirst(7), as: UTF8.self)
  }

  private static let ipv4 = "IP(src='192.0.2.7', dst='192.0.2.1')"
  private static let ipv6 = "IPv6(src='2001:db8::7', dst='2001:db8::1')"
  private static let answers = [
    "IP(src='192.0.2.7', dst='192.0.2.1', id=0, flags='DF', ttl=57)"
      + "/TCP(sport=80, dport=4000, ack=123, flags='RA', window=0)",
    "IP(src='192.0.2.7', dst='192.0.2.1', tos=16)/TCP(seq=5, flags='SAECN', urgptr=3)",
    "\(ipv4)/TCP()", "\(ipv4)/TCP(options=[('MSS', 1460)])", "\(ipv4)/TCP(chksum=7)", "\(ipv6)/UDP(chksum=0xf00)",
    "\(ipv4)/TCP(sport=80, ack=7, flags='SA', chksum=0xfa30, options=[('MSS', 1460), ('NOP', None), ('WScale', 7), "
      + "('SAckOK', b''), ('Timestamp', (1, 4294967295))])",
    "\(ipv6)/TCP(sport=80, dport=4000, ack=123, flags='RA', window=0)",
    "IPv6(src='2001:db8::7', dst='2001:db8::1', tc=3, fl=4660, hlim=63)/TCP(sport=443, ack=1, flags='SA')",
    "\(ipv4)/UDP(dport=80)", "\(ipv4)/UDP()/Raw(load=b'a\\'b\"\\x00\\n\\\\')", "\(ipv4)/ICMP()",
    "\(ipv4)/ICMP(seq=3)/'x'", "\(ipv6)/UDP(sport=1)/Raw(load=b\"it's\")",
    "\(ipv4)/ICMP(type=0, id=4, seq=9)/Raw(load=b'hello')", "\(ipv4)/ICMP(type=0, seq=1)",
    "\(ipv6)/ICMPv6EchoReply(id=4, seq=8)/Raw(load=b'hello')", "\(ipv6)/ICMPv6EchoReply()",
    "IP(src='192.0.2.7', dst='192.0.2.1', tos=192)/ICMP(type=3, code=3)"
      + "/IPerror(src='192.0.2.1', dst='192.0.2.7', id=77)/UDPerror(sport=1, dport=2)/Raw(load=b'xx')",
    "\(ipv4)/ICMP(type=3)/IPerror(src='192.0.2.1', dst='192.0.2.7', ttl=9)/ICMPerror(id=1, seq=2)/Raw(load=b'x')",
    "\(ipv4)/ICMP(type=3, code=13)/IPerror(src='192.0.2.1', dst='192.0.2.7')/TCPerror(sport=9, seq=7)",
    "\(ipv6)/ICMPv6DestUnreach(code=4)/IPerror6(src='2001:db8::1', dst='2001:db8::7')/UDPerror(sport=1, dport=2)"
      + "/Raw(load=b'xx')",
    "\(ipv6)/ICMPv6DestUnreach()/IPerror6(src='2001:db8::1', dst='2001:db8::7')/TCPerror(dport=22)",
  ]

  @Test(arguments: answers)
  func answersOfASweepArePlain(recipe: String) throws {
    let bytes = try Recipe(recipe).first.packet.encoded().bytes
    let written = plain(bytes)
    #expect(written != nil)
    #expect(written == Registry.dissect(bytes).recipe)
  }

  @Test(arguments: [
    "\(ipv4)/TCP(options=[('EOL', None)])", "\(ipv4)/TCP(options=[('WScale', 7)])", "\(ipv4)/TCP()/'x'",
    "\(ipv4)/TCP(options=[(254, b'xx')])", "\(ipv4)/TCP(options=[('SAck', (1, 2)), ('NOP', None), ('NOP', None)])",
    "\(ipv4)/TCP(chksum=0xffff)", "\(ipv4)/ICMP(type=0, chksum=1)", "\(ipv4)/TCP(flags=0)",
    "\(ipv4)/TCP(reserved=1)", "\(ipv4)/UDP(chksum=0)", "\(ipv4)/UDP(len=9)", "\(ipv4)/ICMP(type=0, code=1)",
    "\(ipv4)/ICMP(type=13)", "\(ipv4)/TCP()/Padding('x')", "\(ipv6)/TCP()/Padding('x')", "\(ipv4)/IP()/TCP()",
    "IP(src='192.0.2.7', dst='192.0.2.1', flags='MF')/UDP()", "IP(src='192.0.2.7', dst='192.0.2.1', frag=1)/UDP()",
    "IP(src='192.0.2.7', dst='192.0.2.1', chksum=1)/TCP()", "\(ipv4)/ICMPv6EchoReply()", "\(ipv6)/ICMP(type=0)",
    "IP(src='192.0.2.7', dst='192.0.2.1', options=[IPOption_NOP()])/TCP()", "\(ipv4)/'x'", "\(ipv4)",
    "\(ipv6)/IPv6ExtHdrDestOpt()/TCP()", "\(ipv4)/ICMP(type=3, code=4, nexthopmtu=1300)/IPerror()/UDPerror()",
    "\(ipv4)/ICMP(type=11)/IPerror()/UDPerror()", "\(ipv4)/ICMP(type=3, code=3)/'x'",
    "\(ipv4)/ICMP(type=3, code=3)/IPerror()/UDPerror()/Raw(load=b'\(String(repeating: "x", count: 101))')",
  ])
  func whatHasMoreIsLeftToTheGeneralWriter(recipe: String) throws {
    #expect(plain(try Recipe(recipe).first.packet.encoded().bytes) == nil)
  }

  @Test func bothSayTheSameOfDamagedPackets() throws {
    var random = Seeded()
    var plainCount = 0
    for round in 0..<8000 {
      var bytes = try Recipe(Self.answers[round % Self.answers.count]).first.packet.encoded().bytes
      for _ in 0..<Int.random(in: 0...2, using: &random) {
        let place = Int.random(in: bytes.indices, using: &random)
        bytes[place] = random.next() & 1 == 0 ? UInt8(truncatingIfNeeded: random.next()) : bytes[place] ^ 1
      }
      if random.next() % 8 == 0 { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
      // Most damage spoils a sum; where the sums are made anew more of it gets by.
      if random.next() & 1 == 0 { bytes = (try? Registry.dissect(bytes).packet.freed().encoded().bytes) ?? bytes }
      guard let written = plain(bytes) else { continue }
      plainCount += 1
      let general = Registry.dissect(bytes).recipe
      #expect(written == general, "\(Hex.text(bytes))")
      if written != general { return }
    }
    #expect(plainCount > 2000, "\(plainCount) were plain")
  }
}
