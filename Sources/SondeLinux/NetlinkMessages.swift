internal import SondeOctets

/// A request to the kernel's routing tables (rtnetlink(7)), laid out octet by octet.
struct NetlinkRequest {
  private(set) var bytes: [UInt8] = []
  /// Whether a list is asked for, whose end the kernel marks.
  let isDump: Bool

  /// Message types and flags (linux/rtnetlink.h, linux/netlink.h).
  static let getLink: UInt16 = 18
  static let getAddress: UInt16 = 22
  static let getRoute: UInt16 = 26
  static let getNeighbour: UInt16 = 30
  static let getRule: UInt16 = 34
  private static let request: UInt16 = 0x1
  private static let dump: UInt16 = 0x300

  /// A request whose fixed part is `body`, in this machine's byte order.
  init(_ type: UInt16, dump: Bool, body: [UInt8]) { self.init(type, flags: dump ? Self.dump : 0, body: body) }

  /// A request with flags beside NLM_F_REQUEST.
  init(_ type: UInt16, flags: UInt16, body: [UInt8]) {
    isDump = flags == Self.dump
    append(native: UInt32(0))
    append(native: type)
    append(native: Self.request | flags)
    append(native: UInt32(1))
    append(native: UInt32(0))
    bytes += body
    finish()
  }

  /// Appends one attribute, padded to four octets.
  mutating func append(attribute type: UInt16, _ value: [UInt8]) {
    append(native: UInt16(clamping: 4 + value.count))
    append(native: type)
    bytes += value + [UInt8](repeating: 0, count: -value.count & 3)
    finish()
  }

  mutating func append(attribute type: UInt16, _ value: UInt32) { append(attribute: type, native(value)) }

  mutating func append(attribute type: UInt16, _ value: IPAddress) { append(attribute: type, value.octets) }

  /// Appends attributes that are laid out already.
  mutating func append(_ attributes: [UInt8]) {
    bytes += attributes
    finish()
  }

  private mutating func append(native value: some FixedWidthInteger & BitwiseCopyable) { bytes += native(value) }

  private mutating func finish() { bytes.replaceSubrange(0..<4, with: native(UInt32(clamping: bytes.count))) }
}

/// The octets of a number in this machine's byte order.
func native<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) -> [UInt8] {
  // An integer has no padding octets.
  unsafe withUnsafeBytes(of: value) { unsafe [UInt8]($0) }
}

extension IPAddress {
  /// The octets in network order: 4 or 16.
  var octets: [UInt8] {
    var octets: [UInt8] = []
    switch self {
    case .v4(let address): octets.append(bigEndian: address.rawValue)
    case .v6(let address):
      octets.append(bigEndian: address.high)
      octets.append(bigEndian: address.low)
    }
    return octets
  }
}

/// One message of the kernel's answer.
struct NetlinkMessage {
  var type: UInt16
  /// What follows the header: the fixed part, then attributes.
  var body: ArraySlice<UInt8>

  static let error: UInt16 = 2
  static let done: UInt16 = 3
  static let newLink: UInt16 = 16
  static let newAddress: UInt16 = 20
  static let newRoute: UInt16 = 24
  static let newNeighbour: UInt16 = 28
  static let newRule: UInt16 = 32

  /// The errno of an error message; 0 is an acknowledgement.
  var code: Int32? { type == Self.error ? body.native(at: 0, as: Int32.self).map { 0 &- $0 } : nil }

  /// Attributes in their order; there are few.
  struct Attributes {
    fileprivate var list: [(type: UInt16, value: ArraySlice<UInt8>)] = []

    /// The value of the last attribute of a type.
    subscript(type: UInt16) -> ArraySlice<UInt8>? { list.last { $0.type == type }?.value }
  }

  /// The attributes behind a fixed part of `size` octets; the last of each type counts.
  func attributes(after size: Int) -> Attributes { Self.attributes(in: body.dropFirst(size)) }

  static func attributes(in bytes: ArraySlice<UInt8>) -> Attributes {
    var found = Attributes()
    var rest = bytes
    while let length = rest.native(at: 0, as: UInt16.self), length >= 4, Int(length) <= rest.count,
      let type = rest.native(at: 2, as: UInt16.self)
    {
      // The two highest bits are flags: nested, network byte order.
      found.list.append((type & 0x3fff, rest.dropFirst(4).prefix(Int(length) - 4)))
      rest = rest.dropFirst((Int(length) + 3) & ~3)
    }
    return found
  }

  /// The messages in a datagram; what is cut short is left out.
  static func messages(in datagram: ArraySlice<UInt8>) -> [NetlinkMessage] {
    var messages: [NetlinkMessage] = []
    var rest = datagram
    while let length = rest.native(at: 0, as: UInt32.self), length >= 16, length <= rest.count,
      let type = rest.native(at: 4, as: UInt16.self)
    {
      messages.append(NetlinkMessage(type: type, body: rest.dropFirst(16).prefix(Int(length) - 16)))
      rest = rest.dropFirst((Int(length) + 3) & ~3)
    }
    return messages
  }
}

extension ArraySlice<UInt8> {
  /// The address of 4 or of 16 octets that the slice is.
  var ipAddress: IPAddress? {
    switch count {
    case 4: ipv4(at: 0).map { .v4($0) }
    case 16: ipv6(at: 0).map { .v6($0) }
    default: nil
    }
  }

  /// Text up to the first zero octet.
  var text: String { String(decoding: prefix { $0 != 0 }, as: UTF8.self) }
}
