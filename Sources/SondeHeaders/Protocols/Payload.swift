public import SondeOctets

/// Octets that no protocol here has a header for: application data.
@frozen
public struct Payload: Header, ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
  public var octets: [UInt8]

  @inlinable
  public init(octets: [UInt8]) { self.octets = octets }

  /// The text's UTF-8 octets, without a terminating zero.
  public init(_ text: String) { self.init(octets: Array(text.utf8)) }
  public init(stringLiteral text: String) { self.init(text) }
  public init(arrayLiteral octets: UInt8...) { self.init(octets: octets) }

  public static var name: Name { "raw" }
  public var fields: [FieldSpec] { .consecutive([.init("load", byteCount * 8, .octets)]) }

  public static var recipeNames: [String] { ["Raw"] }
  public static func blank(_ recipeName: String) -> Payload? { Payload(octets: []) }

  public mutating func set(_ field: String, to value: FieldValue) throws(FieldError) {
    guard field == "load" else { throw .unknown(field) }
    octets = value == .none ? [] : try value.octets(field)
  }

  @inlinable @inline(__always)
  public var byteCount: Int { octets.count }

  @inlinable @inline(__always)
  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    output.append(octets: octets)
  }

  public init(from reader: inout Reader) throws(ParseError) { octets = reader.readRest() }
}

/// Octets behind a packet that no length of it counts: link padding, or a capture's surplus.
@frozen
public struct Trailer: Header {
  public var octets: [UInt8]

  @inlinable
  public init(octets: [UInt8]) { self.octets = octets }

  public static var name: Name { "padding" }
  public var fields: [FieldSpec] { .consecutive([.init("load", trailerByteCount * 8, .octets)]) }

  public static var recipeNames: [String] { ["Padding"] }
  public static func blank(_ recipeName: String) -> Trailer? { Trailer(octets: []) }

  public mutating func set(_ field: String, to value: FieldValue) throws(FieldError) {
    guard field == "load" else { throw .unknown(field) }
    octets = value == .none ? [] : try value.octets(field)
  }

  @inlinable @inline(__always)
  public var byteCount: Int { 0 }
  @inlinable
  public var trailerByteCount: Int { octets.count }

  @inlinable @inline(__always)
  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    output.append(octets: octets)
  }

  public init(from reader: inout Reader) throws(ParseError) { octets = reader.readRest() }
}
