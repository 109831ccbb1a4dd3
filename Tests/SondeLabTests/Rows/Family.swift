/// The addresses of the laboratory in one of the two families: most situations have a twin in the other.
enum Family: CustomStringConvertible {
  case v4
  case v6

  static let both = [Family.v4, .v6]

  var description: String { self == .v4 ? "IPv4" : "IPv6" }

  func address(_ net: Int, _ number: Int) -> String {
    // As RFC 5952 writes it, a field of zero falls to the double colon.
    self == .v4 ? "10.77.\(net).\(number)" : net == 0 ? "fd77::\(number)" : "fd77:\(net)::\(number)"
  }

  /// An address of the target's net.
  func target(_ number: Int) -> String { address(4, number) }

  /// The router's address that an error comes from: that towards the prober.
  func router(_ number: Int) -> String { address(number - 1, 2) }

  /// An address behind the route of that kind at that router.
  func routed(_ router: Int, _ kind: Int) -> String { address(100 + router * 10 + kind, 9) }

  /// The word for what runs out on the way.
  var hops: String { self == .v4 ? "ttl-exceeded" : "hop-limit-exceeded" }
}
