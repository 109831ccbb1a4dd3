internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// Putting datagrams together again, in whatever order and state their fragments come.
@Suite struct ReassemblyTests {
  private static let v6 = AnyPacket([
    IPv6(from: "2001:db8::1", to: "2001:db8::2"), UDP(from: 1, to: 2), Payload(octets: Array(0..<250) + Array(0..<250)),
  ])
  static let packets: [AnyPacket] = [FragmentTests.datagram, v6]

  private func pieces(_ packet: AnyPacket) throws -> [Dissection] {
    try packet.fragment(mtu: packet.byteCount / 3, identification: 7).map { Registry.dissect(try $0.encoded().bytes) }
  }

  /// What the last of `pieces` comes to.
  private func outcome(_ pieces: [Dissection]) throws -> Reassembly.Outcome {
    var reassembly = Reassembly()
    var last: Reassembly.Outcome?
    for piece in pieces { last = reassembly.add(piece, at: 0) }
    return try #require(last)
  }

  @Test(arguments: packets)
  func everyOrderGivesTheDatagram(_ packet: AnyPacket) throws {
    let pieces = try pieces(packet)
    #expect(pieces.count == 4)
    for order in permutations(pieces) {
      guard case .complete(let whole, let oddities) = try outcome(order) else { Issue.record("incomplete"); continue }
      #expect(whole.bytes == (try packet.encoded().bytes))
      let isInOrder = order.map(\.bytes) == pieces.map(\.bytes)
      #expect(oddities == (isInOrder ? [] : [.outOfOrder]))
    }
  }

  private func permutations<T>(_ items: [T]) -> [[T]] {
    guard items.count > 1 else { return [items] }
    return items.indices.flatMap { index in
      var rest = items
      let item = rest.remove(at: index)
      return permutations(rest).map { [item] + $0 }
    }
  }

  @Test(arguments: packets)
  func aMissingFragmentIsNamedByItsOctets(_ packet: AnyPacket) throws {
    let pieces = try pieces(packet)
    let whole = try packet.encoded().bytes.count - (packet.first(IPv4.self) == nil ? 40 : 20)
    for index in pieces.indices {
      var reassembly = Reassembly()
      for (place, piece) in pieces.enumerated() where place != index {
        guard case .pending = reassembly.add(piece, at: 5) else { Issue.record("not pending"); continue }
      }
      #expect(reassembly.expire(before: 5).isEmpty)
      let lost = try #require(reassembly.expire(before: 6).first)
      let place = try #require(pieces[index].fragmentPlace?.place)
      let next = index + 1 < pieces.count ? try #require(pieces[index + 1].fragmentPlace?.place).offset : Int.max
      #expect(lost.missing == [place.offset..<next])
      #expect((lost.first == nil) == (index == 0))
      #expect(place.offset < whole)
    }
  }

  @Test(arguments: packets)
  func aRepetitionIsNoOverlap(_ packet: AnyPacket) throws {
    let pieces = try pieces(packet)
    guard case .refused(.duplicate, isVoid: false) = try outcome([pieces[0], pieces[1], pieces[1]]) else {
      Issue.record("not a duplicate")
      return
    }
    guard case .complete(_, [.duplicate]) = try outcome([pieces[0], pieces[0]] + pieces[1...]) else {
      Issue.record("a repetition spoilt the datagram")
      return
    }
  }

  @Test func overlappingFragmentsVoidTheDatagram() throws {
    let pieces = try pieces(FragmentTests.datagram)
    var altered = pieces[1].packet
    altered.layers.layers[1] = Payload(octets: Array(repeating: 0, count: pieces[1].payload.count))
    var shifted = pieces[1].packet
    var header = try #require(shifted.first(IPv4.self))
    header.fragmentOffset -= 1
    header.checksum = .auto
    shifted.layers.layers[0] = header
    for other in [altered, shifted] {
      let odd = Registry.dissect(try other.encoded().bytes)
      guard case .refused(.overlap, isVoid: true) = try outcome([pieces[0], pieces[1], odd]) else {
        Issue.record("no overlap")
        continue
      }
      // Neither does any fragment count that comes afterwards.
      guard case .refused(.overlap, isVoid: true) = try outcome([pieces[0], pieces[1], odd, pieces[2], pieces[3]])
      else {
        Issue.record("the datagram was not void")
        continue
      }
    }
  }

  @Test func fragmentsThatDisagreeAboutTheEndVoidTheDatagram() throws {
    let pieces = try pieces(FragmentTests.datagram)
    var short = pieces[1].packet
    var header = try #require(short.first(IPv4.self))
    header.flags = []
    header.checksum = .auto
    short.layers.layers[0] = header
    let end = Registry.dissect(try short.encoded().bytes)
    for order in [[pieces[3], end], [pieces[2], end], [end, pieces[3]], [end, pieces[2]]] {
      guard case .refused(.conflictingEnd, isVoid: true) = try outcome(order) else {
        Issue.record("two ends went unnoticed")
        continue
      }
    }
  }

  @Test func fragmentsOfOtherDatagramsDoNotMix() throws {
    let pieces = try pieces(FragmentTests.datagram)
    func changed(_ edit: (inout IPv4) -> Void) throws -> Dissection {
      var packet = pieces[1].packet
      var header = try #require(packet.first(IPv4.self))
      edit(&header)
      header.checksum = .auto
      packet.layers.layers[0] = header
      return Registry.dissect(try packet.encoded().bytes)
    }
    let strangers = [
      try changed { $0.identification += 1 }, try changed { $0.source = "195.0.0.5" },
      try changed { $0.destination = "195.0.0.3" }, try changed { $0.protocol = 6 },
    ]
    for stranger in strangers {
      guard case .pending = try outcome([pieces[0], stranger, pieces[2], pieces[3]]) else {
        Issue.record("a stranger's fragment was taken")
        continue
      }
    }
  }

  @Test func lengthsThatCannotBeAreRefused() throws {
    let pieces = try pieces(FragmentTests.datagram)
    func piece(_ offset: UInt16, _ count: Int, _ flags: IPv4.Flags) throws -> Dissection {
      let header = IPv4(
        from: "195.0.0.4", to: "195.0.0.2", identification: 0x11f8, flags: flags, fragmentOffset: offset, protocol: 17)
      return Registry.dissect(
        try AnyPacket([header, Payload(octets: Array(repeating: 1, count: count))]).encoded().bytes)
    }
    guard case .refused(.misaligned, isVoid: true) = try outcome([pieces[0], piece(600, 9, .moreFragments)]) else {
      Issue.record("9 octets before the last fragment")
      return
    }
    guard case .refused(.oversized, isVoid: true) = try outcome([pieces[0], piece(8191, 8, [])]) else {
      Issue.record("beyond 65,535 octets")
      return
    }
    guard case .whole = try outcome([Registry.dissect(FragmentTests.datagram.encoded().bytes)]) else {
      Issue.record("a whole packet is no fragment")
      return
    }
  }

  @Test func anEmptyFragmentStandsInNobodysWay() throws {
    let pieces = try pieces(FragmentTests.datagram)
    func empty(at offset: UInt16) throws -> Dissection {
      let header = IPv4(
        from: "195.0.0.4", to: "195.0.0.2", identification: 0x11f8, flags: .moreFragments, fragmentOffset: offset,
        protocol: 17)
      return Registry.dissect(try AnyPacket([header]).encoded().bytes)
    }
    for offset in [0, 8, 190] as [UInt16] {
      var reassembly = Reassembly()
      var last: Reassembly.Outcome?
      for piece in pieces {
        guard case .refused(.empty, isVoid: false) = reassembly.add(try empty(at: offset), at: 0) else {
          Issue.record("an empty fragment was taken")
          continue
        }
        last = reassembly.add(piece, at: 0)
      }
      guard case .complete(let whole, _) = last else { Issue.record("incomplete"); continue }
      #expect(whole.bytes == (try FragmentTests.datagram.encoded().bytes))
    }
    // The last may be empty: it says where the datagram ends.
    let end = IPv4(
      from: "195.0.0.4", to: "195.0.0.2", identification: 0x11f8,
      fragmentOffset: UInt16(try #require(pieces[3].fragmentPlace?.place).offset / 8), protocol: 17)
    let short = Registry.dissect(try AnyPacket([end]).encoded().bytes)
    guard case .complete = try outcome(Array(pieces[..<3]) + [short]) else { Issue.record("no end"); return }
  }

  @Test func aKeyUsedAgainCostsNoMoreAndIsNoOlder() throws {
    let pieces = try pieces(FragmentTests.datagram)
    var reassembly = Reassembly(mostDatagrams: 2)
    for _ in 0..<20_000 { for piece in pieces { _ = reassembly.add(piece, at: 0) } }
    #expect(reassembly.count == 0)
    func first(_ identification: UInt16) throws -> Dissection {
      let header = IPv4(to: "192.0.2.1", identification: identification, flags: .moreFragments, protocol: 17)
      return Registry.dissect(try AnyPacket([header, Payload(octets: Array(repeating: 1, count: 8))]).encoded().bytes)
    }
    // 0x11f8 was known before, and comes again as the youngest but one.
    for packet in [try first(2), pieces[0], try first(3)] { _ = reassembly.add(packet, at: 0) }
    #expect(reassembly.missing(with: try first(2)) == nil)
    #expect(reassembly.missing(with: pieces[0]) != nil)
  }

  @Test func theRoomIsBounded() throws {
    var reassembly = Reassembly(mostOctets: 10_000, mostDatagrams: 20)
    for identification in 0..<1000 {
      var header = IPv4(to: "192.0.2.1", identification: UInt16(identification), flags: .moreFragments, protocol: 17)
      header.source = "192.0.2.2"
      let piece = AnyPacket([header, Payload(octets: Array(repeating: 1, count: 800))])
      _ = reassembly.add(Registry.dissect(try piece.encoded().bytes), at: 0)
      #expect(reassembly.count <= 12)
    }
  }
}
