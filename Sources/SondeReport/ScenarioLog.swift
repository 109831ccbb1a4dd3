internal import SondeCapture
internal import SondeCraft
public import SondeLink
internal import SondeOctets
public import SondeScript

/// What was seen in scenarios, as a pcapng file in pieces: an interface for each of a host's in each scenario, and what
/// each frame counted for as its comments.
///
/// A frame stands there once for each network that changes nothing, however many of its interfaces have it.
///
/// Frames are kept until a scenario is over, because what comes later decides what they count for. All is one section,
/// as readers mix up the interfaces of several.
public struct ScenarioLog: Sendable {
  private struct Entry {
    var sighting: Sighting
    var comments: [String]
    /// The interfaces that had it, by their names in the file.
    var interfaces: Set<String>
  }

  private var seen: [Entry] = []
  /// Where the frames with the same octets at the same time and place stand in `seen`.
  private var places: [Sighting: Int] = [:]
  /// Where the last frames with the same octets on a network stand in `seen`.
  private var copies: [Copy: [Int]] = [:]
  /// The network of each interface, by its name in the file, where each frame is to stand once.
  private var networks: [String: String] = [:]

  /// What was sent and has not been seen to leave.
  private var sent: [(host: String, bytes: [UInt8], comment: String)] = []

  private var writer = PcapngWriter()

  public init() {}

  /// What every such file starts with.
  public var header: [UInt8] { writer.sectionHeader() }

  /// Takes what network the next scenario's frames pass on. Where it loses or changes frames, each end's are kept.
  public mutating func begin(on topology: Topology?) {
    networks = [:]
    for network in topology?.networks ?? [] where network.impairment == .none {
      for end in network.ends { networks[StageRecord.name(of: end.interface, on: end.host)] = network.name }
    }
  }

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
    let name = StageRecord.name(of: sighting.interface, on: sighting.host)
    var entry = Entry(sighting: sighting, comments: comments, interfaces: [name])
    guard let network = networks[name] else {
      places[sighting] = seen.count
      seen.append(entry)
      return
    }
    let copy = Copy(network: network, bytes: sighting.frame.bytes)
    // The same octets at an interface that has had them are another frame.
    let twin = copies[copy]?.first { place in
      !seen[place].interfaces.contains(name) && !(seen[place].sighting.isLeaving && sighting.isLeaving)
        && sighting.frame.stamp.monotonic - seen[place].sighting.frame.stamp.monotonic < Self.patience
    }
    guard let twin else {
      places[sighting] = seen.count
      copies[copy, default: []].append(seen.count)
      seen.append(entry)
      return
    }
    places[sighting] = twin
    entry.interfaces.formUnion(seen[twin].interfaces)
    if sighting.isLeaving {
      // What its other end was told of stays; that it passed by there does not.
      let passing = StageRecord.comment(on: seen[twin].sighting)
      entry.comments += seen[twin].comments.filter { $0 != passing }
      seen[twin] = entry
    } else {
      seen[twin].interfaces = entry.interfaces
    }
  }

  /// How long after it left a frame is at the other ends of its network at the latest.
  private static let patience = Duration.seconds(1)

  private struct Copy: Hashable {
    var network: String
    var bytes: [UInt8]
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
    // A replay is to know who else has what stands there once.
    for host in hosts {
      for interface in host.interfaces where networks[StageRecord.name(of: interface.name, on: host.name)] != nil {
        let place = Place(host: host.name, interface: interface.name, linkType: .ethernet)
        octets += describe(place, scenario, hosts, &numbers)
      }
    }
    for entry in seen {
      let place = Place(entry.sighting)
      if numbers[place] == nil { octets += describe(place, scenario, hosts, &numbers) }
      let frame = entry.sighting.frame
      let record = CaptureRecord(
        interface: numbers[place] ?? 0, linkType: place.linkType.rawValue,
        timestamp: frame.stamp.wall ?? frame.stamp.monotonic.nanoseconds, originalLength: frame.bytes.count,
        direction: StageRecord.direction(of: entry.sighting), comments: entry.comments)
      octets += writer.packet(record, frame.bytes.rawSpan)
    }
    seen = []
    places = [:]
    copies = [:]
    sent = []
    return octets
  }

  private mutating func describe(
    _ place: Place, _ scenario: String, _ hosts: [StageHost], _ numbers: inout [Place: Int]
  ) -> [UInt8] {
    let known = hosts.first { $0.name == place.host }?.interfaces.first { $0.name == place.interface }
    let name = StageRecord.name(of: place.interface, on: place.host)
    let description = writer.interfaceDescription(
      linkType: place.linkType.rawValue, name: name,
      description: StageRecord.description(of: known, in: scenario, on: networks[name]))
    numbers[place] = description.number
    return description.octets
  }

  /// What is an interface of the file.
  private struct Place: Hashable {
    var host: String
    var interface: String
    var linkType: LinkType

    init(host: String, interface: String, linkType: LinkType) {
      self.host = host
      self.interface = interface
      self.linkType = linkType
    }

    init(_ sighting: Sighting) {
      self.init(host: sighting.host, interface: sighting.interface, linkType: sighting.frame.linkType)
    }
  }
}

extension Sighting {
  /// Whether it was seen where it was sent.
  fileprivate var isLeaving: Bool { direction == .outgoing || direction == .ours }
}
