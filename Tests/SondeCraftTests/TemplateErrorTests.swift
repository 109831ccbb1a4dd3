import SondeCraft
import SondeHeaders
import SondeOctets
import Testing

@Suite struct TemplateErrorTests {
  private let packet = Packet {
    IPv4(to: "192.0.2.1")
    UDP()
    "hello"
  }

  @Test func absentLayersAndFieldsAreThrown() throws {
    let template = try PacketTemplate(packet)
    #expect(throws: TemplateError.noLayer("tcp", occurrence: 0)) {
      try template.field("window", of: TCP.self, as: UInt16.self)
    }
    #expect(throws: TemplateError.noLayer("udp", occurrence: 1)) {
      try template.field("length", of: UDP.self, occurrence: 1, as: UInt16.self)
    }
    #expect(throws: TemplateError.noLayer("udp", occurrence: -1)) {
      try template.field("length", of: UDP.self, occurrence: -1, as: UInt16.self)
    }
    let known = ["sourcePort", "destinationPort", "length", "checksum"]
    #expect(throws: TemplateError.noField("dport", of: "udp", known: known)) {
      try template.field("dport", of: UDP.self, as: UInt16.self)
    }
    #expect(throws: TemplateError.noField("options", of: "ip", known: IPv4().fields.map(\.name))) {
      try template.field("options", of: IPv4.self, as: UInt32.self)
    }
  }

  @Test func fieldsThatDoNotFitTheTypeAreThrown() throws {
    let template = try PacketTemplate(packet)
    #expect(throws: TemplateError.misfit(field: "length", of: "udp", bits: 16, width: 8)) {
      try template.field("length", of: UDP.self, as: UInt8.self)
    }
    #expect(throws: TemplateError.misfit(field: "length", of: "udp", bits: 16, width: 32)) {
      try template.field("length", of: UDP.self, as: IPv4Address.self)
    }
    #expect(throws: TemplateError.misfit(field: "0..<0", of: "raw", bits: 0, width: 8)) {
      try template.field(octets: 0..<0, of: Payload.self, as: UInt8.self)
    }
    let small = try PacketTemplate(Packet { UDP() })
    #expect(throws: TemplateError.misfit(field: "length", of: "udp", bits: 16, width: 128)) {
      try small.field("length", of: UDP.self, as: UInt128.self)
    }
    // Eight bits across two octets fit no octet, but a word.
    let flow = try PacketTemplate(Packet { IPv6() })
    #expect(throws: TemplateError.misfit(field: "trafficClass", of: "ipv6", bits: 8, width: 8)) {
      try flow.field("trafficClass", of: IPv6.self, as: UInt8.self)
    }
    #expect(try flow.field("trafficClass", of: IPv6.self, as: UInt16.self).maximum == 255)
  }

  @Test func octetsOutsideTheLayerAreThrown() throws {
    let template = try PacketTemplate(packet)
    #expect(throws: TemplateError.outside(octets: 4..<6, of: "raw", byteCount: 5)) {
      try template.run(octets: 4..<6, of: Payload.self)
    }
    #expect(throws: Never.self) { try template.run(octets: 4..<5, of: Payload.self) }
    #expect(throws: TemplateError.outside(octets: -1..<2, of: "raw", byteCount: 5)) {
      try template.field(octets: -1..<2, of: Payload.self, as: UInt32.self)
    }
  }

  @Test func halfAFieldOfThePseudoHeaderIsTorn() throws {
    let template = try PacketTemplate(packet)
    #expect(throws: TemplateError.torn(field: "8..<14", of: "ip")) { try template.run(octets: 8..<14, of: IPv4.self) }
    #expect(throws: TemplateError.torn(field: "3..<4", of: "ip")) {
      try template.field(octets: 3..<4, of: IPv4.self, as: UInt8.self)
    }
    #expect(throws: Never.self) { try template.run(octets: 12..<20, of: IPv4.self) }
    #expect(throws: Never.self) { try template.field(octets: 2..<4, of: IPv4.self, as: UInt16.self) }
  }

  @Test func aHeaderLengthIsPatchedOnlyWhereNoSumDependsOnIt() throws {
    #expect(throws: TemplateError.unpatchable(field: "headerLength", of: "ip")) {
      try PacketTemplate(packet).field("headerLength", of: IPv4.self, as: UInt8.self)
    }
    #expect(throws: TemplateError.unpatchable(field: "0..<1", of: "ip")) {
      try PacketTemplate(packet).run(octets: 0..<1, of: IPv4.self)
    }
    let set = try PacketTemplate(
      Packet {
        IPv4(); UDP(checksum: 0)
      })
    #expect(throws: Never.self) { try set.field("headerLength", of: IPv4.self, as: UInt8.self) }
    let icmp = try PacketTemplate(
      Packet {
        IPv4(); ICMPv4.echoRequest()
      })
    #expect(throws: Never.self) { try icmp.field("headerLength", of: IPv4.self, as: UInt8.self) }
    #expect(throws: Never.self) { try PacketTemplate(packet).field("version", of: IPv4.self, as: UInt8.self) }
  }

  @Test func aRunThatASumCoversInPartIsTorn() throws {
    // A trailer in the middle is counted by no length, so the sum ends inside the payload.
    let template = try PacketTemplate(
      AnyPacket([ICMPv4.echoReply(), Trailer(octets: [1, 2, 3, 4]), "12345678" as Payload]))
    #expect(throws: TemplateError.torn(field: "2..<6", of: "raw")) { try template.run(octets: 2..<6, of: Payload.self) }
    #expect(throws: Never.self) { try template.run(octets: 2..<4, of: Payload.self) }
    #expect(throws: Never.self) { try template.run(octets: 4..<8, of: Payload.self) }
  }

  @Test func packetsThatDoNotEncodeAreThrown() {
    #expect(
      throws: TemplateError.unencodable(CraftError(layer: "ip", field: "flags", reason: "is at most 7, 8 was given"))
    ) {
      try PacketTemplate(Packet { IPv4(flags: IPv4.Flags(rawValue: 8)) })
    }
    let many = Packet { for _ in 0..<9 { IPv4() } }
    #expect(throws: TemplateError.tooManySums(count: 9)) { try PacketTemplate(many) }
    #expect(throws: Never.self) { try PacketTemplate(Packet { for _ in 0..<8 { IPv4() } }) }
  }
}
