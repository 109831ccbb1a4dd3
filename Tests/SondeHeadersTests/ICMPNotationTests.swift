internal import Foundation
internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// What the names, fields and values of recipes make; Scapy made the octets.
@Suite struct ICMPNotationTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var bytes: [UInt8]
    var form: FieldValue.Form
    var testDescription: String

    init(_ line: Substring) {
      let halves = line.split(separator: "# ", maxSplits: 1)
      let words = halves[1].split(separator: " ")
      bytes = Vectors.octets(String(halves[0].filter { $0 != " " }))
      form = FieldValue.Form(
        String(words[0]),
        words.dropFirst().map { word in
          let parts = word.split(separator: "=", maxSplits: 1)
          return .init(String(parts[0]), Self.value(parts[1]))
        })
      testDescription = String(halves[1])
    }

    private static func value(_ text: Substring) -> FieldValue {
      if text.hasPrefix("x") { return .octets(Vectors.octets(String(text.dropFirst()))) }
      if text.hasPrefix("[") {
        return .list(text.dropFirst().dropLast().split(separator: ",").map { .text(String($0)) })
      }
      return UInt64(text).map { .number($0) } ?? .text(String(text))
    }
  }

  private static func lines(_ file: String) -> [Substring] {
    let path = Bundle.module.path(forResource: "Vectors/\(file)", ofType: "txt")
    return path.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) }?.split(separator: "\n") ?? []
  }

  private static let cases = lines("icmp-notation").map { Case($0) }
  /// A field of another type is left out of ICMP where its value is one; in ICMPv6 and its options there is none.
  @Test func fieldsOfOtherMessagesAreNotTakenForTheirOwn() throws {
    var echo = ICMPv4.echoRequest()
    for (field, value) in [
      ("unused", FieldValue.number(7)), ("gw", .text("192.0.2.1")), ("addr_mask", .text("255.255.255.0")),
      ("ts_ori", .number(5)), ("ptr", .none), ("unused", .octets([])),
    ] { try echo.set(field, to: value) }
    #expect(echo == .echoRequest())
    for (field, value) in [
      ("unused", FieldValue.tuple([.text("MSS"), .number(1460)])), ("gw", .text("nobody")), ("ptr", .number(300)),
      ("mtu", .number(1)),
    ] { #expect(throws: FieldError.self, "\(field)") { try echo.set(field, to: value) } }
    for (name, field) in [
      ("ICMPv6PacketTooBig", "id"), ("ICMPv6ND_NS", "R"), ("ICMPv6EchoRequest", "mtu"), ("ICMPv6ND_RS", "ptr"),
    ] {
      var header = try #require(ICMPv6.blank(name))
      #expect(throws: FieldError.unknown(field)) { try header.set(field, to: .number(1)) }
    }
    var option = try #require(NeighborDiscoveryOption.blank("ICMPv6NDOptMTU"))
    #expect(throws: FieldError.unknown("advint")) { try option.set("advint", to: .number(1)) }
    try option.set("mtu", to: .number(1))
  }

  /// Scapy 2.5 writes no number as zero, and a length only where it counts it: not what leaving it out means.
  @Test(arguments: [
    ("IPOption_SSRR", "pointer", "890300"), ("IPOption_RR", "option", "000304"),
    ("IPOption_LSRR", "copy_flag", "030304"),
    ("IPOption_Timestamp", "oflw", "440c09010000000000000000"), ("IPOption_MTU_Probe", "length", "0b000000"),
    ("IPOption_Security", "transmission_control_code", "820b000000000000000000"), ("IPOption_SSRR", "length", "890304"),
    ("IPOption_SSRR", "routers", "890304"), ("IPOption_Timestamp", "pointer", "440c00010000000000000000"),
  ])
  func noneIsZeroInAnOption(name: String, field: String, octets: String) throws {
    let form = FieldValue.Form(name, [.init(field, .none)])
    let options = try IPv4Option.options(.list([.forms([form])]))
    #expect(Hex.text(options.flatMap(\.octets)) == octets)
  }

  private static let headers: [any Header.Type] = [ICMPv4.self, ICMPv6.self, NeighborDiscoveryOption.self]

  @Test func thereAreCases() { #expect(Self.cases.count > 600) }

  @Test(arguments: cases.filter { !$0.form.name.hasPrefix("IPOption") })
  func aFieldWrittenMakesScapysOctets(_ tried: Case) throws {
    let type = try #require(Self.headers.first { $0.recipeNames.contains(tried.form.name) })
    let blank = type.blank(tried.form.name)
    var header = try #require(blank)
    for argument in tried.form.arguments { try header.set(argument.name, to: argument.value) }
    if type != NeighborDiscoveryOption.self { try header.set("checksum", to: .number(0)) }
    let packet = AnyPacket([header] + (try type.innerLayers(for: tried.form)))
    #expect(try packet.encoded().bytes == tried.bytes)
  }

  @Test(arguments: cases.filter { $0.form.name.hasPrefix("IPOption") })
  func anOptionObjectMakesScapysOctets(_ tried: Case) throws {
    let options = try IPv4Option.options(.list([.forms([tried.form])]))
    #expect(options.flatMap(\.octets) == tried.bytes)
  }

  /// A recipe that writes only what differs from the usual makes the header again.
  @Test(arguments: ["icmp", "icmpv6", "nd-option", "icmp-extension-object", "quote", "router-address"])
  func whatIsPrintedIsReadAgain(_ file: String) throws {
    var count = 0
    for vector in Vectors.file(file) {
      for layer in Registry.dissect(vector.bytes).layers where Self.headers.contains(where: { $0 == layer.type }) {
        guard let name = layer.header.recipeName(isQuoted: false) else { continue }
        count += 1
        let bytes = Array(vector.bytes[layer.offset..<layer.offset + layer.byteCount])
        let blank = layer.type.blank(name)
        var header = try #require(blank)
        for field in layer.header.recipeFields where !field.isDerived {
          guard let value = value(field, layer.header, bytes) else { continue }
          try header.set(field.alias, to: value)
        }
        // What is left out is computed.
        var written = layer.header.freed(before: .none)
        if type(of: written) != NeighborDiscoveryOption.self {
          try header.set("checksum", to: .number(7))
          try written.set("checksum", to: .number(7))
        }
        #expect(try AnyPacket([header]).encoded().bytes == AnyPacket([written]).encoded().bytes, "\(vector.name)")
      }
    }
    #expect(count > 0)
  }

  /// The value of a field that must be written.
  private func value(_ field: FieldSpec, _ header: any Header, _ bytes: [UInt8]) -> FieldValue? {
    let octets = Array(bytes[field.bits.lowerBound / 8..<(field.bits.upperBound + 7) / 8])
    let number = field.bits.suffix(64).reduce(UInt64(0)) { $0 << 1 | UInt64(bytes[$1 / 8] >> (7 - UInt8($1 % 8)) & 1) }
    switch field.form {
    case .structured: return header.value(of: field)
    case .octets: return .octets(octets)
    case .macAddress: return .text(MACAddress(rawValue: number).description)
    case .ipv4Address: return .text(IPv4Address(rawValue: UInt32(truncatingIfNeeded: number)).description)
    case .ipv6Address:
      let high = octets.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return .text(IPv6Address(high: high, low: number).description)
    case .number, .hexadecimal, .flags: return number == field.usual ? nil : .number(number)
    }
  }

  /// Neighbour discovery is heard only with a hop limit of 255 (RFC 4861 §7.1).
  @Test func neighbourDiscoverySaysWhatTheHopLimitUsuallyIs() {
    #expect(ICMPv6.routerSolicitation().usual("hopLimit", in: IPv6.self) == 255)
    #expect(ICMPv6.echoRequest().usual("hopLimit", in: IPv6.self) == nil)
    #expect(ICMPv6.routerSolicitation().usual("hopLimit", in: IPv4.self) == nil)
    #expect(ICMPv6.routerSolicitation().usual("payloadLength", in: IPv6.self) == nil)
  }

  @Test func scapysNamesAreNumbers() throws {
    var header = ICMPv4.echoRequest()
    try header.set("type", to: .text("dest-unreach"))
    try header.set("code", to: .text("port-unreachable"))
    #expect(header == .destinationUnreachable(code: 3))
    #expect(throws: FieldError.self) { try header.set("type", to: .text("port-unreachable")) }
    #expect(throws: FieldError.self) { try header.set("code", to: .text("unreachable")) }
  }

  /// Scapy sums for the last address of an only source route, used up or not; RFC 791 §3.1 has the header's
  /// destination where the route is used up.
  @Test(arguments: [
    // IP(options=[IPOption_LSRR(routers=["203.0.113.1"],pointer=8)])/UDP(sport=9,dport=10)
    ("47000024000100004011ff48c0000201c6336407830708cb007101000009000a000801c8", false),
    // IP(options=[IPOption_LSRR(routers=["203.0.113.1"]),IPOption_SSRR(routers=["203.0.113.9"])])/UDP(sport=9,dport=10)
    ("4900002c000100004011bda9c0000201c6336407830704cb007101890704cb00710900000009000a0008138f", false),
    // The one route that is to be followed yet: both agree.
    ("47000024000100004011ff4cc0000201c6336407830704cb007101000009000a000801c8", true),
  ])
  func aSumUnderARouteIsScapysOnlyForItsDestination(_ hex: String, _ agree: Bool) throws {
    let dissection = Registry.dissect(Vectors.octets(hex))
    let outer = try #require(dissection.first(IPv4.self))
    let datagram = try #require(dissection.layer(of: UDP.self))
    #expect((outer.scapyDestination == outer.finalDestination) == agree)
    #expect((dissection.sums().last?.verdict == .valid) == agree)
    let rule = try #require(UDP.sumRule)
    let bytes = dissection.bytes.rawSpan
    let right = rule.right(
      over: bytes.extracting(datagram.offset..<datagram.end), headerByteCount: 8,
      pseudoHeader: PseudoHeader(source: .v4(outer.source), destination: .v4(outer.scapyDestination)))
    #expect(datagram.header as? UDP == UDP(from: 9, to: 10, length: 8, checksum: .set(UInt16(right))))
  }

  @Test func optionsThatArePrintedAreReadAgain() throws {
    for vector in Vectors.file("ip-options") + Vectors.file("ip") {
      guard let header = Registry.dissect(vector.bytes).first(IPv4.self) else { continue }
      let read = try IPv4Option.options(IPv4Option.forms(of: header.options))
      var octets = read.flatMap(\.octets)
      while octets.count % 4 != 0 { octets.append(0) }
      #expect(octets == header.options.flatMap(\.octets), "\(vector.name)")
    }
  }

  @Test func whatNoObjectHasIsNamed() {
    func error(_ name: String, _ arguments: [FieldValue.Form.Argument] = []) -> FieldError? {
      do {
        _ = try IPv4Option.options(.list([.forms([.init(name, arguments)])]))
        return nil
      } catch { return error }
    }
    #expect(error("IPOption_Nothing")?.field == "options")
    #expect(error("IPOption_RR", [.init("router", .number(1))])?.field == "router")
    #expect(error("IPOption_RR", [.init("pointer", .number(256))])?.field == "pointer")
    #expect(error("IPOption_EOL", [.init("length", .number(1))])?.field == "length")
    #expect(error("IPOption_RR", [.init("pointer", .number(255))]) == nil)
    var header = ICMPv6.neighborSolicitation(target: .loopback)
    #expect(throws: FieldError.unknown("nothing")) { try header.set("nothing", to: .number(1)) }
    #expect(throws: FieldError.self) { try header.set("tgt", to: .text("192.0.2.1")) }
    var echo = ICMPv4.echoRequest()
    #expect(throws: FieldError.unknown("nothing")) { try echo.set("nothing", to: .number(1)) }
    #expect(throws: FieldError.self) { try echo.set("id", to: .number(65536)) }
  }

  @Test(arguments: lines("names"))
  func typesAndCodesAreCalledAsTsharkCallsThem(_ line: Substring) throws {
    let halves = line.split(separator: " | ", maxSplits: 1)
    let numbers = halves[0].split(separator: " ").compactMap { UInt8($0) }
    let (type, code, info) = (numbers[1], numbers[2], String(halves[1]))
    // IANA names codes that this tshark does not know.
    if numbers[0] == 6, info.contains("Unknown"), ICMPv6(type: .init(rawValue: type), code: code).codeMeaning != nil {
      return
    }
    // What tshark tells of the content besides.
    let called =
      numbers[0] == 4
      ? ICMPv4(type: .init(rawValue: type), code: code).summary
      : ICMPv6(type: .init(rawValue: type), code: code, body: [UInt8](repeating: 0, count: type == 137 ? 32 : 16))
        .summary
    #expect(called == info || (138...155).contains(type) && info.hasPrefix(called + " ("), "\(line)")
  }
}
