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
      case "build": try build(count: 30)
      case "ping": try ping()
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

  static func lan(_ hosts: [String]) -> Topology {
    Topology(
      name: "lan", hosts: hosts.map { Topology.Host($0) },
      networks: [
        Topology.Network(
          "lan",
          ends: hosts.enumerated().map { number, host in
            Topology.End(host, "eth0", addresses(number + 1))
          })
      ])
  }

  private static func addresses(_ number: Int) -> [Topology.InterfaceAddress] {
    [("192.0.2.\(number)", 24), ("2001:db8::\(number)", 64)].compactMap { text, length in
      IPAddress(text).map { Topology.InterfaceAddress($0, prefixLength: length) }
    }
  }
}
