internal import SondeHeaders

extension FieldEdit {
  /// Whether a field and `=`, `+=` or `-=` begin at an octet of a text.
  public static func begins(_ text: [UInt8], at start: Int) -> Bool {
    var scanner = RecipeScanner(text)
    scanner.offset = start
    guard scanner.word() != nil else { return false }
    if scanner.take("."), scanner.word() == nil { return false }
    if scanner.next == UInt8(ascii: "+") || scanner.next == UInt8(ascii: "-") { scanner.offset += 1 }
    return scanner.next == UInt8(ascii: "=")
  }

  /// Reads an edit that begins at an octet of a text, and says where it ends: `seq=7`, `seq+=5`, `IP.ttl=1`,
  /// `options=[('MSS', 1460)]`.
  ///
  /// - Throws: `RecipeError` with the column of the word at fault.
  public static func read(_ text: [UInt8], at start: Int) throws(RecipeError) -> (edit: FieldEdit, end: Int) {
    do throws(RecipeFault) {
      var scanner = RecipeScanner(text)
      scanner.offset = start
      guard var field = scanner.word() else { throw scanner.unexpected("a field") }
      var layer: String?
      if scanner.take(".") {
        layer = field
        guard let inner = scanner.word() else { throw scanner.unexpected("a field") }
        field = inner
      }
      let operation: Operation
      if scanner.take("+") {
        try scanner.expect("=")
        operation = .add(try scanner.number())
      } else if scanner.take("-") {
        try scanner.expect("=")
        operation = .subtract(try scanner.number())
      } else {
        try scanner.expect("=")
        operation = .set(try scanner.value())
      }
      return (FieldEdit(layer: layer, field, operation), scanner.offset)
    } catch {
      throw error.error(in: text)
    }
  }
}

/// A string as recipes write it, for other languages of one line.
public enum RecipeLiteral {
  /// The octets of the string that begins at an octet of a text, and where it ends; nil where none begins.
  ///
  /// - Throws: `RecipeError` with the column of what is wrong in it.
  public static func octets(_ text: [UInt8], at start: Int) throws(RecipeError) -> (octets: [UInt8], end: Int)? {
    do throws(RecipeFault) {
      var scanner = RecipeScanner(text)
      scanner.offset = start
      guard let value = try scanner.string() else { return nil }
      switch value {
      case .octets(let octets): return (octets, scanner.offset)
      case .text(let text): return (Array(text.utf8), scanner.offset)
      default: return nil
      }
    } catch {
      throw error.error(in: text)
    }
  }
}

extension FieldEdit: CustomStringConvertible {
  /// The edit as it is written.
  public var description: String {
    let name = "\(layer.map { "\($0)." } ?? "")\(field)"
    switch operation {
    case .set(let value): return "\(name)=\(value.notation)"
    case .add(let number): return "\(name)+=\(number)"
    case .subtract(let number): return "\(name)-=\(number)"
    }
  }
}
