internal import SondeHeaders

extension Dissection {
  /// The TTL or hop limit of the outermost IP header.
  var hopLimit: UInt8? { first(IPv4.self)?.timeToLive ?? first(IPv6.self)?.hopLimit }

  /// Octets of the ICMP message: its header and all that it carries.
  var messageByteCount: Int? {
    (layer(of: ICMPv4.self) ?? layer(of: ICMPv6.self)).map { $0.end - $0.offset }
  }

  /// The identifier of an ICMP query or reply.
  var identifier: UInt16? { first(ICMPv4.self)?.identifier ?? first(ICMPv6.self)?.identifier }
}
