public import SondeOctets

/// The addresses that one word names.
public struct TargetEntry: Hashable, Sendable {
  /// 4 or 6.
  public let version: Int
  /// Its ranges, ascending, none of which touch.
  public let pieces: [ClosedRange<UInt128>]

  init(version: Int, pieces: [ClosedRange<UInt128>]) {
    self.version = version
    self.pieces = pieces
  }

  public init(_ address: IPAddress) {
    version = address.version
    pieces = [address.number...address.number]
  }

  /// How many addresses they are; of the whole IPv6 space one less.
  public var count: UInt128 { AddressRanges(pieces).total }

  /// Whether it names more than one address.
  public var isBlock: Bool { pieces.count > 1 || pieces.contains { $0.lowerBound < $0.upperBound } }
}
