import SondeCraft
import SondeHeaders
import SondeOctets
import TestSupport
import Testing

/// A patched template has the bytes of the packet encoded anew with the same fields changed.
@Suite struct TemplateTests {
  @Test func everyPatchIsTheEncodingOfTheChangedPacket() throws {
    var random = Seeded()
    var cases = 0
    while cases < 10_000 {
      var packet = random.packet()
      var template = try PacketTemplate(packet)
      #expect(template.emission == (try packet.encoded()))
      for _ in 0..<4 {
        let before = packet
        guard let what = try change(&packet, &template, &random) else { continue }
        cases += 1
        let expected = try packet.encoded()
        guard template.emission == expected else {
          Issue.record(
            "\(what) of \(before.layers.layers): \(Hex.text(template.emission.bytes)) is not \(Hex.text(expected.bytes))"
          )
          return
        }
      }
    }
  }

  /// Changes a field or some payload octets of both.
  private func change(_ packet: inout AnyPacket, _ template: inout PacketTemplate, _ random: inout Seeded) throws
    -> String?
  {
    let index = Int.random(in: packet.layers.layers.indices, using: &random)
    let header = packet.layers.layers[index]
    let occurrence = packet.layers.layers[..<index].count { type(of: $0) == type(of: header) }
    if let payload = header as? Payload {
      guard !payload.octets.isEmpty else { return nil }
      packet.layers.layers[index] = try changePayload(payload, occurrence, &template, &random)
      return "payload \(occurrence)"
    }
    guard let change = Change.all(of: header).randomElement(using: &random) else { return nil }
    let value = random.number(bits: change.bits)
    change.apply(&packet.layers.layers[index], value)
    do {
      try patch(header, of: &template, change, occurrence, value, isWide: random.chance(3))
    } catch TemplateError.unpatchable(let field, _) {
      // The header length of IPv4, and the total length of one that has a header length below 5.
      let isIllegible = ((header as? IPv4)?.headerLength.hand ?? 5) < 5
      #expect(field == "headerLength" || field == "totalLength" && isIllegible)
      packet.layers.layers[index] = header
      return nil
    }
    return "\(change.field) \(value) in layer \(index)"
  }

  /// Patches through the narrowest type that holds the field, or one twice as wide.
  private func patch<H: Header>(
    _ header: H, of template: inout PacketTemplate, _ change: Change, _ occurrence: Int, _ value: UInt128, isWide: Bool
  ) throws {
    let isUnaligned = change.field == "trafficClass"
    switch change.bits * (isWide || isUnaligned ? 2 : 1) {
    case ...8: template[try template.field(change.field, of: H.self, occurrence: occurrence)] = UInt8(value)
    case ...16: template[try template.field(change.field, of: H.self, occurrence: occurrence)] = UInt16(value)
    case ...32: template[try template.field(change.field, of: H.self, occurrence: occurrence)] = UInt32(value)
    case ...64 where template.byteCount >= 8:
      template[try template.field(change.field, of: H.self, occurrence: occurrence)] = UInt64(value)
    default: template[try template.field(change.field, of: H.self, occurrence: occurrence)] = value
    }
  }

  private func changePayload(
    _ payload: Payload, _ occurrence: Int, _ template: inout PacketTemplate, _ random: inout Seeded
  ) throws -> Payload {
    var payload = payload
    let start = Int.random(in: payload.octets.indices, using: &random)
    let count = Int.random(in: 1...payload.octets.count - start, using: &random)
    let range = start..<start + count
    let new = random.chance(3) ? [UInt8](repeating: 0, count: count) : random.octets(count)
    payload.octets.replaceSubrange(range, with: new)
    if count <= 8, random.chance(2) {
      let number = new.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      template[try template.field(octets: range, of: Payload.self, occurrence: occurrence)] = number
    } else {
      template.patch(try template.run(octets: range, of: Payload.self, occurrence: occurrence), to: new)
    }
    return payload
  }

  // The corners of RFC 1624: every value of a word, zero and all ones among them.

  @Test(arguments: [0x0000, 0xffff, 0x1234] as [UInt16]) func everyUDPPortSumsAsAnew(first: UInt16) throws {
    var packet = Packet {
      IPv4(from: "192.0.2.1", to: "198.51.100.2")
      UDP(from: 40000, to: first)
      "odd"
    }
    var template = try PacketTemplate(packet)
    let port = try template.field("destinationPort", of: UDP.self, as: UInt16.self)
    var checksums: Set<UInt16> = []
    for value in UInt16.min...UInt16.max {
      packet.layers.outer.inner.destinationPort = value
      template[port] = value
      let bytes = try packet.encoded().bytes
      guard template.emission.bytes == bytes else {
        Issue.record("port \(value): \(template.emission.bytes)")
        return
      }
      checksums.insert(template.bytes.bigEndian(at: 26))
    }
    // Each value but zero, which goes out as all ones.
    #expect(checksums.count == 65535)
    #expect(!checksums.contains(0))
  }

  @Test(arguments: [0, 1, 3]) func everyICMPIdentifierSumsAsAnew(zeros: Int) throws {
    // An echo reply of nothing but zeros sums to zero: 0xffff on the wire, which no difference tells.
    var packet = Packet {
      IPv4(from: "192.0.2.1", to: "198.51.100.2")
      ICMPv4.echoReply()
      [UInt8](repeating: 0, count: zeros)
    }
    var template = try PacketTemplate(packet)
    let identifier = try template.field("identifier", of: ICMPv4.self, as: UInt16.self)
    for value in Array(UInt16.min...UInt16.max) + [0] {
      packet.layers.outer.inner.identifier = value
      template[identifier] = value
      guard template.emission == (try packet.encoded()) else {
        Issue.record("identifier \(value): \(template.emission.bytes)")
        return
      }
    }
    #expect(template.bytes.bigEndian(at: 22, as: UInt16.self) == 0xffff)
  }

  @Test func addressesReachTheTransportSumToo() throws {
    var packet = Packet {
      IPv6(from: "2001:db8::1", to: "2001:db8::2")
      ICMPv6.echoRequest(identifier: 1, sequenceNumber: 2)
      "x"
    }
    var template = try PacketTemplate(packet)
    let destination = try template.field("destination", of: IPv6.self, as: IPv6Address.self)
    for text: IPv6Address in ["2001:db8::3", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "::"] {
      template[destination] = text
      packet.layers.outer.outer.destination = text
      #expect(template.emission == (try packet.encoded()))
      #expect(template[destination] == text)
    }
  }

  // Hand wins.

  @Test func aChecksumSetByHandIsLeftAlone() throws {
    for checksum: UInt16 in [0, 0xdead, 0xffff] {
      var template = try PacketTemplate(
        Packet {
          IPv4(to: "192.0.2.1", checksum: .set(checksum))
          UDP(checksum: .set(checksum))
          "x"
        })
      let before: UInt16 = template.bytes.bigEndian(at: 10)
      template[try template.field("destination", of: IPv4.self)] = IPv4Address(192, 0, 2, 77)
      template[try template.field("destinationPort", of: UDP.self)] = UInt16(7)
      #expect(before == checksum)
      #expect(template.bytes.bigEndian(at: 10) == checksum)
      #expect(template.bytes.bigEndian(at: 26) == checksum)
    }
  }

  @Test func aRightChecksumSetByHandIsLeftAloneToo() throws {
    let computed = try Packet {
      IPv4(to: "192.0.2.1")
      UDP()
    }.encoded().bytes
    let right: UInt16 = computed.rawSpan.bigEndian(at: 26)
    var template = try PacketTemplate(
      Packet {
        IPv4(to: "192.0.2.1")
        UDP(checksum: .set(right))
      })
    template[try template.field("sourcePort", of: UDP.self)] = UInt16(7)
    #expect(template.bytes.bigEndian(at: 26) == right)
  }

  @Test func aPatchedChecksumIsSetFromThenOn() throws {
    var template = try PacketTemplate(
      Packet {
        IPv4(to: "192.0.2.1")
        UDP()
        "x"
      })
    template[try template.field("checksum", of: UDP.self)] = UInt16(0xbeef)
    template[try template.field("sourcePort", of: UDP.self)] = UInt16(7)
    #expect(template.bytes.bigEndian(at: 26, as: UInt16.self) == 0xbeef)
    template[try template.field("timeToLive", of: IPv4.self)] = UInt8(1)
    #expect(InternetChecksum.of(template.bytes.extracting(0..<20)) == 0)
  }

  @Test func copiesArePatchedApart() throws {
    let original = try PacketTemplate(
      Packet {
        IPv4(to: "192.0.2.1")
        UDP()
      })
    var copy = original
    copy[try original.field("sourcePort", of: UDP.self)] = UInt16(7)
    #expect(original.emission != copy.emission)
    #expect(original[try original.field("sourcePort", of: UDP.self, as: UInt16.self)] == 53)
  }
}
