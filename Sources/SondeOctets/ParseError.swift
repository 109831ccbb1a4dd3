/// Why bytes could not be read as what they were said to be.
public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was wrong.
  public enum Reason: Hashable, Sendable {
    /// The bytes ended: `needed` octets were wanted where `available` were left.
    case short(needed: Int, available: Int)
    /// A field holds what no such header can hold; `limit` says which rule was broken.
    case illegal(field: String, value: UInt64, limit: String)
  }

  public var reason: Reason
  /// The offset, in octets, of the first octet of the field at fault; counted from the start of the
  /// bytes that the reader was made over.
  public var offset: Int

  public init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  public var description: String {
    switch reason {
    case .short(let needed, let available):
      "\(needed) octets needed at offset \(offset), \(available) left"
    case .illegal(let field, let value, let limit):
      "\(field) \(value) at offset \(offset): \(limit)"
    }
  }
}
