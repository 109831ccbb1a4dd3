import Glibc
import SondeLink
import SondeLinux
import SondeOctets

/// Builds laboratories as whoever starts it: a user namespace needs a process of one thread, which test runners are not.
///
/// Prints what happened, a line a claim, for the tests to read; ends with status 0 if all went well.
@main struct LaboratoryTrial {
  static func main() {
    do {
      print("privileged \(Laboratory.isPrivileged)")
      if !Laboratory.isPrivileged { try Laboratory.enterUserNamespace() }
      switch CommandLine.arguments.dropFirst().first {
      case "build": try build(count: Int(CommandLine.arguments.dropFirst(2).first ?? "30") ?? 30)
      case "ping": try ping()
      case "flood": try flood()
      case "tcp": try tcp()
      case "hear": try hear()
      default: throw LinkError(operation: "arguments", code: 0, message: "build or ping")
      }
    } catch {
      print("failed: \(error)")
      exit(1)
    }
  }

  /// How long four hosts on one network take, in microseconds.
  static func build(count: Int) throws {
    var times: [Int64] = []
    for _ in 0..<count {
      let start = Clock.monotonic
      let laboratory = try Laboratory(lan(["a", "b", "c", "d"]))
      times.append((Clock.monotonic - start).nanoseconds / 1000)
      laboratory.close()
    }
    times.sort()
    print("median \(times[count / 2]) least \(times[0]) most \(times[count - 1])")
  }

  static func ping() throws {
    let laboratory = try Laboratory(lan(["a", "b", "c"]))
    for address in ["192.0.2.2", "2001:db8::2", "192.0.2.3", "c"] {
      let command = HostCommand(["ping", "-c1", "-W1", address])
      let process = try laboratory.start(command, on: "a")
      process.wait(until: Clock.monotonic + .seconds(5))
      print("ping \(address): \(process.status ?? -1)")
      if process.status != 0 { print(String(decoding: process.output + process.errors, as: UTF8.self)) }
    }
  }

  static func flood() throws {
    let laboratory = try Laboratory(lan(["a", "b"], Topology.Impairment(loss: 0.01, duplication: 0.01)))
    let process = try laboratory.start(HostCommand(["hping3", "--flood", "-q", "-2", "-p", "9", "-d", "1000", "192.0.2.2"]), on: "a")
    let start = Clock.monotonic
    process.wait(until: start + .seconds(2))
    process.end(patience: .seconds(1))
    let seconds = Double((Clock.monotonic - start).nanoseconds) / 1e9
    for counts in laboratory.counts["lan"] ?? [] {
      print("\(Int(Double(counts.offered) / seconds)) a second: \(counts)")
    }
  }

  static func tcp() throws {
    let impairment = Topology.Impairment(
      loss: 0.01, duplication: 0.01, reordering: 0.01, delay: .milliseconds(1), jitter: .microseconds(200))
    for impairment in [Topology.Impairment.none, Topology.Impairment(delay: .microseconds(1)), impairment] {
      let laboratory = try Laboratory(lan(["a", "b"], impairment))
      let server = try laboratory.start(
        HostCommand(["sh", "-c", "ncat -l 7000 | sha256sum"]), on: "b")
      Glibc.usleep(300_000)
      let start = Clock.monotonic
      let client = try laboratory.start(
        HostCommand(["sh", "-c", "head -c 10000000 /dev/zero | ncat --send-only b 7000; sleep 0.2"]),
        on: "a")
      server.wait(until: start + .seconds(10))
      print(
        "status \(server.status ?? -1) in \((Clock.monotonic - start).nanoseconds / 1_000_000) ms, "
          + String(decoding: server.output, as: UTF8.self))
      client.end(patience: .zero)
      print(laboratory.counts)
    }
  }

  static func hear() throws {
    let laboratory = try Laboratory(lan(["a", "b", "c"]))
    var ear = try LaboratoryEar(laboratory)
    let ping = try laboratory.start(HostCommand(["ping", "-c2", "-i0.2", "-W2", "192.0.2.2"]), on: "a")
    var heard: [LaboratoryEar.Heard] = []
    while ping.status == nil { try ear.receive(until: .distantFuture, watching: [ping], into: &heard) }
    for one in heard {
      print(one.host, one.interface, one.direction, one.frame.bytes.count, one.frame.stamp.kernel?.nanoseconds ?? 0)
    }
    print(ear.ownDrops, ping.status ?? -1, String(decoding: ping.output + ping.errors, as: UTF8.self))
  }

  static func lan(_ hosts: [String], _ impairment: Topology.Impairment = .none) -> Topology {
    Topology(
      name: "lan", hosts: hosts.map { Topology.Host($0) },
      networks: [
        Topology.Network(
          "lan",
          ends: hosts.enumerated().map { number, host in
            Topology.End(host, "eth0", addresses(number + 1))
          }, impairment: impairment)
      ])
  }

  private static func addresses(_ number: Int) -> [Topology.InterfaceAddress] {
    [("192.0.2.\(number)", 24), ("2001:db8::\(number)", 64)].compactMap { text, length in
      IPAddress(text).map { Topology.InterfaceAddress($0, prefixLength: length) }
    }
  }
}
