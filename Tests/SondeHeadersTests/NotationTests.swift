internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// What a recipe's fields say of a header makes the same header again.
@Suite struct NotationTests {
  @Test(arguments: Known.all)
  func fieldsMakeTheHeaderAgain(_ known: Known) throws {
    let vectors = known.vectors
    for vector in vectors { try expectSame(known, vector.bytes, vector.start) }
    try Fuzz.trials(share: Known.all.count) { dice in
      let (bytes, start) = Fuzz.packet(from: vectors, &dice)
      try expectSame(known, bytes, start)
    }
  }

  private func expectSame(_ known: Known, _ bytes: [UInt8], _ start: Registry.Start) throws {
    for layer in known.layers(in: Registry.dissect(bytes, as: start)) {
      try expectSame(layer.header, bytes[layer.offset...], Fuzz.comment(bytes, start))
    }
  }

  private func expectSame<H: Header>(_ header: H, _ bytes: ArraySlice<UInt8>, _ comment: Comment) throws {
    guard let name = header.recipeName(isQuoted: false) else { return }
    var (byName, byAlias) = try (#require(H.blank(name)), #require(H.blank(name)))
    do {
      for field in header.recipeFields {
        let value = field.form == .structured ? header.value(of: field) : Self.value(field, in: bytes)
        guard let value else { continue }
        try byName.set(field.name, to: value)
        try byAlias.set(field.alias, to: value)
      }
    } catch {
      Issue.record("\(error) \(comment)")
    }
    // Options that are none are left to the data behind: what is written makes the octets before them.
    let whole = try #require(octets(of: header), comment)
    let written = try #require(octets(of: byName), comment)
    #expect(written.elementsEqual(H.self == TCP.self ? whole.prefix(written.count) : whole[...]), comment)
    #expect(octets(of: byAlias) == written, comment)
  }

  /// Padding may be written or implied: headers that make the same octets are the same.
  private func octets(of header: some Header) -> [UInt8]? { try? AnyPacket([header]).encoded().bytes }

  @Test(arguments: Known.all)
  func whatARecipeLeavesOutIsWhatItIsSaidToBe(_ known: Known) throws {
    for name in known.type.recipeNames { try expectUsual(known.type, name) }
  }

  private func expectUsual<H: Header>(_ type: H.Type, _ name: String) throws {
    let blank = try #require(type.blank(name), "\(name)")
    for field in blank.recipeFields {
      guard let usual = field.usual else { continue }
      var header = blank
      try header.set(field.name, to: Self.value(field.form, usual, width: field.bits.count))
      #expect(octets(of: header) == octets(of: blank), "\(name) \(field.name)")
    }
    for field in blank.recipeFields where field.isDerived {
      var header = blank
      try header.set(field.alias, to: .none)
      #expect(octets(of: header) == octets(of: blank), "\(name) \(field.name)")
    }
    var header = blank
    #expect(throws: FieldError.unknown("noSuchField")) { try header.set("noSuchField", to: .number(1)) }
  }

  /// What the bits of a field say in its form.
  private static func value(_ field: FieldSpec, in bytes: ArraySlice<UInt8>) -> FieldValue {
    let start = bytes.startIndex
    func octet(_ index: Int) -> UInt8 { bytes[start + index] }
    guard field.bits.count <= 64 else {
      let octets = (field.bits.lowerBound / 8..<field.bits.upperBound / 8).map(octet)
      guard field.form == .ipv6Address else { return .octets(octets) }
      return .text(octets.ipv6Address.description)
    }
    let number = field.bits.reduce(UInt64(0)) { $0 << 1 | UInt64(octet($1 / 8) >> UInt8(7 - $1 % 8) & 1) }
    return value(field.form, number, width: field.bits.count)
  }

  private static func value(_ form: FieldSpec.Form, _ number: UInt64, width: Int) -> FieldValue {
    switch form {
    case .ipv4Address: .text(IPv4Address(rawValue: UInt32(truncatingIfNeeded: number)).description)
    case .macAddress: .text(MACAddress(rawValue: number).description)
    case .octets: .octets((0..<width / 8).map { UInt8(truncatingIfNeeded: number >> UInt64(width - 8 - 8 * $0)) })
    default: .number(number)
    }
  }
}

extension [UInt8] {
  /// Sixteen octets as an address.
  fileprivate var ipv6Address: IPv6Address {
    func half(_ octets: Self.SubSequence) -> UInt64 { octets.reduce(0) { $0 << 8 | UInt64($1) } }
    return IPv6Address(high: half(self[..<8]), low: half(self[8...]))
  }
}
