internal import CLinuxNet
internal import Glibc
public import SondeLink

/// A topology that stands: a network namespace with the kernel's own stack for each host, and the cables between them.
///
/// It is made by direct system calls, without ip(8). Descriptors of this process hold it, so that the kernel removes
/// all of it however the process ends; names in /run/netns, where they were asked for, are removed by `close()` alone.
/// An ordinary user calls `enterUserNamespace()` first. One thread uses a laboratory; its relays have their own. It
/// stands until it is closed, or until nobody has a reference to it.
public final class Laboratory {
  /// Whether others can find its namespaces by name.
  public enum Naming: Hashable, Sendable {
    /// Nothing of it outlives this process.
    case anonymous
    /// Each host's namespace is /run/netns/PREFIX-HOST, as `ip netns exec` takes it; for root alone.
    case named(prefix: String)
  }

  public let topology: Topology
  /// Whether it stands in a user namespace of this process.
  private let isUsers: Bool
  private var namespaces: [String: HostNamespace] = [:]
  /// Where its bridges are: they go with the last descriptor of it.
  private var switches: HostNamespace?
  private var relays: [Relay] = []
  private var processes: [HostProcess] = []
  private var names: [String] = []
  /// What programs on its hosts read as /etc/hosts.
  private let hostsText: String

  /// Builds it, and returns once all its links are up: the first packet already goes.
  ///
  /// - Throws: `LinkError` that says which step of it the kernel refused, or which word of the topology means nothing.
  public init(_ topology: Topology, naming: Naming = .anonymous) throws(LinkError) {
    self.topology = topology
    isUsers = geteuid() == 0 && KernelFile.read("/proc/self/uid_map").map { $0 != "0 0 4294967295" } ?? false
    hostsText = topology.hostsText
    do {
      let builder = try LaboratoryBuilder(topology)
      namespaces = builder.namespaces
      switches = builder.switches
      if case .named(let prefix) = naming { try name(prefix) }
      try builder.build()
      relays = try builder.relays()
      for host in topology.hosts where !host.rules.isEmpty { try load(host.rules, on: host.name) }
      try builder.awaitLinks()
    } catch {
      close()
      throw error
    }
  }

  deinit { close() }

  /// Ends what runs on its hosts and its relays, and removes its names. What is closed already stays so.
  public func close() {
    for process in processes where process.status == nil { process.signal(.terminate) }
    for process in processes { process.end(patience: .milliseconds(500)) }
    processes.removeAll()
    for relay in relays { relay.stop() }
    relays.removeAll()
    for path in names { Leftovers.removeName(path) }
    names.removeAll()
    namespaces.removeAll()
    switches = nil
  }

  /// Calls `body` with the calling thread on a host: what sockets it opens stay there, when the thread is back.
  ///
  /// A link asks routing and neighbours in the namespace of the thread that sends, so sending belongs inside too. The
  /// corresponding C function is `setns`.
  ///
  /// - Throws: what `body` throws; `LinkError` if there is no such host.
  public func on<R: ~Copyable>(
    _ host: String, _ body: () throws(LinkError) -> R
  ) throws(LinkError) -> R {
    let namespace = try namespace(of: host)
    let home = try Descriptor.file(HostNamespace.ofThread, flags: O_RDONLY)
    try namespace.enter()
    defer { _ = clinux_setns(home.number) }
    return try body()
  }

  /// Starts a program on a host; `close()` ends it if nobody has.
  ///
  /// A program whose streams are collected leads a process group of its own, and is killed if the thread that calls
  /// ends: call from one that lasts. The hosts' names are in its /etc/hosts. The corresponding C functions are `fork`,
  /// `setns` and `execvp`.
  ///
  /// - Throws: `LinkError` if there is no such host or program.
  public func start(_ command: HostCommand, on host: String) throws(LinkError) -> HostProcess {
    let process = try HostProcess(command, in: try namespace(of: host), hosts: hostsText)
    processes.removeAll { $0.status != nil }
    processes.append(process)
    return process
  }

  /// Where others find a host while this process lives.
  public func place(of host: String) throws(LinkError) -> HostPlace {
    let number = try namespace(of: host).descriptor.number
    return HostPlace(
      userNamespace: isUsers ? "/proc/\(getpid())/ns/user" : nil,
      networkNamespace: "/proc/\(getpid())/fd/\(number)", names: hostsText)
  }

  /// The number by which stat(2) knows a host's namespace, as in /proc/PID/ns/net; no two that stand share one.
  public func inode(of host: String) throws(LinkError) -> UInt64 {
    clinux_inode(try namespace(of: host).descriptor.number)
  }

  /// What each impaired network did, by name: for each of its ends, in their order, to the frames towards it.
  public var counts: [String: [RelayCounts]] {
    Dictionary(relays.map { ($0.name, $0.counts) }, uniquingKeysWith: { first, _ in first })
  }

  func namespace(of host: String) throws(LinkError) -> HostNamespace {
    guard let namespace = namespaces[host] else {
      throw LinkError("host \(host)", refusal: "the laboratory \(topology.name) has no such host")
    }
    return namespace
  }

  private func name(_ prefix: String) throws(LinkError) {
    let folder = Leftovers.folderOfNames
    try checked(unsafe clinux_share_folder(folder), "mount \(folder)")
    for host in topology.hosts {
      let path = "\(folder)/\(prefix)-\(host.name)"
      let own = "/proc/self/fd/\(try namespace(of: host.name).descriptor.number)"
      try checked(unsafe clinux_bind_file(own, path), "mount \(path)")
      names.append(path)
    }
  }

  /// Has nft(8) load a host's rules.
  private func load(_ rules: String, on host: String) throws(LinkError) {
    let text = "table inet lab {\n\(rules)\n}\n"
    let command = HostCommand(
      ["nft", "-f", "-"], .collected(input: Array(text.utf8)),
      environment: ["PATH": HostCommand.path])
    let nft: HostProcess
    do {
      nft = try start(command, on: host)
    } catch  where error.code == ENOENT {
      throw LinkError("rules of \(host)", refusal: "they are loaded by nft(8), which is not installed (nftables)")
    }
    nft.wait(until: Clock.monotonic + .seconds(10))
    guard nft.status == 0 else {
      let words = String(decoding: nft.errors, as: UTF8.self)
      throw LinkError("rules of \(host)", refusal: "nft: \(words.isEmpty ? "no answer" : words)")
    }
  }
}

extension Topology {
  /// Its hosts' names as in /etc/hosts (hosts(5)).
  fileprivate var hostsText: String {
    var text = "127.0.0.1 localhost\n::1 localhost\n"
    for host in hosts {
      for address in ends(of: host.name).flatMap(\.end.addresses) { text += "\(address.address) \(host.name)\n" }
    }
    return text
  }
}
