internal import SondeHeaders
internal import SondeLink
internal import SondeOctets

/// What the names of hosts stand for where a value is wanted: `$a`, `$a.mac`, `$a.ip6`, `$a.eth1`, `$a.eth1.mac`.
struct HostNames: Sendable {
  var hosts: [StageHost]

  /// What may stand behind the name of a host or of its interface.
  static let facts = ["mac", "ip4", "ip6"]

  func host(_ name: Substring) -> StageHost? { hosts.first { $0.name == name } }

  /// Whether a variable is a host's: its first word is the host's name.
  func names(_ variable: String) -> Bool { host(Self.words(variable)[0]) != nil }

  /// The host's address: of the family that the field is for, or as its last word says; else its first of IPv4, and
  /// of IPv6 where it has none.
  func value(_ variable: String, _ form: FieldSpec.Form?) -> FieldValue? {
    let words = Self.words(variable)
    guard let host = host(words[0]) else { return nil }
    var rest = words.dropFirst()
    var interfaces = host.interfaces
    if let name = rest.first, let interface = interfaces.first(where: { $0.name == name }) {
      interfaces = [interface]
      rest = rest.dropFirst()
    }
    let addresses = interfaces.flatMap(\.addresses)
    func address(_ version: Int) -> FieldValue? {
      addresses.first { $0.version == version }.map { .text($0.description) }
    }
    guard rest.count < 2 else { return nil }
    switch (rest.first, form) {
    case ("mac", _), (nil, .macAddress):
      return interfaces.lazy.compactMap(\.linkAddress).first.map { .text($0.description) }
    case ("ip4", _), (nil, .ipv4Address): return address(4)
    case ("ip6", _), (nil, .ipv6Address): return address(6)
    case (nil, _): return address(4) ?? address(6)
    default: return nil
    }
  }

  /// Whether it is a link address that the plan leaves to the kernel: known once the host is there.
  func leavesOpen(_ variable: String, _ form: FieldSpec.Form?) -> Bool {
    let words = Self.words(variable)
    guard let host = host(words[0]) else { return false }
    var rest = words.dropFirst()
    if let name = rest.first, host.interfaces.contains(where: { $0.name == name }) { rest = rest.dropFirst() }
    if case .macAddress? = form, rest.isEmpty { return true }
    return rest.elementsEqual(["mac"]) && !host.interfaces.isEmpty
  }

  private static func words(_ variable: String) -> [Substring] {
    variable.split(separator: ".", omittingEmptySubsequences: false)
  }
}
