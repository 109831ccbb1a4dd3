import SondeCraft
import SondeHeaders
import SondeOctets
import Testing

/// Recipes read: what is accepted, and how what is not is told.
@Suite struct RecipeReadingTests {
  private static func hex(_ recipe: String) throws -> String {
    Hex.text(try Recipe(recipe).first.packet.encoded().bytes)
  }

  /// Several ways to write one packet, the first as Scapy prints it.
  @Test(arguments: [
    [
      "IP(src='192.0.2.1', dst='192.0.2.7')/UDP(dport=80)",
      "IP ( src = \"192.0.2.1\" ,dst='192.0.2.7' , ) / UDP( dport=80 )",
      "IP(source='192.0.2.1', destination='192.0.2.7')/UDP(destinationPort=0x50)",
      "(IP(src='192.0.2.1', dst='192.0.2.7')/UDP(dport=0b1010000))",
      "IP(src='192.0.2.1', dst='192.0.2.7')/(UDP(dport=0o120))",
      "IP(dst='192.0.2.7', src='192.0.2.1', len=None, chksum=None)/UDP(dport='http', len=None)",
      "IP(src='\\x3192.0.2.1', dst='192.0.2.\\067')/UDP(dport=(80))",
      "\n\tIP(src=u'192.0.2.1', dst=r'192.0.2.7')/UDP(dport=80)\r",
    ],
    ["TCP(flags='SA')", "TCP(flags=18)", "TCP(flags=['S', 'A'])", "TCP(flags=0x12)"],
    ["IP(src='192.0.2.1', flags='MF+DF')", "IP(src='192.0.2.1', flags=3)", "IP(src='192.0.2.1', flags=['DF', 'MF'])"],
    [
      "UDP()/Raw(load=b'a\\'b\\x00\\n')", "UDP()/b'a\\'b\\0\\n'", "UDP()/b\"a'b\\x00\\x0a\"",
      "UDP()/Raw(b\"a'b\\000\\n\")",
      "UDP()/\"a'b\\x00\\u000a\"", "UDP()/Raw(load='a')/\"'\"/Raw('b\\0')/'\\n'",
    ],
    ["UDP()/Raw(load=b'\\xc3\\xa9')", "UDP()/'é'", "UDP()/'\\xe9'", "UDP()/'\\u00e9'"],
    ["UDP()/Raw(load=b'\\\\q')", "UDP()/b'\\q'", "UDP()/br'\\q'", "UDP()/'\\q'"],
    [
      "TCP(options=[('MSS', 1460), ('NOP', None), (254, b'x')])",
      "TCP(options=(('MSS', 1460,), ('NOP', None), (254, 'x'),))",
      "TCP(options=[('MSS', b'\\x05\\xb4'), (1, b''), (254, b'x'),])",
    ],
    ["UDP()/Raw(load=b'ababab')", "UDP()/Raw('ab'*3)", "UDP()/Raw(load=b'ab' * 0x3)"],
    ["IP(src='192.0.2.1', ttl=0)", "IP(src='192.0.2.1', ttl=None)", "IP(src='192.0.2.1', ttl=False)"],
  ])
  func onePacketIsWrittenInManyWays(recipes: [String]) throws {
    let expected = try Self.hex(recipes[0])
    for recipe in recipes { #expect(try Self.hex(recipe) == expected, "\(recipe)") }
  }

  @Test(arguments: [
    // As the contract has it.
    ("IP(dst='10.0.0.1', ttl=3)/TCP(dprt=80)", 31, "TCP has no field \"dprt\" at column 31; did you mean \"dport\"?"),
    ("IP(dst='10.0.0.1')/TPC()", 20, "no layer is called \"TPC\" at column 20; did you mean \"TCP\"?"),
    ("ip()", 1, "no layer is called \"ip\" at column 1; did you mean \"IP\"?"),
    ("IP()/DNS(qd=1)", 6, "no layer is called \"DNS\" at column 6; layers are Ether, "),
    ("UDP(sport=RandShort())", 11, "UDP: sport takes a number from 0 to 65535, not RandShort(…) at column 11"),
    ("UDP()/Raw('ab'*)", 16, "\")\" does not belong at column 16"),
    ("UDP()/Raw('ab'*32768)", 16, "text of more than 65535 octets at column 16; no packet is longer"),
    ("UDP()/Raw(''*99999999999999999999)", 14, "a number of more than 64 bits at column 14"),
    ("UDP()/'ab'*3", 11, "\"*\" does not belong at column 11"),
    ("UDP(sport=65536)", 11, "UDP: sport takes a number from 0 to 65535, not 65536 at column 11"),
    ("UDP(sport=[1, 65536])", 11, "UDP: sport takes a number from 0 to 65535, not 65536 at column 11"),
    ("UDP(sport=(1, 65536))", 11, "UDP: sport takes a number from 0 to 65535, not 65536 at column 11"),
    ("UDP(sport=(5, 1))", 11, "UDP: sport has a range without a number in it"),
    ("UDP(sport=-1)", 11, "a number that is not whole or has a sign at column 11"),
    ("UDP(sport=1.5)", 11, "\"1.5\" is no number at column 11"),
    ("UDP(sport=0x)", 11, "\"0x\" is no number at column 11"),
    ("UDP(sport=99999999999999999999)", 11, "a number of more than 64 bits at column 11"),
    ("UDP(sport='htp')", 11, "UDP: sport takes a number from 0 to 65535, not \"htp\" at column 11; did you mean \""),
    ("UDP(sport=eighty)", 11, "\"eighty\" is no value at column 11; text stands in quotes: 'eighty'"),
    ("UDP(sport=1, sport=2)", 14, "UDP has the field \"sport\" twice, the second time at column 14"),
    ("UDP(sport=1, sourcePort=2)", 14, "UDP has the field \"sourcePort\" twice, the second time at column 14"),
    ("UDP(53)", 5, "UDP has a value without a name at column 5; write field=value"),
    ("UDP(sport=1 dport=2)", 13, "\"dport\" does not belong at column 13; \",\" or \")\" is missing"),
    ("UDP(sport=1", 12, "the recipe ends too early at column 12; \",\" or \")\" is missing"),
    ("UDP()/", 7, "the recipe ends too early at column 7; a layer such as IP(…), or text in quotes is missing"),
    ("UDP(", 5, "the recipe ends too early at column 5; a value is missing"),
    ("UDP() TCP()", 7, "\"TCP\" does not belong at column 7; \"/\" and another layer, or the end is missing"),
    ("UDP", 1, "\"UDP\" without parentheses at column 1; write UDP()"),
    ("", 1, "a recipe is missing at column 1"), ("   ", 4, "a recipe is missing at column 4"),
    ("UDP()/'é'/'open", 11, "a string without an end at column 11; its closing quote is missing"),
    ("UDP()/b'é'", 9, "a character beyond ASCII in b'…' at column 9"),
    ("UDP()/'\\x4'", 8, "an escape that is cut short at column 8; 2 hexadecimal digits belong there"),
    ("UDP()/'\\ud800'", 8, "an escape that is no character at column 8"),
    ("UDP()/'a' 'b'", 11, "\"'\" does not belong at column 11"),
    ("UDP()/'a''b'", 10, "a string behind a string at column 10; write one string, or join layers by /"),
    ("IP(dst='192.0.2.256')", 8, "IP: dst takes an IPv4 address, '192.0.2.1', not \"192.0.2.256\" at column 8"),
    ("IP(dst='192.0.2.1/33')", 8, "IP: dst takes an IPv4 address, '192.0.2.1', not \"192.0.2.1/33\" at column 8"),
    ("IP(dst='example.com')", 8, "IP: dst takes an IPv4 address"),
    ("IP(dst=Net('192.0.2.9', '192.0.2.1'))", 8, "IP: dst takes a network as Net("),
    ("IPv6(dst='192.0.2.0/30')", 10, "IPv6: dst takes an IPv6 address, '2001:db8::1', not \"192.0.2.0\" at column 10"),
    (
      "TCP(flags='SX')", 11,
      "TCP: flags takes a number, or names among F, S, R, P, A, U, E, C, N, not \"SX\" at column 11"
    ),
    ("TCP(options=[('MMS', 1)])", 13, "TCP: options know no \"MMS\"; they are AO, "),
    ("TCP(options=[('MSS', 65536)])", 13, "TCP: options takes a number from 0 to 65535 at column 13"),
    ("TCP(options=5)", 13, "TCP: options takes a list of pairs"),
    ("Quote(IP(), ct=28)", 13, "Quote has no field \"ct\" at column 13; did you mean \"cut\"?"),
    ("Quote(28)", 7, "Quote: packet takes layers, IP(…)/UDP(…), not 28 at column 7"),
    ("Quote(IP()/UPD())", 12, "no layer is called \"UPD\" at column 12; did you mean \"UDP\"?"),
    ("Quote(IP(ttl=(1, 2)))", 7, "a packet within another is several at column 7; ranges belong outside"),
  ])
  func whatIsWrongIsNamedWithItsColumn(recipe: String, column: Int, message: String) {
    do throws(RecipeError) {
      _ = try Recipe(recipe)
      Issue.record("\(recipe) was read")
    } catch {
      #expect(error.column == column && error.message.hasPrefix(message), "\(error.column): \(error)")
      #expect(!error.message.contains("\n"))
    }
  }

  @Test func columnsCountCharacters() {
    #expect(
      throws: RecipeError(
        column: 12,
        message:
          "UDP has no field \"x\" at column 12; its fields are "
          + "sport, sourcePort, dport, destinationPort, len, length, chksum, checksum"
      )
    ) {
      try Recipe("'äöü👩‍👩‍👧'/UDP(x=1)")
    }
  }

  @Test func whatIsWrittenIsKnownByFullNames() throws {
    let made = try Recipe("IP(dst='192.0.2.1', id=7)/TCP(dport=80, sequenceNumber=3, options=[])/'x'").first
    #expect(
      made.written == [["destination", "identification"], ["destinationPort", "sequenceNumber", "options"], ["load"]])
    #expect(made.packet.layers.layers.count == 3)
  }

  @Test func aQuoteIsCutAndCountsTheWhole() throws {
    let made = try Self.hex(
      "IP(src='203.0.113.9', dst='198.51.100.7')/ICMP(type=11)/Quote(IP(src='198.51.100.7', dst='192.0.2.1', ttl=1)"
        + "/UDP(sport=40000, dport=33434)/'abcdefgh', cut=28)")
    #expect(made == Hex.text(Golden.quoteCut))
    let whole = try Self.hex("Quote(IP(src='198.51.100.7')/UDP())")
    #expect(whole == (try Self.hex("IP(src='198.51.100.7')/UDP()")))
  }

  @Test func paddingGoesBehindEverything() throws {
    #expect(try Self.hex("UDP()/Padding(b'zz')/Raw(b'yy')/Padding('xx')") == "00350035000a000079797a7a7878")
  }

  @Test func hostileTextIsAnErrorAndNoTrap() throws {
    let deep = [
      String(repeating: "(", count: 100_000), "UDP(sport=" + String(repeating: "[", count: 100_000),
      String(repeating: "IP(options=[IPOption(", count: 50_000), String(repeating: "Quote(", count: 50_000),
      "UDP(sport=" + String(repeating: "(", count: 30) + String(repeating: "[", count: 100_000),
    ]
    for text in deep { #expect(throws: RecipeError.self) { try Recipe(text) } }
    #expect(throws: RecipeError.self) { try Recipe(String(repeating: "UDP()/", count: 100_000) + "UDP()") }
    #expect(throws: RecipeError.self) { try Recipe(String(repeating: "x", count: 300_000) + "()") }
    for octets: [UInt8] in [
      [0], [0xff], [0x27, 0xff, 0x27], Array("UDP()\0".utf8), Array("UDP(\0=1)".utf8), [0x55, 0xc3],
    ] {
      #expect(throws: RecipeError.self) { try Recipe(octets: octets) }
    }
  }

  @Test func aLineMayBeHundredsOfKilobytesLong() throws {
    let octets = (0..<75_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let load = octets.map { "\\x\(Hex.text([$0]))" }.joined()
    let bytes = try Recipe("Raw(load=b'\(load)')").first.packet.encoded().bytes
    #expect(bytes == octets)
  }
}
