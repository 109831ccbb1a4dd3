internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// What follows quotes and extended echo requests (RFC 4884, RFC 4950, RFC 5837, RFC 8335).
@Suite struct ExtensionTests {
  private func objects(_ file: String, _ name: String) throws -> [String] {
    let vector = try #require(Vectors.file(file).first { $0.name == name })
    return Registry.dissect(vector.bytes).extensionObjects.map(\.description)
  }

  @Test(arguments: [
    ("MPLS", ["MPLS label 1000 tc 5 s 0 ttl 1, label 16 tc 0 s 1 ttl 255"]),
    ("MPLS of three octets", ["class 1 type 1 with 3 octets"]), ("incoming index", ["incoming interface index 7"]),
    ("outgoing address and name", ["outgoing interface address 203.0.113.1 name eth0"]),
    ("all of next hop", ["next hop interface index 9 address 2001:db8:99::1 name lo mtu 1500"]),
    ("address of no family", ["class 2 type 4 with 8 octets"]), ("name beyond", ["class 2 type 2 with 4 octets"]),
    ("nameless class", ["class 250 type 3 with 8 octets"]), ("nothing in it", ["class 250 type 0 with 0 octets"]),
    ("two objects", ["MPLS label 1000 tc 5 s 0 ttl 1, label 16 tc 0 s 1 ttl 255", "incoming interface index 7"]),
    ("no object", []), ("version 1", []), ("object of length 3", []), ("object beyond", []),
    ("ICMPv6", ["MPLS label 1000 tc 5 s 0 ttl 1, label 16 tc 0 s 1 ttl 255"]),
  ])
  func objectsSayWhatTheyAre(_ name: String, _ said: [String]) throws {
    #expect(try objects("icmp-extensions", name) == said)
  }

  @Test(arguments: [
    ("by name", "interface name eth0"), ("by index", "interface index 2"),
    ("by address", "interface address 203.0.113.1"), ("by IPv6 address", "interface address 2001:db8:99::1"),
  ])
  func anExtendedEchoNamesAnInterface(_ name: String, _ said: String) throws {
    #expect(try objects("icmp-extension-object", name) == [said])
    #expect(try objects("icmp-extension-object", "ICMPv6, " + name) == [said])
  }

  @Test(arguments: [
    ("MPLS", SumCheck.Verdict.valid), ("no sum", .absent), ("wrong sum", .wrong), ("ICMPv6", .valid),
  ])
  func theirSumIsOfTheStructureAlone(_ name: String, _ verdict: SumCheck.Verdict) throws {
    let vector = try #require(Vectors.file("icmp-extensions").first { $0.name == name })
    let checks = Registry.dissect(vector.bytes).sums()
    #expect(checks.last?.layer == ExtensionStructure.name)
    #expect(checks.last?.verdict == verdict)
    #expect(checks.dropLast().allSatisfy { $0.verdict == .valid })
  }

  @Test func aStructureOfAnotherVersionIsData() throws {
    let vector = try #require(Vectors.file("icmp-extensions").first { $0.name == "version 1" })
    let dissection = Registry.dissect(vector.bytes)
    #expect(dissection.layer(of: ExtensionStructure.self) == nil)
    #expect(dissection.stopped == nil)
    #expect(dissection.payload.count == 16)
  }

  @Test func aCraftedQuoteIsFilledUpBeforeItsExtensions() throws {
    let asked: [any Header] = [Hosts.there, UDP(from: 40000, to: 33434), Payload("short")]
    let packet = AnyPacket([
      IPv4(from: Hosts.router, to: Hosts.us), ICMPv4.timeExceeded(length: 32),
      Quote(AnyPacket(asked), cut: 128, fill: 128), ExtensionStructure(),
      ExtensionObject.mplsLabelStack([MPLSLabel(label: 1000)]),
    ])
    let bytes = try packet.encoded().bytes
    #expect(bytes.count == 28 + 128 + 4 + 8)
    let again = Registry.dissect(bytes)
    #expect(again.extensionObjects.map(\.description) == ["MPLS label 1000 tc 0 s 1 ttl 1"])
    #expect(again.sums().allSatisfy { $0.verdict == .valid })
    #expect(Array(bytes[28 + 33..<28 + 128]).allSatisfy { $0 == 0 })
    // Without a length, and of fewer octets than 128, nobody finds them.
    let near = AnyPacket([
      IPv4(from: Hosts.router, to: Hosts.us), ICMPv4.timeExceeded(), Quote(AnyPacket(asked), fill: 124),
      ExtensionStructure(), ExtensionObject.mplsLabelStack([MPLSLabel(label: 1000)]),
    ])
    #expect(Registry.dissect(try near.encoded().bytes).extensionObjects.isEmpty)
  }

  @Test func damagedExtensionsLeaveTheErrorAnAnswer() throws {
    let asked: [any Header] = [
      Hosts.there, UDP(from: 40000, to: 33434), Payload(octets: [UInt8](repeating: 7, count: 300)),
    ]
    let message: [any Header] = [
      IPv4(from: Hosts.router, to: Hosts.us), ICMPv4.timeExceeded(length: 32), Quote(AnyPacket(asked), cut: 128),
      ExtensionStructure(checksum: 0x1234), ExtensionObject.mplsLabelStack([MPLSLabel(label: 1000)]),
    ]
    #expect(try Outcome(asked, message) == .answer(.timeExceeded, .icmpError, []))
  }

  @Test func lengthsThatCountNothingStopTheReading() {
    for name in ["object of length 3", "object beyond"] {
      let vector = Vectors.file("icmp-extensions").first { $0.name == name }
      let dissection = Registry.dissect(vector?.bytes ?? [])
      #expect(dissection.stopped?.layer == ExtensionObject.name)
    }
    for name in ["option of length 0", "option beyond the message", "one octet of an option"] {
      let vector = Vectors.file("nd-option").first { $0.name == name }
      let dissection = Registry.dissect(vector?.bytes ?? [])
      #expect(dissection.stopped?.layer == NeighborDiscoveryOption.name)
    }
  }
}

/// Who answers an extended echo (RFC 8335 §2, §3).
@Suite struct ExtendedEchoTests {
  private static let there4: [any Header] = [Hosts.there, ICMPv4.extendedEchoRequest(identifier: 5, sequenceNumber: 7)]

  private func outcome(_ type: ICMPv4.Kind, _ word: UInt32, code: UInt8 = 0) throws -> Outcome {
    try Outcome(Self.there4, [Hosts.back, ICMPv4(type: type, code: code, restOfHeader: word)])
  }

  @Test func sameIdentifierAndSequenceNumberAnswerWhateverTheState() throws {
    #expect(try outcome(43, 5 << 16 | 7 << 8) == .answer(.reply, .extendedEchoReply, []))
    #expect(try outcome(43, 5 << 16 | 7 << 8 | 0xe7) == .answer(.reply, .extendedEchoReply, []))
    #expect(try outcome(43, 5 << 16 | 7 << 8, code: 4) == .answer(.reply, .extendedEchoReply, []))
    #expect(try outcome(43, 5 << 16 | 7 << 8, code: 5) == .answer(.reply, .extendedEchoReply, [.oddCode]))
  }

  @Test func nearMissesAreNoise() throws {
    #expect(try outcome(43, 6 << 16 | 7 << 8) == .noise("carries id 6, not our 5"))
    #expect(try outcome(43, 5 << 16 | 8 << 8) == .noise("carries sequence number 8, not our 7"))
    #expect(try outcome(0, 5 << 16 | 7 << 8) == .nothing)
    #expect(try outcome(42, 5 << 16 | 7 << 8) == .nothing)
  }
}
