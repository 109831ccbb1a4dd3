internal import SondeLink
internal import SondeOctets

/// Where the cooked door sends a packet: out by which interface, to which link address.
struct LinkTarget: Hashable {
  var interface: Int
  var address: MACAddress
  /// Whether the interface's link header has addresses at all.
  var hasAddress: Bool

  static func find(_ destination: IPAddress, interface: Int?) throws(LinkError) -> LinkTarget {
    throw LinkError("route", refusal: "not yet")
  }
}
