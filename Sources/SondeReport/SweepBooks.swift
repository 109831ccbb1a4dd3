internal import SondeHeaders
internal import SondeLink
internal import SondeProbe
public import SondeSweep

/// What a sweep comes to in the end.
public struct SweepBooks: Sendable {
  public var run: SweepSummary
  public var rtt: RTTHistogram
  /// How many questions there were to ask.
  public var questions: UInt64
  /// As `--shard` writes it; nil for the whole.
  public var shard: String?
  public var seed: UInt64
  public var asksPorts: Bool

  public init(
    _ run: SweepSummary, rtt: RTTHistogram, questions: UInt64, shard: String?, seed: UInt64, asksPorts: Bool
  ) {
    self.run = run
    self.rtt = rtt
    self.questions = questions
    self.shard = shard
    self.seed = seed
    self.asksPorts = asksPorts
  }

  private var counts: SweepCounts { run.counts }
  private var elapsed: Duration { run.ended - run.began }
  /// How many questions this run and those that it continues have settled.
  private var settled: UInt64 { counts.verdicts.values.reduce(0, +) }

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
      ("unsettled", .integer(questions - min(questions, settled))),
      ("rate", .integer(run.rate.map { Int64(min($0, 1e18)) })), ("elapsed_ns", .integer(elapsed.nanoseconds)),
      ("shard", .text(shard)), ("seed", .natural(seed)),
    ]).line
  }

  /// A few lines for people.
  public var lines: [String] {
    let noun = asksPorts ? "port" : "host"
    let states = verdicts.map { "\(grouped($0.count)) \($0.verdict)" }.joined(separator: ", ")
    var lines = [
      "\(counted(settled, noun)): \(states.isEmpty ? "none settled" : states)",
      "\(counted(counts.sent - min(counts.sent, counts.sendFailed), "packet"))\(run.rate.map { " at \(packetRate($0))" } ?? ""): "
        + "\(grouped(counts.answered)) answered, \(grouped(counts.silent)) silent"
        + (counts.sendFailed > 0 ? ", \(grouped(counts.sendFailed)) not sent" : "") + oddities
        + "; \(counted(counts.frames, "frame")) heard, \(Self.time(elapsed))",
    ]
    if rtt.count > 0 {
      let times = ([rtt.min] + rtt.percentiles([50, 99]) + [rtt.max]).map { pingTime($0) }
      lines.append("rtt min/p50/p99/max = \(times.joined(separator: "/")) ms")
    }
    if settled < questions { lines.append("\(counted(questions - settled, noun)) not settled: the run was cut short") }
    return lines
  }

  /// What people are to be told of silent ports; nil where hosts may have had as much to say as they had.
  public var withheld: String? {
    guard counts.errors > 0, counts.verdicts[.openOrFiltered] ?? 0 > counts.errors else { return nil }
    return
      "hosts send only so many ICMP errors a second: ports called open|filtered may be closed ones of which a host "
      + "had no more to say; sonde probe --udp measures that limit and waits"
  }

  /// What is to be said on standard error; nil where all is well.
  public var warning: String? {
    guard counts.ownDrops > 0 else { return nil }
    let most = min(counts.ownDrops, counts.silent)
    return "\(counted(counts.ownDrops, "packet")) came and could not be kept here for want of room: "
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
public func counted(_ count: UInt64, _ noun: String) -> String { "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")" }

/// A number with commas between its thousands.
public func grouped(_ number: some BinaryInteger) -> String {
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
