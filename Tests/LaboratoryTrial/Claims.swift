import Glibc
import SondeLink
import SondeLinux

/// What holds for laboratories, whoever builds them.
struct Claims: Sendable {
  let name: String
  let check: @Sendable () throws -> Void

  static let all: [Claims] = [
    Claims(name: "first-packet", check: firstPacket), Claims(name: "switch", check: aSwitch),
    Claims(name: "chain", check: chain), Claims(name: "refusals", check: refusals),
    Claims(name: "programs", check: programs), Claims(name: "sockets", check: sockets),
    Claims(name: "delay", check: delay), Claims(name: "stream", check: stream), Claims(name: "order", check: order),
  ]

  private static func expect(_ isTrue: Bool, _ claim: @autoclosure () -> String) throws {
    if !isTrue { throw Failure(claim()) }
  }

  /// Runs a line of shell to its end.
  @discardableResult
  private static func run(
    _ laboratory: Laboratory, _ host: String, _ line: String, status: Int32 = 0
  ) throws -> String {
    let process = try laboratory.start(
      HostCommand(["sh", "-c", line], environment: ["PATH": "/usr/sbin:/sbin:/usr/bin:/bin"]), on: host)
    process.wait(until: Clock.monotonic + .seconds(20))
    let text = String(decoding: process.output + process.errors, as: UTF8.self)
    try expect(process.status == status, "\(host): \(line): status \(process.status ?? -1)\n\(text)")
    return text
  }

  /// Nothing is waited for: the link, the addresses and the names are there.
  private static func firstPacket() throws {
    let laboratory = try Laboratory(.lan(["a", "b"]))
    for address in ["192.0.2.2", "2001:db8::2", "b", "127.0.0.1"] {
      try run(laboratory, "a", "ping -c1 -W1 \(address)")
    }
    try run(laboratory, "a", "ping -c1 -W1 192.0.2.3", status: 1)
    let link = try run(laboratory, "a", "ip link show eth0; ethtool -k eth0")
    try expect(link.contains("02:00:00:00:00:01") && link.contains("mtu 1500"), link)
    for feature in [
      "tx-checksumming", "tx-tcp-segmentation", "tx-tcp6-segmentation", "generic-segmentation-offload",
      "generic-receive-offload",
    ] {
      try expect(link.contains("\(feature): off"), "\(feature): \(link)")
    }
    // Where no address is of IPv6, the link is silent of it.
    let quiet = try Laboratory(.lan(["a", "b"], isIPv4Alone: true))
    let addresses = try run(quiet, "a", "ip -6 address show dev eth0")
    try expect(addresses.isEmpty, addresses)
  }

  /// More than two ends share a switch, which sends to one what is for one.
  private static func aSwitch() throws {
    let laboratory = try Laboratory(.lan(["a", "b", "c"], isIPv4Alone: true))
    var ear = try LaboratoryEar(laboratory)
    let ping = try laboratory.start(HostCommand(["ping", "-c1", "-W1", "192.0.2.2"]), on: "a")
    var heard: [LaboratoryEar.Heard] = []
    while ping.status == nil { try ear.receive(until: .distantFuture, watching: [ping], into: &heard) }
    let seen = heard.map { "\($0.host) \($0.direction) \($0.frame.bytes.count)" }
    let sent = seen.filter { $0.contains("outgoing") }
    try expect(sent == ["a outgoing 42", "b outgoing 42", "a outgoing 98", "b outgoing 98"], "\(seen)")
    try expect(seen.filter { $0.hasPrefix("c") } == ["c incoming 42"], "\(seen)")
    try expect(seen.count == 9, "\(seen)")
    let times = heard.compactMap { $0.frame.stamp.kernel }
    try expect(times.count == 9 && times == times.sorted(), "\(times)")
    try expect(ear.ownDrops == 0, "drops")
  }

  /// Routers forward, MTUs, routes, neighbours, settings and rules are as the topology says.
  private static func chain() throws {
    let laboratory = try Laboratory(try .chain())
    try run(laboratory, "a", "ping -c1 -W1 b")
    let big = try run(laboratory, "a", "ping -c1 -W1 -M do -s 1400 b", status: 1)
    try expect(big.contains("mtu = 1300") || big.contains("mtu=1300"), big)
    let nowhere = try run(laboratory, "a", "ping -c1 -W1 203.0.113.9", status: 2)
    try expect(nowhere.contains("unreachable") || nowhere.contains("No route"), nowhere)
    let entries = try run(laboratory, "b", "ip neigh show; cat /proc/sys/net/ipv4/icmp_ratelimit")
    try expect(entries.contains("198.51.100.77 dev eth0 lladdr 02:00:00:00:00:77 PERMANENT"), entries)
    try expect(entries.hasSuffix("\n0\n"), entries)
    try expect(try run(laboratory, "b", "cat /proc/sys/net/ipv4/conf/eth0/arp_ignore") == "1\n", "default settings")
    let rules = try run(laboratory, "b", "nft list ruleset")
    try expect(rules.contains("tcp dport 22 drop"), rules)
  }

  /// What cannot be built is said, and nothing of it stays.
  private static func refusals() throws {
    func refused(_ words: String, _ change: (inout Topology) -> Void) throws {
      do {
        _ = try Laboratory(try .chain(change))
      } catch let error as LinkError {
        try expect(error.description.contains(words), "\(words): \(error)")
        return
      }
      throw Failure("not refused: \(words)")
    }
    try refused("there is no host x") { $0.networks[0].ends[0].host = "x" }
    try refused("two of its hosts") { $0.hosts[1].name = "a" }
    try refused("r has two interfaces eth1") { $0.networks[0].ends[1].interface = "eth1" }
    try refused("route 0.0.0.0/0 of a: the gateway is on none") { $0.networks[0].ends[0].addresses = [] }
    try refused("IPv6 needs an MTU of 1280") {
      $0.networks[0].mtu = 1000
      $0.networks[0].ends[0].addresses += Topology.addresses(["2001:db8::1/64"])
    }
    try refused("leads out of") { $0.hosts[0].settings = [.init("../kernel/hostname", "x")] }
    try refused("setting ipv4/nothing_like_this 1") { $0.hosts[0].settings = [.init("ipv4/nothing_like_this", "1")] }
    try refused("the kernel made it 64") { $0.hosts[0].settings = [.init("ipv4/ip_default_ttl", "0x40")] }
    try refused("it has no interface eth9") { $0.hosts[2].neighbours[0].interface = "eth9" }
    try refused("rules of b: nft:") { $0.hosts[2].rules = "chain {" }
    let laboratory = try Laboratory(.lan(["a", "b"]))
    do {
      _ = try laboratory.start(HostCommand(["true"]), on: "x")
      throw Failure("a host that is not there")
    } catch let error as LinkError { try expect(error.description.contains("no such host"), error.description) }
    do {
      _ = try laboratory.start(HostCommand(["no-such-program"]), on: "a")
      throw Failure("a program that is not there")
    } catch let error as LinkError { try expect(error.description.contains("no such program"), error.description) }
  }

  /// Streams, status, signals, and the end of all that a program has started.
  private static func programs() throws {
    let laboratory = try Laboratory(.lan(["a", "b"]))
    let cat = try laboratory.start(
      HostCommand(
        ["sh", "-c", "cat; echo $WORD >&2; exit 3"], .collected(input: Array("in".utf8)), environment: ["WORD": "err"]),
      on: "a")
    cat.wait(until: Clock.monotonic + .seconds(10))
    try expect(cat.status == 3 && cat.output == Array("in".utf8) && cat.errors == Array("err\n".utf8), "cat")
    let many = try laboratory.start(HostCommand(["sh", "-c", "head -c 1000000 /dev/zero"]), on: "a")
    many.wait(until: Clock.monotonic + .seconds(10))
    try expect(many.status == 0 && many.output.count == 1_000_000, "\(many.output.count) octets")
    let sleep = try laboratory.start(HostCommand(["sleep", "600"]), on: "a")
    sleep.wait(until: Clock.monotonic + .milliseconds(50))
    try expect(sleep.status == nil, "asleep")
    sleep.end(patience: .seconds(5))
    try expect(sleep.status == 128 + 15, "status \(sleep.status ?? -1)")
    let stubborn = try laboratory.start(
      HostCommand(["sh", "-c", "trap '' TERM; sleep 600 & echo ready; while :; do sleep 1; done"]), on: "a")
    while stubborn.output.isEmpty { stubborn.wait(until: Clock.monotonic + .milliseconds(10)) }
    let inode = try laboratory.inode(of: "a")
    try expect(Leftovers.processes(inNamespaces: [inode]).contains(stubborn.id), "it is on the host")
    try expect(try laboratory.inode(of: "b") != inode, "two hosts")
    laboratory.close()
    try expect(stubborn.status == 128 + 9, "status \(stubborn.status ?? -1)")
    for _ in 0..<100 where !Leftovers.processes(inNamespaces: [inode]).isEmpty { usleep(10_000) }
    try expect(Leftovers.processes(inNamespaces: [inode]).isEmpty, "nothing is left")
  }

  /// Sockets that are opened on a host stay there.
  private static func sockets() throws {
    let laboratory = try Laboratory(.lan(["a", "b"]))
    let held = try laboratory.on("b") { () throws(LinkError) in try PortGuard(.tcp, port: 7) }
    do {
      _ = try laboratory.on("b") { () throws(LinkError) in try PortGuard(.tcp, port: 7) }
      throw Failure("the port was free")
    } catch is LinkError {}
    _ = try laboratory.on("a") { () throws(LinkError) in try PortGuard(.tcp, port: 7) }
    try expect(held.port == 7, "port")
    let names = try laboratory.on("a") { () throws(LinkError) in try NetworkInterface.all().map(\.name) }
    try expect(names.contains("eth0"), "\(names)")
    let outside = try NetworkInterface.all().first { $0.addresses.contains { "\($0.address)" == "192.0.2.1" } }
    try expect(outside == nil, "the thread is back")
  }

  private static func delay() throws {
    let laboratory = try Laboratory(.lan(["a", "b"], Topology.Impairment(delay: .milliseconds(10))))
    let text = try run(laboratory, "a", "ping -c3 -i0.2 -q b")
    // rtt min/avg/max/mdev = 20.1/…
    guard let least = text.split(separator: "=").last?.split(separator: "/").first.flatMap({ Double($0.dropFirst()) })
    else { throw Failure(text) }
    try expect(least >= 20 && least < 25, text)
  }

  /// The kernel's own TCP passes intact through all that a relay does.
  private static func stream() throws {
    let impairment = Topology.Impairment(
      loss: 0.01, duplication: 0.01, reordering: 0.02, delay: .microseconds(500), jitter: .microseconds(300))
    let laboratory = try Laboratory(.lan(["a", "b"], impairment))
    let listen = """
      import socket, hashlib
      s = socket.create_server(('', 7000))
      print('ready', flush=True)
      c, _ = s.accept()
      h = hashlib.sha256()
      n = 0
      while d := c.recv(65536):
        h.update(d)
        n += len(d)
      print(n, h.hexdigest())
      """
    let server = try laboratory.start(HostCommand(["python3", "-c", listen]), on: "b")
    while server.output.isEmpty, server.status == nil { server.wait(until: Clock.monotonic + .milliseconds(10)) }
    let send = """
      import socket, hashlib, random
      d = random.Random(1).randbytes(10000000)
      c = socket.create_connection(('b', 7000))
      c.sendall(d)
      c.close()
      print(len(d), hashlib.sha256(d).hexdigest())
      """
    let start = Clock.monotonic
    let client = try laboratory.start(HostCommand(["python3", "-c", send]), on: "a")
    server.wait(until: start + .seconds(40))
    client.wait(until: start + .seconds(40))
    let (sent, came) = (String(decoding: client.output, as: UTF8.self), String(decoding: server.output, as: UTF8.self))
    try expect(came == "ready\n" + sent && sent.hasPrefix("10000000 "), "sent \(sent) came \(came)")
    let counts = laboratory.counts["lan"] ?? []
    try expect(counts.count == 2 && counts[1].offered > 6900 && counts[1].lost > 20, "\(counts)")
    try expect(counts[1].duplicated > 20 && counts[1].reordered > 50, "\(counts)")
  }

  /// A burst through a relay with nothing to do keeps its order and loses nothing.
  private static func order() throws {
    let laboratory = try Laboratory(.lan(["a", "b"], Topology.Impairment(delay: .milliseconds(1)), isIPv4Alone: true))
    try run(laboratory, "a", "ping -c1 -W1 b")
    var ear = try LaboratoryEar(laboratory, hosts: ["b"])
    // Unconnected, so that no port unreachable ends a call.
    let burst = """
      import socket, struct
      s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      for n in range(1000): s.sendto(struct.pack('!I', n) + bytes(1000), ('192.0.2.2', 9))
      """
    let client = try laboratory.start(HostCommand(["python3", "-c", burst]), on: "a")
    var numbers: [Int] = []
    let end = Clock.monotonic + .seconds(10)
    while numbers.count < 1000, Clock.monotonic < end {
      var heard: [LaboratoryEar.Heard] = []
      try ear.receive(until: end, watching: [client], into: &heard)
      numbers += heard.filter { $0.direction == .incoming && $0.frame.bytes.count == 14 + 28 + 1004 }
        .map { Int($0.frame.bytes[44]) << 8 | Int($0.frame.bytes[45]) }
    }
    try expect(
      numbers == Array(0..<1000),
      "\(numbers.count) frames, in order: \(numbers == numbers.sorted()), \(ear.ownDrops) drops")
  }
}
