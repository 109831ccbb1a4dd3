import Foundation
import LabSupport
import Testing
import WireSupport

/// What trace, mtu and arp say of the laboratory is what it is made of.
@Suite(.wire, .serialized) struct WireWayTests {
  private static let laboratory = Result { try Laboratory(.fourRouters) }

  private func objects(_ command: String, _ family: Family) throws -> [[String: Any]] {
    let outcome = try Self.laboratory.get().run("exec \"$SONDE\" \(command)", on: "prober", seconds: 60)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(family) \(command): \(outcome)")
    return try outcome.output.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }
  }

  @Test(arguments: Family.both, ["--icmp", "--udp", "--tcp 7", "--tcp 1"])
  fileprivate func theWayIsTheTopology(family: Family, manner: String) throws {
    let lines = try objects("trace --json -n \(manner) \(family.target(2))", family)
    let hops = lines.filter { $0["type"] as? String == "hop" }
    let way = hops.map { hop in
      Set((hop["answers"] as? [[String: Any]] ?? []).compactMap { $0["from"] as? String })
    }
    #expect(way == (1...4).map { [family.router($0)] } + [[family.target(2)]])
    #expect(hops.allSatisfy { ($0["notes"] as? [String])?.isEmpty == true }, "\(hops)")
    #expect(lines.last?["reached"] as? Bool == true)
  }

  @Test(arguments: Family.both, ["", "--udp 1", "--tcp 7"])
  fileprivate func theSizeIsThatOfTheNarrowestLink(family: Family, manner: String) throws {
    // Addresses of their own: what one run teaches the routers' kernels of one is no help to another.
    let target = family.target(manner.isEmpty ? 60 : manner.contains("udp") ? 61 : 62)
    let lines = try objects("mtu --json \(manner) \(target)", family)
    let found = try #require(lines.first { $0["type"] as? String == "mtu" })
    #expect(found["mtu"] as? Int == 1300)
    #expect(found["limited_by"] as? String == family.router(3))
    #expect(try #require(lines.last?["sent"] as? Int) < 10)
  }

  @Test(arguments: Family.both)
  fileprivate func aNeighbourIsAtTheAddressOfItsInterface(family: Family) throws {
    let laboratory = try Self.laboratory.get()
    let link = try laboratory.run("ip -br link show to-prober", on: "r1", seconds: 10).output
    let lines = try objects("arp --json -I to-r1 \(family.router(1))", family)
    let answers = lines.filter { $0["type"] as? String == "answer" }
    #expect(answers.count == 1)
    let mac = try #require(answers.first?["mac"] as? String)
    #expect(link.contains(mac), "\(mac) is not in \(link)")
  }
}
