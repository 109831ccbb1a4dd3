public import SondeOctets

/// One address of a router advertisement of ICMPv4 (RFC 1256 §3).
///
///     |                       Router Address                          |
///     |                      Preference Level                         |
@frozen
public struct RouterAddress: Header {
  public var address: IPv4Address
  /// The higher the better, signed; the least of all means that hosts must not use it by default.
  public var preference: Int32

  @inlinable
  public init(_ address: IPv4Address, preference: Int32 = 0) {
    self.address = address
    self.preference = preference
  }

  public static var name: Name { "router-address" }
  public var fields: [FieldSpec] { .consecutive([.init("address", 32, .ipv4Address), .init("preference", 32)]) }
  @inlinable
  public var byteCount: Int { 8 }

  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    output.append(bigEndian: address.rawValue)
    output.append(bigEndian: UInt32(bitPattern: preference))
  }

  public init(from reader: inout Reader) throws(ParseError) {
    try reader.require(8)
    address = IPv4Address(rawValue: try reader.read())
    preference = Int32(bitPattern: try reader.read())
  }

  public var following: Following { Following(.layer(RouterAddress.self)) }
}
