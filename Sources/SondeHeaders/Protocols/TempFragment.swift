public import SondeOctets
public struct IPv6Fragment: Header {
  public var nextHeader: Field<UInt8>
  public var fragmentOffset: UInt16
  public var moreFragments: Bool
  public var identification: UInt32
  public init(
    nextHeader: Field<UInt8> = .auto, fragmentOffset: UInt16 = 0, moreFragments: Bool = false,
    identification: UInt32 = 0
  ) {
    self.nextHeader = nextHeader
    self.fragmentOffset = fragmentOffset
    self.moreFragments = moreFragments
    self.identification = identification
  }
  public static var name: Name { "ipv6exthdrfragment" }
  public static var announced: Announcement { Announcement(ipProtocol: 44) }
  public var fields: [FieldSpec] { .consecutive([.init("all", 64)]) }
  public var byteCount: Int { 8 }
  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    output.append(nextHeader.value(or: around.next.ipProtocol ?? 59))
    output.append(UInt8(0))
    output.append(bigEndian: fragmentOffset << 3 | (moreFragments ? 1 : 0))
    output.append(bigEndian: identification)
  }
  public init(from reader: inout Reader) throws(ParseError) {
    nextHeader = .set(try reader.read())
    _ = try reader.read(UInt8.self)
    let word: UInt16 = try reader.read()
    fragmentOffset = word >> 3
    moreFragments = word & 1 == 1
    identification = try reader.read()
  }
  public var following: Following { Following(fragmentOffset == 0 ? .ipProtocol(nextHeader.value(or: 59)) : .payload) }
  public var fragmentPlace: FragmentPlace? {
    guard moreFragments || fragmentOffset != 0 else { return nil }
    return FragmentPlace(
      identification: identification, offset: Int(fragmentOffset) * 8, hasMore: moreFragments,
      ipProtocol: nextHeader.value(or: 59))
  }
}
