internal import CLinuxNet
internal import Glibc

/// A private network of six hosts in a row, each in a nameless network namespace: a prober, four routers, a target.
///
/// The link between host i and host i + 1 is 10.88.i.0/24 and fd88:(i + 1)::/64; the near end has 1, the far one 2.
/// So the prober is 10.88.0.1, the target 10.88.4.2, and the router that is n hops away answers as 10.88.(n - 1).2 and
/// fd88:n::2. No host limits its ICMP errors.
public final class RouterChain {
  /// Which host: the prober is 0, the routers are 1 to 4, the target is 5.
  public static let prober = 0
  public static let target = 5

  private var hosts: [Int32] = []

  private init() throws {
    for _ in 0...Self.target {
      try WireNetwork.require(clinux_unshare_network(), "unshare")
      hosts.append(try WireNetwork.namespace())
      try sh("ip link set lo up; echo 0 > /proc/sys/net/ipv4/icmp_ratemask")
      try sh("echo 0 > /proc/sys/net/ipv6/icmp/ratelimit; echo 1 > /proc/sys/net/ipv4/ip_forward")
      try sh("for folder in all default; do echo 0 > /proc/sys/net/ipv6/conf/$folder/accept_dad; done")
      try sh("for folder in all default; do echo 1 > /proc/sys/net/ipv6/conf/$folder/forwarding; done")
    }
    for link in 0..<Self.target {
      try on(link) {
        try sh("ip link add far type veth peer name near netns /proc/\(getpid())/fd/\(hosts[link + 1])")
        try sh("ip addr add 10.88.\(link).1/24 dev far; ip addr add fd88:\(link + 1)::1/64 dev far nodad")
        try sh("ip link set far up")
      }
      try on(link + 1) {
        try sh("ip addr add 10.88.\(link).2/24 dev near; ip addr add fd88:\(link + 1)::2/64 dev near nodad")
        try sh("ip link set near up")
      }
    }
    for host in 0...Self.target {
      try on(host) {
        for link in 0..<Self.target where link > host {
          try sh("ip route add 10.88.\(link).0/24 via 10.88.\(host).2")
          try sh("ip route add fd88:\(link + 1)::/64 via fd88:\(host + 1)::2")
        }
        for link in 0..<Self.target where link < host - 1 {
          try sh("ip route add 10.88.\(link).0/24 via 10.88.\(host - 1).1")
          try sh("ip route add fd88:\(link + 1)::/64 via fd88:\(host)::1")
        }
      }
    }
    _ = clinux_setns(hosts[Self.prober])
    // A new link is up a moment late, IPv6 up to a second.
    for address in ["10.88.4.2", "fd88:5::2"] { try Shell.until("ping -c1 -W0.3 \(address)") }
  }

  deinit { for host in hosts { close(host) } }

  /// Runs `body` on a host: its children live there. Back on the prober after.
  public func on<R>(_ host: Int, _ body: () throws -> R) throws -> R {
    try WireNetwork.require(clinux_setns(hosts[host]), "setns")
    defer { _ = clinux_setns(hosts[Self.prober]) }
    return try body()
  }

  /// Runs a line of shell on the host that the thread is on.
  ///
  /// - Throws: `WireFailure` with the line if its status is not 0.
  public func sh(_ line: String) throws(WireFailure) {
    let status = Shell.wait(try Shell.start(line))
    guard status == 0 else { throw WireFailure("status \(status) of: \(line)") }
  }

  /// Builds the network, runs `body` on its prober, and goes back to where the thread was.
  ///
  /// - Throws: what `body` throws, or why the network could not be built.
  public static func run<R>(_ body: (RouterChain) throws -> R) throws -> R {
    let home = try WireNetwork.namespace()
    defer {
      _ = clinux_setns(home)
      close(home)
    }
    return try body(try RouterChain())
  }
}
