import CLinuxNet
import SondeLink
import SondeOctets
import Testing
import WireSupport

@testable import SondeLinux

/// What this machine's kernel answers by itself on a port that a probe came from.
@Suite(.wire) struct PortWireTests {
  /// A listening socket at the far host, and an ear there for what reaches its port.
  private struct FarHost: ~Copyable {
    let listener: Descriptor
    var ear: LinuxLink

    init(_ ends: Ends) throws {
      let socket = try Descriptor.socket(ends.family.domain, KernelNumber.stream, 0, as: "socket")
      try socket.bind(to: ends.family == .ipv4 ? clinux_ipv4(0, 7070) : clinux_ipv6(0, 0, 7070, 0))
      try socket.listen(backlog: 8)
      let filter = PacketFilter(flows: [.init(protocolNumber: 6, destinationPorts: [7070...7070])])
      let link = try LinuxLink.open(ends.family, .raw, .packet, .init(filter: filter))
      listener = socket
      ear = link
    }
  }

  /// The TCP flags of all that reached the far host's port after one SYN to it.
  private func flagsAtFar(_ ends: Ends, from port: UInt16, _ network: WireNetwork) throws -> [UInt8] {
    var far = try network.onFar { try FarHost(ends) }
    let filter = PacketFilter(flows: [.init(protocolNumber: 6, destinationPorts: [port...port])])
    var link = try LinuxLink.open(ends.family, .raw, .packet, .init(filter: filter))
    #expect(link.send([Outgoing(probe: 1, bytes: Crafted.syn(ends.near, ends.far, (port, 7070)))]).count == 1)
    let answers = try link.collect { $0.frames.contains { self.flags($0, ends) != nil } }
    // A slow reader hears one that was sent again, too.
    #expect(Set(answers.frames.compactMap { flags($0, ends) }) == [0x12], "the SYN-ACK is heard")
    #expect(answers.frames.contains { flags($0, ends) != nil && $0.checksumNotReady }, "its sum is left to veth")
    // The kernel's own RST, if there is one, has left before the SYN-ACK reached the packet ear's reader:
    // whatever is sent now, from another port, comes after it.
    let last = port ^ 1
    #expect(link.send([Outgoing(probe: 2, bytes: Crafted.syn(ends.near, ends.far, (last, 7070)))]).count == 1)
    let heard = try far.ear.collect { $0.frames.contains { self.sourcePort($0, ends) == last } }.frames
    #expect(heard.contains { sourcePort($0, ends) == last })
    return heard.filter { sourcePort($0, ends) == port }.compactMap { flags($0, ends) }
  }

  private func sourcePort(_ frame: Frame, _ ends: Ends) -> UInt16? {
    guard flags(frame, ends) != nil else { return nil }
    return UInt16(frame.bytes[ends.headerLength]) << 8 | UInt16(frame.bytes[ends.headerLength + 1])
  }

  private func flags(_ frame: Frame, _ ends: Ends) -> UInt8? {
    let isTCP = frame.bytes[ends.family == .ipv4 ? 9 : 6] == 6
    return isTCP ? frame.bytes[ends.headerLength + 13] : nil
  }

  @Test(arguments: Ends.both)
  func aReservedPortLeavesTheResetToTheKernel(ends: Ends) throws {
    try WireNetwork.run { network in
      let reservation = try PortReservation(.tcp)
      #expect(reservation.port != 0)
      #expect(try flagsAtFar(ends, from: reservation.port, network) == [0x02, 0x04])
      withExtendedLifetime(reservation) {}
    }
  }

  @Test(arguments: Ends.both)
  func aGuardedPortKeepsTheKernelSilent(ends: Ends) throws {
    try WireNetwork.run { network in
      let portGuard = try PortGuard(.tcp)
      // The far host sends its SYN-ACK again only after a second.
      #expect(try flagsAtFar(ends, from: portGuard.port, network) == [0x02])
      withExtendedLifetime(portGuard) {}
    }
  }

  @Test(arguments: [Transport.tcp, .udp])
  func aHeldPortIsRefusedToOthers(transport: Transport) throws {
    try WireNetwork.run { _ in
      let first = try PortGuard(transport)
      let port = first.port
      #expect(throws: LinkError.self) { _ = try PortReservation(transport, port: port) }
      withExtendedLifetime(first) {}
    }
  }

  @Test(arguments: Ends.both)
  func aGuardedUDPPortDrawsNoPortUnreachable(ends: Ends) throws {
    try WireNetwork.run { network in
      let near = try PortGuard(.udp)
      var far = try network.onFar { try LinuxLink.open(ends.family, .raw, .icmp) }
      // A guarded port first, one beside it after: only the second may draw an answer.
      let beside: UInt16 = near.port == 9 ? 10 : 9
      for (probe, port) in [near.port, beside].enumerated() {
        let packet = Crafted.udp(ends.far, ends.near, (5000, port))
        #expect(far.send([Outgoing(probe: UInt64(probe), bytes: packet)]).count == 1)
      }
      let answers = try far.collect { !$0.frames.isEmpty }.frames
      #expect(answers.count == 1)
      let quotedPort = ends.headerLength * 2 + 8 + 2
      #expect(answers.first.map { Array($0.bytes[quotedPort..<quotedPort + 2]) } == Crafted.words(beside))
      withExtendedLifetime(near) {}
    }
  }
}
