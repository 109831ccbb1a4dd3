internal import SondeOctets

extension Packet {
  /// The packet cut into fragments, whose outermost IP packets are at most `mtu` octets long; itself alone where it
  /// fits (RFC 791 §3.2, RFC 8200 §4.5).
  ///
  /// Layers outside that IP header stand before each fragment, a trailer behind none. Each fragment has its own
  /// lengths and its own header checksum; every other field stays as it was written, Don't Fragment too. A fragment is
  /// cut further like a whole packet.
  ///
  /// - Parameters:
  ///   - mtu: In octets, the IP header counted.
  ///   - identification: What the fragments of an IPv6 packet share; an IPv4 header has its own.
  /// - Throws: `CraftError` where there is no IP header, where `mtu` leaves no room for eight octets of data, or where
  ///   a value does not fit its field.
  public func fragment(mtu: Int, identification: UInt32 = 1) throws(CraftError) -> [AnyPacket] {
    let packet = erased
    let layers = packet.layers.layers
    guard let index = layers.firstIndex(where: { $0 is IPv4 || $0 is IPv6 }) else {
      let name = layers.first.map { type(of: $0).name } ?? Payload.name
      throw CraftError(layer: name, field: "packet", reason: "has no IP header, so that it cannot be fragmented")
    }
    let bytes = try packet.encoded().bytes
    let end = bytes.count - layers.reduce(0) { $0 + $1.trailerByteCount }
    let start = layers[..<index].reduce(0) { $0 + $1.byteCount }
    guard end - start > mtu else { return [packet] }
    let whole = Array(bytes[start..<end])
    let cut =
      switch layers[index] {
      case let header as IPv4: Cut(header, whole)
      default: Cut(Array(layers[index...]), whole, identification)
      }
    return try cut.pieces(mtu: mtu).map { AnyPacket(Array(layers[..<index]) + $0) }
  }
}

/// An IP packet about to be cut.
private struct Cut {
  /// What stands before the data in the first fragment, and in the others.
  private let first: [any Header]
  private let later: [any Header]
  /// Where the data belongs: a fragment may be cut too.
  private let place: FragmentPlace
  private let data: ArraySlice<UInt8>

  init(_ header: IPv4, _ whole: [UInt8]) {
    var later = header
    // Which options each fragment has, their first bit says (RFC 791 §3.1).
    later.options = header.options.filter { $0.octets.first.map { $0 & 0x80 != 0 } ?? false }
    self.first = [header]
    self.later = [later]
    place = FragmentPlace(
      identification: UInt32(header.identification), offset: Int(header.fragmentOffset) * 8,
      hasMore: header.flags.contains(.moreFragments), ipProtocol: whole[9])
    data = whole[header.byteCount...]
  }

  /// - Parameter layers: an IPv6 header and all behind it.
  init(_ layers: [any Header], _ whole: [UInt8], _ identification: UInt32) {
    // Each fragment has the headers up to a routing header or else a hop-by-hop options header.
    let numbers = layers.dropFirst().map { type(of: $0).announced.ipProtocol }
    let chain = Array(numbers.prefix { [0, 43, 60].contains($0) })
    let count = chain.lastIndex(of: 43).map { $0 + 1 } ?? (chain.first == 0 ? 1 : 0)
    let headers = Array(layers.prefix(1 + count))
    first = headers
    later = headers
    let end = headers.reduce(0) { $0 + $1.byteCount }
    if let fragment = layers.dropFirst(1 + count).first as? IPv6Fragment {
      place = FragmentPlace(
        identification: fragment.identification, offset: Int(fragment.fragmentOffset) * 8,
        hasMore: fragment.moreFragments, ipProtocol: whole[end])
      data = whole[(end + 8)...]
    } else {
      // The number of what follows stands in an extension header's first octet, in the IPv6 header's seventh.
      let number = whole[count == 0 ? 6 : headers.dropLast().reduce(0) { $0 + $1.byteCount }]
      place = FragmentPlace(identification: identification, offset: 0, hasMore: false, ipProtocol: number)
      data = whole[end...]
    }
  }

  func pieces(mtu: Int) throws(CraftError) -> [[any Header]] {
    var pieces: [[any Header]] = []
    var rest = data
    var place = place
    repeat {
      let headers = pieces.isEmpty ? first : later
      let isV4 = headers[0] is IPv4
      let room = max(mtu, 0) - headers.reduce(0) { $0 + $1.byteCount } - (isV4 ? 0 : 8)
      // The last piece may fill the room; before it each is a multiple of eight octets.
      let count = rest.count <= room ? rest.count : room & ~7
      guard room >= 0, count > 0 || rest.isEmpty else {
        throw CraftError(
          layer: type(of: headers[0]).name, field: "mtu",
          reason: "leaves no room for eight octets of data, \(mtu) was given")
      }
      guard place.offset <= 0x1fff * 8 else {
        throw CraftError(
          layer: type(of: headers[0]).name, field: "fragmentOffset",
          reason: "is at most 65528 octets, \(place.offset) would be needed")
      }
      let octets = Array(rest.prefix(count))
      rest = rest.dropFirst(count)
      var piece = place
      piece.hasMore = place.hasMore || !rest.isEmpty
      pieces.append(headers.pieces(of: piece) + [Payload(octets: octets)])
      place.offset += count
    } while !rest.isEmpty
    return pieces
  }
}

extension [any Header] {
  /// The headers of one piece of a datagram; of the whole one, where `place` is nil.
  fileprivate func pieces(of place: FragmentPlace) -> [any Header] {
    if var header = first as? IPv4 {
      header.fragmentOffset = UInt16(truncatingIfNeeded: place.offset / 8)
      if place.hasMore { header.flags.insert(.moreFragments) } else { header.flags.remove(.moreFragments) }
      // A fragment's octets announce nothing.
      header.protocol = .set(place.ipProtocol)
      header.totalLength = .auto
      header.checksum = .auto
      return [header]
    }
    return announcing(nil)
      + [
        IPv6Fragment(
          offset: UInt16(truncatingIfNeeded: place.offset / 8), more: place.hasMore,
          identification: place.identification, nextHeader: .set(place.ipProtocol))
      ]
  }

  /// IPv6 and extension headers whose last announces `number`, or whatever follows; the payload length is computed.
  func announcing(_ number: UInt8?) -> [any Header] {
    var headers = self
    if var header = headers.first as? IPv6 {
      header.payloadLength = .auto
      headers[0] = header
    }
    guard var last = headers.last else { return [] }
    // Every header of this chain has the field.
    try? last.set("nextHeader", to: number.map { .number(UInt64($0)) } ?? .none)
    headers[headers.count - 1] = last
    return headers
  }
}

extension Dissection {
  /// The outermost layer that says of its packet that it is a fragment, and where that belongs.
  public var fragmentPlace: (index: Int, place: FragmentPlace)? {
    for (index, layer) in layers.enumerated() {
      if let place = layer.header.fragmentPlace { return (index, place) }
    }
    return nil
  }

  /// The whole datagram, from its IP header on, that self is the first fragment of; nil where it would be too long.
  func joined(with data: [UInt8]) -> Dissection? {
    guard let (index, place) = fragmentPlace else { return nil }
    let start = layers[...index].lastIndex { $0.header is IPv4 || $0.header is IPv6 } ?? index
    let headers: [any Header]
    if var header = layers[start].header as? IPv4 {
      header.fragmentOffset = 0
      header.flags.remove(.moreFragments)
      header.totalLength = .auto
      header.checksum = .auto
      headers = [header]
    } else {
      headers = layers[start..<index].map(\.header).announcing(place.ipProtocol)
    }
    let packet = AnyPacket(headers + [Payload(octets: data)])
    guard let bytes = try? packet.encoded().bytes else { return nil }
    return Registry.dissect(bytes)
  }
}
