import SondeCraft
import SondeHeaders
import SondeOctets
import Testing

/// Packets beside patterns: for each rule what matches, and what only nearly does.
@Suite struct RecipePatternTests {
  /// A packet of a recipe, as it is seen on a wire.
  private func seen(_ recipe: String) throws -> Dissection {
    let packet = try Recipe(recipe).first.packet
    return Registry.dissect(try packet.encoded().bytes, as: packet.start)
  }

  private func match(
    _ pattern: String, _ packet: String, _ values: [String: FieldValue] = [:]
  ) throws -> PatternMatch {
    try OpenRecipe(pattern).pattern { name, _ in values[name] }.match(try seen(packet))
  }

  private static let synAck =
    "Ether()/IP(src='192.0.2.2', dst='192.0.2.1', id=7, ttl=64)"
    + "/TCP(sport=80, dport=61000, seq=5000, ack=78, flags='SA', window=64240, "
    + "options=[('MSS', 1460), ('SAckOK', b''), ('Timestamp', (11, 22)), ('NOP', None), ('WScale', 7)])"

  @Test(arguments: [
    "IP()/TCP()", "TCP()", "Ether()/IP()/TCP()", "IP()", "TCP(flags='SA')", "TCP(flags=18)", "IP(src='192.0.2.2')",
    "IP(src='192.0.2.0/28')", "TCP(sport=80, dport=(61000, 65535))", "TCP(sport=[22, 80])", "TCP(sport='http')",
    "TCP(flags=['S', 'SA'])", "TCP(window=(1, 65535))", "TCP(destinationPort=61000)", "IP(len=60)", "TCP(dataofs=10)",
    "TCP(options=[('MSS', 1460), ('SAckOK', b''), ('Timestamp', (11, 22)), ('NOP', None), ('WScale', 7)])",
    "TCP(options=[('MSS', 1460), ('SAckOK', ''), ('Timestamp', ($_, $_)), ('NOP', None), ('WScale', $_)])",
    "TCP(seq=$_)", "TCP()/''", "Ether(type=0x800)", "IP(proto='tcp')", "TCP(dport=$port)", "TCP(ack=$mine+1)",
    "TCP(ack=1+$mine)", "TCP(ack=$mine + 1)", "TCP(ack=[$mine+1, 3])", "TCP(dport=($port-1, $port+1))",
  ])
  func matches(pattern: String) throws {
    let match = try match(pattern, Self.synAck, ["port": .number(61000), "mine": .number(77)])
    #expect(match.isMatch, "\(match.differences)")
  }

  @Test(arguments: [
    ("TCP()/IP()", "IP"), ("UDP()", "UDP"), ("IP()/UDP()", "UDP"), ("Ether()/TCP()", "TCP"), ("IP()/IP()/TCP()", "IP"),
    ("TCP(flags='S')", "TCP.flags"), ("TCP(flags='SAP')", "TCP.flags"), ("TCP(flags='A')", "TCP.flags"),
    ("TCP(flags=['S', 'A'])", "TCP.flags"), ("TCP(flags=['R', 'RA'])", "TCP.flags"),
    ("IP(src='192.0.2.3')", "IP.src"), ("IP(src='192.0.2.4/30')", "IP.src"), ("IP(dst='192.0.2.2')", "IP.dst"),
    ("TCP(sport=81)", "TCP.sport"), ("TCP(sport=[22, 443])", "TCP.sport"), ("TCP(dport=(1, 60999))", "TCP.dport"),
    ("TCP(dport=(61001, 65535))", "TCP.dport"), ("TCP(dport=(1, 65535, 2))", "TCP.dport"),
    ("TCP(seq=4999)", "TCP.seq"), ("TCP(ack=$mine)", "TCP.ack"), ("TCP(ack=$mine+2)", "TCP.ack"),
    ("TCP(options=[])", "TCP.options"), ("TCP(options=[('MSS', 1460)])", "TCP.options"),
    (
      "TCP(options=[('MSS', 1460), ('SAckOK', b''), ('Timestamp', (11, 23)), ('NOP', None), ('WScale', 7)])",
      "TCP.options"
    ),
    (
      "TCP(options=[('SAckOK', b''), ('MSS', 1460), ('Timestamp', (11, 22)), ('NOP', None), ('WScale', 7)])",
      "TCP.options"
    ),
    ("TCP(options=[('MSS', $_), ('SAckOK', b''), ('NOP', None), ('WScale', 7)])", "TCP.options"),
    ("TCP()/'x'", "Raw"), ("TCP()/Raw()", "Raw"), ("TCP(chksum=0)", "TCP.chksum"), ("IP(ttl=63)", "IP.ttl"),
    ("IPerror()", "IPerror"), ("TCPerror()", "TCPerror"), ("IP(flags='DF')", "IP.flags"),
    ("TCP(dport=$mine)", "TCP.dport"),
  ])
  func isAnother(pattern: String, field: String) throws {
    let match = try match(pattern, Self.synAck, ["mine": .number(77)])
    let fields = match.differences.map { [$0.layer, $0.field].compactMap { $0 }.joined(separator: ".") }
    #expect(fields == [field])
  }

  @Test func differencesStandSideBySide() throws {
    let found = try match("IP(ttl=63)/TCP(flags='RA', seq=$isn+1, window=0x10)", Self.synAck, ["isn": .number(5000)])
    #expect(
      found.differences == [
        FieldDifference(layer: "IP", field: "ttl", expected: "63", seen: "64"),
        FieldDifference(layer: "TCP", field: "seq", expected: "5001 ($isn+1)", seen: "5000"),
        FieldDifference(layer: "TCP", field: "flags", expected: "'RA'", seen: "'SA'"),
        FieldDifference(layer: "TCP", field: "window", expected: "0x10", seen: "0xfaf0"),
      ])
    let other = try match("IP()/UDP()", Self.synAck)
    #expect(other.differences == [FieldDifference(layer: "UDP", field: nil, expected: "UDP", seen: "TCP")])
  }

  @Test func whatHasNoValueTakesTheOneThatIsSeen() throws {
    let found = try match(
      "IP(src=$host)/TCP(seq=$isn, options=[('MSS', $mss), ('SAckOK', b''), ('Timestamp', ($ts, $_)), ('NOP', None), "
        + "('WScale', $shift)])", Self.synAck)
    #expect(found.isMatch)
    #expect(
      found.taken == [
        "host": .text("192.0.2.2"), "isn": .number(5000), "mss": .number(1460), "ts": .number(11), "shift": .number(7),
      ])
    // What took a value in one field must agree in the next.
    #expect(try match("IP(src=$x, dst=$x)", Self.synAck).isMatch == false)
    #expect(try match("IP(src=$x, dst=$x)", "IP(src='192.0.2.1', dst='192.0.2.1')").isMatch)
    #expect(try match("TCP(seq=$x, ack=$x+1)", "IP()/TCP(seq=5, ack=6)").isMatch)
    #expect(try match("TCP(seq=$x, ack=$x+1)", "IP()/TCP(seq=5, ack=7)").isMatch == false)
  }

  @Test func optionsAreComparedWithoutWhatOnlyFillsTheLastWord() throws {
    let packet = "IP()/TCP(options=[('MSS', 1460), ('SAckOK', b'')])"
    #expect(try match("TCP(options=[('MSS', 1460), ('SAckOK', b'')])", packet).isMatch)
    #expect(try match("TCP(options=[('MSS', $mss), ('SAckOK', '')])", packet).taken == ["mss": .number(1460)])
    #expect(try match("TCP(options=[('MSS', 1460)])", packet).isMatch == false)
    #expect(try match("TCP(options=[('MSS', 1461), ('SAckOK', b'')])", packet).isMatch == false)
    #expect(try match("TCP(options=$all)", packet).isMatch)
    #expect(try match("TCP(options=[])", "IP()/TCP()").isMatch)
    #expect(try match("TCP(options=[('NOP', None)])", "IP()/TCP()").isMatch == false)
  }

  @Test func sumsWrapAtTheWidthOfTheField() throws {
    let values = ["isn": FieldValue.number(0xffff_ffff), "port": .number(0xffff)]
    #expect(try match("TCP(ack=$isn+1)", "IP()/TCP(ack=0)", values).isMatch)
    #expect(try match("TCP(ack=$isn+1)", "IP()/TCP(ack=1)", values).isMatch == false)
    #expect(try match("TCP(ack=$isn+51)", "IP()/TCP(ack=50)", values).isMatch)
    #expect(try match("TCP(dport=$port+1)", "IP()/TCP(dport=0)", values).isMatch)
    #expect(try match("TCP(seq=0-$port)", "IP()/TCP(seq=0xffff0001)", values).isMatch)
  }

  @Test func theLastTextIsTheWholePayload() throws {
    let packet = "IP()/UDP()/'hello'"
    #expect(try match("UDP()/'hello'", packet).isMatch)
    #expect(try match("UDP()/b'\\x68ello'", packet).isMatch)
    #expect(try match("UDP()/Raw(load='hello')", packet).isMatch)
    #expect(try match("UDP()/$data", packet).taken == ["data": .octets(Array("hello".utf8))])
    #expect(try match("UDP()/$data", packet, ["data": .text("hello")]).isMatch)
    #expect(try match("UDP()/$data", packet, ["data": .text("hell")]).isMatch == false)
    for other in ["'hell'", "'hello!'", "'Hello'", "''"] {
      #expect(try match("UDP()/\(other)", packet).isMatch == false)
    }
  }

  @Test func paddingIsNoPayload() throws {
    let frame = "Ether()/ARP(op=1, psrc='192.0.2.1', pdst='192.0.2.2')/Padding(load=b'\\x00\\x00')"
    #expect(try match("ARP(op=1)", frame).isMatch)
    #expect(try match("ARP(op='who-has', pdst=$b)", frame, ["b": .text("192.0.2.2")]).isMatch)
    #expect(try match("ARP()/''", frame).isMatch)
    #expect(try match("ARP(op=2)", frame).isMatch == false)
    #expect(try match("ARP(pdst='192.0.2.1')", frame).isMatch == false)
    #expect(try match("ARP(hwsrc='02:00:00:00:00:01')", frame).isMatch == false)
  }

  @Test func quotesAreLayersOfTheirOwnNames() throws {
    let error =
      "IP(src='192.0.2.2')/ICMP(type=3, code=3)/IPerror(dst='192.0.2.2')/UDPerror(sport=34611, dport=32784)/'hi'"
    #expect(try match("IP()/ICMP(type=3, code=3)/IPerror(dst='192.0.2.2')/UDPerror(sport=34611)", error).isMatch)
    #expect(try match("ICMP(type='dest-unreach')/IPerror()/UDPerror()/'hi'", error).isMatch)
    #expect(try match("UDPerror(sport=34612)", error).isMatch == false)
    #expect(try match("IPerror(src='192.0.2.2')", error).isMatch == false)
    // The quoted datagram is no datagram, and the error's own header is not the quoted one.
    #expect(try match("UDP(sport=34611)", error).isMatch == false)
    #expect(try match("ICMP(type=3, code=1)/IPerror()", error).isMatch == false)
    #expect(try match("ICMP(type=11)", error).isMatch == false)
    // A field of another type of message is not there.
    #expect(try match("ICMP(type=3, seq=0)", error).isMatch == false)
  }

  @Test func aQuoteOfEightOctetsTellsPortsAndNoMore() throws {
    let error = "IP()/ICMP(type=11)/Quote(IP(dst='192.0.2.9')/TCP(sport=7, dport=80, seq=9, ack=5), cut=28)"
    #expect(try match("ICMP(type=11)/IPerror(dst='192.0.2.9')/TCPerror(sport=7, dport=80, seq=9)", error).isMatch)
    #expect(try match("TCPerror(sport=8)", error).isMatch == false)
    #expect(try match("TCPerror(ack=5)", error).differences.first?.seen == nil)
    #expect(try match("TCPerror(ack=0)", error).isMatch == false)
  }

  @Test func version6HasTheSameRules() throws {
    let error =
      "IPv6(src='2001:db8::2', dst='2001:db8::1')/ICMPv6DestUnreach(code=4)"
      + "/IPerror6(dst='2001:db8::2')/UDPerror(sport=5, dport=9)"
    #expect(
      try match("IPv6(src='2001:db8::/64')/ICMPv6DestUnreach(code=4)/IPerror6()/UDPerror(dport=9)", error).isMatch)
    #expect(try match("IPv6(src='2001:DB8:0::2')", error).isMatch)
    #expect(try match("IPv6(src='2001:db8:1::/64')", error).isMatch == false)
    #expect(try match("ICMPv6DestUnreach(code=3)", error).isMatch == false)
    #expect(try match("ICMPv6TimeExceeded()", error).isMatch == false)
    #expect(try match("IPv6(dst=$x)", error).taken == ["x": .text("2001:db8::1")])
    let echo = "IPv6()/ICMPv6EchoReply(id=1, seq=2, data=b'abc')"
    #expect(try match("ICMPv6EchoReply(id=1, seq=2, data=b'abc')", echo).isMatch)
    #expect(try match("ICMPv6EchoReply(id=1)/'abc'", echo).isMatch)
    #expect(try match("ICMPv6EchoReply(data=b'abd')", echo).isMatch == false)
    #expect(try match("ICMPv6EchoRequest(id=1)", echo).isMatch == false)
  }

  @Test func fragmentsAreToldByTheirFields() throws {
    let fragment = "IP(id=9, flags='MF', frag=185, proto=17)/Raw(load=b'\\x00\\x01')"
    #expect(try match("IP(id=9, flags='MF', frag=185, len=22)", fragment).isMatch)
    #expect(try match("IP(frag=(1, 8191))", fragment).isMatch)
    #expect(try match("IP(frag=0)", fragment).isMatch == false)
    #expect(try match("IP(flags=0)", fragment).isMatch == false)
    #expect(try match("UDP()", fragment).isMatch == false)
  }

  @Test func aPacketInSwiftIsComparedByWhatWasSetOfIt() throws {
    func match(_ packet: Packet<some LayerStack>) throws -> Bool {
      try OpenRecipe(packet).pattern().match(try seen(Self.synAck)).isMatch
    }
    #expect(try match(Packet { TCP(from: 80, flags: [.syn, .ack]) }))
    #expect(
      try match(
        Packet {
          IPv4(from: "192.0.2.2", to: "192.0.2.1"); TCP(from: 80, to: 61000, flags: [.syn, .ack])
        }))
    #expect(
      try match(
        Packet {
          IPv4(to: "192.0.2.1"); TCP()
        }))
    #expect(try !match(Packet { TCP(from: 81, flags: [.syn, .ack]) }))
    #expect(
      try !match(
        Packet {
          IPv4(to: "192.0.2.7"); TCP()
        }))
    #expect(try !match(Packet { TCP(flags: [.rst, .ack]) }))
    #expect(try !match(Packet { UDP() }))
    #expect(try !match(Packet { TCP(checksum: 0xdead) }))
    #expect(
      try !match(
        Packet {
          TCP(); "data"
        }))
  }

  @Test(arguments: [
    ("IP()/TCP(dprt=$x)", 10, "did you mean \"dport\"?"), ("TCP(dport=$)", 11, "without a name"),
    ("TCP(dport=$x+)", 14, "a number or a variable"), ("TCP(dport=$x+'a')", 14, "a number or a variable"),
    ("IP(dst=5+$x)", 8, "no value that fits"), ("TCP(dport=$x-)", 14, ""), ("TCP(dport=$x.)", 13, ""),
    ("TCP(flags='Z', seq=$x)", 11, "names among"),
  ])
  func whatIsWrongIsFoundWithItsColumn(text: String, column: Int, words: String) throws {
    let error = #expect(throws: RecipeError.self) { try OpenRecipe(text).mentions() }
    #expect(error?.column == column)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test func ordinaryRecipesKnowNoVariables() {
    #expect(throws: RecipeError.self) { try Recipe("TCP(dport=$x)") }
    #expect(throws: RecipeError.self) { try Recipe("TCP(dport=1+1)") }
    #expect(throws: RecipeError.self) { try Recipe("IP()/$x") }
  }

  @Test func packetsAreMadeOfTheValuesOfVariables() throws {
    let recipe = try OpenRecipe("IP(dst=$b)/TCP(dport=$p+1, ack=$isn+1)/$data")
    let values: [String: FieldValue] = [
      "b": .text("192.0.2.9"), "p": .number(79), "isn": .number(0xffff_ffff), "data": .text("hi"),
    ]
    let packets = Array(try recipe.packets { name, _ in values[name] })
    #expect(packets.count == 1)
    let packet = try #require(packets.first).packet
    #expect(packet.first(TCP.self)?.destinationPort == 80)
    #expect(packet.first(TCP.self)?.acknowledgmentNumber == 0)
    #expect(packet.first(IPv4.self)?.destination == "192.0.2.9")
    #expect(packet.first(Payload.self)?.octets == Array("hi".utf8))
    #expect(throws: RecipeError.self) { try recipe.packets { name, _ in name == "b" ? .number(1) : values[name] } }
    #expect(throws: RecipeError.self) { try recipe.packets { name, _ in name == "p" ? nil : values[name] } }
  }
}
