internal import SondeHeaders
internal import SondeOctets

/// An IP packet of either family on its way to be written, each part open to a lie.
struct Datagram: Sendable {
  var source: IPAddress
  var destination: IPAddress
  var hopLimit: UInt8 = 64
  var trafficClass: UInt8 = 0
  var identification: UInt16 = 0x1dea
  /// IPv4 alone: flags and fragment offset as they stand in the header.
  var fragment: UInt16 = 0
  /// IPv4 alone: whole words behind the fixed header.
  var options: [UInt8] = []
  /// IPv6 alone: the headers between, each with its number; the first octet of each is filled in.
  var extensions: [(number: UInt8, octets: [UInt8])] = []
  var `protocol`: UInt8
  /// From the transport header on.
  var body: [UInt8]

  /// The same with the transport checksum right.
  var sealed: Datagram {
    guard let offset = checksumOffset, body.count >= offset + 2 else { return self }
    var copy = self
    copy.body.replaceSubrange(offset..<offset + 2, with: [0, 0])
    var sum = InternetChecksum()
    if `protocol` != 1 {
      sum.add(source.octets.rawSpan)
      sum.add(destination.octets.rawSpan)
      sum.add(UInt32(truncatingIfNeeded: body.count))
      sum.add(UInt32(`protocol`))
    }
    sum.add(copy.body.rawSpan)
    copy.body.put(`protocol` == 17 ? sum.udpChecksum : sum.checksum, at: offset)
    return copy
  }

  /// The octets as they leave; the IPv4 header checksum is right.
  var octets: [UInt8] {
    switch (source, destination) {
    case (.v4(let from), .v4(let to)):
      let words = UInt8(truncatingIfNeeded: 5 + options.count / 4)
      var header = IPv4(
        from: from, to: to, ttl: hopLimit, typeOfService: trafficClass, identification: identification,
        protocol: .set(`protocol`), headerLength: .set(words), checksum: 0)
      header.flags = IPv4.Flags(rawValue: UInt8(fragment >> 13))
      header.fragmentOffset = fragment & 0x1fff
      var bytes = Self.encoded([header, Payload(octets: options + body)])
      bytes.put(InternetChecksum.of(Array(bytes.prefix(20 + options.count)).rawSpan), at: 10)
      return bytes
    case (.v6(let from), .v6(let to)):
      let numbers = extensions.map(\.number) + [`protocol`]
      let between = zip(extensions, numbers.dropFirst()).flatMap { [$1] + $0.octets.dropFirst() }
      let header = IPv6(
        from: from, to: to, hopLimit: hopLimit, trafficClass: trafficClass, nextHeader: .set(numbers[0]))
      return Self.encoded([header, Payload(octets: between + body)])
    default: return []
    }
  }

  /// Layers as octets; none where a value does not fit its field.
  static func encoded(_ layers: [any Header]) -> [UInt8] { (try? AnyPacket(layers).encoded())?.bytes ?? [] }

  private var checksumOffset: Int? {
    switch `protocol` {
    case 1, 58: 2
    case 6: 16
    case 17: 6
    default: nil
    }
  }

  /// With other parts: `reply.with { $0.hopLimit = 1 }`.
  func with(_ change: (inout Datagram) -> Void) -> Datagram {
    var copy = self
    change(&copy)
    return copy
  }
}

extension IPAddress {
  var octets: [UInt8] {
    switch self {
    case .v4(let address): address.octets
    case .v6(let address): address.octets
    }
  }

  /// The address beside it whose last part reads `number`: 10.77.200.5 and fd77:200::5 have 10.77.200.251 and
  /// fd77:200::251.
  func neighbour(_ number: UInt8) -> IPAddress {
    switch self {
    case .v4(let address): .v4(IPv4Address(rawValue: address.rawValue & 0xffff_ff00 | UInt32(number)))
    case .v6(let address):
      .v6(IPv6Address(high: address.high, low: address.low & ~0xffff | UInt64(Self.reading(number))))
    }
  }

  /// The number whose hexadecimal digits read as these decimal ones.
  static func reading(_ number: UInt8) -> UInt16 {
    UInt16(number / 100) << 8 | UInt16(number / 10 % 10) << 4 | UInt16(number % 10)
  }
}

extension [UInt8] {
  /// Writes a number in network byte order where there is room for it.
  mutating func put<T: FixedWidthInteger & UnsignedInteger>(_ value: T, at offset: Int) {
    let size = T.bitWidth / 8
    guard offset >= 0, offset + size <= count else { return }
    for place in 0..<size { self[offset + place] = UInt8(truncatingIfNeeded: value >> (8 * (size - 1 - place))) }
  }

  /// The number in network byte order at an offset; 0 beyond the end.
  func number<T: FixedWidthInteger & UnsignedInteger>(_ offset: Int, as type: T.Type = T.self) -> T {
    let size = T.bitWidth / 8
    guard offset >= 0, offset + size <= count else { return 0 }
    return self[offset..<offset + size].reduce(0) { $0 << 8 | T($1) }
  }

  /// With octets changed: `octets.with { $0[3] = 1 }`.
  func with(_ change: (inout [UInt8]) -> Void) -> [UInt8] {
    var copy = self
    change(&copy)
    return copy
  }
}
