extension FieldValue {
  /// Bits by their names, the lowest first: a number, names of one letter one after the other (`'SA'`), longer ones
  /// joined by `+` (`'MF+DF'`), or a list of names.
  public func flags<T: FixedWidthInteger & UnsignedInteger>(
    _ field: String, _ names: [String]
  ) throws(FieldError) -> T {
    let words: [String]
    switch self {
    case .number: return try number(field, limit: T(1) << T(names.count) - 1)
    case .text(let text):
      let letters = names.allSatisfy { $0.utf8.count == 1 }
      words = letters ? text.map(String.init) : text.split(separator: "+").map(String.init)
    case .list(let values), .tuple(let values):
      words = values.map { value in if case .text(let word) = value { word } else { "" } }
    default: words = [""]
    }
    var bits: T = 0
    for word in words {
      guard let bit = names.firstIndex(of: word) else {
        throw FieldError(field, "takes a number, or names among \(names.joined(separator: ", "))")
      }
      bits |= T(1) << T(bit)
    }
    return bits
  }
}
