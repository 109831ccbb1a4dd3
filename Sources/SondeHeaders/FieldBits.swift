internal import SondeOctets

// How fields that are plain bits are read and written, for headers whose layout is a table.
extension FieldSpec {
  /// Whether a recipe can mean the field by this word.
  public func isCalled(_ word: String) -> Bool { name == word || alias == word }

  /// The number that the field's bits make in a header that begins at `offset`; nil for more than 64 bits, or where the
  /// octets end before.
  public func number(in bytes: RawSpan, at offset: Int) -> UInt64? {
    let first = offset &+ bits.lowerBound / 8
    let end = offset &+ (bits.upperBound &+ 7) / 8
    guard bits.count <= 64, first >= 0, first <= end, end <= bytes.byteCount else { return nil }
    // At most nine octets, of which the first may hold bits that do not count.
    var value: UInt64 = 0
    let spare = UInt64(bitPattern: Int64((8 &- bits.upperBound % 8) % 8))
    for index in first..<end {
      let octet = UInt64(bytes[index])
      value = index &+ 1 == end ? value << (8 - spare) | octet >> spare : value << 8 | octet
    }
    return bits.count == 64 ? value : value & (1 << UInt64(bits.count) - 1)
  }

  /// The number in the field's bits, of which at most 64 count; `octets` are the whole header's.
  func number(in octets: [UInt8]) -> UInt64 {
    bits.reduce(0) { number, bit in
      number << 1 | (bit / 8 < octets.count ? UInt64(octets[bit / 8] >> (7 - UInt8(bit % 8)) & 1) : 0)
    }
  }

  /// Writes a number into the field's last 64 bits, or all that it has; `octets` are the whole header's.
  func store(_ number: UInt64, in octets: inout [UInt8]) {
    Self.store(number, bits.suffix(64), in: &octets)
  }

  private static func store(_ number: UInt64, _ bits: Range<Int>, in octets: inout [UInt8]) {
    for (place, bit) in bits.reversed().enumerated() where bit / 8 < octets.count {
      let mask = UInt8(0x80) >> UInt8(bit % 8)
      octets[bit / 8] = number >> UInt64(place) & 1 == 1 ? octets[bit / 8] | mask : octets[bit / 8] & ~mask
    }
  }

  /// Writes what a recipe says of the field, which it calls `word`; none is zero.
  ///
  /// - Throws: `FieldError` where the field does not take such a value.
  func write(_ value: FieldValue, calledBy word: String, into octets: inout [UInt8]) throws(FieldError) {
    if value == .none { return store(0, in: &octets) }
    switch form {
    case .ipv4Address: store(UInt64(try value.ipv4Address(word).rawValue), in: &octets)
    case .ipv6Address:
      let address = try value.ipv6Address(word)
      Self.store(address.high, bits.lowerBound..<bits.lowerBound + 64, in: &octets)
      Self.store(address.low, bits.lowerBound + 64..<bits.upperBound, in: &octets)
    case .macAddress: store(try value.macAddress(word).rawValue, in: &octets)
    case .octets:
      let given = try value.octets(word)
      // As Scapy has it: cut, or filled up with zeros.
      for (place, bit) in stride(from: bits.lowerBound, to: bits.upperBound, by: 8).enumerated() {
        Self.store(place < given.count ? UInt64(given[place]) : 0, bit..<bit + 8, in: &octets)
      }
    case .number, .hexadecimal, .flags, .structured:
      let limit = bits.count < 64 ? UInt64(1) << UInt64(bits.count) - 1 : .max
      store(try value.number(word, limit: limit), in: &octets)
    }
  }
}

extension [FieldSpec] {
  /// The octets of a header of these fields, in which every field is what leaving it out means.
  var usualOctets: [UInt8] {
    var octets = [UInt8](repeating: 0, count: ((last?.bits.upperBound ?? 0) + 7) / 8)
    for field in self { if let usual = field.usual { field.store(usual, in: &octets) } }
    return octets
  }
}
