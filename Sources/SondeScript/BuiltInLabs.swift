public import SondeLink

/// A lab that is carried along, with the text that a reader can copy and change.
public struct BuiltInLab: Sendable {
  public var name: String
  /// What it is for, in one line.
  public var title: String
  /// As `Topology(text:)` reads it, with comments.
  public var text: String

  /// All of them, the simplest first.
  public static let all = [pair, lan4, chain]

  /// The one of a name; nil if there is none.
  public static func named(_ name: String) -> BuiltInLab? { all.first { $0.name == name } }

  /// What its text says.
  public var topology: Topology {
    do throws(TopologyError) {
      return try Topology(text: text, name: name)
    } catch {
      preconditionFailure("the lab \(name) that is carried along: \(error)")
    }
  }

  static let pair = BuiltInLab(
    name: "pair", title: "two hosts and a cable",
    text: """
      # Two hosts and a cable between them.
      lab pair
      network cable
        a.eth0 192.0.2.1/24 2001:db8::1/64
        b.eth0 192.0.2.2/24 2001:db8::2/64

      """)

  static let lan4 = BuiltInLab(
    name: "lan4", title: "four stations on one Ethernet",
    text: """
      # Four stations on one Ethernet, as in a laboratory of 2001. Their addresses belong to somebody: this network is
      # an island that no route leaves.
      lab lan4
      network lan
        a.eth0 195.0.0.4/24 mac 00:e0:29:2b:78:e9
        b.eth0 195.0.0.2/24 mac 00:b0:d0:5c:5a:c1
        c.eth0 195.0.0.3/24 mac 00:e0:29:2b:78:e3
        d.eth0 195.0.0.1/24 mac 00:b0:d0:5c:5a:d1

      """)

  static let chain = chain(mtus: [1500, 1400, 1300])

  /// The most links that `chain(mtus:)` can have.
  public static let longestChain = 8

  /// Two hosts, a and b, with routers between them.
  ///
  /// - Parameter mtus: of the links from a to b, of 68 and more, at most `longestChain`; a router stands between each
  ///   two. With a link below 1280 the hosts have no IPv6 (RFC 8200 §5).
  public static func chain(mtus: [Int]) -> BuiltInLab {
    let count = mtus.count
    let hasIPv6 = mtus.allSatisfy { $0 >= 1280 }
    func host(_ index: Int) -> String { index == 0 ? "a" : index == count ? "b" : "r\(index)" }
    func ipv4(_ link: Int, _ side: Int) -> String { "198.51.100.\(link * 16 + side)" }
    func ipv6(_ link: Int, _ side: Int) -> String { "2001:db8:\(link + 1)::\(side)" }
    var lines = [
      "# Two hosts with routers between them; the links' MTUs are \(mtus.map(String.init).joined(separator: ", ")).",
      "lab chain",
    ]
    for index in 0...count {
      lines.append("host \(host(index))\(index == 0 || index == count ? "" : " forwards")")
    }
    for (link, mtu) in mtus.enumerated() {
      lines.append("network link\(link + 1) mtu \(mtu)")
      for (side, index) in [(1, link), (2, link + 1)] {
        let interface = "eth\(side == 1 && index > 0 ? 1 : 0)"
        let other = hasIPv6 ? " \(ipv6(link, side))/64" : ""
        lines.append("  \(host(index)).\(interface) \(ipv4(link, side))/28\(other)")
      }
    }
    // Each host's own links need no route; all others are to the left or to the right.
    for index in 0...count where count > 1 {
      if index < count {
        lines.append("route \(host(index)) default via \(ipv4(index, 2))")
        if hasIPv6 { lines.append("route \(host(index)) default via \(ipv6(index, 2))") }
      } else {
        lines.append("route b default via \(ipv4(index - 1, 1))")
        if hasIPv6 { lines.append("route b default via \(ipv6(index - 1, 1))") }
      }
      guard index > 1, index < count else { continue }
      for link in 0..<index - 1 {
        lines.append("route \(host(index)) 198.51.100.\(link * 16)/28 via \(ipv4(index - 1, 1))")
        if hasIPv6 { lines.append("route \(host(index)) 2001:db8:\(link + 1)::/64 via \(ipv6(index - 1, 1))") }
      }
    }
    return BuiltInLab(
      name: "chain", title: "two hosts with routers and shrinking MTUs between them",
      text: lines.map { $0 + "\n" }.joined())
  }
}

extension Topology {
  /// The labs that are carried along: pair, lan4 and chain.
  public static var builtIn: [Topology] { BuiltInLab.all.map(\.topology) }
}
