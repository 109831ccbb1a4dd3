internal import SondeCapture
internal import SondeLink
internal import SondeOctets
public import SondeScript

/// What was seen in a scenario, as a section of a pcapng file: an interface for each of a host's, and what each frame
/// counted for as its comments.
///
/// Frames are kept until the scenario is over, because what comes later decides what they count for.
public struct ScenarioLog: Sendable {
  private var seen: [(sighting: Sighting, comments: [String])] = []
  /// Where the frames with the same octets at the same time and place stand in `seen`.
  private var places: [Sighting: Int] = [:]

  public init() {}

  /// Takes a frame that was seen.
  public mutating func see(_ sighting: Sighting) {
    places[sighting] = seen.count
    seen.append((sighting, [StageRecord.comment(on: sighting)].compactMap(\.self)))
  }

  /// Adds a comment to a frame that was seen before.
  public mutating func comment(_ sighting: Sighting, _ text: String) {
    guard let place = places[sighting] else { return }
    seen[place].comments.append(text)
  }

  /// The section of a scenario, with all that was seen, which is then forgotten.
  public mutating func section(of scenario: String, _ hosts: [StageHost]) -> [UInt8] {
    var writer = PcapngWriter()
    var octets = writer.sectionHeader(comments: [StageRecord.sectionComment(of: scenario)])
    var numbers: [Place: Int] = [:]
    for (sighting, comments) in seen {
      let place = Place(sighting)
      if numbers[place] == nil {
        let known = hosts.first { $0.name == sighting.host }?.interfaces.first { $0.name == sighting.interface }
        let description = writer.interfaceDescription(
          linkType: place.linkType.rawValue, name: StageRecord.name(of: place.interface, on: place.host),
          description: known.map { StageRecord.description(of: $0) })
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
