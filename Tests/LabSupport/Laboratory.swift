internal import CLinuxNet
internal import Glibc
public import WireSupport

/// A topology that stands: a network namespace for each host, all of them nameless.
///
/// Descriptors of this process hold them, so that the kernel removes them and all that is in them however the
/// process ends. What host-wide settings it needs is put back as surely.
public final class Laboratory: Sendable {
  public let topology: Topology
  private let namespaces: [String: Int32]
  private let settings: HostWideSettings
  private let services: [Services]
  private let programs: [Responder]

  /// Builds it, and waits until all of it is up.
  ///
  /// - Throws: `WireFailure` with the line that failed.
  public init(_ topology: Topology) throws {
    self.topology = topology
    settings = try HostWideSettings()
    var made: [String: Int32] = [:]
    for host in topology.hosts {
      made[host.name] = try OwnThread.run {
        try Self.require(clinux_unshare_network(), "unshare")
        return try Self.require(unsafe clinux_open("/proc/thread-self/ns/net", O_RDONLY), "open namespace")
      }
    }
    let namespaces = made
    self.namespaces = namespaces
    let plan = BuildingPlan(topology) { "/proc/\(getpid())/fd/\(namespaces[$0] ?? -1)" }
    // Step by step, as a later one needs what an earlier one makes, and within a step all hosts at once.
    for step in plan.steps {
      let failures = inParallel(step, threads: step.count) { work -> String? in
        do {
          let outcome = try Self.run(work.script, in: namespaces[work.host] ?? -1, seconds: 30)
          return outcome.status == 0 ? nil : "\(work.host): \(outcome)"
        } catch { return "\(work.host): \(error)" }
      }.compactMap { $0 }
      guard failures.isEmpty else { throw WireFailure(failures.joined(separator: "\n")) }
    }
    services = try topology.hosts.filter { !$0.services.isEmpty }.map { host in
      try OwnThread.run {
        try Self.enter(namespaces[host.name] ?? -1)
        return try Services(host.services)
      }
    }
    programs = try topology.hosts.flatMap { host in
      try host.programs.map { program in
        try OwnThread.run {
          try Self.enter(namespaces[host.name] ?? -1)
          switch program {
          case .hostileHosts: return try Responder.hosts()
          case .hostileNeighbours(let interface): return try Responder.neighbours(on: interface)
          }
        }
      }
    }
  }

  deinit {
    for service in services { service.stop() }
    for program in programs { program.stop() }
    for namespace in namespaces.values { close(namespace) }
  }

  /// Where a host's namespace can be found while this process lives.
  public func path(of host: String) throws(WireFailure) -> String {
    "/proc/\(getpid())/fd/\(try namespace(of: host))"
  }

  /// Runs a line of shell on a host, to its end; from as many threads as like.
  ///
  /// - Parameter seconds: when it is ended.
  /// - Throws: `WireFailure` if it could not be started.
  public func run(_ line: String, on host: String, seconds: Int = 30) throws -> Outcome {
    try Self.run(line, in: try namespace(of: host), seconds: seconds)
  }

  /// Calls `body` on a thread of its own that is on a host: what sockets it opens stay there.
  public func on<R: Sendable>(_ host: String, _ body: @escaping @Sendable () throws -> R) throws -> R {
    let namespace = try namespace(of: host)
    return try OwnThread.run {
      try Self.enter(namespace)
      return try body()
    }
  }

  private func namespace(of host: String) throws(WireFailure) -> Int32 {
    guard let namespace = namespaces[host] else { throw WireFailure("the laboratory has no host \(host)") }
    return namespace
  }

  private static func run(_ line: String, in namespace: Int32, seconds: Int) throws -> Outcome {
    try OwnThread.run {
      try enter(namespace)
      return try Shell.run(line, seconds: seconds)
    }
  }

  private static func enter(_ namespace: Int32) throws(WireFailure) { try require(clinux_setns(namespace), "setns") }

  @discardableResult
  private static func require(_ result: Int32, _ operation: String) throws(WireFailure) -> Int32 {
    guard result >= 0 else { throw WireFailure("\(operation): errno \(-result)") }
    return result
  }
}
