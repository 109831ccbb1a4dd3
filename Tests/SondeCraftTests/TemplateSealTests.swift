import SondeCraft
import SondeHeaders
import SondeOctets
import TestSupport
import Testing

/// Fields that are written together have their checksums once `seal` was called, as if each had been patched.
@Suite struct TemplateSealTests {
  private var packet = Packet {
    IPv4(from: "192.0.2.1", to: "198.51.100.2")
    TCP(from: 40_000, to: 80)
    "odd"
  }

  @Test func sealedFieldsAreTheEncodingOfTheChangedPacket() throws {
    var random = Seeded()
    var packet = packet
    var template = try PacketTemplate(packet)
    let destination: PatchField<IPv4Address> = try template.field("destination", of: IPv4.self)
    let identification: PatchField<UInt16> = try template.field("identification", of: IPv4.self)
    let ports: PatchField<UInt32> = try template.field(octets: 0..<4, of: TCP.self)
    for _ in 0..<1_000 {
      let address = IPv4Address(rawValue: random.chance(9) ? 0 : UInt32.random(in: 0...(.max), using: &random))
      let number = UInt16.random(in: 0...(.max), using: &random)
      let ends = UInt32.random(in: 0...(.max), using: &random)
      packet.layers.outer.outer.destination = address
      packet.layers.outer.outer.identification = number
      packet.layers.outer.inner.sourcePort = UInt16(ends >> 16)
      packet.layers.outer.inner.destinationPort = UInt16(truncatingIfNeeded: ends)
      template.write(destination, to: address)
      template.write(ports, to: ends)
      template.write(identification, to: number)
      template.seal()
      #expect(template.emission == (try packet.encoded()))
    }
  }

  @Test func checksumsStayUntilTheyAreSealed() throws {
    var template = try PacketTemplate(packet)
    let before = template.emission.bytes
    let port: PatchField<UInt16> = try template.field("destinationPort", of: TCP.self)
    template.write(port, to: 81)
    var expected = before
    expected[23] = 81
    #expect(template.emission.bytes == expected)
    template.seal()
    #expect(template.emission.bytes != expected)
    let sealed = template.emission
    template.seal()
    #expect(template.emission == sealed)
  }

  @Test func aPatchSealsWhatWasWrittenBefore() throws {
    var together = try PacketTemplate(packet)
    var alone = together
    let port: PatchField<UInt16> = try together.field("destinationPort", of: TCP.self)
    let identification: PatchField<UInt16> = try together.field("identification", of: IPv4.self)
    together.write(port, to: 81)
    together[identification] = 7
    alone[port] = 81
    alone[identification] = 7
    #expect(together.emission == alone.emission)
  }

  /// A quoted packet's checksum counts in the sum of the error around it.
  @Test func sumsOverOtherChecksumsFollow() throws {
    let error = Packet {
      IPv4(from: "192.0.2.1", to: "198.51.100.2")
      ICMPv4(type: .destinationUnreachable)
      IPv4(from: "198.51.100.2", to: "192.0.2.1")
      UDP(from: 40_000, to: 53)
      "quoted"
    }
    var together = try PacketTemplate(error)
    var alone = together
    let port: PatchField<UInt16> = try together.field("destinationPort", of: UDP.self)
    let source: PatchField<IPv4Address> = try together.field("source", of: IPv4.self, occurrence: 1)
    for number in [0, 1, 0xffff, 0x8000] as [UInt16] {
      together.write(port, to: number)
      together.write(source, to: IPv4Address(rawValue: UInt32(number) << 8))
      together.seal()
      alone[port] = number
      alone[source] = IPv4Address(rawValue: UInt32(number) << 8)
      #expect(together.emission == alone.emission)
    }
  }

  @Test func aChecksumSetByHandStaysSo() throws {
    var template = try PacketTemplate(packet)
    let checksum: PatchField<UInt16> = try template.field("checksum", of: TCP.self)
    let port: PatchField<UInt16> = try template.field("destinationPort", of: TCP.self)
    template.write(port, to: 81)
    template.write(checksum, to: 0xbeef)
    template.seal()
    #expect(template[checksum] == 0xbeef)
  }
}
