public import SondeOctets

// What answers an ARP request, and what a probe and an announcement hear (RFC 826, RFC 5227).

extension ARP {
  /// Who sends it, by IPv4; nil for any other protocol.
  var sender: IPAddress? {
    guard protocolType == 0x0800, senderProtocolAddress.count == 4 else { return nil }
    return .v4(IPv4Address(rawValue: senderProtocolAddress.reduce(0) { $0 << 8 | UInt32($1) }))
  }

  /// The protocol address asked for names the exchange; requests answer too, since any packet of ARP whose sender has
  /// the address that a probe asks for shows that it is in use (RFC 5227 §2.1.1).
  public static func token(in bytes: RawSpan, _ side: Side) throws(ParseError) -> FlowToken? {
    var reader = Reader(bytes)
    try reader.require(8)
    let hardware = Int(bytes[4])
    guard bytes[5] == 4 else { return nil }
    let operation: UInt16 = bytes.bigEndian(at: 6)
    let offset: Int
    switch side {
    case .sent where operation == request: offset = 8 + hardware + 4 + hardware
    case .sent where operation == reply:
      // Nothing answers a reply; but one that announces an address can be contradicted.
      reader = Reader(bytes, at: 8 + hardware)
      let sender: UInt32 = try reader.read()
      reader = Reader(bytes, at: 8 + hardware + 4 + hardware)
      guard try reader.read(UInt32.self) == sender else { return nil }
      offset = 8 + hardware
    case .reply where operation == request || operation == reply:
      // A probe names the address in question as its target alone (RFC 5227 §1.1).
      reader = Reader(bytes, at: 8 + hardware)
      let sender: UInt32 = try reader.read()
      offset = sender == 0 && operation == request ? 8 + hardware + 4 + hardware : 8 + hardware
    // No error quotes ARP.
    default: return nil
    }
    reader = Reader(bytes, at: offset)
    return FlowToken(kind: 0x0806, ours: try reader.read(), theirs: try reader.read())
  }

  public func judge(reply exchange: ReplyExchange) -> Judgement? {
    let announces = senderProtocolAddress == targetProtocolAddress
    guard operation == Self.request || operation == Self.reply && announces else { return nil }
    guard let reply = exchange.reply.first(ARP.self) else {
      guard let stopped = exchange.reply.stopped, stopped.layer == Self.name else { return nil }
      return .refused(why: "ends after \(exchange.reply.bytes.count - stopped.offset) octets of ARP")
    }
    let isProbe = senderProtocolAddress.allSatisfy { $0 == 0 }
    // What others ask each other is nobody's noise.
    let isElsewhere = reply.operation == Self.request && reply.senderProtocolAddress != targetProtocolAddress
    let isRival = isProbe && reply.senderProtocolAddress.allSatisfy { $0 == 0 }
    if isElsewhere, !isRival || reply.targetProtocolAddress != targetProtocolAddress { return nil }
    return judge(reply, isProbe: isProbe, announces: announces)
      .with(reply.contradiction(in: exchange.reply.first(Ethernet.self), to: self))
  }

  private func judge(_ reply: ARP, isProbe: Bool, announces: Bool) -> Judgement {
    guard reply.protocolType == protocolType, reply.senderProtocolAddress.count == targetProtocolAddress.count else {
      let (found, wanted) = (Hex.word(reply.protocolType), Hex.word(protocolType))
      return .refused(
        why: "tells of addresses of \(reply.senderProtocolAddress.count) octets of protocol \(found), "
          + "not of \(targetProtocolAddress.count) of \(wanted)")
    }
    guard reply.hardwareType == hardwareType, reply.senderHardwareAddress.count == senderHardwareAddress.count else {
      return .refused(
        why: "tells of addresses of \(reply.senderHardwareAddress.count) octets of hardware \(reply.hardwareType), "
          + "not of \(senderHardwareAddress.count) of \(hardwareType)")
    }
    let asked = Self.text(targetProtocolAddress)
    let sender = Self.text(reply.senderHardwareAddress, separator: ":")
    if isProbe || announces {
      return judge(use: reply, asked, by: sender, isProbe: isProbe)
    }
    guard reply.operation == Self.reply else {
      return .refused(why: "is operation \(reply.operation), not \(Self.reply), a reply")
    }
    guard reply.senderProtocolAddress == targetProtocolAddress else {
      return .refused(why: "tells of \(Self.text(reply.senderProtocolAddress)), not of \(asked)")
    }
    guard reply.targetProtocolAddress == senderProtocolAddress else {
      return .refused(
        why: "is for \(Self.text(reply.targetProtocolAddress)), not for our \(Self.text(senderProtocolAddress))")
    }
    return .answers(.reply, by: .arpReply, why: "\(asked) is at \(sender)")
  }

  /// What the sender hardware address contradicts: the link header that came with it, where one was heard, or that it
  /// is one host's (RFC 1812 §3.3.2 lets nobody believe a group's), and not the one that asked.
  private func contradiction(in link: Ethernet?, to asked: ARP) -> Oddity? {
    let sender = Self.text(senderHardwareAddress, separator: ":")
    if senderHardwareAddress == asked.senderHardwareAddress {
      return Oddity(.inconsistent, "\(sender) is our own link address, and we did not send this")
    }
    if let link, senderHardwareAddress.count == 6, senderHardwareAddress != link.source.octets {
      return Oddity(.inconsistent, "the frame comes from \(link.source), and its ARP sender is \(sender)")
    }
    guard hardwareType == 1, let first = senderHardwareAddress.first else { return nil }
    let isNobodys = first & 1 == 1 || senderHardwareAddress.allSatisfy { $0 == 0 }
    return isNobodys ? Oddity(.inconsistent, "\(sender) is no host's address (RFC 1812 §3.3.2)") : nil
  }

  /// The strict half for a probe and for an announcement: whoever else uses the address.
  private func judge(use reply: ARP, _ asked: String, by sender: String, isProbe: Bool) -> Judgement {
    // A probe names no sender, so what does is not ours, whatever its link address: another host may have that too,
    // and RFC 5227 §2.1.1 excuses none. Our announcement does, and a link may send it back (§2.4).
    let isOurs = !isProbe || reply.senderProtocolAddress != targetProtocolAddress
    if isOurs, reply.senderHardwareAddress == senderHardwareAddress { return .refused(why: "is our own") }
    let basis: Basis = reply.operation == Self.reply ? .arpReply : .arpRequest
    if reply.senderProtocolAddress == targetProtocolAddress {
      return .answers(
        .addressInUse, by: basis, flags: isProbe ? [] : [.conflict], why: "\(asked) is in use at \(sender)")
    }
    // Another host that probes for the same address at the same time (RFC 5227 §2.1.1).
    let probesToo = reply.operation == Self.request && reply.senderProtocolAddress.allSatisfy { $0 == 0 }
    if isProbe, probesToo, reply.targetProtocolAddress == targetProtocolAddress {
      return .answers(.addressInUse, by: basis, flags: [.conflict], why: "\(sender) probes for \(asked) too")
    }
    return .refused(why: "tells of \(Self.text(reply.senderProtocolAddress)), not of \(asked)")
  }

  public var silence: Verdict? { operation == Self.request ? .timeout : nil }

  /// An IPv4 address as such, any other as octets.
  private static func text(_ octets: [UInt8]) -> String {
    guard octets.count == 4 else { return text(octets, separator: "") }
    return IPv4Address(octets[0], octets[1], octets[2], octets[3]).description
  }

  private static func text(_ octets: [UInt8], separator: String) -> String {
    octets.map { Hex.text([$0]) }.joined(separator: separator)
  }
}
