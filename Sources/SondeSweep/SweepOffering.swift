internal import SondeLink
internal import SondeOctets

extension SweepSender where Door: ~Copyable, Hops: ~Copyable {
  /// Offers the door what of the batch it did not take yet.
  ///
  /// - Returns: false if it has no room for the rest now.
  mutating func offer() -> Bool {
    // Before a packet leaves its answer must be able to come.
    book.publish(next[0], .head)
    while offered < batch.count {
      let now = door.now
      for index in offered..<batch.count where entries[index].isQuestion {
        book.note(asked: entries[index].place, attempt: Int(entries[index].attempt), at: now)
      }
      var isFull = false
      switch door.send(batch, from: offered) {
      case .all: took(batch.count - offered, at: now)
      case .full(let count):
        took(count, at: now)
        isFull = true
      case .refused(let count, let why):
        took(count, at: now)
        guard offered < batch.count else { break }
        note(why)
        if entries[offered].isQuestion {
          fail(entries[offered].place, attempt: entries[offered].attempt, at: now)
        }
        offered += 1
      }
      if isFull, offered < batch.count {
        full &+= 1
        publishCounts()
        return false
      }
    }
    batch.removeAll()
    offered = 0
    publish()
    return true
  }

  /// Books packets that the door took, from `offered` on.
  private mutating func took(_ count: Int, at now: Instant) {
    let end = min(offered + max(0, count), batch.count)
    guard end > offered else { return }
    let before = sent
    var octets = 0
    for index in offered..<end {
      octets &+= Pacer.onWire(batch.lengths[index])
      guard entries[index].isQuestion else { continue }
      sent &+= 1
      if entries[index].attempt == 0 { asked &+= 1 } else { outrun &+= 1 }
    }
    if sent != before {
      book[.lastAsked] = UInt64(bitPattern: now.nanoseconds)
      if firstLeft == nil { firstLeft = now }
      lastLeft = now
    }
    left &+= UInt64(end - offered)
    pacing.sent(end - offered, octets: octets, at: door.now)
    offered = end
  }

  /// Books an attempt that could not be made. A question that was asked before stays one that waits for its answer.
  mutating func fail(_ place: UInt64, attempt: UInt8, at now: Instant) {
    book.note(asked: place, attempt: Int(attempt), at: now)
    sent &+= 1
    // What has its answer did leave after all: the answer is booked for it.
    if attempt == 0, book.note(SweepBook.Standing.failed, place) != SweepBook.Standing.none { return }
    sendFailed &+= 1
  }

  /// Keeps a reason, once, the first few.
  mutating func note(_ why: LinkError) {
    guard refusals.count < 8, !refusals.contains(why) else { return }
    refusals.append(why)
  }

  /// Tells the other half how far the questions are.
  mutating func publish() {
    publishCounts()
    book.publish(next[0], .head)
    for attempt in 0...book.retries {
      book.publish(through: min(next[attempt], parking.floor[attempt]), attempt: attempt)
    }
  }

  private func publishCounts() {
    book[.sent] = sent
    book[.sendFailed] = sendFailed
    book[.outrun] = outrun
    book[.asked] = asked
    book[.left] = left
    book[.full] = full
    book[.rate] = pacing.rate.bitPattern
  }
}
