internal import SondeCraft
internal import SondeHeaders
internal import SondeLink

// Frames that must come, and frames that must not.
extension Interpreter {
  /// A frame that must not come before something else does.
  private typealias Barred = (way: Step.Sight.Way, pattern: RecipePattern, text: String)

  /// The frames that are not the one: how many, and those that came nearest, the nearest first.
  private struct Misses {
    struct Miss {
      var entry: HostLog.Entry
      var differences: [FieldDifference]
      var rank: Int
    }

    private(set) var count = 0
    private(set) var nearest: [Miss] = []

    mutating func add(_ entry: HostLog.Entry, _ match: PatternMatch) {
      count += 1
      let place = nearest.firstIndex { $0.rank < match.rank } ?? nearest.count
      guard place < 3 else { return }
      nearest.insert(Miss(entry: entry, differences: match.differences, rank: match.rank), at: place)
      nearest = Array(nearest.prefix(3))
    }
  }

  mutating func expect<S: Stage & ~Copyable>(
    _ expectation: Step.Expectation, _ host: String, _ result: inout StepOutcome, over stage: inout S
  ) throws(StepFailure) {
    result.expected = expectation.sight.recipe.text(with: lookup)
    let pattern = try pattern(expectation.sight.recipe)
    let barred = try self.barred(expectation.unless)
    let lengths = try self.lengths(expectation.length, result.step, over: &stage)
    let began = moment
    let deadline = isMomentUnknown ? began + Self.wholeRecord : began + expectation.within
    var place = logs[host]?.passed ?? 0
    var misses = Misses()
    var isLast = false
    while true {
      while let entry = entry(place, of: host), entry.time <= deadline {
        place += 1
        if entry.time >= began, let text = intruder(entry, barred) {
          try refuse(entry, "\(text) came, which must not", &result)
        }
        guard expectation.sight.way.holds(entry.sighting.direction) else { continue }
        var match = pattern.match(entry.packet)
        if match.isMatch, let lengths, !lengths.contains(entry.sighting.length) {
          match.differences = [lengths.difference(entry.sighting.length)]
        }
        guard match.isMatch else {
          misses.add(entry, match)
          continue
        }
        if let least = expectation.notBefore, entry.time < began + least, !isMomentUnknown {
          try refuse(entry, "it came after \((entry.time - began).spoken), sooner than \(least.spoken)", &result)
        }
        return accept(entry, at: place, host, match, &result)
      }
      if isLast || entry(place, of: host) != nil { break }
      // What came in time is heard though its time is up.
      let isOver = stage.now >= deadline
      isLast = try hear(until: deadline, over: &stage) == 0 && isOver
    }
    moment = max(moment, min(stage.now, deadline))
    try miss(misses, after: expectation.within, &result)
  }

  private func entry(_ place: Int, of host: String) -> HostLog.Entry? {
    guard let entries = logs[host]?.entries, place < entries.count else { return nil }
    return entries[place]
  }

  private mutating func accept(
    _ entry: HostLog.Entry, at place: Int, _ host: String, _ match: PatternMatch, _ result: inout StepOutcome
  ) {
    logs[host]?.passed = place
    moment = max(moment, entry.time)
    isMomentUnknown = false
    values.merge(match.taken) { _, new in new }
    result.taken = match.taken
    result.seen = entry.packet.recipe
    result.at = entry.time
    result.candidates = [.init(entry.sighting, [])]
  }

  private func refuse(
    _ entry: HostLog.Entry, _ why: String, _ result: inout StepOutcome, stops: Bool = true
  ) throws(StepFailure) {
    result.seen = entry.packet.recipe
    result.at = entry.time
    result.candidates = [.init(entry.sighting, [])]
    throw StepFailure(.unmet, why, stops: stops)
  }

  /// Tells of the frames that came nearest, the nearest first.
  private func miss(
    _ misses: Misses, after time: Duration, _ result: inout StepOutcome
  ) throws(StepFailure) {
    let nearest = misses.nearest
    result.candidates = nearest.map { .init($0.entry.sighting, $0.differences) }
    result.differences = nearest.first?.differences ?? []
    result.seen = nearest.first?.entry.packet.recipe
    result.at = nearest.first?.entry.time
    let limit = isMomentUnknown ? "to the record's end" : "within \(time.spoken)"
    switch misses.count {
    case 0: throw StepFailure(.unmet, "nothing came \(limit)")
    case 1: throw StepFailure(.unmet, "one frame came \(limit), which is another")
    case let count: throw StepFailure(.unmet, "\(count) frames came \(limit), and none is the one")
    }
  }

  private func barred(_ sights: [Step.Sight]) throws(StepFailure) -> [Barred] {
    var barred: [Barred] = []
    for sight in sights { barred.append((sight.way, try pattern(sight.recipe), sight.recipe.text(with: lookup))) }
    return barred
  }

  /// What a frame is that must not come; nil for any other.
  private func intruder(_ entry: HostLog.Entry, _ barred: [Barred]) -> String? {
    barred.first { $0.way.holds(entry.sighting.direction) && $0.pattern.match(entry.packet).isMatch }?.text
  }

  /// Lets time pass in which no such frame may come to these hosts.
  mutating func keepOut<S: Stage & ~Copyable>(
    _ sights: [Step.Sight], of hosts: [String], for time: Duration, _ result: inout StepOutcome, over stage: inout S
  ) throws(StepFailure) {
    result.expected = sights.map { [lookup] in "no \($0.recipe.text(with: lookup))" }.joined(separator: ", ")
    let barred = try self.barred(sights)
    let began = moment
    let deadline = began + time
    if isMomentUnknown, !sights.isEmpty {
      throw StepFailure(.skipped, "the record does not tell when the command before it ended", stops: false)
    }
    var places = hosts.map { logs[$0]?.passed ?? 0 }
    var isLast = false
    while true {
      for (index, host) in hosts.enumerated() {
        while let entry = entry(places[index], of: host), entry.time <= deadline {
          places[index] += 1
          guard entry.time >= began, let text = intruder(entry, barred) else { continue }
          // Nothing stands on what must not come: the steps go on when their time has come.
          moment = max(moment, entry.time)
          try refuse(entry, "\(text) came to \(host), which must not", &result, stops: false)
        }
      }
      if isLast { break }
      let isOver = stage.now >= deadline
      isLast = try (hear(until: deadline, over: &stage) == 0 || latest > deadline) && isOver
    }
    moment = deadline
  }

  private mutating func lengths<S: Stage & ~Copyable>(
    _ lengths: Step.Lengths?, _ step: Step, over stage: inout S
  ) throws(StepFailure) -> FrameLengths? {
    guard let lengths else { return nil }
    guard case .number(let least) = try value(of: lengths.least, step, over: &stage),
      case .number(let most) = try value(of: lengths.most, step, over: &stage)
    else { throw StepFailure(.impossible, "a length that is no number") }
    return FrameLengths(least: least, most: most)
  }
}

/// Lengths of frames, of which any will do.
private struct FrameLengths {
  var least: UInt64
  var most: UInt64

  func contains(_ length: Int) -> Bool { least <= UInt64(length) && UInt64(length) <= most }

  func difference(_ length: Int) -> FieldDifference {
    FieldDifference(
      layer: "frame", field: "length", expected: least == most ? "\(least)" : "\(least)..\(most)", seen: "\(length)")
  }
}

extension Duration {
  /// As a sentence has it: "1.5 s", "100 ms".
  var spoken: String {
    let nanoseconds = nanoseconds
    let (unit, name): (Int64, String) =
      switch abs(nanoseconds) {
      case 1_000_000_000...: (1_000_000_000, "s")
      case 1_000_000...: (1_000_000, "ms")
      case 1000...: (1000, "us")
      default: (1, "ns")
      }
    let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: unit)
    let thousandths = unit == 1 ? 0 : abs(rest) / (unit / 1000)
    guard thousandths > 0 else { return "\(whole) \(name)" }
    var digits = String(thousandths + 1000).dropFirst()
    while digits.last == "0" { digits = digits.dropLast() }
    return "\(whole == 0 && nanoseconds < 0 ? "-" : "")\(whole).\(digits) \(name)"
  }
}
