import SondeHeaders
import SondeLinux
import SondeOctets
import Testing

@Suite struct KernelWritingTests {
  private func packet(
    source: IPv4Address = "192.0.2.1", id: UInt16 = 7, flags: IPv4.Flags = [], length: UInt16? = nil,
    checksum: UInt16? = nil
  ) throws -> [UInt8] {
    let header = IPv4(
      from: source, to: "192.0.2.2", identification: id, flags: flags, totalLength: length.map { .set($0) } ?? .auto,
      checksum: checksum.map { .set($0) } ?? .auto)
    return try AnyPacket([header, ICMPv4.echoRequest(identifier: 1, sequenceNumber: 1)]).encoded().bytes
  }

  private let length = 16..<32
  private let identification = 32..<48
  private let checksum = 80..<96
  private let source = 96..<128

  @Test func theRawDoorWritesLengthAndChecksumAndFillsZeros() throws {
    #expect(try DoorKind.raw.rewritten(packet(), .ipv4).isEmpty)
    #expect(try DoorKind.raw.rewritten(packet(length: 99), .ipv4) == [length, checksum])
    #expect(try DoorKind.raw.rewritten(packet(checksum: 0xdead), .ipv4) == [checksum])
    #expect(try DoorKind.raw.rewritten(packet(id: 0), .ipv4) == [identification, checksum])
    #expect(try DoorKind.raw.rewritten(packet(id: 0, flags: .dontFragment), .ipv4).isEmpty)
    #expect(try DoorKind.raw.rewritten(packet(source: .any), .ipv4) == [checksum, source])
  }

  @Test func theDatagramDoorChoosesTheIdentification() throws {
    #expect(try DoorKind.datagram.rewritten(packet(), .ipv4) == [identification, checksum])
    #expect(try DoorKind.datagram.rewritten(packet(flags: .dontFragment), .ipv4) == [identification, checksum])
    #expect(try DoorKind.datagram.rewritten(packet(id: 0, flags: .dontFragment), .ipv4).isEmpty)
    let echo =
      [
        IPv6(from: "2001:db8::1", to: "2001:db8::2"), ICMPv6.echoRequest(identifier: 1, sequenceNumber: 1),
      ] as [any Header]
    let bytes = try AnyPacket(echo).encoded().bytes
    #expect(DoorKind.datagram.rewritten(bytes, .ipv6, labelsFlows: true) == [12..<32])
    #expect(DoorKind.datagram.rewritten(bytes, .ipv6, labelsFlows: false).isEmpty)
  }

  @Test func thePacketSocketsKeepEveryOctet() throws {
    for door in [DoorKind.cooked, .packet] {
      #expect(try door.rewritten(packet(source: .any, id: 0, length: 9, checksum: 1), .ipv4).isEmpty)
    }
    #expect(DoorKind.raw.rewritten([UInt8](repeating: 0, count: 60), .ipv6).isEmpty)
  }

  @Test func anyOctetsHaveAnAnswer() {
    for count in 0..<64 {
      for first in [0, 0x40, 0x45, 0x4f, 0x60, 0xff] as [UInt8] {
        let bytes = [first] + [UInt8](repeating: 0xff, count: count)
        for door in DoorKind.allCases {
          for family in Family.allCases { #expect(door.rewritten(bytes, family).count <= 4) }
        }
      }
    }
  }
}
