internal import SondeOctets

// How recipes write the options of IPv6's headers: as Scapy's objects.

extension IPv6Option {
  /// The object that makes the same octets.
  var form: FieldValue.Form {
    switch self {
    case .pad1: .init("Pad1")
    case .padN(let data): .init("PadN", [.init("optdata", .octets(data))])
    case .routerAlert(let value): .init("RouterAlert", [.init("value", .number(UInt64(value)))])
    case .jumboPayload(let length): .init("Jumbo", [.init("jumboplen", .number(UInt64(length)))])
    case .homeAddress(let address): .init("HAO", [.init("hoa", .text(address.description))])
    case .option(let type, let data):
      .init("HBHOptUnknown", [.init("otype", .number(UInt64(type))), .init("optdata", .octets(data))])
    case .octets(let octets) where octets.count >= 2:
      .init(
        "HBHOptUnknown",
        [
          .init("otype", .number(UInt64(octets[0]))), .init("optlen", .number(UInt64(octets[1]))),
          .init("optdata", .octets(Array(octets[2...]))),
        ])
    // A type without its length.
    case .octets(let octets): .init("Pad1", octets.first.map { [.init("otype", .number(UInt64($0)))] } ?? [])
    }
  }

  /// The options that a list of objects means, as they are written and with padding by the names of the objects.
  ///
  /// - Throws: `FieldError` where an object is none of an option, or has no such field.
  static func aligned(
    _ field: String, _ value: FieldValue
  ) throws(FieldError) -> (written: [IPv6Option], aligned: [IPv6Option]) {
    var written: [IPv6Option] = []
    var aligned: [IPv6Option] = []
    var offset = 2
    for element in value.elements {
      guard case .forms(let forms) = element else { throw FieldError(field, "takes options, RouterAlert(value=0)") }
      for form in forms {
        let options = try options(field, form)
        let pads = padding(gap(ofObject: form.name, at: offset))
        written += options
        aligned += pads + options
        offset += (pads + options).reduce(0) { $0 + $1.byteCount }
      }
    }
    return (written, aligned + padding((8 - offset % 8) % 8))
  }

  private static func options(_ field: String, _ form: FieldValue.Form) throws(FieldError) -> [IPv6Option] {
    var octets: [UInt8]
    switch form.name {
    case "Pad1": octets = [0]
    case "PadN", "HBHOptUnknown": octets = [1, 0]
    case "RouterAlert": octets = [5, 2, 0, 0]
    case "Jumbo": octets = [194, 4, 0, 0, 0, 0]
    case "HAO": octets = [201, 16] + [UInt8](repeating: 0, count: 16)
    case "Raw", "Padding": octets = []
    default: throw FieldError(field, "has no option \(form.name)")
    }
    var length: UInt8?
    for argument in form.arguments {
      let value = argument.value
      switch (form.name, argument.name) {
      case ("Raw", "load"), ("Padding", "load"): octets = try value.octets("load")
      case ("Raw", _), ("Padding", _): throw FieldError(field, "has no \(form.name) with \(argument.name)")
      case (_, "otype"): octets[0] = try value.number("otype")
      case ("Pad1", _): throw FieldError(field, "has no Pad1 with \(argument.name)")
      case (_, "optlen"): if value != .none { length = try value.number("optlen", UInt8.self) }
      case ("PadN", "optdata"), ("HBHOptUnknown", "optdata"):
        let data = try value.octets("optdata")
        octets = [octets[0], UInt8(truncatingIfNeeded: data.count)] + data
      case ("RouterAlert", "value"): try set(&octets, value.number("value", UInt16.self))
      case ("Jumbo", "jumboplen"): try set(&octets, value.number("jumboplen", UInt32.self))
      case ("HAO", "hoa"):
        octets = try octets[..<2] + value.ipv6Address("hoa").octets
      default: throw FieldError(field, "has no \(form.name) with \(argument.name)")
      }
    }
    if let length { octets[1] = length }
    let options = read(octets)
    // What does not read as one option is not to be read at all, whatever its first octets say.
    return options.count == 1 ? options : octets.isEmpty ? [] : [.octets(octets)]
  }

  private static func set<T: FixedWidthInteger & UnsignedInteger>(_ octets: inout [UInt8], _ number: T) {
    octets = octets[..<2] + self.octets(number)
  }
}
