internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// The fourth law: fields tile the header, and are what they are called.
@Suite struct FieldTests {
  @Test(arguments: Known.all)
  func fieldsTileTheHeader(_ known: Known) {
    let vectors = known.vectors
    Fuzz.trials(share: Known.all.count) { dice in
      let (bytes, start) = Fuzz.packet(from: vectors, &dice)
      for layer in known.layers(in: Registry.dissect(bytes, as: start)) { expectTiling(layer.header, bytes) }
    }
  }

  private func expectTiling(_ header: any Header, _ bytes: [UInt8]) {
    let fields = header.fields
    var next = 0
    for field in fields {
      #expect(field.bits.lowerBound == next, "\(field) \(Fuzz.comment(bytes))")
      // Only a knob that recipes have, and the wire has not, is without bits.
      #expect(!field.bits.isEmpty || field.form == .structured, "\(field)")
      next = field.bits.upperBound
    }
    let count = header is Trailer ? header.trailerByteCount : header.byteCount
    #expect(next == count * 8, Fuzz.comment(bytes))
    #expect(Set(fields.map(\.name)).count == fields.count, "two fields have one name")
  }

  @Test(arguments: Known.all)
  func bitsUnderANameAreTheHeadersValue(_ known: Known) {
    let vectors = known.vectors
    Fuzz.trials(share: Known.all.count) { dice in
      let (bytes, start) = Fuzz.packet(from: vectors, &dice)
      for layer in known.layers(in: Registry.dissect(bytes, as: start)) {
        let values = Mirror(reflecting: layer.header).children
        for field in layer.header.fields where field.form != .structured {
          guard let value = values.first(where: { $0.label == field.name })?.value, let number = Self.number(value)
          else { continue }
          #expect(
            Self.bits(field.bits, in: bytes[layer.offset...]) == number, "\(field.name) \(Fuzz.comment(bytes))")
        }
      }
    }
  }

  @Test(arguments: [
    ("ip", 12), ("ipv6", 6), ("icmp", 3), ("icmpv6", 3), ("udp", 4), ("tcp", 9), ("arp", 5),
    ("cookedlinux", 4), ("cookedlinuxv2", 6), ("sctp", 4), ("igmp", 3), ("ipv6exthdrfragment", 5),
    ("ipv6exthdrrouting", 4), ("ipv6exthdrhopbyhop", 2),
  ])
  func storedFieldsAreNamedAsTheirBits(_ name: String, _ count: Int) throws {
    let known = try #require(Known.all.first { $0.type.name.rawValue == name })
    let layer = try #require(known.vectors.lazy.compactMap { known.layers(in: $0.dissection).first }.first)
    let labels = Set(
      Mirror(reflecting: layer.header).children.compactMap { Self.number($0.value) == nil ? nil : $0.label })
    #expect(labels.intersection(layer.header.fields.map(\.name)).count >= count)
  }

  @Test func namedPartsOfICMPsSecondWordAreItsHalves() throws {
    for (file, name, field, value) in [
      ("icmp", "echo request", "identifier", 0x1234), ("icmp", "echo request", "sequenceNumber", 1),
      ("icmp", "timestamp request", "receiveTimestamp", 2),
      ("icmp", "address mask request", "addressMask", 0xffff_ff00),
      ("icmp", "router advertisement", "lifetime", 0x0708), ("icmp", "router advertisement", "addressEntrySize", 2),
      ("quote", "fragmentation needed, UDP, whole", "nextHopMTU", 1400),
      ("quote", "parameter problem, UDP, whole", "pointer", 20),
      ("quote", "redirect, UDP, whole", "gateway", 0xcb00_7101), ("quote", "ICMPv6 too big, whole", "mtu", 1280),
      ("quote", "ICMPv6 parameter, whole", "pointer", 6), ("icmpv6", "echo reply", "identifier", 0x1234),
    ] as [(String, String, String, UInt64)] {
      let vector = try #require(Vectors.file(file).first { $0.name == name })
      let layer = try #require(
        Registry.dissect(vector.bytes).layers.first {
          $0.header.errorReport != nil
            || $0.header is ICMPv4 || $0.header is ICMPv6
        })
      let spec = try #require(layer.header.fields.first { $0.name == field }, "\(name)")
      #expect(Self.bits(spec.bits, in: vector.bytes[layer.offset...]) == value, "\(name) \(field)")
    }
  }

  /// Up to 64 bits as a number; nil for more.
  private static func bits(_ range: Range<Int>, in bytes: ArraySlice<UInt8>) -> UInt64? {
    guard range.count <= 64 else { return nil }
    return range.reduce(0) { value, bit in
      value << 1 | UInt64(bytes[bytes.startIndex + bit / 8] >> UInt8(7 - bit % 8) & 1)
    }
  }

  /// What a stored property of a header holds, where it is a number.
  private static func number(_ value: Any) -> UInt64? {
    switch value {
    case let number as UInt8: UInt64(number)
    case let number as UInt16: UInt64(number)
    case let number as UInt32: UInt64(number)
    case let field as Field<UInt8>: field.hand.map { UInt64($0) }
    case let field as Field<UInt32>: field.hand.map { UInt64($0) }
    case let field as Field<UInt16>: field.hand.map { UInt64($0) }
    case let flags as IPv4.Flags: UInt64(flags.rawValue)
    case let flags as TCP.Flags: UInt64(flags.rawValue)
    case let kind as ICMPv4.Kind: UInt64(kind.rawValue)
    case let kind as ICMPv6.Kind: UInt64(kind.rawValue)
    case let address as IPv4Address: UInt64(address.rawValue)
    default: nil
    }
  }
}
