import Sonde
import Testing
import WireSupport

/// A conversation led by code, over a link that loses, repeats and reorders, with this machine's own TCP.
@Suite(.wire) struct TalkWireTests {
  private static let echo = """
    import socket
    listener = socket.socket(socket.AF_INET6); listener.setsockopt(41, 26, 0)
    listener.bind(("::", 7400)); listener.listen(4)
    print("ready", flush=True)
    peer = listener.accept()[0]
    while data := peer.recv(65536): peer.sendall(data)
    peer.close()
    print("end", flush=True)
    """

  @Test(arguments: ["10.9", "fd09"], [20_261_121 as UInt64])
  func megabytesComeBackWholeThroughLossDuplicationAndReordering(_ network: String, _ seed: UInt64) throws {
    let isIPv4 = network == "10.9"
    let own = try #require(IPAddress(isIPv4 ? "10.9.0.1" : "fd09::1"))
    let peer = try #require(IPAddress(isIPv4 ? "10.9.0.2" : "fd09::2"))
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      let child = try network.onFar {
        try network.start("exec python3 -c '\(Self.echo)' > \(folder.path)/log 2>&1")
      }
      defer { network.stop(child) }
      try Shell.until("grep -q ready \(folder.path)/log")
      let guarded = try PortGuard(.tcp)
      let openings = try Openings.open([isIPv4 ? .ipv4 : .ipv6: [SendPlan(door: .raw, ear: .packet)]])
      let filter = PacketFilter(flows: [.init(protocolNumber: 6, destinationPorts: [guarded.port...guarded.port])])
      let link = try LinuxLink(openings, LinuxLink.Options(filter: filter, transmitStamp: .none))
      let faults = Faults(loss: 0.01, duplication: 0.01, reordering: 0.01, hold: .milliseconds(2))
      var faulty = FaultyLink(link, sending: faults, receiving: faults, seed: seed)
      var settings = Talk.Settings()
      settings.conversation.receiveBuffer = 1 << 20
      settings.conversation.largestSegment = isIPv4 ? 1460 : 1440
      let port = guarded.port
      let made = settings
      var talk = TalkPerformance(.calls(from: own, to: Talk.End(peer, 7400))) { _ in
        Talk(from: port, initialSequenceNumber: 0xffff_0000, identification: 1, made)
      }
      var draw = SeededGenerator(seed: seed)
      let sent = (0..<10_485_760).map { _ in UInt8(truncatingIfNeeded: draw.next()) }
      var came: [UInt8] = []
      let commands = [
        TalkInstruction(.connect), TalkInstruction(.write(sent)), TalkInstruction(.read(sent.count)),
        TalkInstruction(.shutdown(.out)), TalkInstruction(.wait(.closed)),
      ]
      let failure = try talk.run(commands, over: &faulty, until: faulty.now + .seconds(100)) { passage in
        if case .outcome(.data(let octets)) = passage { came += octets }
      }
      #expect(failure == nil && came == sent, "seed \(seed): \(came.count) octets, \(failure ?? "")")
      #expect(talk.status.ending == .closed && faulty.sendingCounts.lost > 0 && faulty.receivingCounts.reordered > 0)
      _ = consume guarded
      try Shell.until("grep -q end \(folder.path)/log")
    }
  }
}
