internal import SondeHeaders
public import SondeLink
public import SondeSweep

/// What a sweep comes to in the end.
public struct SweepBooks: Sendable {
  public var counts: SweepCounts
  public var rtt: RTTHistogram
  /// How many questions there were to ask.
  public var questions: UInt64
  /// How many of them this run and those that it continues have settled.
  public var settled: UInt64
  /// When the first packet of this run left, and the last one.
  public var sending: (first: Instant, last: Instant)?
  /// How many packets this run sent.
  public var sentHere: UInt64
  public var elapsed: Duration
  /// As `--shard` writes it; nil for the whole.
  public var shard: String?
  public var seed: UInt64
  public var asksPorts: Bool

  public init(
    counts: SweepCounts, rtt: RTTHistogram, questions: UInt64, settled: UInt64,
    sending: (first: Instant, last: Instant)?, sentHere: UInt64, elapsed: Duration, shard: String?, seed: UInt64,
    asksPorts: Bool
  ) {
    self.counts = counts
    self.rtt = rtt
    self.questions = questions
    self.settled = settled
    self.sending = sending
    self.sentHere = sentHere
    self.elapsed = elapsed
    self.shard = shard
    self.seed = seed
    self.asksPorts = asksPorts
  }

  /// Packets a second between the first and the last, both counted as the ends of gaps; nil where there is no gap.
  public var rate: Double? {
    guard let sending, sentHere > 1 else { return nil }
    let nanoseconds = (sending.last - sending.first).nanoseconds
    return nanoseconds > 0 ? Double(sentHere - 1) * 1e9 / Double(nanoseconds) : nil
  }

  /// The documented object.
  public var json: String {
    let verdicts = JSON.object(verdicts.map { ($0.verdict.rawValue, .integer($0.count)) })
    return JSON.object([
      ("type", "summary"), ("sent", .integer(counts.sent)), ("send_failed", .integer(counts.sendFailed)),
      ("answered", .integer(counts.answered)), ("silent", .integer(counts.silent)),
      ("duplicates", .integer(counts.duplicates)), ("late", .integer(counts.late)),
      ("noise", .integer(counts.noise)), ("errors", .integer(counts.errors)),
      ("own_drops", .integer(counts.ownDrops)), ("frames", .integer(counts.frames)), ("rtt_ns", .times(rtt)),
      (asksPorts ? "ports" : "hosts", verdicts), ("questions", .integer(questions)),
      ("rate", .integer(rate.map { Int64(min($0, 1e18)) })), ("elapsed_ns", .integer(elapsed.nanoseconds)),
      ("shard", .text(shard)), ("seed", .integer(seed)),
    ]).line
  }

  /// A few lines for people.
  public var lines: [String] {
    let noun = asksPorts ? "port" : "host"
    let states = verdicts.map { "\(grouped($0.count)) \($0.verdict)" }.joined(separator: ", ")
    var lines = [
      "\(counted(settled, noun)): \(states.isEmpty ? "none settled" : states)",
      "\(counted(counts.sent, "packet"))\(rate.map { " at \(packetRate($0))" } ?? ""): "
        + "\(grouped(counts.answered)) answered, \(grouped(counts.silent)) silent"
        + (counts.sendFailed > 0 ? ", \(grouped(counts.sendFailed)) not sent" : "") + oddities
        + "; \(counted(counts.frames, "frame")) heard, \(Self.time(elapsed))",
    ]
    if rtt.count > 0 {
      let times = [rtt.min, rtt.percentile(50), rtt.percentile(99), rtt.max].map { pingTime($0) }
      lines.append("rtt min/p50/p99/max = \(times.joined(separator: "/")) ms")
    }
    if settled < questions { lines.append("\(counted(questions - settled, noun)) not settled: the run was cut short") }
    return lines
  }

  /// What is to be said on standard error; nil where all is well.
  public var warning: String? {
    guard counts.ownDrops > 0 else { return nil }
    let most = min(counts.ownDrops, counts.silent)
    return "\(counted(counts.ownDrops, "packet")) came and was lost on this machine for want of room: "
      + "as many as \(grouped(most)) of the silent may be ours; a lower --rate, or --retries, tells"
  }

  private var oddities: String {
    [
      (counts.errors, "by ICMP errors"), (counts.duplicates, "duplicates"), (counts.late, "late"),
      (counts.noise, "noise"), (counts.ownDrops, "dropped here"),
    ].filter { $0.0 > 0 }.map { ", \(grouped($0.0)) \($0.1)" }.joined()
  }

  /// The most frequent first.
  private var verdicts: [(verdict: Verdict, count: UInt64)] {
    counts.verdicts.filter { $0.value > 0 }.map { ($0.key, $0.value) }
      .sorted { ($1.1, $0.0.rawValue) < ($0.1, $1.0.rawValue) }
  }

  static func time(_ duration: Duration) -> String { fixed(duration.nanoseconds, per: 1_000_000_000, places: 2) + " s" }
}

/// A number and what it counts.
func counted(_ count: UInt64, _ noun: String) -> String { "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")" }

/// A number with commas between its thousands.
func grouped(_ number: some BinaryInteger) -> String {
  var text = ""
  for (index, digit) in String(number).reversed().enumerated() {
    if index > 0, index % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return String(text.reversed())
}

/// A rate in packets a second: `9,998/s`, `123k/s`, `1.25M/s`.
func packetRate(_ rate: Double) -> String {
  switch rate {
  case 999_950...: fixed(Int64(min(rate, 1e15)), per: 1_000_000, places: 2) + "M/s"
  case 99_950...: fixed(Int64(rate), per: 1000, places: 0) + "k/s"
  default: "\(grouped(Int64(max(rate, 0) + 0.5)))/s"
  }
}
