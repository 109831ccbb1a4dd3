internal import SondeHeaders
internal import SondeLink
internal import SondeOctets

// Receiving.
extension Session {
  mutating func receive(_ frame: Frame, at now: Instant) {
    guard let reply = frame.dissection else { return cannotRead(frame.linkType) }
    switch reassembly.add(reply, at: frame.stamp.monotonic.nanoseconds) {
    case .whole: hear(reply, frame, at: now)
    case .pending: hold(reply, frame)
    case .complete(let whole, let oddities): hear(whole, of: oddities, frame, at: now)
    case .refused(let oddity, let isVoid): refuse(reply, oddity, isVoid: isVoid, frame)
    }
  }

  /// Takes a packet that is whole, or all of it that will ever come.
  mutating func hear(_ reply: Dissection, _ frame: Frame, at now: Instant, remark: String = "") {
    switch correlator.match(reply, quoteIsRebuilt: frame.quoteIsRebuilt) {
    case nil: break
    case .noise(let probe, let why)?: noise(probe, reply, why, frame)
    case .answer(let finding)?:
      if let why = reply.damage(of: frame) { return noise(finding.probe, reply, why, frame) }
      guard let entry = ledger[finding.probe] else { return }
      let isRemarked = !remark.isEmpty && !finding.flags.contains(.fragmented)
      let answer = Answer(
        probe: finding.probe, target: entry.request.target, turn: entry.request.turn, verdict: finding.verdict,
        by: finding.by, from: reply.source, rtt: nil, rttClock: .monotonic,
        flags: finding.flags + (isRemarked ? [.fragmented] : []), why: finding.why + remark,
        report: finding.report, reply: reply, frame: frame, at: frame.stamp.monotonic,
        isFirst: false)
      take(answer, entry, came: arrival(frame.stamp, entry), due: now + .milliseconds(1))
    }
  }

  /// Says once of each link type that its frames are lost on us.
  private mutating func cannotRead(_ type: LinkType) {
    guard unreadable.insert(type).inserted else { return }
    let message = "frames of link type \(type.rawValue) cannot be read here"
    events.append(.failure(LinkError(operation: "receive", code: 0, message: message)))
  }

  mutating func noise(_ probe: UInt64?, _ reply: Dissection, _ why: String, _ frame: Frame) {
    ledger.countNoise()
    events.append(.noise(Noise(probe: probe, from: reply.source, why: why, frame: frame)))
  }

  /// This machine says that it could not deliver a probe which it had taken: an answer of its own.
  mutating func failLocally(_ probe: UInt64, _ error: LinkError, at now: Instant) {
    guard let entry = ledger[probe], entry.sentAt != nil else { return }
    let answer = Answer(
      probe: probe, target: entry.request.target, turn: entry.request.turn, verdict: .unreachable, by: .localError,
      from: nil, rtt: nil, rttClock: .monotonic, flags: [.local], why: error.message, report: nil, reply: nil,
      frame: nil, at: now, isFirst: false)
    take(answer, entry, came: now, due: now)
  }

  /// When it reached this machine: by the kernel's stamp, if that lies between our sending and our reading.
  private func arrival(_ stamp: Stamp, _ entry: Ledger.Entry) -> Instant {
    guard let kernel = stamp.kernel, let sentAt = entry.sentAt, sentAt <= kernel, kernel <= stamp.monotonic else {
      return stamp.monotonic
    }
    return kernel
  }

  /// Books an answer as of the moment when it came; what is told of it waits for the transmit stamp.
  mutating func take(_ answer: Answer, _ entry: Ledger.Entry, came: Instant, due: Instant) {
    if came > entry.deadline { fallSilent(answer.probe) }
    let isError = answer.by == .icmpError || answer.by == .localError
    let item = Waiting(
      answer: answer, sentAt: entry.sentAt, isFromAskedHost: !isError || answer.from == entry.destination, due: due)
    let probe = answer.probe
    if answer.flags.contains(.weakMatch), let entry = ledger[probe], !entry.isOver, entry.first == nil {
      if held[probe] == nil {
        held[probe] = item
      } else if let reply = answer.reply, let frame = answer.frame {
        noise(probe, reply, "quotes as little as an error before it", frame)
      }
      return
    }
    book(item)
    if let weak = held.removeValue(forKey: probe) { book(weak) }
  }

  mutating func book(_ item: Waiting) {
    var item = item
    let answer = item.answer
    let isError = answer.by == .icmpError || answer.by == .localError
    let booked = ledger.book(
      answer.probe, answer.verdict, from: answer.from, isError: isError, claim: answer.reply?.claimedLinkAddress)
    item.answer.flags += booked.flags.filter { !answer.flags.contains($0) }
    item.isRepeated = booked.flags.contains(.duplicate) || booked.flags.contains(.conflict)
    item.answer.isFirst = booked.isFirst
    correlator.answered(answer.probe, from: answer.from)
    if unanswered[answer.target]?.probe == answer.probe { unanswered[answer.target] = nil }
    waiting.append(item)
  }

  /// Hands out the answers, in order, whose transmit stamp is there or that have waited long enough.
  mutating func deliver(at now: Instant) {
    while let item = waiting.first {
      let departure = ledger[item.answer.probe]?.departure
      guard departure != nil || !waitsForDepartures || item.due <= now else { break }
      waiting.removeFirst()
      var answer = item.answer
      answer.resolution = ledger[answer.probe]?.resolution
      (answer.rtt, answer.rttClock) = roundTrip(item, departure, hasWaited: answer.resolution != nil)
      // An error from a host on the way says nothing of the way to the host asked.
      if answer.isFirstOfItsHost, item.isFromAskedHost, let rtt = answer.rtt { ledger.add(rtt: rtt) }
      plan.consider(&answer)
      events.append(.answer(answer))
      if !item.isRepeated {
        settle(plan.answered(answer))
      } else if answer.flags.contains(.conflict) {
        settle(plan.contradicted(answer))
      }
    }
  }

  /// The kernel's pair of stamps if each lies on the right side of what this program saw; else the
  /// program's own pair, from which the wait for a link address is taken: the kernel switches the stamps of what comes
  /// on a moment late, so that a run's first answer may have none.
  private func roundTrip(_ item: Waiting, _ departure: Instant?, hasWaited: Bool) -> (Duration?, RTTClock) {
    guard let sent = item.sentAt, let stamp = item.answer.frame?.stamp, sent <= stamp.monotonic else {
      return (nil, .monotonic)
    }
    if let departure, let came = stamp.kernel, sent <= departure, departure <= came, came <= stamp.monotonic {
      return (came - departure, .kernel)
    }
    if hasWaited, let departure, sent <= departure, departure <= stamp.monotonic {
      return (stamp.monotonic - departure, .monotonic)
    }
    return (stamp.monotonic - sent, .monotonic)
  }
}
