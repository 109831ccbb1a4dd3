internal import SondeHeaders
internal import SondeOctets
internal import Testing

/// What answers an ARP request, a probe and an announcement, and what nearly does (RFC 826, RFC 5227).
@Suite struct ARPTests {
  private static let ours: MACAddress = "02:00:00:00:00:01"
  private static let theirs: MACAddress = "02:00:00:00:00:02"
  private static let other: MACAddress = "02:00:00:00:00:03"
  private static let request = ARP(from: ours, Hosts.us, to: Hosts.asked)
  private static let reply = ARP(from: theirs, Hosts.asked, to: Hosts.us, ours, operation: ARP.reply)
  private static let probe = ARP(from: ours, .any, to: Hosts.asked)
  private static let announcement = ARP(from: ours, Hosts.us, to: Hosts.us)

  /// `link` is the source in the reply's link header; nil for the ARP sender's own.
  private func judgement(_ asked: ARP, _ reply: ARP, link: MACAddress? = nil) throws -> Judgement? {
    func frame(_ arp: ARP) throws -> Dissection {
      let source = link ?? MACAddress(octets: Array(arp.senderHardwareAddress.prefix(6))) ?? .zero
      return Registry.dissect(
        try AnyPacket([Ethernet(from: source), arp, Trailer(octets: [0, 0])]).encoded().bytes, as: .link(1))
    }
    let exchange = ReplyExchange(asked: try frame(asked), reply: try frame(reply))
    return exchange.asked.layer(of: ARP.self)?.header.judge(reply: exchange)
  }

  private func isRefused(_ asked: ARP, _ reply: ARP) throws -> Bool {
    if case .refused = try judgement(asked, reply) { true } else { false }
  }

  @Test func theAskedAddressIsAt() throws {
    let why = "198.51.100.7 is at 02:00:00:00:00:02"
    #expect(try judgement(Self.request, Self.reply) == .answers(.reply, by: .arpReply, why: why))
  }

  @Test func aLinkHeaderOfAnotherSenderContradictsTheReply() throws {
    let why = "198.51.100.7 is at 02:00:00:00:00:02"
    #expect(
      try judgement(Self.request, Self.reply, link: Self.other)
        == .answers(
          .reply, by: .arpReply, flags: [.inconsistent],
          why: why + "; the frame comes from 02:00:00:00:00:03, and its ARP sender is 02:00:00:00:00:02"))
    #expect(
      try judgement(Self.request, Self.reply, link: Self.theirs) == .answers(.reply, by: .arpReply, why: why))
  }

  @Test func aGroupsAndNobodysAndOurOwnAddressContradictTheReply() throws {
    for (address, isOdd) in [
      ("ff:ff:ff:ff:ff:ff", true), ("01:00:5e:00:00:01", true), ("00:00:00:00:00:00", true),
      ("02:00:00:00:00:01", true), ("02:00:00:00:00:04", false), ("00:00:00:00:00:01", false),
    ] as [(MACAddress, Bool)] {
      let reply = ARP(from: address, Hosts.asked, to: Hosts.us, Self.ours, operation: ARP.reply)
      guard case .answers(.reply, .arpReply, let flags, _, _) = try judgement(Self.request, reply) else {
        Issue.record("\(address) is no answer")
        continue
      }
      #expect(flags == (isOdd ? [.inconsistent] : []), "\(address)")
    }
  }

  @Test func nearlyAReplyIsNone() throws {
    #expect(try judgement(Self.request, Self.request) == nil)
    var near = Self.reply
    near.operation = 4
    #expect(try isRefused(Self.request, near))
    near = ARP(from: Self.theirs, "198.51.100.8", to: Hosts.us, operation: ARP.reply)
    #expect(try isRefused(Self.request, near))
    near = ARP(from: Self.theirs, Hosts.asked, to: "192.0.2.9", operation: ARP.reply)
    #expect(try isRefused(Self.request, near))
    near = Self.reply
    near.protocolType = 0x86dd
    #expect(try isRefused(Self.request, near))
    near = Self.reply
    near.senderProtocolAddress += [0]
    near.targetProtocolAddress += [0]
    #expect(try isRefused(Self.request, near))
  }

  @Test func otherHardwareIsNotOurs() throws {
    for asked in [Self.request, Self.probe] {
      var near = Self.reply
      near.hardwareType = 6
      #expect(try isRefused(asked, near))
      near = Self.reply
      near.senderHardwareAddress += [0, 0]
      near.targetHardwareAddress += [0, 0]
      #expect(try isRefused(asked, near))
      #expect(try !isRefused(asked, Self.reply))
    }
  }

  @Test func anyPacketFromAProbedAddressShowsThatItIsInUse() throws {
    let why = "198.51.100.7 is in use at 02:00:00:00:00:02"
    #expect(try judgement(Self.probe, Self.reply) == .answers(.addressInUse, by: .arpReply, why: why))
    let asking = ARP(from: Self.theirs, Hosts.asked, to: "192.0.2.99")
    #expect(try judgement(Self.probe, asking) == .answers(.addressInUse, by: .arpRequest, why: why))
    let rival = ARP(from: Self.other, .any, to: Hosts.asked)
    #expect(
      try judgement(Self.probe, rival)
        == .answers(
          .addressInUse, by: .arpRequest, flags: [.conflict], why: "02:00:00:00:00:03 probes for 198.51.100.7 too"))
  }

  @Test func ourOwnProbeAndOthersAddressesAreNoUse() throws {
    #expect(try isRefused(Self.probe, Self.probe))
    let reply = ARP(from: Self.theirs, "198.51.100.8", to: "192.0.2.99", operation: ARP.reply)
    #expect(try isRefused(Self.probe, reply))
  }

  @Test func aHostWithOurLinkAddressToo() throws {
    // As a copied virtual machine has it: its reply and its announcement show the address in use, our probe does not.
    let why =
      "198.51.100.7 is in use at 02:00:00:00:00:01; 02:00:00:00:00:01 is our own link address, and we did not send this"
    let reply = ARP(from: Self.ours, Hosts.asked, to: Hosts.us, Self.ours, operation: ARP.reply)
    #expect(
      try judgement(Self.probe, reply)
        == .answers(.addressInUse, by: .arpReply, flags: [.inconsistent], why: why))
    let announcement = ARP(from: Self.ours, Hosts.asked, to: Hosts.asked)
    #expect(
      try judgement(Self.probe, announcement)
        == .answers(.addressInUse, by: .arpRequest, flags: [.inconsistent], why: why))
    #expect(try isRefused(Self.probe, Self.probe))
    #expect(try isRefused(Self.announcement, Self.announcement))
  }

  @Test func whatOthersAskEachOtherIsNobodysNoise() throws {
    #expect(try judgement(Self.probe, ARP(from: Self.theirs, "198.51.100.8", to: "192.0.2.99")) == nil)
    #expect(try judgement(Self.probe, ARP(from: Self.other, .any, to: "198.51.100.8")) == nil)
    #expect(try judgement(Self.probe, ARP(from: Self.other, "192.0.2.99", to: Hosts.asked)) == nil)
    #expect(try judgement(Self.request, ARP(from: Self.other, "192.0.2.99", to: Hosts.asked)) == nil)
    #expect(try judgement(Self.request, ARP(from: Self.other, .any, to: Hosts.asked)) == nil)
    #expect(try isRefused(Self.request, ARP(from: Self.theirs, Hosts.asked, to: Hosts.us)))
  }

  @Test func aRivalsProbeIsNamedByItsTarget() throws {
    let token = try token(Self.probe, .sent)
    #expect(try token != nil && self.token(ARP(from: Self.other, .any, to: Hosts.asked), .reply) == token)
    #expect(try self.token(ARP(from: Self.other, .any, to: "198.51.100.8"), .reply) != token)
    #expect(try self.token(ARP(from: Self.other, .any, to: Hosts.asked, operation: ARP.reply), .reply) != token)
  }

  private func token(_ arp: ARP, _ side: Side) throws -> FlowToken? {
    let bytes = try AnyPacket([arp]).encoded().bytes
    return try ARP.token(in: bytes.rawSpan, side)
  }

  @Test func anAnnouncementByReplyHearsOfConflictsToo() throws {
    let announcement = ARP(from: Self.ours, Hosts.us, to: Hosts.us, .broadcast, operation: ARP.reply)
    let conflict = ARP(from: Self.theirs, Hosts.us, to: Hosts.us)
    #expect(
      try judgement(announcement, conflict)
        == .answers(
          .addressInUse, by: .arpRequest, flags: [.conflict], why: "192.0.2.1 is in use at 02:00:00:00:00:02"))
    #expect(try token(announcement, .sent) == token(conflict, .reply))
    #expect(try isRefused(announcement, announcement))
  }

  @Test func aReplyThatIsCutShortIsNone() throws {
    func frame(_ arp: ARP) throws -> [UInt8] {
      try AnyPacket([Ethernet(from: Self.theirs, to: Self.ours), arp]).encoded().bytes
    }
    let asked = Registry.dissect(try frame(Self.request), as: .link(1))
    for count in 0..<28 {
      let cut = Registry.dissect(Array(try frame(Self.reply).prefix(14 + count)), as: .link(1))
      let judgement = asked.layer(of: ARP.self)?.header.judge(reply: ReplyExchange(asked: asked, reply: cut))
      #expect(judgement == .refused(why: "ends after \(count) octets of ARP"))
    }
  }

  @Test func anAnnouncementHearsOfConflictsAlone() throws {
    let conflict = ARP(from: Self.theirs, Hosts.us, to: Hosts.us)
    #expect(
      try judgement(Self.announcement, conflict)
        == .answers(
          .addressInUse, by: .arpRequest, flags: [.conflict], why: "192.0.2.1 is in use at 02:00:00:00:00:02"))
    #expect(try isRefused(Self.announcement, Self.announcement))
    #expect(try judgement(Self.announcement, ARP(from: Self.theirs, Hosts.asked, to: Hosts.us)) == nil)
  }

  @Test func onlyRequestsAreAsked() throws {
    #expect(try judgement(Self.reply, Self.request) == nil)
    #expect(Self.reply.silence == nil)
    #expect(Self.probe.silence == .timeout)
  }

  @Test func lengthsMayDifferFromTheAddresses() throws {
    let odd = ARP(
      senderHardwareAddress: [1, 2, 3], senderProtocolAddress: [4], targetHardwareAddress: [5, 6, 7],
      targetProtocolAddress: [8])
    #expect(try AnyPacket([odd]).encoded().bytes == [0, 1, 8, 0, 3, 1, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8])
    var set = odd
    set.hardwareLength = 6
    #expect(try AnyPacket([set]).encoded().bytes == [0, 1, 8, 0, 6, 1, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8])
    let long = ARP(senderHardwareAddress: [UInt8](repeating: 0, count: 256))
    #expect(throws: CraftError.self) { try AnyPacket([long]).encoded() }
  }
}
