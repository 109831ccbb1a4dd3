public import SondeOctets

/// The start of the extensions behind the quote in an ICMP error, and of an extended echo request's content
/// (RFC 4884 §7, RFC 8335 §2).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |Version|      (Reserved)       |           Checksum            |
@frozen
public struct ExtensionStructure: Header {
  /// Four bits.
  public var version: UInt8
  /// Twelve bits.
  public var reserved: UInt16
  /// Over the whole structure; zero means that none was computed.
  public var checksum: Field<UInt16>

  @inlinable
  public init(version: UInt8 = 2, reserved: UInt16 = 0, checksum: Field<UInt16> = .auto) {
    self.version = version
    self.reserved = reserved
    self.checksum = checksum
  }

  public static var name: Name { "icmp-extensions" }
  @inlinable
  public static var sumRule: SumRule? { SumRule(offset: 2, coverage: .segment, zeroMeansNone: true) }

  public var fields: [FieldSpec] {
    .consecutive([
      .init("version", 4, usual: 2), .init("reserved", 12, usual: 0),
      .init("checksum", 16, alias: "chksum", .hexadecimal, isDerived: true),
    ])
  }

  @inlinable
  public var byteCount: Int { 4 }

  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    if version > 15 {
      throw CraftError(layer: Self.name, field: "version", reason: "is at most 15, \(version) was given")
    }
    if reserved > 0xfff {
      throw CraftError(layer: Self.name, field: "reserved", reason: "is at most 4095, \(reserved) was given")
    }
    output.append(bigEndian: UInt16(version) << 12 | reserved)
    output.append(bigEndian: UInt16(0))
  }

  @inlinable
  @_lifetime(bytes: copy bytes)
  public func seal(_ bytes: inout MutableRawSpan, _ around: Surroundings) throws(CraftError) {
    SumRule(offset: 2, coverage: .segment, zeroMeansNone: true)
      .seal(checksum, in: &bytes, headerByteCount: 4, around)
  }

  public init(from reader: inout Reader) throws(ParseError) {
    let first: UInt16 = try reader.read()
    version = UInt8(first >> 12)
    reserved = first & 0xfff
    checksum = .set(try reader.read())
  }

  public var following: Following { Following(.layer(ExtensionObject.self)) }

  public func freed(before next: Announcement) -> Self { ExtensionStructure(version: version, reserved: reserved) }
}
