public import SondeOctets

/// One object of an ICMP extension structure (RFC 4884 §7.1).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |             Length            |   Class-Num   |   C-Type      |
///     |                   // (Object payload) //                      |
public struct ExtensionObject: Header {
  /// The whole object, in octets.
  public var length: Field<UInt16>
  /// What kind of object it is: 1 MPLS label stack, 2 interface information, 3 interface identification, 5 node
  /// identification (IANA "ICMP Extension Object Classes").
  public var classNumber: UInt8
  /// The kind within the class: C-Type.
  public var classType: UInt8
  /// The octets behind the C-Type.
  public var content: [UInt8]

  public init(classNumber: UInt8, classType: UInt8, content: [UInt8], length: Field<UInt16> = .auto) {
    self.length = length
    self.classNumber = classNumber
    self.classType = classType
    self.content = content
  }

  public static var name: Name { "icmp-extension-object" }

  public var byteCount: Int { 4 + content.count }

  public func write(into output: inout OutputRawSpan, _ around: Surroundings) throws(CraftError) {
    guard let length = length.hand ?? UInt16(exactly: byteCount) else {
      throw CraftError(layer: Self.name, field: "length", reason: "is at most 65535, the object has \(byteCount)")
    }
    output.append(bigEndian: length)
    output.append(classNumber)
    output.append(classType)
    output.append(octets: content)
  }

  public init(from reader: inout Reader) throws(ParseError) {
    let start = reader.offset
    let count: UInt16 = try reader.read()
    classNumber = try reader.read()
    classType = try reader.read()
    guard count >= 4 else {
      throw ParseError(.illegal(field: "length", value: UInt64(count), limit: "at least 4"), at: start)
    }
    length = .set(count)
    content = try reader.read(count: Int(count) - 4)
  }

  public var following: Following { Following(.layer(ExtensionObject.self)) }

  public func freed(before next: Announcement) -> Self {
    ExtensionObject(classNumber: classNumber, classType: classType, content: content)
  }

  public var fields: [FieldSpec] {
    var fields: [FieldSpec] = [
      .init("length", 16, alias: "len", isDerived: true), .init("classNumber", 8, alias: "classnum"),
      .init("classType", 8, alias: "classtype"),
    ]
    let known = contentFields
    let count = known.reduce(0) { $0 + $1.bits.count }
    if count <= 8 * content.count {
      fields += known + [FieldSpec("data", 8 * content.count - count, .octets)]
    } else {
      fields.append(FieldSpec("data", 8 * content.count, .octets))
    }
    return .consecutive(fields)
  }

  /// The fields that the class has, where their own lengths can be true.
  private var contentFields: [FieldSpec] {
    switch meaning {
    case .mplsLabelStack(let entries):
      return entries.indices.flatMap { index in
        let suffix = index == 0 ? "" : "\(index + 1)"
        return [
          FieldSpec("label\(suffix)", 20), FieldSpec("trafficClass\(suffix)", 3),
          FieldSpec("bottomOfStack\(suffix)", 1), FieldSpec("timeToLive\(suffix)", 8),
        ]
      }
    case .interface(let interface): return interface.fields
    case nil: return []
    }
  }
}
