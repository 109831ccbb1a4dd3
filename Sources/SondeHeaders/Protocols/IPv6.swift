public import SondeOctets

/// The Internet Protocol, version 6 (RFC 8200 §3).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |Version| Traffic Class |           Flow Label                  |
///     |         Payload Length        |  Next Header  |   Hop Limit   |
///     |                    Source Address (128 bits)                  |
///     |                 Destination Address (128 bits)                |
@frozen
public struct IPv6: Header {
  /// 6 unless set; four bits.
  public var version: Field<UInt8>
  /// DSCP in its high six bits, ECN in its low two (RFC 2474, RFC 3168).
  public var trafficClass: UInt8
  /// 20 bits (RFC 6437).
  public var flowLabel: UInt32
  /// What follows this header, in octets.
  public var payloadLength: Field<UInt16>
  /// The protocol carried; computed: that of the next layer, 59 (none) where it has none.
  public var nextHeader: Field<UInt8>
  public var hopLimit: UInt8
  public var source: IPv6Address
  public var destination: IPv6Address

  @inlinable
  public init(
    from source: IPv6Address = .any, to destination: IPv6Address = .loopback, hopLimit: UInt8 = 64,
    trafficClass: UInt8 = 0, flowLabel: UInt32 = 0, nextHeader: Field<UInt8> = .auto,
    version: Field<UInt8> = .auto, payloadLength: Field<UInt16> = .auto
  ) {
    self.version = version
    self.trafficClass = trafficClass
    self.flowLabel = flowLabel
    self.payloadLength = payloadLength
    self.nextHeader = nextHeader
    self.hopLimit = hopLimit
    self.source = source
    self.destination = destination
  }

  public static var name: Name { "ipv6" }
  @inlinable
  public static var announced: Announcement { Announcement(ipProtocol: 41, etherType: 0x86dd) }

  public var fields: [FieldSpec] { Self.fixedFields }

  private static let fixedFields: [FieldSpec] = .consecutive([
    .init("version", 4, usual: 6, isDerived: true), .init("trafficClass", 8, alias: "tc", usual: 0),
    .init("flowLabel", 20, alias: "fl", usual: 0), .init("payloadLength", 16, alias: "plen", isDerived: true),
    .init("nextHeader", 8, alias: "nh", isDerived: true), .init("hopLimit", 8, alias: "hlim", usual: 64),
    .init("source", 128, alias: "src", .ipv6Address), .init("destination", 128, alias: "dst", .ipv6Address),
  ])

  @inlinable
  public var byteCount: Int { 40 }

  @inlinable
  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    if let version = version.hand, version > 15 {
      throw CraftError(layer: Self.name, field: "version", reason: "is at most 15, \(version) was given")
    }
    if flowLabel > 0xfffff {
      throw CraftError(layer: Self.name, field: "flowLabel", reason: "is at most 0xfffff, \(flowLabel) was given")
    }
    let count = around.innerByteCount
    guard let computedLength = UInt16(exactly: count) ?? payloadLength.hand else {
      throw CraftError(
        layer: Self.name, field: "payloadLength", reason: "holds at most 65535, the payload has \(count)")
    }
    output.append(
      bigEndian: UInt32(version.value(or: 6)) << 28 | UInt32(trafficClass) << 20 | flowLabel)
    output.append(bigEndian: payloadLength.value(or: computedLength))
    output.append(nextHeader.value(or: around.next.nextHeader ?? Self.noNextHeader))
    output.append(hopLimit)
    output.append(bigEndian: source.high)
    output.append(bigEndian: source.low)
    output.append(bigEndian: destination.high)
    output.append(bigEndian: destination.low)
  }

  @inlinable
  public func pseudoHeader(within outer: PseudoHeader?) -> PseudoHeader? {
    PseudoHeader(source: .v6(source), destination: .v6(destination))
  }

  public init(from reader: inout Reader) throws(ParseError) {
    let word: UInt32 = try reader.read()
    version = .set(UInt8(word >> 28))
    trafficClass = UInt8(word >> 20 & 0xff)
    flowLabel = word & 0xfffff
    payloadLength = .set(try reader.read())
    nextHeader = .set(try reader.read())
    hopLimit = try reader.read()
    source = IPv6Address(high: try reader.read(), low: try reader.read())
    destination = IPv6Address(high: try reader.read(), low: try reader.read())
  }

  public var following: Following {
    guard let number = nextHeader.hand else { return .payload }
    return Following(.nextHeader(number), byteCount: payloadLength.hand.map { Int($0) })
  }

  public func judge(reply exchange: ReplyExchange) -> Judgement? { exchange.judge(addressesOf: self) }

  public func judge(quote exchange: QuoteExchange) -> Judgement? { exchange.judge(addressesOf: self) }

  public func freed(before next: Announcement) -> Self {
    var copy = self
    copy.version = .auto
    copy.payloadLength = .auto
    if next.nextHeader != nil { copy.nextHeader = .auto }
    return copy
  }

  /// The next header of a header behind which nothing follows (RFC 8200 §4.7).
  @usableFromInline static let noNextHeader: UInt8 = 59
}
