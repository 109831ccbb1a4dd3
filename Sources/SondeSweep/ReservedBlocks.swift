/// A block of addresses that IANA keeps for a purpose of its own.
public struct ReservedBlock: Hashable, Sendable {
  /// As it is written in the registry, `192.0.2.0/24`.
  public var text: String
  public var purpose: String
  /// The document that reserves it.
  public var source: String
  /// Its first and last number.
  var range: ClosedRange<UInt128>

  init(_ text: String, _ purpose: String, _ source: String) {
    self.text = text
    self.purpose = purpose
    self.source = source
    guard case .addresses(let entry)? = try? TargetWord(text), let range = entry.pieces.first else {
      preconditionFailure("\(text) is no block")
    }
    self.range = range
  }
}

/// The IANA special-purpose address registries (RFC 6890, RFC 8190), without the blocks inside other blocks of theirs:
/// as of 9 October 2025.
public enum ReservedBlocks {
  public static let ipv4: [ReservedBlock] = [
    ReservedBlock("0.0.0.0/8", "this network", "RFC 791 §3.2"),
    ReservedBlock("10.0.0.0/8", "private use", "RFC 1918"),
    ReservedBlock("100.64.0.0/10", "shared address space", "RFC 6598"),
    ReservedBlock("127.0.0.0/8", "loopback", "RFC 1122 §3.2.1.3"),
    ReservedBlock("169.254.0.0/16", "link local", "RFC 3927"),
    ReservedBlock("172.16.0.0/12", "private use", "RFC 1918"),
    ReservedBlock("192.0.0.0/24", "IETF protocol assignments", "RFC 6890 §2.1"),
    ReservedBlock("192.0.2.0/24", "documentation (TEST-NET-1)", "RFC 5737"),
    ReservedBlock("192.31.196.0/24", "AS112-v4", "RFC 7535"),
    ReservedBlock("192.52.193.0/24", "AMT", "RFC 7450"),
    ReservedBlock("192.88.99.0/24", "deprecated (6to4 relay anycast)", "RFC 7526"),
    ReservedBlock("192.168.0.0/16", "private use", "RFC 1918"),
    ReservedBlock("192.175.48.0/24", "direct delegation AS112 service", "RFC 7534"),
    ReservedBlock("198.18.0.0/15", "benchmarking", "RFC 2544"),
    ReservedBlock("198.51.100.0/24", "documentation (TEST-NET-2)", "RFC 5737"),
    ReservedBlock("203.0.113.0/24", "documentation (TEST-NET-3)", "RFC 5737"),
    ReservedBlock("240.0.0.0/4", "reserved", "RFC 1112 §4"),
  ]

  public static let ipv6: [ReservedBlock] = [
    ReservedBlock("::/128", "unspecified address", "RFC 4291 §2.5.2"),
    ReservedBlock("::1/128", "loopback", "RFC 4291 §2.5.3"),
    ReservedBlock("::ffff:0:0/96", "IPv4-mapped addresses", "RFC 4291 §2.5.5.2"),
    ReservedBlock("64:ff9b::/96", "IPv4-IPv6 translation", "RFC 6052"),
    ReservedBlock("64:ff9b:1::/48", "IPv4-IPv6 translation, local use", "RFC 8215"),
    ReservedBlock("100::/64", "discard only", "RFC 6666"),
    ReservedBlock("100:0:0:1::/64", "dummy prefix", "RFC 9780"),
    ReservedBlock("2001::/23", "IETF protocol assignments", "RFC 2928"),
    ReservedBlock("2001:db8::/32", "documentation", "RFC 3849"),
    ReservedBlock("2002::/16", "6to4", "RFC 3056"),
    ReservedBlock("2620:4f:8000::/48", "direct delegation AS112 service", "RFC 7534"),
    ReservedBlock("3fff::/20", "documentation", "RFC 9637"),
    ReservedBlock("5f00::/16", "segment routing (SRv6) identifiers", "RFC 9602"),
    ReservedBlock("fc00::/7", "unique local", "RFC 4193"),
    ReservedBlock("fe80::/10", "link-local unicast", "RFC 4291 §2.5.6"),
  ]

  /// Their addresses.
  public static let addresses = AddressSet(
    ipv4: AddressRanges(ipv4.map(\.range)), ipv6: AddressRanges(ipv6.map(\.range)))

  /// Addresses that name no single host, and are never asked: groups (RFC 1112, RFC 4291 §2.7), the limited broadcast
  /// address (RFC 919), and the unspecified addresses.
  public static let never = AddressSet(
    ipv4: AddressRanges([0...0, 0xe000_0000...0xefff_ffff, 0xffff_ffff...0xffff_ffff]),
    ipv6: AddressRanges([0...0, 0xff << 120...UInt128.max]))

  /// The block that holds all of a range.
  static func block(around range: ClosedRange<UInt128>, version: Int) -> ReservedBlock? {
    (version == 4 ? ipv4 : ipv6).first { $0.range.clamped(to: range) == range }
  }
}
