public import SondeHeaders

/// Why a packet makes no template, or a template has no such field.
public enum TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The packet has no bytes.
  case unencodable(CraftError)
  /// More checksums are computed than a template keeps account of: eight.
  case tooManySums(count: Int)
  /// The packet has fewer headers of that protocol; the first is occurrence 0.
  case noLayer(Name, occurrence: Int)
  /// The header has no field of that name.
  case noField(String, of: Name, known: [String])
  /// The field does not fit the type asked for: it has more bits, or it begins and ends in the middle
  /// of octets so that no value of this width covers it.
  case misfit(field: String, of: Name, bits: Int, width: Int)
  /// The header has fewer octets of its own.
  case outside(octets: Range<Int>, of: Name, byteCount: Int)
  /// A checksum covers one part of the field and not the other.
  case torn(field: String, of: Name)
  /// A checksum of a header inside depends on the field in a way that no difference tells: such is the
  /// header length of IPv4, by which a receiver finds the length of what it carries.
  case unpatchable(field: String, of: Name)

  public var description: String {
    switch self {
    case .unencodable(let error): error.description
    case .tooManySums(let count):
      "a template keeps account of \(TemplateSums.capacity) checksums, the packet has \(count)"
    case .noLayer(let layer, let occurrence): "\(layer): no occurrence \(occurrence) in the packet"
    case .noField(let field, let layer, let known):
      "\(layer): no field \(field); there are: \(known.joined(separator: ", "))"
    case .misfit(let field, let layer, let bits, let width):
      "\(layer): \(field) has \(bits) bits and does not fit a value of \(width)"
    case .outside(let octets, let layer, let byteCount):
      "\(layer): octets \(octets.lowerBound) to \(octets.upperBound) asked, it has \(byteCount)"
    case .unpatchable(let field, let layer): "\(layer): a checksum inside depends on \(field) in no simple way"
    case .torn(let field, let layer): "\(layer): a checksum covers only a part of \(field)"
    }
  }
}
