internal import SondeLink

/// The schedule and the brake of one measure, packets or bits, on the clock of its caller.
struct PaceMeter: Sendable {
  /// Of the measure, a second.
  private(set) var rate: Double
  /// How much of the measure a packet is.
  var unit: Double
  /// What the schedule has given since `start` and was not spent; less than 0 if a packet was larger than expected.
  private var credit: Double
  /// How full the bucket of the brake is.
  private var level: Double = 0
  /// When `credit` and `level` were true; nil before the first question.
  private var last: Instant?

  /// How fast a debt is made good, in rates.
  static let haste = 1.4
  /// What the bucket holds beside one packet, in shares of a millisecond. With `haste` it stays below two.
  static let depth = 0.58
  /// Up to here the rule of the millisecond holds, in packets a second.
  static let smooth = 50_000.0
  /// Between two questions of a fast rate, in seconds.
  static let pulse = 250e-6
  /// The longest time that is made good, in seconds: one who was stopped for a minute does not hurry for two.
  static let memory = 1.0

  init(rate: Double, unit: Double) {
    self.rate = rate
    self.unit = unit
    credit = unit
  }

  private var room: Double {
    let share = rate / 1_000
    let room = Self.depth * share + unit
    return rate > Self.smooth * unit ? max(room, Double(Pacer.batch) * unit) : room
  }

  /// Brings credit and bucket to this moment; one before the last changes nothing.
  private mutating func advance(to now: Instant) {
    guard let last else {
      self.last = now
      return
    }
    guard now > last else { return }
    let passed = Double(now.nanoseconds &- last.nanoseconds) * 1e-9
    credit = min(credit + passed * rate, unit + rate * Self.memory)
    level = max(0, level - passed * rate * Self.haste)
    self.last = now
  }

  /// How many whole packets may go now.
  mutating func allowance(at now: Instant) -> Double {
    advance(to: now)
    return max(0, ((min(credit, room - level) + Self.grain * unit) / unit).rounded(.down))
  }

  /// How long until it is worth asking again when so many packets went at `now`, in nanoseconds.
  func wait(after count: Double, at now: Instant) -> Double {
    let (credit, level) = (credit - count * unit, level + count * unit)
    // Some packets at once, so that there are few questions; one at once of a slow rate.
    let wanted = max(1, (rate * Self.pulse / unit).rounded(.down)) * unit
    let earned = (wanted - credit) / rate
    let drained = (min(wanted, room) - (room - level)) / (rate * Self.haste)
    return max(0, earned, drained) * 1e9
  }

  mutating func spend(_ amount: Double, at now: Instant) {
    advance(to: now)
    credit -= amount
    level += amount
  }

  mutating func forgive(at now: Instant) {
    advance(to: now)
    credit = min(credit, unit)
  }

  mutating func change(rate new: Double, at now: Instant) {
    advance(to: now)
    if new < rate { credit = min(credit, unit) }
    rate = new
  }

  /// What rounding may lack for a packet to be whole, in packets.
  private static let grain = 1e-6
}
