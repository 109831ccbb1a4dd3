public import SondeOctets

/// Which packets may answer a sweep, as a classic BPF program for a packet socket of kind SOCK_DGRAM (socket(7), the
/// kernel's networking/filter.rst): short, and the commonest answer first.
///
/// Fragments are left out, since nothing in one says whose answer it is.
public struct SweepFilter: Hashable, Sendable {
  /// What is asked, and so what answers, beside ICMP errors.
  public enum Question: Hashable, Sendable {
    /// Segments to these ports of ours.
    case tcp(from: ClosedRange<UInt16>)
    /// Datagrams to these ports of ours.
    case udp(from: ClosedRange<UInt16>)
    case echo
    case timestamp
  }

  public var question: Question
  public var families: Set<Family>
  /// Our own addresses that are answered to; if empty, any is.
  public var addresses: [IPAddress]

  public init(_ question: Question, families: Set<Family> = Set(Family.allCases), to addresses: [IPAddress] = []) {
    self.question = question
    self.families = families
    self.addresses = addresses
  }

  /// The program.
  ///
  /// - Parameter interfaces: the indices of those that are listened to; if empty, all are.
  public func program(interfaces: [Int] = []) -> [PacketFilter.Instruction] {
    typealias I = PacketFilter.Instruction
    let ipv4 = families.contains(.ipv4) ? ipv4Section + end(interfaces) : [.reject]
    let ipv6 = families.contains(.ipv6) ? ipv6Section + end(interfaces) : [.reject]
    return [.loadHalf(Self.etherType), .equal(UInt32(KernelNumber.etherIPv4), 1, 0), .skip(ipv4.count)] + ipv4
      + [.loadHalf(Self.etherType), .equal(UInt32(KernelNumber.etherIPv6), 1, 0), .reject] + ipv6
  }

  // SKF_AD_OFF: loads above it read what the kernel knows of a packet (linux/filter.h).
  private static let ancillary: UInt32 = 0xffff_f000
  private static let etherType = ancillary
  private static let packetType = ancillary + 4
  private static let interface = ancillary + 8
  /// PACKET_OTHERHOST; what is for this machine is below it.
  private static let otherHost: UInt32 = 3

  /// Whether it came to this machine by one of the interfaces: the last question, since nearly all did.
  private func end(_ interfaces: [Int]) -> [PacketFilter.Instruction] {
    let type: [PacketFilter.Instruction] = [.loadHalf(Self.packetType), .atLeast(Self.otherHost, 0, 1), .reject]
    guard !interfaces.isEmpty else { return type + [.accept] }
    return type + [.loadWord(Self.interface)]
      + interfaces.flatMap { [.equal(UInt32(clamping: $0), 0, 1), .accept] } + [.reject]
  }

  private var transport: (number: UInt32, ports: ClosedRange<UInt16>)? {
    switch question {
    case .tcp(let ports): (6, ports)
    case .udp(let ports): (17, ports)
    case .echo, .timestamp: nil
    }
  }

  private var ipv4Section: [PacketFilter.Instruction] {
    var section = to(addresses.compactMap { if case .v4(let address) = $0 { [address.rawValue] } else { nil } }, at: 16)
    section += [.loadHalf(6), .anyBit(0x3fff, 0, 1), .reject, .headerLength(0), .loadByte(9)]
    var types: [UInt32] = [3, 11, 12, 4]
    if question == .echo { types.insert(0, at: 0) }
    if question == .timestamp { types.insert(14, at: 0) }
    let icmp = [.loadByteIndexed(0)] + passing(types)
    return section + choosing(icmp, protocol: 1, [.loadHalfIndexed(2)])
  }

  private var ipv6Section: [PacketFilter.Instruction] {
    var section = to(
      addresses.compactMap {
        guard case .v6(let address) = $0 else { return nil }
        return [address.high >> 32, address.high, address.low >> 32, address.low].map(UInt32.init(truncatingIfNeeded:))
      }, at: 24)
    section.append(.loadByte(6))
    let types: [UInt32] = question == .echo ? [129, 1, 3, 2, 4] : [1, 3, 2, 4]
    return section + choosing([.loadByte(40)] + passing(types), protocol: 58, [.loadHalf(42)])
  }

  /// Goes on behind itself where A, the IP protocol, is ICMP and `icmp` goes on, or the transport's and the port, which
  /// `port` loads, is ours.
  private func choosing(
    _ icmp: [PacketFilter.Instruction], protocol number: UInt32, _ port: [PacketFilter.Instruction]
  ) -> [PacketFilter.Instruction] {
    guard let transport else { return [.equal(number, 1, 0), .reject] + icmp }
    let ports = port + within(transport.ports)
    return [.equal(transport.number, 0, UInt8(ports.count + 1))] + ports + [.skip(icmp.count + 2)]
      + [.equal(number, 1, 0), .reject] + icmp
  }

  /// Goes on if A is in the range.
  private func within(_ range: ClosedRange<UInt16>) -> [PacketFilter.Instruction] {
    let (low, high) = (UInt32(range.lowerBound), UInt32(range.upperBound))
    return low == high ? [.equal(low, 1, 0), .reject] : [.atLeast(low, 0, 1), .above(high, 0, 1), .reject]
  }

  /// Goes on if A is one of these.
  private func passing(_ values: [UInt32]) -> [PacketFilter.Instruction] {
    values.enumerated().map { .equal($1, UInt8(values.count - $0), 0) } + [.reject]
  }

  /// Goes on if the octets at `offset` are one of these rows of words.
  private func to(_ rows: [[UInt32]], at offset: UInt32) -> [PacketFilter.Instruction] {
    // Conditional jumps reach 255 instructions; where a machine has very many addresses, the port says enough.
    let length = rows.reduce(0) { $0 + $1.count * 2 + 1 }
    guard !rows.isEmpty, length < 250 else { return [] }
    var section: [PacketFilter.Instruction] = []
    for row in rows {
      for (index, word) in row.enumerated() {
        // What differs leads to the next row.
        section += [.loadWord(offset + UInt32(4 * index)), .equal(word, 0, UInt8(2 * (row.count - index) - 1))]
      }
      section.append(.skip(length - section.count))
    }
    return section + [.reject]
  }
}
