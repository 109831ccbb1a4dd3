internal import SondeHeaders
public import SondeLink
internal import SondeOctets
internal import SondeProbe

extension SweepNoise {
  static let ownQuestion = SweepNoise(rawValue: "is our own question, heard as it left")
}

// Reading what came. Most of it is plain and known by a glance, without memory of its own; the rest is dissected and
// judged as every other answer is.
extension SweepQuestions {
  public func read(_ packet: RawSpan, _ facts: BulkFacts) -> SweepFinding {
    if let answer = plainAnswer(in: packet, facts) { return .answer(answer) }
    if isQuestion(packet) { return .noise(from: nil, why: .ownQuestion) }
    return examine(packet, facts).finding
  }

  /// Whether a packet is a question of this sweep: on loopback each is heard as it is sent, and those to ports among
  /// our own pass an ear's filter.
  private func isQuestion(_ packet: RawSpan) -> Bool {
    guard packet.byteCount >= 28 else { return false }
    let isIPv4 = packet[0] >> 4 == 4
    guard isIPv4 || packet.byteCount >= 48 else { return false }
    let row = isIPv4 ? rows.v4 : rows.v6
    guard !row.isEmpty else { return false }
    let start = templates[row.template(of: 0)].image.transport
    guard packet.byteCount >= start &+ 8 else { return false }
    let address: IPAddress =
      isIPv4
      ? .v4(IPv4Address(rawValue: packet.bigEndian(at: 16)))
      : .v6(IPv6Address(high: packet.bigEndian(at: 24), low: packet.bigEndian(at: 32)))
    let hasPorts = kind == .tcp || kind == .udp
    let target = SweepTarget(address: address, port: hasPorts ? packet.bigEndian(at: start &+ 2) : 0)
    let numbers = numbers(of: target)
    let index = row.template(of: target.port)
    let attempt =
      hasPorts
      ? attempt(from: packet.bigEndian(at: start), numbers)
      : attempt(ofQuery: packet.bigEndian(at: start &+ 4), numbers, templates[index].image)
    guard let attempt else { return false }
    return packet.byteCount == templates[index].byteCount
      && templates[index].image.isQuoted(in: packet, target, numbers, attempt.place)
  }

  /// What the IP header of a plain packet says.
  struct Envelope {
    var from: IPAddress
    var hopLimit: UInt8
    var `protocol`: UInt8
    /// Of both addresses, the protocol and the length.
    var pseudoHeader: InternetChecksum
    var checksumNotReady: Bool

    /// Whether the sum over a segment is right, or nobody has computed it yet.
    @inline(__always)
    func vouches(for segment: RawSpan, summing isSummed: Bool) -> Bool {
      var sum = isSummed ? pseudoHeader : InternetChecksum()
      sum.add(segment)
      return sum.sum == 0xffff || checksumNotReady
    }
  }

  /// The answer that a packet is, if it is one and has no peculiarity.
  private func plainAnswer(in packet: RawSpan, _ facts: BulkFacts) -> SweepAnswer? {
    guard packet.byteCount >= 28 else { return nil }
    if packet[0] == 0x45 {
      let total = Int(packet.bigEndian(at: 2, as: UInt16.self))
      let source: UInt32 = packet.bigEndian(at: 12)
      guard let us = sources.v4, us.rawValue == packet.bigEndian(at: 16), total >= 28, total <= packet.byteCount,
        packet.bigEndian(at: 6, as: UInt16.self) & 0x3fff == 0, source < 0xe000_0000,
        InternetChecksum.of(packet.extracting(0..<20)) == 0
      else { return nil }
      var sum = InternetChecksum()
      sum.add(packet.extracting(12..<20))
      sum.add(UInt16(packet[9]))
      sum.add(UInt16(truncatingIfNeeded: total &- 20))
      let envelope = Envelope(
        from: .v4(IPv4Address(rawValue: source)), hopLimit: packet[8], protocol: packet[9], pseudoHeader: sum,
        checksumNotReady: facts.checksumNotReady)
      return plainAnswer(in: packet.extracting(20..<total), envelope, isIPv4: true)
    }
    guard packet.byteCount >= 48, packet[0] >> 4 == 6 else { return nil }
    let length = Int(packet.bigEndian(at: 4, as: UInt16.self))
    guard let us = sources.v6, us.high == packet.bigEndian(at: 24), us.low == packet.bigEndian(at: 32), length >= 8,
      length &+ 40 <= packet.byteCount, packet[8] != 0xff
    else { return nil }
    var sum = InternetChecksum()
    sum.add(packet.extracting(8..<40))
    sum.add(UInt16(packet[6]))
    sum.add(UInt16(truncatingIfNeeded: length))
    let from = IPv6Address(high: packet.bigEndian(at: 8), low: packet.bigEndian(at: 16))
    let envelope = Envelope(
      from: .v6(from), hopLimit: packet[7], protocol: packet[6], pseudoHeader: sum,
      checksumNotReady: facts.checksumNotReady)
    return plainAnswer(in: packet.extracting(40..<40 &+ length), envelope, isIPv4: false)
  }

  @inline(__always)
  private func plainAnswer(in segment: RawSpan, _ envelope: Envelope, isIPv4: Bool) -> SweepAnswer? {
    switch (envelope.protocol, kind) {
    case (6, .tcp): return plainTCP(segment, envelope)
    case (17, .udp): return plainUDP(segment, envelope, isIPv4: isIPv4)
    case (isIPv4 ? 1 : 58, _):
      guard envelope.vouches(for: segment, summing: !isIPv4) else { return nil }
      switch (segment[0], kind) {
      case (isIPv4 ? 0 : 129, .echo), (14, .timestamp): return plainReply(segment, envelope)
      case (isIPv4 ? 3 : 1, _), (isIPv4 ? 11 : 3, _): return plainError(segment, envelope, isIPv4: isIPv4)
      default: return nil
      }
    default: return nil
    }
  }

  private func plainTCP(_ segment: RawSpan, _ envelope: Envelope) -> SweepAnswer? {
    guard segment.byteCount >= 20 else { return nil }
    let bits: UInt16 = segment.bigEndian(at: 12)
    let end = Int(bits &>> 12) &* 4
    guard end >= 20, end <= segment.byteCount, envelope.vouches(for: segment, summing: true),
      end == 20 || hasPlainOptions(segment.extracting(20..<end))
    else { return nil }
    let target = SweepTarget(address: envelope.from, port: segment.bigEndian(at: 0))
    let numbers = numbers(of: target)
    guard let attempt = attempt(from: segment.bigEndian(at: 2), numbers) else { return nil }
    let index = row(of: target.address).template(of: target.port)
    let ours = templates[index].image.flags
    let sequence = templates[index].image.second(numbers, 0)
    let acknowledged = segment.bigEndian(at: 8, as: UInt32.self) &- sequence
    let flags = TCP.Flags(rawValue: bits & 0x1ff)
    // A segment that could be our own comes under a closer look.
    guard !ours.contains(.rst) else { return nil }
    if flags.contains(.rst) {
      guard flags.isDisjoint(with: [.syn, .fin]) else { return nil }
      if ours.contains(.ack) {
        let expected = templates[index].image.acknowledgment(numbers)
        guard segment.bigEndian(at: 4, as: UInt32.self) == expected else { return nil }
      } else {
        guard flags.contains(.ack), acknowledged == templates[index].image.length else { return nil }
      }
      let isAcknowledging = ours.contains(.ack) && !ours.contains(.fin)
      return answer(target, attempt, isAcknowledging ? .unfiltered : .closed, by: .tcpReset, envelope)
    }
    guard ours.contains(.syn), !ours.contains(.ack), flags.isSuperset(of: [.syn, .ack]), !flags.contains(.fin),
      acknowledged >= 1, acknowledged <= templates[index].image.length, segment.bigEndian(at: 14, as: UInt16.self) > 0
    else { return nil }
    return answer(target, attempt, .open, by: .tcpSYNACK, envelope)
  }

  /// Whether all options are known ones of their right length (RFC 9293 §3.2, RFC 7323 §2 and §3, RFC 2018 §2).
  private func hasPlainOptions(_ options: RawSpan) -> Bool {
    var place = 0
    while place < options.byteCount {
      let length: Int
      switch options[place] {
      case 0: return true
      case 1:
        place &+= 1
        continue
      case 2: length = 4
      case 3: length = 3
      case 4: length = 2
      case 8: length = 10
      default: return false
      }
      guard place &+ length <= options.byteCount, options[place &+ 1] == length else { return false }
      place &+= length
    }
    return true
  }

  private func plainUDP(_ segment: RawSpan, _ envelope: Envelope, isIPv4: Bool) -> SweepAnswer? {
    guard Int(segment.bigEndian(at: 4, as: UInt16.self)) == segment.byteCount else { return nil }
    if segment.bigEndian(at: 6, as: UInt16.self) == 0 {
      guard isIPv4 else { return nil }
    } else {
      guard envelope.vouches(for: segment, summing: true) else { return nil }
    }
    let target = SweepTarget(address: envelope.from, port: segment.bigEndian(at: 0))
    let numbers = numbers(of: target)
    guard let attempt = attempt(from: segment.bigEndian(at: 2), numbers) else { return nil }
    let index = row(of: target.address).template(of: target.port)
    if let mark = templates[index].image.mark {
      guard mark.isRepeated(in: segment.extracting(8..<segment.byteCount), numbers) else { return nil }
    }
    return answer(target, attempt, .open, by: .udp, envelope)
  }

  private func plainReply(_ segment: RawSpan, _ envelope: Envelope) -> SweepAnswer? {
    guard segment[1] == 0 else { return nil }
    let target = SweepTarget(address: envelope.from, port: 0)
    let numbers = numbers(of: target)
    let index = row(of: target.address).template(of: 0)
    guard let attempt = attempt(ofQuery: segment.bigEndian(at: 4), numbers, templates[index].image) else { return nil }
    if kind == .timestamp {
      guard segment.byteCount >= 20, segment.bigEndian(at: 8, as: UInt32.self) == numbers.originate else { return nil }
      return answer(target, attempt, .reply, by: .timestampReply, envelope)
    }
    let data = segment.extracting(8..<segment.byteCount)
    guard templates[index].image.isData(data) else { return nil }
    var answer = answer(target, attempt, .reply, by: .echoReply, envelope)
    if templates[index].image.hasCookie {
      guard data.bigEndian(at: 0) == numbers.cookie.number, let time = EchoData.time(in: data) else { return nil }
      answer.asked = time
    }
    return answer
  }

  @inline(__always)
  func answer(
    _ target: SweepTarget, _ attempt: QuestionAttempt, _ verdict: Verdict, by: Basis, _ envelope: Envelope
  ) -> SweepAnswer {
    SweepAnswer(
      target: target, attempt: attempt.number, verdict: verdict, by: by, from: envelope.from,
      hopLimit: envelope.hopLimit, isPlain: true)
  }
}
