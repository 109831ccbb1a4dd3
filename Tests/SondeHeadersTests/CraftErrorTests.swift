internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// Whatever a hand sets, a packet encodes to its measured length or says why not.
@Suite struct CraftErrorTests {
  @Test(arguments: [
    (AnyPacket([IPv4(fragmentOffset: 0x2000)]), "ip: fragmentOffset"),
    (AnyPacket([IPv4(flags: .init(rawValue: 8))]), "ip: flags"), (AnyPacket([IPv4(version: 16)]), "ip: version"),
    (AnyPacket([IPv4(headerLength: 16)]), "ip: headerLength"),
    (AnyPacket([IPv4(options: [.octets([UInt8](repeating: 1, count: 41))])]), "ip: options"),
    (
      AnyPacket([IPv4(options: [.option(kind: 7, data: [UInt8](repeating: 1, count: 254))], headerLength: 5)]),
      "ip: options"
    ),
    (AnyPacket([IPv4(), Payload(octets: [UInt8](repeating: 0, count: 65516))]), "ip: totalLength"),
    (AnyPacket([IPv6(flowLabel: 0x100000)]), "ipv6: flowLabel"), (AnyPacket([IPv6(version: 16)]), "ipv6: version"),
    (AnyPacket([IPv6(), Payload(octets: [UInt8](repeating: 0, count: 65536))]), "ipv6: payloadLength"),
    (AnyPacket([UDP(), Payload(octets: [UInt8](repeating: 0, count: 65528))]), "udp: length"),
    (AnyPacket([TCP(dataOffset: 16)]), "tcp: dataOffset"), (AnyPacket([TCP(reserved: 8)]), "tcp: reserved"),
    (AnyPacket([TCP(flags: .init(rawValue: 0x200))]), "tcp: flags"),
    (AnyPacket([TCP(options: [.octets([UInt8](repeating: 1, count: 41))])]), "tcp: options"),
    (
      AnyPacket([TCP(options: [.option(kind: 7, data: [UInt8](repeating: 1, count: 254))], dataOffset: 5)]),
      "tcp: options"
    ),
    (
      AnyPacket([
        TCP(
          options: [.sack([.init(left: 1, right: 2)] + Array(repeating: .init(left: 1, right: 2), count: 31))],
          dataOffset: 5)
      ]), "tcp: options"
    ),
    (AnyPacket([ICMPv4.timeExceeded(), Quote(AnyPacket([IPv4(version: 16)]), cut: 8)]), "ip: version"),
  ])
  func aValueThatDoesNotFitIsNamed(_ packet: AnyPacket, _ complaint: String) {
    let error = #expect(throws: CraftError.self) { try packet.encoded() }
    #expect(error?.description.hasPrefix(complaint + " ") == true, "\(String(describing: error))")
  }

  @Test(arguments: [
    AnyPacket([IPv4(flags: .init(rawValue: 7), fragmentOffset: 0x1fff, version: 15, headerLength: 15)]),
    AnyPacket([IPv4(options: [.octets([UInt8](repeating: 1, count: 40))])]),
    AnyPacket([IPv4(options: [.octets([UInt8](repeating: 1, count: 41))], headerLength: 5)]),
    AnyPacket([IPv4(), Payload(octets: [UInt8](repeating: 0, count: 65515))]),
    AnyPacket([IPv4(totalLength: 7), Payload(octets: [UInt8](repeating: 0, count: 65516))]),
    AnyPacket([IPv6(flowLabel: 0xfffff, version: 15), Payload(octets: [UInt8](repeating: 0, count: 65535))]),
    AnyPacket([TCP(flags: .init(rawValue: 0x1ff), options: [.octets([UInt8](repeating: 1, count: 40))], reserved: 7)]),
    AnyPacket([TCP(options: [.option(kind: 7, data: [UInt8](repeating: 1, count: 253))], dataOffset: 5)]),
    AnyPacket([UDP(length: 0), Payload(octets: [UInt8](repeating: 0, count: 65528))]),
  ])
  func aValueThatJustFitsIsSent(_ packet: AnyPacket) throws {
    #expect(try packet.encoded().bytes.count == packet.byteCount)
  }

  @Test func randomFieldsEncodeOrAreNamed() {
    Fuzz.trials { dice in
      let layers = (0..<1 + dice.roll(5)).map { _ in Self.header(&dice) }
      let packet = AnyPacket(layers)
      guard let bytes = try? packet.encoded().bytes else { return }
      #expect(bytes.count == packet.byteCount, "SONDE_SEED=\(Fuzz.seed) \(layers)")
      _ = try? packet.freed().encoded()
      let dissection = Registry.dissect(bytes)
      #expect((try? dissection.packet.encoded().bytes) == bytes, "SONDE_SEED=\(Fuzz.seed) \(layers)")
    }
  }

  private static func field<Value: FixedWidthInteger>(_ dice: inout Dice) -> Field<Value> {
    dice.roll(2) == 0 ? .auto : .set(Value(truncatingIfNeeded: dice.roll(3) == 0 ? dice.next() : dice.next() % 17))
  }

  private static func header(_ dice: inout Dice, depth: Int = 0) -> any Header {
    let some = dice.octets(dice.roll(12))
    let data = dice.octets(dice.roll(20) == 0 ? dice.roll(400) : dice.roll(12))
    let number = UInt32(truncatingIfNeeded: dice.next())
    let small = UInt16(truncatingIfNeeded: dice.roll(20) == 0 ? dice.next() : dice.next() % 8)
    switch dice.roll(9) {
    case 0:
      return IPv4(
        from: .init(rawValue: number), to: .init(rawValue: ~number), ttl: some.first ?? 0,
        flags: .init(
          rawValue: UInt8(truncatingIfNeeded: small)), fragmentOffset: small, protocol: field(&dice),
        options: dice.roll(2) == 0 ? [] : [.option(kind: some.last ?? 131, data: data), .noOperation, .octets(some)],
        version: field(&dice), headerLength: field(&dice), totalLength: field(&dice), checksum: field(&dice))
    case 1:
      return IPv6(
        from: .init(high: dice.next(), low: dice.next()), flowLabel: number >> (dice.roll(8) == 0 ? 0 : 12),
        nextHeader: field(&dice), version: field(&dice), payloadLength: field(&dice))
    case 2: return UDP(from: small, to: small, length: field(&dice), checksum: field(&dice))
    case 3:
      return TCP(
        from: small, flags: .init(rawValue: small),
        options: dice.roll(2) == 0
          ? [] : [.option(kind: some.last ?? 3, data: data), .sack([]), .mss(small), .endOfList, .octets(some)],
        dataOffset: field(&dice), reserved: UInt8(truncatingIfNeeded: small), checksum: field(&dice))
    case 4:
      return ICMPv4(
        type: .init(rawValue: UInt8(truncatingIfNeeded: small)), restOfHeader: number,
        numbers: (0..<dice.roll(4)).map { UInt32($0) }, checksum: field(&dice))
    case 5: return ICMPv6(type: .init(rawValue: some.first ?? 1), restOfHeader: number, checksum: field(&dice))
    case 6 where depth < 3:
      let inner = (0..<dice.roll(4)).map { _ in header(&dice, depth: depth + 1) }
      return Quote(AnyPacket(inner), cut: dice.roll(2) == 0 ? nil : dice.roll(80) - 10)
    case 7: return Trailer(octets: some)
    default: return Payload(octets: data)
    }
  }
}
