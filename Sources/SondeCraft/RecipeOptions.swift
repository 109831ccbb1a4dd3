internal import SondeHeaders
internal import SondeOctets

/// The options of a TCP header as Scapy's tuples.
///
/// Scapy has no form for octets that are no option. From the last word boundary before such octets on,
/// the option area is printed as data behind a header whose data offset is written.
struct TCPOptionForms {
  private(set) var texts: [String] = []
  /// The octets that the tuples make, padding included.
  private(set) var byteCount = 0

  init(_ header: TCP) {
    let area = header.byteCount - 20
    var made = 0
    for (text, count) in header.options.flatMap(Self.forms) {
      guard let text else { break }
      texts.append(text)
      made += count
      if made % 4 == 0 { byteCount = made }
    }
    if made == area {
      texts = droppingPadding(texts, "('EOL', None)")
    } else {
      keep(byteCount, of: header)
    }
  }

  /// Keeps only the tuples of the first octets.
  private mutating func keep(_ count: Int, of header: TCP) {
    var made = 0
    texts = header.options.flatMap(Self.forms).prefix { form in
      made += form.byteCount
      return made <= count
    }.compactMap(\.text)
  }

  private static func forms(_ option: TCPOption) -> [(text: String?, byteCount: Int)] {
    let text: String?
    switch option {
    case .endOfList: text = "('EOL', None)"
    case .noOperation: text = "('NOP', None)"
    case .mss(let size): text = "('MSS', \(size))"
    case .windowScale(let shift): text = "('WScale', \(shift))"
    case .sackPermitted: text = "('SAckOK', b'')"
    case .sack(let blocks):
      text = "('SAck', (\(blocks.map { "\($0.left), \($0.right)" }.joined(separator: ", "))))"
    case .timestamps(let value, let reply): text = "('Timestamp', (\(value), \(reply)))"
    case .option(let kind, let data): text = "(\(kind), \(pythonLiteral(data)))"
    case .octets(let octets): return forms(octets[...])
    }
    return [(text, option.byteCount)]
  }

  /// Octets behind the end of the list: whatever of them reads as an option makes them again.
  private static func forms(_ octets: ArraySlice<UInt8>) -> [(text: String?, byteCount: Int)] {
    var forms: [(text: String?, byteCount: Int)] = []
    var rest = octets
    while let kind = rest.first {
      var count = 1
      if kind <= 1 {
        forms.append((kind == 0 ? "('EOL', None)" : "('NOP', None)", 1))
      } else if let length = rest.dropFirst().first, length >= 2, Int(length) <= rest.count {
        count = Int(length)
        forms.append(("(\(kind), \(pythonLiteral(rest.prefix(count).dropFirst(2))))", count))
      } else {
        return forms + [(nil, rest.count)]
      }
      rest = rest.dropFirst(count)
    }
    return forms
  }
}

/// Scapy pads options to whole words with zeros: as many ends of the list need not be written.
private func droppingPadding(_ texts: [String], _ end: String) -> [String] {
  var texts = texts
  for _ in 0..<3 where texts.last == end { texts.removeLast() }
  return texts
}

/// The options of an IPv4 header as Scapy's objects, which can make any octets.
func ipv4OptionForms(_ options: [IPv4Option]) -> [String] {
  IPv4Option.forms(of: options).elements.map { element in
    guard case .forms(let forms) = element else { return "" }
    return forms.map(text).joined(separator: "/")
  }
}

private func text(_ form: FieldValue.Form) -> String {
  "\(form.name)(\(form.arguments.map { "\($0.name)=\(text($0.value))" }.joined(separator: ", ")))"
}

private func text(_ value: FieldValue) -> String {
  switch value {
  case .number(let number): String(number)
  case .text(let text): "'\(text)'"
  case .octets(let octets): pythonLiteral(octets)
  case .list(let values): "[\(values.map { text($0) }.joined(separator: ", "))]"
  default: ""
  }
}

/// How Scapy lays out an ICMP header: by its type, beyond the eight octets for some.
struct ICMPv4Form {
  /// The octets that Scapy's form makes; nil where the message is too short for its form.
  let byteCount: Int?
  private let type: UInt8

  init(_ header: ICMPv4) {
    type = header.type.rawValue
    switch (type, header.numbers.count) {
    case (13, let count), (14, let count): byteCount = count == 3 ? 20 : nil
    case (17, let count), (18, let count): byteCount = count == 1 ? 12 : nil
    // Scapy keeps a word behind the identifier of these two.
    case (37, _), (38, _): byteCount = 12
    default: byteCount = header.byteCount
    }
  }

  /// Adds the fields behind the checksum, read from the octets there.
  func addFields(_ octets: ArraySlice<UInt8>, to form: inout RecipeForm) {
    let octets = Array(octets)
    func number(_ start: Int, _ count: Int) -> UInt32 {
      octets.dropFirst(start).prefix(count).reduce(0) { $0 << 8 | UInt32($1) }
    }
    func address(_ start: Int) -> String { "'\(IPv4Address(rawValue: number(start, 4)))'" }
    switch type {
    case 0, 8, 13...18, 37, 38:
      form.add("id", number(0, 2), unless: 0)
      form.add("seq", number(2, 2), unless: 0)
      switch type {
      // A time left out is the time of day.
      case 13, 14:
        for (place, name) in ["ts_ori", "ts_rx", "ts_tx"].enumerated() {
          form.add(name, number(4 + 4 * place, 4), unless: nil)
        }
      case 17, 18: form.add("addr_mask", text: address(4))
      case 37, 38: form.add("unused", number(4, 4), unless: 0)
      default: break
      }
    case 3:
      form.add("reserved", number(0, 1), unless: 0)
      form.add("length", number(1, 1), unless: 0)
      form.add("nexthopmtu", number(2, 2), unless: 0)
    case 5: form.add("gw", text: address(0))
    case 11, 12:
      form.add(type == 12 ? "ptr" : "reserved", number(0, 1), unless: 0)
      form.add("length", number(1, 1), unless: 0)
      form.add("unused", number(2, 2), unless: 0)
    default: form.add("unused", number(0, 4), unless: 0)
    }
  }
}
