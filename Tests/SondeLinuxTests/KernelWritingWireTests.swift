import SondeLink
import SondeOctets
import Testing
import WireSupport

@testable import SondeLinux

/// What is foretold of the kernel's writing, held to the frames that the error queue brings back.
@Suite(.wire) struct KernelWritingWireTests {
  private static let message = Crafted.summed(Crafted.words(0x0800, 0, 1, 1) + Crafted.payload, at: 2)

  @Test func theRawDoorWritesWhatIsForetold() throws {
    let packets = [
      Crafted.ipv4("10.9.0.1", "10.9.0.2", 1, Self.message),
      Crafted.ipv4("10.9.0.1", "10.9.0.2", 1, Self.message, identification: 0),
      Crafted.ipv4("10.9.0.1", "10.9.0.2", 1, Self.message, identification: 0, flags: 0),
      Crafted.ipv4("10.9.0.1", "10.9.0.2", 1, Self.message, flags: 0, totalLength: 99),
      Crafted.ipv4("10.9.0.1", "10.9.0.2", 1, Self.message, totalLength: 28, checksum: 0xdead),
      Crafted.ipv4("10.9.0.1", "10.9.0.2", 1, Self.message, checksum: 0xdead),
      Crafted.ipv4("0.0.0.0", "10.9.0.2", 1, Self.message),
      Crafted.ipv4("0.0.0.0", "10.9.0.2", 1, Self.message, identification: 0, flags: 0, totalLength: 1, checksum: 0),
    ]
    try WireNetwork.run { _ in
      var link = try LinuxLink.open(.ipv4, .raw, .icmp)
      for (number, packet) in packets.enumerated() {
        let outgoing = Outgoing(probe: UInt64(number + 1), bytes: packet)
        #expect(link.send([outgoing]).failure == nil)
        let departure = try #require(try link.collect { !$0.departures.isEmpty }.departures.first)
        let changes = try #require(departure.changes(from: outgoing))
        let foretold = DoorKind.raw.rewritten(packet, .ipv4)
        #expect(changes.allSatisfy { run in foretold.contains { $0.contains(run.lowerBound) } }, "packet \(number)")
        #expect(foretold.allSatisfy { bits in changes.contains { $0.overlaps(bits) } }, "packet \(number): \(changes)")
      }
    }
  }
}
