internal import SondeHeaders
internal import SondeLink
public import SondeOctets
public import SondeProbe

/// A trace as JSON Lines: an object a hop.
public enum TraceJSON {
  /// A hop's line.
  ///
  /// - Parameters:
  ///   - sentences: what the answer to each target means, where that is to be explained.
  ///   - name: the name of an address, where it is known.
  public static func line(
    _ trace: Trace, hop index: Int, explain sentences: [Int: String] = [:], name: (IPAddress) -> String?
  ) -> String {
    let hop = trace.hops[index]
    let answers = hop.queries.enumerated().compactMap { query, settlement in
      settlement?.answer.map { json($0, query, trace, sentences[trace.target(hop: index, query: query)], name) }
    }
    return JSON.object([
      ("type", "hop"), ("ttl", .integer(hop.ttl)), ("queries", .integer(hop.queries.count { $0 != nil })),
      ("silent", .integer(hop.silences)), ("answers", .array(answers)),
      ("notes", .array(trace.notes(at: index).map { .string(word($0)) })),
    ]).line
  }

  private static func json(
    _ answer: Answer, _ query: Int, _ trace: Trace, _ sentence: String?, _ name: (IPAddress) -> String?
  ) -> JSON {
    var members: [(String, JSON)] = [
      ("from", .text(answer.from)), ("name", .text(answer.from.flatMap(name))),
      ("rtt_ns", .integer(answer.rtt.map(\.nanoseconds))), ("rtt_clock", .string(answer.rttClock.rawValue)),
      ("query", .integer(query + 1)), ("probe", .integer(answer.probe)), ("verdict", .text(answer.verdict)),
      ("by", .text(answer.by)), ("reached", .bool(trace.place(of: answer) == .arrived)),
      ("flags", .array(answer.flags.map { .string($0.rawValue) })), ("why", .string(answer.why)),
      ("icmp", answer.report.map { EventJSON.json($0, answer.reply) } ?? .null),
      ("reply_ttl", .integer(answer.reply?.hopLimit)),
    ]
    let labels = answer.labels.map { label in
      JSON.object([
        ("label", .integer(label.label)), ("tc", .integer(label.trafficClass)),
        ("s", .integer(label.isBottomOfStack ? 1 : 0)), ("ttl", .integer(label.timeToLive)),
      ])
    }
    if let resolution = answer.resolution { members.append(("resolution_ns", .integer(resolution.nanoseconds))) }
    if let sentence { members.append(("explain", .string(sentence))) }
    if !labels.isEmpty { members.append(("mpls", .array(labels))) }
    return .object(members)
  }

  private static func word(_ note: Trace.Note) -> String {
    switch note {
    case .noAnswer: "no-answer"
    case .noAnswerYet: "no-answer-yet"
    case .partlySilent: "partly-silent"
    case .partlyUnfinished: "partly-no-answer-yet"
    case .loop: "loop"
    case .error(let name, _): name
    case .wrongExtensions: "extensions-wrong-checksum"
    case .unsummedExtensions: "extensions-no-checksum"
    case .late: "late"
    case .sendFailed: "send-failed"
    }
  }

  /// The last line: the figures of every run, whether the host asked was reached, and over how many hops.
  public static func summary(_ trace: Trace, _ tally: Tally, ownDrops: UInt64) -> String {
    let end = trace.end.flatMap { trace.hasArrived(at: $0) ? $0 : nil }
    return EventJSON.summary(
      tally, ownDrops: ownDrops,
      more: [("reached", .bool(end != nil)), ("hops", .integer(end.map { trace.hops[$0].ttl }))])
  }
}
