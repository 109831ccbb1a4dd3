public import SondeOctets

// Options in recipes: Scapy's objects, each a class by the number in the kind's low five bits.
extension IPv4Option {
  /// One of Scapy's classes: the kind that it means, and the fields behind the kind.
  fileprivate struct Class {
    var name: String
    var kind: UInt8
    /// What the length says when left out; nil where it is counted.
    var length: UInt8?
    var fields: [Member]
    var isBare = false
  }

  fileprivate enum Member {
    case number(String, Int, usual: UInt64)
    case address(String)
    /// An address that is there unless the octet before it has a flag of 0.
    case timedAddress(String)
    case addresses(String)
    /// Octets of this count, or as many as are given.
    case data(String, Int?, usual: [UInt8])
    /// Overflow and flag in one octet.
    case flags
  }

  private static let classes: [Class] = [
    Class(name: "IPOption_EOL", kind: 0, fields: [], isBare: true),
    Class(name: "IPOption_NOP", kind: 1, fields: [], isBare: true),
    Class(
      name: "IPOption_Security", kind: 130, length: 11,
      fields: [
        .number("security", 2, usual: 0), .number("compartment", 2, usual: 0),
        .number("handling_restrictions", 2, usual: 0),
        .data("transmission_control_code", 3, usual: Array("xxx".utf8)),
      ]),
    Class(name: "IPOption_RR", kind: 7, fields: route), Class(name: "IPOption_LSRR", kind: 131, fields: route),
    Class(name: "IPOption_SSRR", kind: 137, fields: route),
    Class(name: "IPOption_Stream_Id", kind: 136, length: 4, fields: [.number("security", 2, usual: 0)]),
    Class(name: "IPOption_MTU_Probe", kind: 11, length: 4, fields: [.number("mtu", 2, usual: 0)]),
    Class(name: "IPOption_MTU_Reply", kind: 12, length: 4, fields: [.number("mtu", 2, usual: 0)]),
    // Scapy leaves out the class of RFC 1393.
    Class(
      name: "IPOption_Traceroute", kind: 18, length: 12,
      fields: [
        .number("id", 2, usual: 0), .number("outbound_hops", 2, usual: 0), .number("return_hops", 2, usual: 0),
        .address("originator_ip"),
      ]),
    Class(
      name: "IPOption_Timestamp", kind: 68,
      fields: [
        .number("pointer", 1, usual: 9), .flags, .timedAddress("internet_address"), .number("timestamp", 4, usual: 0),
      ]),
    Class(
      name: "IPOption_Address_Extension", kind: 147, length: 10, fields: [.address("src_ext"), .address("dst_ext")]),
    Class(name: "IPOption_Router_Alert", kind: 148, length: 4, fields: [.number("alert", 2, usual: 0)]),
    Class(name: "IPOption_SDBM", kind: 149, fields: [.addresses("addresses")]),
    Class(name: "IPOption", kind: 0, fields: [.data("value", nil, usual: [])]),
  ]
  private static let route: [Member] = [.number("pointer", 1, usual: 4), .addresses("routers")]

  /// The options that a recipe means by a list of objects, or by octets.
  ///
  /// - Throws: `FieldError` naming `options` where one is no option of Scapy's, or what is wrong inside it.
  public static func options(_ value: FieldValue) throws(FieldError) -> [IPv4Option] {
    if case .octets(let octets) = value { return read(octets) }
    var area: [UInt8] = []
    for element in value.elements {
      switch element {
      case .octets(let octets): area += octets
      case .forms(let forms): for form in forms { area += try octets(form) }
      default: throw FieldError("options", "takes IPOption_RR(…), IPOption(…) and the like")
      }
    }
    return read(area)
  }

  private static func octets(_ form: FieldValue.Form) throws(FieldError) -> [UInt8] {
    if form.name == "Padding" || form.name == "Raw" {
      guard let load = form.arguments.first else { return [] }
      return try load.value.octets(load.name)
    }
    guard let known = classes.first(where: { $0.name == form.name }) else {
      throw FieldError("options", "has no object \(form.name)(…)")
    }
    // Octets without a name are the option as it is on the wire.
    if let first = form.arguments.first, first.name.isEmpty || first.name == "_pkt" {
      return try first.value.octets("options")
    }
    var arguments: [String: FieldValue] = [:]
    for argument in form.arguments { arguments[argument.name] = argument.value }
    func take(_ name: String, _ limit: UInt64, usual: UInt64) throws(FieldError) -> UInt64 {
      // None is no number, and is not left out: as in Scapy it is zero.
      guard let value = arguments.removeValue(forKey: name) else { return usual }
      return value == .none ? 0 : try value.number(name, limit: limit)
    }
    let kind =
      try take("copy_flag", 1, usual: UInt64(known.kind >> 7)) << 7
      | take("optclass", 3, usual: UInt64(known.kind >> 5 & 3)) << 5
      | take("option", 31, usual: UInt64(known.kind & 31))
    var octets = [UInt8(kind)]
    if !known.isBare {
      let isLengthLeftOut = arguments["length"] == nil
      let length = arguments.removeValue(forKey: "length") ?? .none
      var data: [UInt8] = []
      for member in known.fields { data += try member.take(from: &arguments, before: data) }
      let computed = known.length.map { isLengthLeftOut ? $0 : 0 } ?? UInt8(truncatingIfNeeded: data.count + 2)
      octets.append(length == .none ? computed : try length.number("length"))
      octets += data
    }
    if let name = arguments.keys.min() { throw FieldError(name, "is no field of \(form.name)") }
    return octets
  }

  /// The list of objects that a recipe prints for options; encoded they are padded to the same octets.
  public static func forms(of options: [IPv4Option]) -> FieldValue {
    var forms = options.flatMap(\.forms)
    // Scapy pads options to whole words with zeros: as many ends of the list need not be written.
    if options.reduce(0, { $0 + $1.byteCount }) % 4 == 0 {
      let end = FieldValue.forms([FieldValue.Form("IPOption_EOL")])
      for _ in 0..<3 where forms.last == end { forms.removeLast() }
    }
    return .list(forms)
  }

  private var forms: [FieldValue] {
    switch self {
    case .endOfList: return [.forms([FieldValue.Form("IPOption_EOL")])]
    case .noOperation: return [.forms([FieldValue.Form("IPOption_NOP")])]
    case .octets(let octets):
      let ends = octets.prefix { $0 == 0 }.map { _ in FieldValue.forms([FieldValue.Form("IPOption_EOL")]) }
      let rest = octets.drop { $0 == 0 }
      guard let kind = rest.first else { return ends }
      guard let length = rest.dropFirst().first else {
        return ends + [.forms([FieldValue.Form("IPOption_NOP", Self.kindArguments(kind, unless: 1))])]
      }
      let arguments = [
        FieldValue.Form.Argument("length", .number(UInt64(length))), .init("value", .octets(Array(rest.dropFirst(2)))),
      ]
      return ends + [.forms([FieldValue.Form("IPOption", Self.kindArguments(kind, unless: 0) + arguments)])]
    default:
      guard let (kind, data) = parts else { return [] }
      if let form = Self.form(kind, data) { return [.forms(form)] }
      return [
        .forms([FieldValue.Form("IPOption", Self.kindArguments(kind, unless: 0) + [.init("value", .octets(data))])])
      ]
    }
  }

  /// The object with fields of its own that makes these octets, with what is behind its fields; nil where none does.
  private static func form(_ kind: UInt8, _ data: [UInt8]) -> [FieldValue.Form]? {
    let known = classes.first { !$0.isBare && $0.name != "IPOption" && $0.kind & 31 == kind & 31 }
    guard let known, case let option = IPv4Option(kind: kind, data: data) else { return nil }
    if case .option = option { return nil }
    var rest = data[...]
    var arguments = kindArguments(kind, unless: known.kind)
    for member in known.fields {
      guard let made = member.arguments(&rest, before: Array(data.prefix(data.count - rest.count))) else { return nil }
      arguments += made
    }
    if rest.isEmpty { return [FieldValue.Form(known.name, arguments)] }
    // More entries than the object has room for; its length counts them.
    let length = FieldValue.Form.Argument("length", .number(UInt64(data.count + 2)))
    return [
      FieldValue.Form(known.name, [length] + arguments),
      FieldValue.Form("Padding", [.init("load", .octets(Array(rest)))]),
    ]
  }

  private static func kindArguments(_ kind: UInt8, unless usual: UInt8) -> [FieldValue.Form.Argument] {
    let parts = [
      ("copy_flag", kind >> 7, usual >> 7), ("optclass", kind >> 5 & 3, usual >> 5 & 3),
      ("option", kind & 31, usual & 31),
    ]
    return parts.filter { $0.1 != $0.2 }.map { .init($0.0, .number(UInt64($0.1))) }
  }
}

extension IPv4Option.Member {
  /// The octets that the member's arguments mean, which are taken; `data` stands before them.
  func take(from arguments: inout [String: FieldValue], before data: [UInt8]) throws(FieldError) -> [UInt8] {
    func given(_ name: String) -> FieldValue? {
      arguments.removeValue(forKey: name).flatMap { $0 == .none ? nil : $0 }
    }
    switch self {
    case .number(let name, let count, let usual):
      let value = arguments.removeValue(forKey: name) ?? .number(usual)
      let number = value == .none ? 0 : try value.number(name, limit: UInt64(1) << UInt64(8 * count) - 1)
      return (0..<count).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * (count - 1 - $0))) }
    case .flags:
      let overflow = try given("oflw")?.number("oflw", limit: UInt8(15)) ?? 0
      return [overflow << 4 | (try given("flg")?.number("flg", limit: UInt8(15)) ?? 1)]
    case .address(let name): return try Self.octets(given(name) ?? .text("0.0.0.0"), name)
    case .timedAddress(let name):
      let value = given(name)
      return (data.last ?? 0) & 0xf == 0 ? [] : try Self.octets(value ?? .text("0.0.0.0"), name)
    case .addresses(let name):
      var octets: [UInt8] = []
      for element in given(name)?.elements ?? [] { octets += try Self.octets(element, name) }
      return octets
    case .data(let name, let count, let usual):
      let octets = arguments[name] == nil ? usual : try given(name)?.octets(name) ?? []
      guard let count else { return octets }
      return octets.prefix(count) + [UInt8](repeating: 0, count: max(0, count - octets.count))
    }
  }

  private static func octets(_ value: FieldValue, _ name: String) throws(FieldError) -> [UInt8] {
    let address = try value.ipv4Address(name)
    return (0..<4).map { UInt8(truncatingIfNeeded: address.rawValue >> (24 - 8 * $0)) }
  }

  /// The arguments that make the member's octets, which are taken off `rest`; nil where there are too few.
  func arguments(_ rest: inout ArraySlice<UInt8>, before data: [UInt8]) -> [FieldValue.Form.Argument]? {
    func take(_ count: Int) -> ArraySlice<UInt8>? {
      guard rest.count >= count else { return nil }
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count)
    }
    func address() -> FieldValue? {
      take(4).map { .text(IPv4Address(rawValue: $0.reduce(0) { $0 << 8 | UInt32($1) }).description) }
    }
    switch self {
    case .number(let name, let count, let usual):
      guard let number = take(count)?.reduce(UInt64(0), { $0 << 8 | UInt64($1) }) else { return nil }
      return number == usual ? [] : [.init(name, .number(number))]
    case .flags:
      guard let octet = take(1)?.first else { return nil }
      return (octet >> 4 == 0 ? [] : [.init("oflw", .number(UInt64(octet >> 4)))])
        + (octet & 0xf == 1 ? [] : [.init("flg", .number(UInt64(octet & 0xf)))])
    case .address(let name): return address().map { [.init(name, $0)] }
    case .timedAddress(let name): return (data.last ?? 0) & 0xf == 0 ? [] : address().map { [.init(name, $0)] }
    case .addresses(let name):
      var addresses: [FieldValue] = []
      while rest.count >= 4, let next = address() { addresses.append(next) }
      return addresses.isEmpty ? [] : [.init(name, .list(addresses))]
    case .data(let name, let count, let usual):
      guard let octets = take(count ?? rest.count) else { return nil }
      return Array(octets) == usual ? [] : [.init(name, .octets(Array(octets)))]
    }
  }
}

extension IPv4 {
  /// The destination whose sum Scapy takes for what is inside: the last address of a route, if it is the only source
  /// route, used up or not. RFC 791 §3.1 has `finalDestination`.
  public var scapyDestination: IPv4Address {
    let routes = options.compactMap { option -> IPv4Option.Route? in
      switch option {
      case .looseSourceRoute(let route), .strictSourceRoute(let route): route
      default: nil
      }
    }
    return routes.count == 1 ? routes[0].addresses.last ?? destination : destination
  }
}
