internal import SondeHeaders
internal import SondeLink
public import SondeOctets
public import SondeProbe

/// A trace in text: one line a hop, the TTL first, then who answered, after how long, and what is odd about it.
public enum TraceText {
  /// A hop's line.
  ///
  /// - Parameter name: the name of an address, where it is known.
  public static func line(_ trace: Trace, hop index: Int, name: (IPAddress) -> String?) -> String {
    let hop = trace.hops[index]
    let number = String(hop.ttl)
    var words = [String(repeating: " ", count: max(0, 2 - number.count)) + number]
    var shown: IPAddress?
    for query in hop.queries {
      guard let query else { continue }
      guard let answer = query.answer else {
        if !hop.answers.isEmpty { words.append(query.verdict == .sendFailed ? "!" : "*") }
        continue
      }
      if answer.from == nil || answer.from != shown {
        words.append(who(answer, name))
        shown = answer.from
      }
      words.append(answer.rtt.map { "\(pingTime($0.nanoseconds)) ms" } ?? "- ms")
      if let mark = mark(answer, in: trace) { words[words.count - 1] += " \(mark)" }
    }
    let notes = sentences(trace, hop: index)
    if hop.answers.isEmpty { return (words + [notes.joined(separator: "; ")]).joined(separator: "  ") }
    return words.joined(separator: "  ") + (notes.isEmpty ? "" : "  [\(notes.joined(separator: "; "))]")
  }

  private static func who(_ answer: Answer, _ name: (IPAddress) -> String?) -> String {
    guard let from = answer.from else { return "this machine" }
    let local = answer.flags.contains(.local) ? ", this machine" : ""
    return "\(from)" + (name(from).map { " (\($0)\(local))" } ?? (local.isEmpty ? "" : " (this machine)"))
  }

  /// The notes of traceroute(8) for errors other than the end of a TTL.
  private static func mark(_ answer: Answer, in trace: Trace) -> String? {
    guard let report = answer.report, answer.verdict != .timeExceeded else { return nil }
    if answer.verdict == .closed, trace.place(of: answer) == .arrived { return nil }
    if report.verdict == .tooBig { return "!F-\(report.mtu ?? 0)" }
    guard report.isDestinationUnreachable else { return "!<\(report.type)-\(report.code)>" }
    let letters =
      report.version == 4
      ? [0: "!N", 1: "!H", 2: "!P", 3: "!p", 5: "!S", 9: "!X", 10: "!X", 13: "!X", 14: "!V", 15: "!C"]
      : [0: "!N", 1: "!X", 2: "!S", 3: "!H", 4: "!p"]
    return letters[Int(report.code)] ?? "!<\(report.code)>"
  }

  /// What is to be said of a hop, in words.
  static func sentences(_ trace: Trace, hop index: Int) -> [String] {
    let hop = trace.hops[index]
    let asked = hop.queries.count { $0 != nil }
    var sentences = labels(hop)
    for note in trace.notes(at: index) {
      switch note {
      case .noAnswer: sentences.append("no answer")
      case .noAnswerYet: sentences.append("no answer yet")
      case .partlySilent(let count): sentences.append("no answer to \(count) of \(asked): a rate limit, or loss")
      case .partlyUnfinished(let count): sentences.append("no answer yet to \(count) of \(asked)")
      case .loop: sentences.append("loop: met before")
      case .error(let name, let mtu): sentences.append(name + (mtu.map { ", MTU \($0)" } ?? ""))
      case .wrongExtensions: sentences.append("extensions with a wrong checksum, not believed")
      case .unsummedExtensions: sentences.append("extensions without a checksum, not believed")
      case .late: sentences.append("late")
      case .sendFailed(let why): sentences.append("not sent: \(why)")
      }
    }
    return sentences
  }

  /// The label stacks of a hop's answers, each once.
  private static func labels(_ hop: Trace.Hop) -> [String] {
    hop.answers.map(\.labels).reduce(into: []) { (list: inout [String], stack) in
      let text = "MPLS " + stack.map(\.description).joined(separator: ", ")
      if !stack.isEmpty, !list.contains(text) { list.append(text) }
    }
  }

  /// What the answers of a trace mean: each sentence once, behind the TTLs of the hops that it is said of.
  ///
  /// - Parameter sentences: what the answer to each target means.
  public static func explanations(_ trace: Trace, _ sentences: [Int: String]) -> [String] {
    var list: [(sentence: String, ttls: [Int])] = []
    for (target, sentence) in sentences.sorted(by: { $0.key < $1.key }) where trace.hop(of: target) <= trace.last {
      let ttl = trace.hops[trace.hop(of: target)].ttl
      let place = list.firstIndex { $0.sentence == sentence } ?? list.count
      if place == list.count { list.append((sentence, [])) }
      if list[place].ttls.last != ttl { list[place].ttls.append(ttl) }
    }
    return list.map { "TTL \(ranges($0.ttls)): \($0.sentence)" }
  }

  /// Ascending numbers, runs of them by their ends.
  private static func ranges(_ numbers: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for number in numbers {
      if let run = runs.last, run.upperBound + 1 == number {
        runs[runs.count - 1] = run.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ", ")
  }

  /// What the trace as a whole came to.
  public static func conclusion(_ trace: Trace) -> String {
    guard let end = trace.end else {
      let how = trace.isCutShort ? "before the run was stopped" : "with TTLs up to \(trace.hops.last?.ttl ?? 0)"
      return "\(trace.destination) was not reached \(how)"
    }
    let hop = trace.hops[end]
    let stopped = trace.isCutShort ? ", and the run was stopped" : ""
    if trace.hasArrived(at: end) {
      // It may be nearer than the first TTL that was asked, or than one of which nothing was heard yet.
      let isUnsure = trace.hops[..<end].contains { $0.answers.isEmpty && ($0.unfinished > 0 || !$0.isComplete) }
      let most = end == 0 && hop.ttl > 1 || isUnsure ? "at most " : ""
      return "\(trace.destination) is \(most)\(hop.ttl) \(hop.ttl == 1 ? "hop" : "hops") away\(stopped)"
    }
    return "\(trace.destination) was not reached: it ends at hop \(hop.ttl)\(stopped)"
  }
}
