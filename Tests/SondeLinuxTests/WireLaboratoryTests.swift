import Glibc
import SondeLink
import SondeLinux
import SondeOctets
import Testing
import WireSupport

@Suite(.wire) struct WireLaboratoryTests {
  static let pair = Topology(
    name: "pair", hosts: [.init("a"), .init("b")],
    networks: [
      .init(
        "link",
        ends: [
          .init("a", "eth0", [.init("192.0.2.1", 24), .init("2001:db8::1", 64)]),
          .init("b", "eth0", linkAddress: "02:00:00:00:00:0b", [.init("192.0.2.2", 24), .init("2001:db8::2", 64)]),
        ])
    ])

  /// Runs a program to its end.
  static func run(_ laboratory: Laboratory, _ host: String, _ line: String) throws -> (status: Int32?, output: String) {
    let process = try laboratory.start(HostCommand(["sh", "-c", line]), on: host)
    process.wait(until: Clock.monotonic + .seconds(20))
    return (process.status, String(decoding: process.output + process.errors, as: UTF8.self))
  }

  @Test func theFirstPacketOfANewLaboratoryIsAnswered() throws {
    try OwnThread.run {
      let laboratory = try Laboratory(Self.pair)
      for address in ["192.0.2.2", "2001:db8::2", "b"] {
        let (status, output) = try Self.run(laboratory, "a", "ping -c1 -W1 \(address)")
        #expect(status == 0, "\(output)")
      }
    }
  }

  @Test func fourHostsStandInMilliseconds() throws {
    try OwnThread.run {
      let four = Topology.lan(["a", "b", "c", "d"])
      var times: [Int64] = []
      for _ in 0..<20 {
        let start = Clock.monotonic
        let laboratory = try Laboratory(four)
        times.append((Clock.monotonic - start).nanoseconds / 1000)
        _ = laboratory.topology
      }
      print("microseconds to build four hosts: \(times.sorted())")
    }
  }
}

extension Topology {
  /// Hosts on one network: 192.0.2.1 and on, 2001:db8::1 and on.
  static func lan(_ hosts: [String], _ impairment: Impairment = .none) -> Topology {
    Topology(
      name: "lan", hosts: hosts.map { Host($0) },
      networks: [
        Network(
          "lan",
          ends: hosts.enumerated().map { number, host in
            End(host, "eth0", [.init("192.0.2.\(number + 1)", 24), .init("2001:db8::\(number + 1)", 64)])
          }, impairment: impairment)
      ])
  }
}

extension Topology.InterfaceAddress {
  init(_ address: String, _ prefixLength: Int) {
    self.init(IPAddress(address) ?? .v4(.any), prefixLength: prefixLength)
  }
}
