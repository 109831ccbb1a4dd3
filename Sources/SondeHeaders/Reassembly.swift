internal import SondeOctets

/// Puts fragmented datagrams together again (RFC 791 §3.2, RFC 8200 §4.5), and names what was odd about them.
///
/// Overlapping fragments void their whole datagram, whichever came first: RFC 5722 asks it for IPv6, and Linux does
/// the same for IPv4. An exact repetition is no overlap. The room it takes is bounded; the oldest datagram gives way.
public struct Reassembly: Sendable {
  /// What a fragment came to.
  public enum Outcome: Sendable {
    /// The packet is no fragment.
    case whole
    /// Other fragments of its datagram are still to come.
    case pending
    /// It was the last that was missing: the datagram from its IP header on, and what was odd about its fragments.
    case complete(Dissection, [Oddity])
    /// It does not count; where `isVoid`, nor does any other fragment of its datagram.
    case refused(Oddity, isVoid: Bool)
  }

  /// What can be odd about fragments.
  public enum Oddity: String, Hashable, Sendable {
    case duplicate
    case outOfOrder = "out-of-order"
    case overlap
    /// Two fragments disagree about where the datagram ends.
    case conflictingEnd = "conflicting-end"
    /// Not the last, and no multiple of eight octets long.
    case misaligned
    /// Not the last, and without a single octet.
    case empty
    /// It would reach beyond the 65,535 octets of a datagram.
    case oversized
    /// It says itself that its octets are not all there.
    case cut
  }

  /// A datagram of which fragments never came.
  public struct Incomplete: Sendable {
    /// The fragment with offset 0, if it came.
    public var first: Dissection?
    /// The octets of the fragmentable part that are missing; the last range is open to `Int.max` where the last
    /// fragment is missing.
    public var missing: [Range<Int>]
    public var oddities: [Oddity]
  }

  private struct Key: Hashable {
    var source: IPAddress
    var destination: IPAddress
    /// Of IPv4 alone: IPv6 has one space of identifications for all protocols.
    var ipProtocol: UInt8
    var identification: UInt32

    init?(_ packet: Dissection) {
      guard let (index, place) = packet.fragmentPlace else { return nil }
      let outer = packet.layers[...index].lazy.compactMap { $0.header.pseudoHeader(within: nil) }.last
      guard let outer else { return nil }
      source = outer.source
      destination = outer.destination
      ipProtocol = packet.layers[index].header is IPv4 ? place.ipProtocol : 0
      identification = place.identification
    }
  }

  private struct Datagram {
    var pieces: [(offset: Int, octets: [UInt8])] = []
    var end: Int?
    var first: Dissection?
    var highest = -1
    var oddities: [Oddity] = []
    var isVoid = false
    var octetCount = 0
    var since: Int64
    /// Which datagram of the whole run it is.
    var number: UInt64 = 0

    mutating func note(_ oddity: Oddity) {
      if !oddities.contains(oddity) { oddities.append(oddity) }
    }

    mutating func add(_ octets: [UInt8], at place: FragmentPlace, of packet: Dissection) {
      if place.offset < highest { note(.outOfOrder) }
      highest = max(highest, place.offset)
      if !place.hasMore { end = place.offset + octets.count }
      if place.offset == 0 { first = packet }
      let index = pieces.firstIndex { $0.offset > place.offset } ?? pieces.endIndex
      pieces.insert((place.offset, octets), at: index)
      octetCount += octets.count
    }

    var missing: [Range<Int>] {
      var ranges: [Range<Int>] = []
      var next = 0
      for piece in pieces {
        if piece.offset > next { ranges.append(next..<piece.offset) }
        next = max(next, piece.offset + piece.octets.count)
      }
      if let end { if next < end { ranges.append(next..<end) } } else { ranges.append(next..<Int.max) }
      return ranges
    }
  }

  private var datagrams: [Key: Datagram] = [:]
  /// In the order in which their first fragments came; those that are gone are passed over.
  private var order: [(key: Key, number: UInt64)] = []
  private var number: UInt64 = 0
  private var octetCount = 0
  private let mostOctets: Int
  private let mostDatagrams: Int

  public init(mostOctets: Int = 4 << 20, mostDatagrams: Int = 1024) {
    self.mostOctets = mostOctets
    self.mostDatagrams = mostDatagrams
  }

  /// How many datagrams wait for fragments.
  public var count: Int { datagrams.count }

  /// Takes a packet.
  ///
  /// - Parameter time: in nanoseconds of any clock that does not step.
  public mutating func add(_ packet: Dissection, at time: Int64) -> Outcome {
    guard let (index, place) = packet.fragmentPlace, let key = Key(packet) else { return .whole }
    let layer = packet.layers[index]
    let known = take(key)
    var datagram = known ?? Datagram(since: time)
    let start = layer.offset + layer.header.byteCount
    let octets = Array(packet.bytes[start..<max(start, layer.end)])
    let fault = fault(of: octets, place, layer, &datagram)
    if fault == nil { datagram.add(octets, at: place, of: packet) }
    if datagram.isVoid {
      datagram.pieces = []
      datagram.octetCount = 0
    }
    guard fault == nil, datagram.end != nil, datagram.missing.isEmpty, let first = datagram.first else {
      put(datagram, key, isNew: known == nil)
      return fault.map { .refused($0, isVoid: datagram.isVoid) } ?? .pending
    }
    guard let whole = first.joined(with: datagram.pieces.flatMap(\.octets)) else {
      return .refused(.oversized, isVoid: true)
    }
    return .complete(whole, datagram.oddities)
  }

  /// The octets of the fragmentable part that are still missing from the datagram that `fragment` belongs to; the last
  /// range is open to `Int.max` where the last fragment is missing. Nil where it is not known.
  public func missing(with fragment: Dissection) -> [Range<Int>]? {
    Key(fragment).flatMap { datagrams[$0] }?.missing
  }

  /// The datagrams whose first fragment came before `time`, which are given up.
  public mutating func expire(before time: Int64) -> [Incomplete] {
    let old = order.filter { datagrams[$0.key].map { $0.since < time } ?? false }
    return old.compactMap { entry in
      guard datagrams[entry.key]?.number == entry.number, let datagram = take(entry.key), !datagram.isVoid else {
        return nil
      }
      return Incomplete(first: datagram.first, missing: datagram.missing, oddities: datagram.oddities)
    }
  }

  /// Why the fragment does not count.
  private func fault(
    of octets: [UInt8], _ place: FragmentPlace, _ layer: Dissection.Layer, _ datagram: inout Datagram
  ) -> Oddity? {
    func void(_ oddity: Oddity) -> Oddity {
      datagram.isVoid = true
      datagram.note(oddity)
      return oddity
    }
    if datagram.isVoid { return datagram.oddities.last ?? .overlap }
    if layer.isCut { return .cut }
    let end = place.offset + octets.count
    if place.hasMore, octets.count % 8 != 0 { return void(.misaligned) }
    // It says nothing, and would stand in the way of what does.
    if octets.isEmpty, place.hasMore { return .empty }
    if end > 65_535 { return void(.oversized) }
    if let known = datagram.pieces.first(where: { $0.offset == place.offset }), known.octets == octets {
      datagram.note(.duplicate)
      return .duplicate
    }
    if datagram.pieces.contains(where: { $0.offset < end && place.offset < $0.offset + $0.octets.count }) {
      return void(.overlap)
    }
    let furthest = datagram.pieces.last.map { $0.offset + $0.octets.count } ?? 0
    if let known = datagram.end, place.hasMore ? end > known : end != known { return void(.conflictingEnd) }
    if !place.hasMore, furthest > end { return void(.conflictingEnd) }
    return nil
  }

  private mutating func take(_ key: Key) -> Datagram? {
    guard let datagram = datagrams.removeValue(forKey: key) else { return nil }
    octetCount -= datagram.octetCount
    return datagram
  }

  private mutating func put(_ datagram: Datagram, _ key: Key, isNew: Bool) {
    var datagram = datagram
    if isNew {
      number += 1
      datagram.number = number
      order.append((key, number))
    }
    datagrams[key] = datagram
    octetCount += datagram.octetCount
    while octetCount > mostOctets || datagrams.count > mostDatagrams, let oldest = order.first {
      order.removeFirst()
      if datagrams[oldest.key]?.number == oldest.number { _ = take(oldest.key) }
    }
    if order.count > 2 * mostDatagrams { order.removeAll { datagrams[$0.key]?.number != $0.number } }
  }
}
