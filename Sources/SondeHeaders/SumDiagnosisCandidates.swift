internal import SondeOctets

/// A mistake, and the checksum that comes of it.
struct SumCandidate {
  var mistake: SumMistake
  var value: UInt16

  init(_ mistake: SumMistake, _ value: UInt16) {
    self.mistake = mistake
    self.value = value
  }
}

/// The sums of one segment, made once, and what comes of them when they are made wrongly.
struct SumTrial {
  let segment: SummedSegment
  /// The octets' own sum, their checksum counted as zero.
  let own: WordSum
  /// The octets' and the pseudo-header's sum.
  let whole: WordSum
  /// The right checksum.
  let right: UInt16

  init(_ segment: SummedSegment) {
    self.segment = segment
    own = segment.sum(segment.octets[...])
    whole = own + segment.pseudo()
    right = segment.finished(whole)
  }

  func mistakes(giving found: UInt16) -> [SumMistake] {
    guard found != right else { return [] }
    var fitting: [SumMistake] = []
    for candidate in candidates(for: found) where candidate.value == found && !fitting.contains(candidate.mistake) {
      fitting.append(candidate.mistake)
    }
    return fitting
  }

  /// What each mistake gives, the likeliest and most specific first.
  func candidates(for found: UInt16) -> [SumCandidate] {
    var list: [SumCandidate] = []
    // A zero stands for too many things for any but these; on UDP it is not even a checksum.
    if found == 0 {
      if segment.zeroMeansNone, right == 0xffff { return [SumCandidate(.zeroForOnes, 0)] }
      list.append(SumCandidate(.neverComputed, 0))
      if right != 0xffff { list.append(SumCandidate(.fieldNotZeroed(.rightSum), 0)) }
      return list
    }
    list.append(SumCandidate(.bytesSwapped, right.byteSwapped))
    list.append(SumCandidate(.complementForgotten, ~right))
    // The sum of what holds its right checksum is 0xffff, which UDP's rule turns round once more.
    if segment.zeroMeansNone { list.append(SumCandidate(.fieldNotZeroed(.rightSum), 0xffff)) }
    list += pseudoHeaderCandidates()
    list += carryCandidates()
    list += extentCandidates()
    list += replyCandidates()
    let shortfall = SummedSegment.shortfall(of: found, from: right)
    if shortfall != 0, segment.otherShortfall == shortfall { list.append(SumCandidate(.addressChanged, found)) }
    list += timeToLiveCandidates()
    return list
  }

  private func pseudoHeaderCandidates() -> [SumCandidate] {
    guard let pseudoHeader = segment.pseudoHeader else { return [] }
    guard let pseudoProtocol = segment.pseudoProtocol else {
      guard segment.layer == "icmp" || segment.layer == "igmp", let number = segment.shownProtocol else { return [] }
      var added = segment
      added.pseudoProtocol = number
      return [SumCandidate(.pseudoHeaderAdded, added.checksum)]
    }
    let all = segment.pseudo()
    var list = [SumCandidate(.pseudoHeaderForgotten, segment.finished(own))]
    let parts: [(SumMistake.Part, Set<SumMistake.Part>)] = [
      (.source, [.source]), (.length, [.length]), (.protocolNumber, [.protocolNumber]),
      (.addresses, [.source, .destination]), (.destination, [.destination]),
      (.lengthAndProtocolNumber, [.length, .protocolNumber]),
    ]
    for (part, left) in parts {
      list.append(SumCandidate(.pseudoHeaderWithout(part), segment.finished(own + segment.pseudo(without: left))))
    }
    if let shown = segment.shownDestination, shown != pseudoHeader.destination {
      let sum = own + segment.pseudo(destination: shown)
      list.append(SumCandidate(.shownDestination(shown), segment.finished(sum)))
    }
    if let shown = segment.shownProtocol, shown != pseudoProtocol {
      list.append(SumCandidate(.otherProtocol(shown), segment.finished(own + segment.pseudo(protocol: shown))))
    }
    let total = own + segment.pseudo(length: segment.octets.count + segment.outerByteCount)
    list.append(SumCandidate(.otherLength(.wholePacket), segment.finished(total)))
    let data = own + segment.pseudo(length: max(segment.octets.count - segment.headerByteCount, 0))
    list.append(SumCandidate(.otherLength(.dataAlone), segment.finished(data)))
    for part in [SumMistake.Part.length, .protocolNumber, .lengthAndProtocolNumber] {
      let swapped: Set<SumMistake.Part> = part == .lengthAndProtocolNumber ? [.length, .protocolNumber] : [part]
      list.append(SumCandidate(.numberSwapped(part), segment.finished(own + segment.pseudo(swapping: swapped))))
    }
    list.append(SumCandidate(.fieldNotZeroed(.pseudoHeaderSum), segment.finished(own + all + all)))
    list.append(SumCandidate(.offloaded(.withoutLength), segment.pseudo(without: [.length]).folded))
    list.append(SumCandidate(.offloaded(.complemented), ~all.folded))
    return list
  }

  private func carryCandidates() -> [SumCandidate] {
    var list: [SumCandidate] = []
    for (bigEndian, all, last) in [
      (true, SumMistake.Carry.all, SumMistake.Carry.last), (false, .allLittleEndian, .lastLittleEndian),
    ] {
      let total = whole.total(bigEndian: bigEndian)
      for (carry, value) in [(all, total), (last, total & 0xffff + total >> 16)] {
        let checksum = ~UInt16(truncatingIfNeeded: value)
        list.append(SumCandidate(.carryDropped(carry), segment.finished(bigEndian ? checksum : checksum.byteSwapped)))
      }
    }
    return list
  }

  /// Mistakes about where the octets end.
  private func extentCandidates() -> [SumCandidate] {
    var list: [SumCandidate] = []
    if let last = segment.octets.last, segment.octets.count % 2 == 1 {
      var changed = whole
      changed.high -= UInt64(last)
      list.append(SumCandidate(.oddOctetLeftOut, segment.finished(changed)))
      changed.low += UInt64(last)
      list.insert(SumCandidate(.oddOctetPaddedInFront, segment.finished(changed)), at: 0)
      if let next = segment.beyond.first {
        changed = whole
        changed.low += UInt64(next)
        list.append(SumCandidate(.oddOctetReadOn, segment.finished(changed)))
      }
    }
    if !segment.beyond.isEmpty {
      let run = segment.sum((segment.octets + segment.beyond)[...])
      for length in [segment.octets.count, segment.octets.count + segment.beyond.count] {
        list.append(SumCandidate(.readOn(segment.beyond.count), segment.finished(run + segment.pseudo(length: length))))
      }
    }
    let least = segment.layer == "ip" ? 20 : segment.headerByteCount
    if least < segment.octets.count, least >= segment.fieldOffset + 2 {
      let header = segment.sum(segment.octets[..<least])
      for length in [segment.octets.count, least] {
        list.append(SumCandidate(.restForgotten, segment.finished(header + segment.pseudo(length: length))))
      }
    }
    return list
  }

  /// A reply that was made of the request by changing the type.
  private func replyCandidates() -> [SumCandidate] {
    guard let type = segment.octets.first else { return [] }
    let request: UInt8
    switch (segment.layer, type) {
    case ("icmp", 0): request = 8
    case ("icmp", 14), ("icmp", 16), ("icmp", 18), ("icmpv6", 129): request = type - 1
    default: return []
    }
    return changed(
      octetAt: 0, from: request, .typeChanged(from: request), notZeroed: .fieldNotZeroed(.sumOfRequest))
  }

  /// An IP header whose time to live was another: first one and more hops counted down, then any.
  private func timeToLiveCandidates() -> [SumCandidate] {
    guard segment.layer == "ip", segment.octets.count >= 20 else { return [] }
    let now = segment.octets[8]
    let before = (now..<255).map { $0 + 1 } + (0..<now).reversed()
    return before.flatMap { before in
      changed(
        octetAt: 8, from: before, .timeToLiveChanged(from: before),
        notZeroed: before == now &+ 1 && before > now ? .fieldNotZeroed(.sumBeforeHop) : nil)
    }
  }

  /// The sums that the segment.octets had before the one at an even `offset` changed: kept as it was, or summed anew
  /// with it in place.
  private func changed(
    octetAt offset: Int, from before: UInt8, _ mistake: SumMistake, notZeroed: SumMistake?
  ) -> [SumCandidate] {
    var old = whole
    old.high = old.high - UInt64(segment.octets[offset]) + UInt64(before)
    let stale = segment.finished(old)
    guard let notZeroed else { return [SumCandidate(mistake, stale)] }
    var anew = whole
    anew.add(stale)
    return [SumCandidate(mistake, stale), SumCandidate(notZeroed, segment.finished(anew))]
  }
}

extension SummedSegment {
  /// The sum of octets from the first on, the checksum's own counted as zero.
  fileprivate func sum(_ slice: ArraySlice<UInt8>) -> WordSum {
    var sum = WordSum()
    sum.add(slice)
    if slice.indices.contains(fieldOffset) { sum.high -= UInt64(slice[fieldOffset]) }
    if slice.indices.contains(fieldOffset + 1) { sum.low -= UInt64(slice[fieldOffset + 1]) }
    return sum
  }

  /// The pseudo-header's sum, or nothing where the sum covers none; parts may be left out or be another.
  fileprivate func pseudo(
    without parts: Set<SumMistake.Part> = [], length: Int? = nil, protocol: UInt8? = nil,
    swapping: Set<SumMistake.Part> = [], destination: IPAddress? = nil
  ) -> WordSum {
    var sum = WordSum()
    guard let pseudoProtocol, let pseudoHeader else { return sum }
    if !parts.contains(.source) { sum.add(pseudoHeader.source) }
    if !parts.contains(.destination) { sum.add(destination ?? pseudoHeader.destination) }
    if !parts.contains(.length) {
      let length = UInt32(truncatingIfNeeded: length ?? octets.count)
      let word = UInt16(truncatingIfNeeded: length)
      sum.add(UInt16(truncatingIfNeeded: length >> 16))
      sum.add(swapping.contains(.length) ? word.byteSwapped : word)
    }
    if !parts.contains(.protocolNumber) {
      let word = UInt16(`protocol` ?? pseudoProtocol)
      sum.add(swapping.contains(.protocolNumber) ? word.byteSwapped : word)
    }
    return sum
  }

  /// The checksum that a sum is sent as.
  fileprivate func finished(_ sum: WordSum) -> UInt16 { finished(~sum.folded) }

  fileprivate func finished(_ checksum: UInt16) -> UInt16 { zeroMeansNone && checksum == 0 ? 0xffff : checksum }
}
