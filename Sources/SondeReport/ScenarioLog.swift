internal import SondeCapture
internal import SondeCraft
public import SondeLink
internal import SondeOctets
public import SondeScript

/// What was seen in scenarios, as a pcapng file in pieces: an interface for each of a host's in each scenario, and what
/// each frame counted for as its comments.
///
/// Frames are kept until a scenario is over, because what comes later decides what they count for. All is one section,
/// as readers mix up the interfaces of several.
public struct ScenarioLog: Sendable {
  private var seen: [(sighting: Sighting, comments: [String])] = []
  /// Where the frames with the same octets at the same time and place stand in `seen`.
  private var places: [Sighting: Int] = [:]

  /// What was sent and has not been seen to leave.
  private var sent: [(host: String, bytes: [UInt8], comment: String)] = []

  private var writer = PcapngWriter()

  public init() {}

  /// What every such file starts with.
  public var header: [UInt8] { writer.sectionHeader() }

  /// Takes a packet that is sent for a step; the frame that carries it tells of the step.
  public mutating func send(_ packet: Outgoing, from host: String, for step: Step) {
    sent.append((host, packet.bytes, "line \(step.line): \(step.text)"))
  }

  /// Takes a frame that was seen.
  public mutating func see(_ sighting: Sighting) {
    var comments = [StageRecord.comment(on: sighting)].compactMap(\.self)
    if sighting.direction == .ours {
      let place = sent.firstIndex {
        $0.host == sighting.host && sighting.frame.bytes.suffix($0.bytes.count).elementsEqual($0.bytes)
      }
      if let place { comments.append(sent.remove(at: place).comment) }
    }
    places[sighting] = seen.count
    seen.append((sighting, comments))
  }

  /// Takes what became of a step: the frame that it was about gets a comment.
  public mutating func judge(_ outcome: StepOutcome) {
    // A frame that was sent has told already.
    guard let nearest = outcome.candidates.first, !(outcome.isMet && nearest.sighting.direction == .ours),
      let place = places[nearest.sighting]
    else { return }
    let line = "line \(outcome.step.line)"
    let differences = nearest.differences.map { difference in
      let field = difference.field.map { ".\($0)" } ?? ""
      return
        "\(difference.layer)\(field) is \(difference.seen ?? "not there") where \(difference.expected) was expected"
    }
    let reasons = [outcome.message] + differences
    let why = reasons.filter { !$0.isEmpty }.joined(separator: "; ")
    let verdict =
      switch outcome.verdict {
      case .met: "\(line), ok: \(outcome.step.text)"
      case .unmet: "\(line), FAILED: \(outcome.step.text)"
      case .impossible, .skipped: "\(line), \(outcome.verdict.rawValue): \(outcome.step.text)"
      }
    seen[place].comments.append(outcome.isMet || why.isEmpty ? verdict : "\(verdict): \(why)")
  }

  /// All that was seen in a scenario, which is then forgotten.
  public mutating func octets(of scenario: String, _ hosts: [StageHost]) -> [UInt8] {
    var octets: [UInt8] = []
    var numbers: [Place: Int] = [:]
    for (sighting, comments) in seen {
      let place = Place(sighting)
      if numbers[place] == nil {
        let known = hosts.first { $0.name == sighting.host }?.interfaces.first { $0.name == sighting.interface }
        let description = writer.interfaceDescription(
          linkType: place.linkType.rawValue, name: StageRecord.name(of: place.interface, on: place.host),
          description: StageRecord.description(of: known, in: scenario))
        numbers[place] = description.number
        octets += description.octets
      }
      let frame = sighting.frame
      let record = CaptureRecord(
        interface: numbers[place] ?? 0, linkType: place.linkType.rawValue,
        timestamp: frame.stamp.wall ?? frame.stamp.monotonic.nanoseconds, originalLength: frame.bytes.count,
        direction: StageRecord.direction(of: sighting), comments: comments)
      octets += writer.packet(record, frame.bytes.rawSpan)
    }
    seen = []
    places = [:]
    sent = []
    return octets
  }

  /// What is an interface of the file.
  private struct Place: Hashable {
    var host: String
    var interface: String
    var linkType: LinkType

    init(_ sighting: Sighting) {
      host = sighting.host
      interface = sighting.interface
      linkType = sighting.frame.linkType
    }
  }
}
