import SondeLink
import SondeOctets
import Testing
import WireSupport

@testable import SondeLinux

@Suite(.wire) struct PrivilegeWireTests {
  private struct Outcome: Sendable {
    var status: [String: String] = [:]
    var sent = 0
    var replies = 0
    var departures = 0
    var reopened: Int32 = 0
  }

  @Test(arguments: Ends.both, [DoorKind.datagram, .raw, .cooked, .packet])
  func everyDoorWorksAfterAllPrivilegesAreGone(ends: Ends, door: DoorKind) throws {
    let ears: [EarKind] = door == .datagram ? [.datagram] : [.icmp, .packet]
    for ear in ears {
      let outcome = try OwnThread.run {
        try WireNetwork.run { _ in
          let openings = try Openings.open([ends.family: [SendPlan(door: door, ear: ear)]], mark: 7)
          try Privileges.drop()
          var outcome = Outcome()
          outcome.status = try Self.status()
          var link = try LinuxLink(openings, .init(echoIdentification: 0x0505))
          let packets = (1...3).map { sequence in
            Outgoing(
              probe: UInt64(sequence), bytes: Crafted.echo(ends.near, ends.far, id: 0x0505, sequence: UInt16(sequence)))
          }
          outcome.sent = link.send(packets).count
          let isReply = { (frame: Frame) in frame.bytes[ends.headerLength] == ends.echoReply }
          let received = try link.collect { $0.frames.count(where: isReply) >= 3 && $0.departures.count >= 3 }
          outcome.replies = received.frames.count(where: isReply)
          outcome.departures = received.departures.count
          do throws(LinkError) {
            _ = try Openings.open([ends.family: [SendPlan(door: .raw, ear: .icmp)]])
          } catch {
            outcome.reopened = error.code
          }
          return outcome
        }
      }
      #expect(outcome.sent == 3 && outcome.replies == 3 && outcome.departures == 3, "\(ear)")
      for set in ["CapEff", "CapPrm", "CapInh", "CapAmb"] {
        #expect(outcome.status[set] == "0000000000000000")
      }
      #expect(outcome.status["NoNewPrivs"] == "1")
      #expect(outcome.reopened == 1, "another raw socket is refused (EPERM)")
    }
  }

  @Test func bulkDoorsAndTheRingWorkAfterAllPrivilegesAreGone() throws {
    let (sent, heard) = try OwnThread.run {
      try WireNetwork.run { network in
        let near = try NetworkInterface.named("near0")
        let opening = try BulkOpening([.packet, .raw, .xdp], mark: 7)
        let hops = try BulkDoorKind.allCases.map { ($0, try BulkDoorWireTests.hop(network, $0, .ipv4)) }
        try Privileges.drop()
        var ear = try RingEar(opening, .init(SweepFilter(.echo), interfaces: [near.index]))
        let request = Crafted.echo(.v4("10.9.0.1"), .v4("10.9.0.2"), id: 7, sequence: 1)
        var sent = 0
        for (kind, hop) in hops {
          var door = try LinuxBulkDoor(opening, kind, on: near)
          sent += BulkDoorWireTests.send([request], to: hop, by: &door).sent
        }
        var heard = 0
        let end = ear.now + .seconds(10)
        while heard < 3, ear.now < end {
          ear.wait(until: end)
          heard += ear.drain(limit: 10) { _, _ in }
        }
        return (sent, heard)
      }
    }
    #expect(sent == 3 && heard == 3)
  }

  @Test func captureAndFramesWorkAfterAllPrivilegesAreGone() throws {
    let (kinds, heard) = try OwnThread.run {
      try WireNetwork.run { _ in
        let near = try NetworkInterface.named("near0")
        let one = try LiveCapture.Opening(near)
        let all = try LiveCapture.Opening(nil)
        let openings = try Openings.open([:], frames: true, mark: 7)
        try Privileges.drop()
        var capture = try LiveCapture(one, .init(isPromiscuous: true))
        var everywhere = try LiveCapture(all)
        var link = try LinuxLink(openings, .init(interface: near.index, filter: .allFrames))
        let request = Framed.request(near.linkAddress ?? .zero, "10.9.0.1", "10.9.0.2")
        _ = link.send([Outgoing(probe: 1, bytes: request, linkType: .ethernet)])
        let heard = try link.collect { !$0.frames.isEmpty && !$0.departures.isEmpty }.count
        return (try capture.gather(2).map(\.facts.kind) + everywhere.gather(2).map(\.facts.kind), heard)
      }
    }
    #expect(kinds == [.outgoing, .host, .outgoing, .host] && heard == 2)
  }

  private static func status() throws -> [String: String] {
    let file = try Descriptor.file("/proc/thread-self/status", flags: 0)
    let text = readAll(file.number)
    let pairs = text.split(separator: "\n").map { $0.split(separator: ":", maxSplits: 1) }.filter { $0.count == 2 }
    return Dictionary(pairs.map { (String($0[0]), String($0[1].filter { $0 != "\t" && $0 != " " })) }) { first, _ in
      first
    }
  }
}
