internal import SondeHeaders
internal import SondeOctets
internal import SondeProbe

// ICMP errors that quote a question whole or cut, and unaltered.
extension SweepQuestions {
  func plainError(_ segment: RawSpan, _ envelope: Envelope, isIPv4: Bool) -> SweepAnswer? {
    let (type, code) = (segment[0], segment[1])
    let isUnreachable = type == (isIPv4 ? 3 : 1)
    // Whatever says more than its code comes under a closer look: an MTU, extensions, codes that no RFC names.
    guard segment.bigEndian(at: 4, as: UInt32.self) == 0, isUnreachable ? code <= (isIPv4 ? 15 : 8) : code == 0,
      !(isIPv4 && isUnreachable && code == 4)
    else { return nil }
    let row = isIPv4 ? rows.v4 : rows.v6
    let quote = segment.extracting(8..<segment.byteCount)
    let start = templates[row.template(of: 0)].image.transport
    guard quote.byteCount >= start &+ 8 else { return nil }
    let address: IPAddress =
      isIPv4
      ? .v4(IPv4Address(rawValue: quote.bigEndian(at: 16)))
      : .v6(IPv6Address(high: quote.bigEndian(at: 24), low: quote.bigEndian(at: 32)))
    let hasPorts = kind == .tcp || kind == .udp
    let target = SweepTarget(address: address, port: hasPorts ? quote.bigEndian(at: start &+ 2) : 0)
    let isFromHost = envelope.from == address
    let isPortUnreachable = isUnreachable && code == (isIPv4 ? 3 : 4)
    guard isFromHost || !isPortUnreachable && !(isIPv4 && isUnreachable && code == 2) else { return nil }
    let numbers = numbers(of: target)
    let index = row.template(of: target.port)
    guard isFromHost || envelope.from != templates[index].image.source,
      let attempt = hasPorts
        ? attempt(from: quote.bigEndian(at: start), numbers)
        : attempt(ofQuery: quote.bigEndian(at: start &+ 4), numbers, templates[index].image),
      templates[index].image.isQuoted(in: quote, target, numbers, attempt.place)
    else { return nil }
    let unreachable: Verdict =
      switch kind {
      case .tcp: .filtered
      case .udp: isPortUnreachable ? .closed : .filtered
      case .echo, .timestamp: .unreachable
      }
    var answer = answer(target, attempt, isUnreachable ? unreachable : .timeExceeded, by: .icmpError, envelope)
    answer.icmp = (type, code)
    let data = templates[index].image.data
    if templates[index].image.hasCookie, quote.byteCount >= data &+ EchoData.byteCount {
      answer.asked = EchoData.time(in: quote.extracting(data..<quote.byteCount))
    }
    return answer
  }
}

extension QuestionImage {
  /// Whether a quote, of at least eight octets behind the IP header, is the beginning of a question as it was sent.
  func isQuoted(in quote: RawSpan, _ target: SweepTarget, _ numbers: QuestionNumbers, _ attempt: UInt8) -> Bool {
    let hop = isIPv4 ? 8 : 7
    guard quote.byteCount <= octets.count, isLike(quote), quote[hop] <= octets[hop],
      keepsIdentification || quote.bigEndian(at: 4, as: UInt16.self) == numbers.identification
    else { return false }
    var sum = InternetChecksum()
    sum.add(self.sum)
    switch target.address {
    case .v4(let address): if hasPseudoHeader { sum.add(address.rawValue) }
    case .v6(let address):
      sum.add(address.high)
      sum.add(address.low)
    }
    if hasPorts { sum.add(quote.bigEndian(at: transport, as: UInt32.self)) }
    if hasSecond {
      let second = second(numbers, attempt)
      guard quote.bigEndian(at: transport &+ 4) == second else { return false }
      sum.add(second)
    }
    if fillsAcknowledgment {
      let (place, number) = (transport &+ 8, numbers.acknowledgment)
      sum.add(number)
      guard quote.byteCount <= place || quote.byteCount >= place &+ 4 && quote.bigEndian(at: place) == number else {
        return false
      }
    }
    let rest = quote.byteCount &- data
    if isTimestamp {
      sum.add(numbers.originate)
      guard quote.byteCount <= transport &+ 8 || quote.byteCount >= transport &+ 12 else { return false }
      guard quote.byteCount == transport &+ 8 || quote.bigEndian(at: transport &+ 8) == numbers.originate else {
        return false
      }
    }
    if hasCookie {
      let cookie = numbers.cookie.number
      // The time and its complement add nothing.
      sum.add(UInt64(truncatingIfNeeded: cookie &>> 64))
      sum.add(UInt64(truncatingIfNeeded: cookie))
      guard rest <= 0 || rest >= EchoData.byteCount else { return false }
      if rest > 0 {
        guard quote.bigEndian(at: data) == cookie, EchoData.time(in: quote.extracting(data..<quote.byteCount)) != nil
        else { return false }
      }
    }
    if let mark {
      let value = mark.value(numbers)
      mark.add(value, to: &sum)
      guard rest <= mark.offset || rest >= mark.offset &+ mark.width else { return false }
      guard rest <= mark.offset || mark.stands(in: quote, at: data &+ mark.offset, value) else { return false }
    }
    guard let checksum, quote.byteCount > checksum else { return true }
    // Of half a checksum the judges compare the half.
    guard quote.byteCount >= checksum &+ 2 else { return false }
    return quote.bigEndian(at: checksum) == (zeroMeansNone ? sum.udpChecksum : sum.checksum)
  }

  /// Whether octets are those that all questions have, where they have the same.
  @inline(__always)
  private func isLike(_ quote: RawSpan) -> Bool {
    let (own, mask) = (octets.rawSpan, mask.rawSpan)
    var place = 0
    while place &+ 8 <= quote.byteCount {
      let difference = quote.bigEndian(at: place, as: UInt64.self) ^ own.bigEndian(at: place, as: UInt64.self)
      guard difference & mask.bigEndian(at: place, as: UInt64.self) == 0 else { return false }
      place &+= 8
    }
    while place < quote.byteCount {
      guard (quote[place] ^ own[place]) & mask[place] == 0 else { return false }
      place &+= 1
    }
    return true
  }

  /// Whether data have the length of ours and, but for a cookie and a time, their octets.
  @inline(__always)
  func isData(_ other: RawSpan) -> Bool {
    let count = octets.count &- data
    guard other.byteCount == count else { return false }
    if hasCookie { return true }
    let own = octets.rawSpan
    for place in 0..<count where other[place] != own[data &+ place] { return false }
    return true
  }
}

extension SweepPayloads.Mark {
  /// Adds the number to the sum of a UDP datagram.
  @inline(__always)
  func add(_ value: UInt64, to sum: inout InternetChecksum) {
    let bits = value &<< UInt64(64 &- 8 &* width)
    // Behind an odd number of octets each is the other half of a word.
    sum.add(offset & 1 == 0 ? bits : bits.byteSwapped)
  }

  /// Whether the number stands at an offset; there are octets enough.
  @inline(__always)
  func stands(in octets: RawSpan, at place: Int, _ value: UInt64) -> Bool {
    switch width {
    case 2: octets.bigEndian(at: place, as: UInt16.self) == UInt16(truncatingIfNeeded: value)
    case 4: octets.bigEndian(at: place, as: UInt32.self) == UInt32(truncatingIfNeeded: value)
    default: octets.bigEndian(at: place, as: UInt64.self) == value
    }
  }

  /// Whether an answer repeats the number.
  @inline(__always)
  func isRepeated(in answer: RawSpan, _ numbers: QuestionNumbers) -> Bool {
    let value = value(numbers)
    if let answered { return answered &+ width <= answer.byteCount && stands(in: answer, at: answered, value) }
    var place = 0
    while place &+ width <= answer.byteCount {
      if stands(in: answer, at: place, value) { return true }
      place &+= 1
    }
    return false
  }
}
