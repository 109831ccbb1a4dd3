internal import SondeOctets

// Which fields stand behind the checksum of each type of message.
extension ICMPv4 {
  static let head: [FieldSpec] = [
    .init("type", 8, usual: 8), .init("code", 8, usual: 0),
    .init("checksum", 16, alias: "chksum", .hexadecimal, isDerived: true),
  ]

  private static let query: [FieldSpec] = [
    .init("identifier", 16, alias: "id", usual: 0), .init("sequenceNumber", 16, alias: "seq", usual: 0),
  ]
  /// The length, in words, is that of a quote with extensions behind it (RFC 4884 §4).
  private static let length = FieldSpec("length", 8, usual: 0)
  private static let reserved = FieldSpec("reserved", 8, usual: 0)
  private static let unused = FieldSpec("unused", 16, usual: 0)

  /// The second word as Scapy cuts it, and as the RFC of the type does.
  private static let words: [(recipe: [FieldSpec], fields: [FieldSpec])] = (0...255).map { type in
    switch type {
    case _ where Kind(rawValue: UInt8(type)).isQueryOrReply: return (query, query)
    case 3:
      let fields = [reserved, length, FieldSpec("nextHopMTU", 16, alias: "nexthopmtu", usual: 0)]
      return (fields, fields)
    case 5:
      let fields = [FieldSpec("gateway", 32, alias: "gw", .ipv4Address)]
      return (fields, fields)
    case 11: return ([reserved, length, unused], [reserved, length, unused])
    case 12:
      let fields = [FieldSpec("pointer", 8, alias: "ptr", usual: 0), length, unused]
      return (fields, fields)
    default:
      let word = [FieldSpec("restOfHeader", 32, alias: "unused", usual: 0)]
      return (word, named[type] ?? word)
    }
  }

  /// Types for which Scapy has one number.
  private static let named: [Int: [FieldSpec]] = [
    9: [.init("numberOfAddresses", 8), .init("addressEntrySize", 8), .init("lifetime", 16)],
    42: [.init("identifier", 16), .init("sequenceNumber", 8), .init("reservedBits", 7), .init("local", 1)],
    43: [
      .init("identifier", 16), .init("sequenceNumber", 8), .init("state", 3), .init("reservedBits", 2),
      .init("active", 1), .init("ipv4", 1), .init("ipv6", 1),
    ],
  ]

  private static let timestamps: [FieldSpec] = [
    .init("originateTimestamp", 32, alias: "ts_ori"), .init("receiveTimestamp", 32, alias: "ts_rx"),
    .init("transmitTimestamp", 32, alias: "ts_tx"),
  ]
  private static let addressMask = FieldSpec("addressMask", 32, alias: "addr_mask", .ipv4Address)
  /// The fields of all types, and what Scapy calls `unused` where there is nothing unused: no octets.
  private static let all =
    words.flatMap { $0.recipe + $0.fields } + timestamps + [addressMask, FieldSpec("unused", 0, .octets)]

  private var behindWord: [FieldSpec] {
    let isWhole = numbers.count == type.numberCount
    switch type {
    // A time left out is the time of day in Scapy.
    case .timestampRequest where isWhole, .timestampReply where isWhole:
      return Self.timestamps
    case .addressMaskRequest where isWhole, .addressMaskReply where isWhole: return [Self.addressMask]
    case .domainNameRequest where isWhole: return [.init("unused", 32, usual: 0)]
    case .domainNameReply where isWhole: return [.init("timeToLive", 32, alias: "unused", usual: 0)]
    default: return numbers.indices.map { FieldSpec("number\($0)", 32) }
    }
  }

  public var fields: [FieldSpec] { .consecutive(Self.head + Self.words[Int(type.rawValue)].fields + behindWord) }

  public var recipeFields: [FieldSpec] {
    .consecutive(Self.head + Self.words[Int(type.rawValue)].recipe + behindWord)
  }

  public static var recipeNames: [String] { ["ICMP", "ICMPerror"] }

  public static func blank(_ recipeName: String) -> ICMPv4? { .echoRequest() }

  /// Scapy has no form for a message that is too short for its type's numbers, nor for one with others.
  public func recipeName(isQuoted: Bool) -> String? {
    numbers.count == type.numberCount ? isQuoted ? "ICMPerror" : "ICMP" : nil
  }

  public mutating func set(_ field: String, to value: FieldValue) throws(FieldError) {
    switch field {
    case "type":
      type = Kind(rawValue: try Self.number(value, field, in: [Self.typeNames]))
      numbers = numbers.prefix(type.numberCount) + Array(repeating: 0, count: max(0, type.numberCount - numbers.count))
    case "code":
      // Two types have no code name in common.
      code = try Self.number(value, field, in: Array(Self.codeNames.values))
    case "checksum", "chksum": checksum = try value.derived(field)
    default:
      guard let spec = (recipeFields + fields).first(where: { $0.isCalled(field) }) else {
        return try Self.pass(over: field, value)
      }
      var octets = octets
      try spec.write(value, calledBy: field, into: &octets)
      self.octets = octets
    }
  }

  /// A field of another type is left out, as in Scapy, where some type's field of this name takes such a value.
  private static func pass(over field: String, _ value: FieldValue) throws(FieldError) {
    var refusal: FieldError?
    for spec in all where spec.isCalled(field) {
      var octets = [UInt8](repeating: 0, count: (spec.bits.upperBound + 7) / 8)
      do throws(FieldError) { return try spec.write(value, calledBy: field, into: &octets) } catch {
        refusal = refusal ?? error
      }
    }
    throw refusal ?? .unknown(field)
  }

  /// All but the checksum.
  private var octets: [UInt8] {
    get {
      [type.rawValue, code, 0, 0]
        + ([restOfHeader] + numbers).flatMap { word in
          (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) }
        }
    }
    set {
      let words = stride(from: 4, to: newValue.count, by: 4).map { start in
        newValue[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      }
      restOfHeader = words[0]
      numbers = Array(words.dropFirst())
    }
  }

  /// A number, or Scapy's name for it.
  private static func number(
    _ value: FieldValue, _ field: String, in names: [[String: UInt8]]
  ) throws(FieldError) -> UInt8 {
    guard case .text(let text) = value else { return try value.number(field) }
    guard let number = names.lazy.compactMap({ $0[text] }).first else {
      throw FieldError(field, "takes a number from 0 to 255, or a name such as '\(names.first?.keys.min() ?? "")'")
    }
    return number
  }

  private static let typeNames: [String: UInt8] = [
    "echo-reply": 0, "dest-unreach": 3, "source-quench": 4, "redirect": 5, "echo-request": 8,
    "router-advertisement": 9, "router-solicitation": 10, "time-exceeded": 11, "parameter-problem": 12,
    "timestamp-request": 13, "timestamp-reply": 14, "information-request": 15, "information-response": 16,
    "address-mask-request": 17, "address-mask-reply": 18, "traceroute": 30, "datagram-conversion-error": 31,
    "mobile-host-redirect": 32, "ipv6-where-are-you": 33, "ipv6-i-am-here": 34, "mobile-registration-request": 35,
    "mobile-registration-reply": 36, "domain-name-request": 37, "domain-name-reply": 38, "skip": 39, "photuris": 40,
  ]

  private static let codeNames: [UInt8: [String: UInt8]] = [
    3: [
      "network-unreachable": 0, "host-unreachable": 1, "protocol-unreachable": 2, "port-unreachable": 3,
      "fragmentation-needed": 4, "source-route-failed": 5, "network-unknown": 6, "host-unknown": 7,
      "network-prohibited": 9, "host-prohibited": 10, "TOS-network-unreachable": 11, "TOS-host-unreachable": 12,
      "communication-prohibited": 13, "host-precedence-violation": 14, "precedence-cutoff": 15,
    ],
    5: ["network-redirect": 0, "host-redirect": 1, "TOS-network-redirect": 2, "TOS-host-redirect": 3],
    11: ["ttl-zero-during-transit": 0, "ttl-zero-during-reassembly": 1],
    12: ["ip-header-bad": 0, "required-option-missing": 1],
    40: [
      "bad-spi": 0, "authentication-failed": 1, "decompression-failed": 2, "decryption-failed": 3,
      "need-authentification": 4, "need-authorization": 5,
    ],
  ]
}
