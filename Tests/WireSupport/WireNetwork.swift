internal import CLinuxNet
internal import Glibc

/// A private network of two hosts joined by a veth pair, made of two nameless network namespaces:
/// the kernel removes them, and all that is in them, when the last descriptor closes, however the
/// tests end.
///
/// The near host is where the test's code runs. It has 10.9.0.1/24 and fd09::1/64 on `near0`, the far
/// one 10.9.0.2/24 and fd09::2/64 on `far0`. Behind the far host, which forwards, 10.9.1.0/24 and
/// fd09:1::/64 lead back to the near one; 10.9.2.0/24 and fd09:2::/64 are unreachable there.
public final class WireNetwork {
  private let near: Int32
  private let far: Int32

  private init() throws {
    try Self.require(clinux_unshare_network(), "unshare")
    far = try Self.namespace()
    try Self.require(clinux_unshare_network(), "unshare")
    near = try Self.namespace()
    let path = "/proc/\(getpid())/fd/\(far)"
    // Nobody else could have these addresses: none of them is tentative for a second.
    for folder in ["default", "all"] { try sh("echo 0 > /proc/sys/net/ipv6/conf/\(folder)/accept_dad") }
    try sh("ip link set lo up && ip link add near0 type veth peer name far0 netns \(path)")
    try sh("ip addr add 10.9.0.1/24 dev near0 && ip addr add fd09::1/64 dev near0 nodad && ip link set near0 up")
    try onFar {
      try sh("echo 0 > /proc/sys/net/ipv6/conf/far0/accept_dad")
      try sh("ip link set lo up && ip addr add 10.9.0.2/24 dev far0 && ip addr add fd09::2/64 dev far0 nodad")
      try sh("ip link set far0 up && ip route add 10.9.1.0/24 via 10.9.0.1; ip route add fd09:1::/64 via fd09::1")
      try sh("echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding")
      try sh("ip route add unreachable 10.9.2.0/24; ip route add unreachable fd09:2::/64")
      try sh("echo 0 > /proc/sys/net/ipv4/icmp_ratemask; echo 0 > /proc/sys/net/ipv6/icmp/ratelimit")
    }
    try sh("ip route add 10.9.1.0/24 via 10.9.0.2; ip route add 10.9.2.0/24 via 10.9.0.2")
    try sh("ip route add fd09:1::/64 via fd09::2; ip route add fd09:2::/64 via fd09::2")
    try sh("echo '0 2147483647' > /proc/sys/net/ipv4/ping_group_range")
    // A new link is up a moment late, IPv6 up to a second: wait for it, and for both neighbours.
    for address in ["10.9.0.2", "fd09::2"] {
      try Shell.until("ping -c1 -W0.3 \(address)")
    }
  }

  deinit {
    close(near)
    close(far)
  }

  /// Runs `body` on the far host: its sockets and children live there. Back on the near one after.
  public func onFar<R: ~Copyable>(_ body: () throws -> R) throws -> R {
    try Self.require(clinux_setns(far), "setns")
    defer { _ = clinux_setns(near) }
    return try body()
  }

  /// Runs a line of shell on the host that the thread is on.
  ///
  /// - Throws: `WireFailure` with the line if its status is not 0.
  public func sh(_ line: String) throws(WireFailure) {
    let child = try start(line)
    let status = wait(child)
    guard status == 0 else { throw WireFailure("status \(status) of: \(line)") }
  }

  /// Starts a line of shell on the host that the thread is on; whoever starts it ends it by its id.
  public func start(_ line: String) throws(WireFailure) -> Int32 {
    try Shell.start(line)
  }

  /// Ends a child that was started, by SIGTERM, and waits for it.
  public func stop(_ child: Int32) {
    Shell.stop(child)
  }

  /// Waits for a child and gives its wait status.
  @discardableResult
  public func wait(_ child: Int32) -> Int32 {
    Shell.wait(child)
  }

  /// Builds the network, runs `body` on its near host, and goes back to where the thread was.
  ///
  /// Only the calling thread changes its namespace, so `body` neither waits for tasks nor starts
  /// threads.
  ///
  /// - Throws: what `body` throws, or why the network could not be built.
  public static func run<R>(_ body: (WireNetwork) throws -> R) throws -> R {
    let home = try namespace()
    defer {
      _ = clinux_setns(home)
      close(home)
    }
    return try body(try WireNetwork())
  }

  static func namespace() throws(WireFailure) -> Int32 {
    try require(unsafe clinux_open("/proc/thread-self/ns/net", O_RDONLY), "open namespace")
  }

  @discardableResult
  static func require(_ result: Int32, _ operation: String) throws(WireFailure) -> Int32 {
    guard result >= 0 else { throw WireFailure("\(operation): errno \(-result)") }
    return result
  }
}

/// Why a throw-away network could not be used.
public struct WireFailure: Error, CustomStringConvertible {
  public var description: String

  public init(_ description: String) { self.description = description }
}
