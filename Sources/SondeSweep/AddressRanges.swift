internal import SondeOctets

/// A set of addresses of one family as ranges in ascending order, none of which touch, with the rank of each address.
public struct AddressRanges: Hashable, Sendable {
  /// The first and the last number of each range: an IPv4 address is a number below 2^32.
  public private(set) var ranges: [ClosedRange<UInt128>]
  /// How many addresses stand before each range.
  private var before: [UInt128]

  /// The union of ranges in any order.
  public init(_ ranges: [ClosedRange<UInt128>] = []) {
    self.ranges = []
    before = []
    // Most come in order, of a sorted file or another set: no second copy of many is made then.
    let isSorted = zip(ranges, ranges.dropFirst()).allSatisfy { $0.lowerBound <= $1.lowerBound }
    for range in isSorted ? ranges : ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = self.ranges.last, range.lowerBound == 0 || range.lowerBound - 1 <= last.upperBound {
        self.ranges[self.ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        self.ranges.append(range)
      }
    }
    count()
  }

  private mutating func count() {
    var sum: UInt128 = 0
    before = ranges.map { range in
      // Only the whole IPv6 space is one too many, and then nothing stands behind it.
      defer { sum &+= range.upperBound - range.lowerBound &+ 1 }
      return sum
    }
  }

  /// How many addresses they hold; of the whole IPv6 space, which has 2^128, it says one less.
  public var total: UInt128 {
    guard let last = ranges.last, let sum = before.last else { return 0 }
    let all = (sum + (last.upperBound - last.lowerBound)).addingReportingOverflow(1)
    return all.overflow ? .max : all.partialValue
  }

  public func contains(_ address: UInt128) -> Bool { rank(of: address) != nil }

  /// How many addresses of the set are less than this one; nil if it is none of them.
  public func rank(of address: UInt128) -> UInt128? {
    let place = place { ranges[$0].lowerBound > address } - 1
    guard place >= 0, ranges[place].contains(address) else { return nil }
    return before[place] + (address - ranges[place].lowerBound)
  }

  /// The address of a rank below `total`.
  public func address(at rank: UInt128) -> UInt128 {
    let place = place { before[$0] > rank } - 1
    return ranges[place].lowerBound + (rank - before[place])
  }

  /// The first place of which `isBeyond` holds, by halving.
  private func place(_ isBeyond: (Int) -> Bool) -> Int {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if isBeyond(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// All questions of a sweep under numbers from 0: each host's ports together, IPv4 before IPv6.
public struct SweepSpace: Sendable {
  public let ipv4: AddressRanges
  public let ipv6: AddressRanges
  /// The ports asked of each host; one port 0 where the question is one of ICMP.
  public let ports: [UInt16]
  /// Each port's place in `ports`, from 1; 0 where it is not asked.
  private let places: [UInt32]
  private let ipv4Count: UInt64
  /// The first IPv4 address where none is left out up to the last; most sweeps have such targets.
  private let ipv4Start: UInt32?
  /// The first port where none is left out up to the last and they stand in that order.
  private let portStart: UInt16?
  /// By which a question's number is divided into that of the host and of the port.
  private let divisor: SteadyDivisor
  /// How many questions there are.
  public let count: UInt64

  /// - Parameters:
  ///   - ports: each once.
  /// - Returns: nil if there are more than 2^62 questions.
  public init?(ipv4: AddressRanges, ipv6: AddressRanges = AddressRanges(), ports: [UInt16] = [0]) {
    let hosts = ipv4.total.addingReportingOverflow(ipv6.total)
    let questions = hosts.partialValue.multipliedReportingOverflow(by: UInt128(ports.count))
    guard !hosts.overflow, !questions.overflow, questions.partialValue <= 1 << 62 else { return nil }
    self.ipv4 = ipv4
    self.ipv6 = ipv6
    self.ports = ports
    var places = [UInt32](repeating: 0, count: 65_536)
    for (index, port) in ports.enumerated() { places[Int(port)] = UInt32(index + 1) }
    self.places = places
    let first = ports.first ?? 0
    let isRun = ports.indices.allSatisfy { Int(ports[$0]) == Int(first) + $0 }
    portStart = isRun && !ports.isEmpty ? first : nil
    ipv4Count = UInt64(ipv4.total)
    ipv4Start = ipv4.ranges.count == 1 ? UInt32(truncatingIfNeeded: ipv4.ranges[0].lowerBound) : nil
    divisor = SteadyDivisor(UInt64(max(1, ports.count)))
    count = UInt64(questions.partialValue)
  }

  /// The question of a number below `count`.
  public func target(at number: UInt64) -> SweepTarget {
    let (host, port) = divisor.divide(number)
    let address: IPAddress
    if host < ipv4Count, let ipv4Start {
      address = .v4(IPv4Address(rawValue: ipv4Start &+ UInt32(truncatingIfNeeded: host)))
    } else if host < ipv4Count {
      address = .v4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: ipv4.address(at: UInt128(host)))))
    } else {
      let number = ipv6.address(at: UInt128(host - ipv4Count))
      address = .v6(
        IPv6Address(high: UInt64(truncatingIfNeeded: number >> 64), low: UInt64(truncatingIfNeeded: number)))
    }
    return SweepTarget(
      address: address, port: portStart.map { $0 &+ UInt16(truncatingIfNeeded: port) } ?? ports[Int(port)])
  }

  /// The number of a question; nil if it is none of them.
  public func number(of target: SweepTarget) -> UInt64? {
    let place: UInt64
    if let portStart {
      place = UInt64(target.port &- portStart)
      guard place < UInt64(ports.count) else { return nil }
    } else {
      // 0 becomes the largest number.
      place = UInt64(places[Int(target.port)]) &- 1
      guard place != .max else { return nil }
    }
    let host: UInt64
    switch target.address {
    case .v4(let address):
      if let ipv4Start {
        host = UInt64(address.rawValue &- ipv4Start)
        guard host < ipv4Count else { return nil }
      } else {
        guard let rank = ipv4.rank(of: UInt128(address.rawValue)) else { return nil }
        host = UInt64(rank)
      }
    case .v6(let address):
      guard let rank = ipv6.rank(of: UInt128(address.high) << 64 | UInt128(address.low)) else { return nil }
      host = ipv4Count + UInt64(rank)
    }
    return host &* UInt64(ports.count) &+ place
  }
}
