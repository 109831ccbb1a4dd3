/// One row of the table: what is asked, what stands at the other end, what must be said of it, and why.
public struct Situation: Sendable {
  /// Of its own, and in the words of the field: "udp: port unreachable from a third party".
  public var name: String
  /// The host of the laboratory to run on.
  public var host: String
  /// The words behind `sonde`; `--json` is added.
  public var command: String
  /// All lines but `sent` and the summary, in any order: one that is not expected is an error.
  public var says: [Line]
  /// Members of the summary that must be just so.
  public var summary: [String: Int]
  public var status: Int32
  /// Rows of one lane run one after another, since they would change what the others find.
  public var lane: String?
  /// Words that stand in the one line of standard error, where nothing can be tried.
  public var complaint: String?
  /// What the answer means, for whoever reads the table, with the RFC that says so.
  public var reason: String

  public init(
    _ name: String, on host: String = "prober", _ command: String, says: [Line], summary: [String: Int] = [:],
    status: Int32 = 0, lane: String? = nil, complaint: String? = nil, because reason: String
  ) {
    self.name = name
    self.host = host
    self.command = command
    self.says = says
    self.summary = summary
    self.status = status
    self.lane = lane
    self.complaint = complaint
    self.reason = reason
  }

  /// The same with another summary.
  public func with(summary: [String: Int]) -> Situation {
    var copy = self
    copy.summary = summary
    return copy
  }
}

/// A line that must be there.
public struct Line: Sendable, Hashable {
  /// "answer", "silence", "noise", and of other verbs their own.
  public var type: String
  public var verdict: String?
  public var by: String?
  public var from: String?
  /// All of them.
  public var flags: Set<String>
  /// Of an ICMP error: its name, and what else it tells.
  public var error: String?
  public var mtu: Int?
  public var pointer: Int?
  /// Words that stand in `why`.
  public var why: [String]
  /// How many such lines.
  public var count: Int

  /// An answer; `flags` are all that it has.
  public static func answer(
    _ verdict: String, by: String, from: String? = nil, flags: Set<String> = [], error: String? = nil,
    mtu: Int? = nil, pointer: Int? = nil, why: String..., count: Int = 1
  ) -> Line {
    Line(
      type: "answer", verdict: verdict, by: by, from: from, flags: flags, error: error, mtu: mtu, pointer: pointer,
      why: why, count: count)
  }

  /// A probe, or a port, without an answer.
  public static func silence(_ verdict: String, why: String..., count: Int = 1) -> Line {
    Line(type: "silence", verdict: verdict, by: nil, from: nil, flags: [], error: nil, why: why, count: count)
  }

  /// A packet that looks like an answer and is none; `why` names the field.
  public static func noise(from: String? = nil, why: String..., count: Int = 1) -> Line {
    Line(type: "noise", verdict: nil, by: nil, from: from, flags: [], error: nil, why: why, count: count)
  }
}
