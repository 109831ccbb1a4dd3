public import SondeCapture
internal import SondeLink
internal import SondeOctets

/// How hosts and the directions of frames stand in a capture file: what a run writes and a replay reads.
///
/// Each interface of a host is one of the file's, named `host/interface`; its description holds the host's addresses
/// there. What a pcapng file's two directions do not tell, the first comment of a packet does.
///
/// On a network that changes nothing a frame stands once in the file, at the interface that it left by, however many have
/// it: who reads the file would take a second one for a retransmission. The interfaces of such a network name it in their
/// descriptions, and a replay shows its frames to all of them again.
public enum StageRecord {
  /// The first comment of a frame that the scenario sent.
  static let oursComment = "sent by the scenario"
  /// The first comment of a frame that passed by.
  static let passingComment = "passing by: meant for another link address"

  /// The name of a host's interface.
  public static func name(of interface: String, on host: String) -> String { "\(host)/\(interface)" }

  /// What an interface's description in the file holds: the scenario, then the link address and the addresses, then the
  /// network whose frames stand once in the file.
  public static func description(
    of interface: StageHost.Interface?, in scenario: String, on network: String? = nil
  ) -> String {
    let addresses = interface?.addresses.map(\.description) ?? []
    var words = [interface?.linkAddress?.description].compactMap(\.self) + addresses
    if let network { words += [networkWord, network] }
    return "\(scenario)\(separator)\(words.joined(separator: " "))"
  }

  /// It stands before a network's name.
  private static let networkWord = "on"

  /// No address has it.
  private static let separator = ": "

  /// Which way a frame went, as the file says it.
  public static func direction(of sighting: Sighting) -> CaptureRecord.Direction? {
    switch sighting.direction {
    case .incoming, .passing: .inbound
    case .outgoing, .ours: .outbound
    case .unknown: nil
    }
  }

  /// What the file's direction of a frame leaves open; nil for nothing.
  public static func comment(on sighting: Sighting) -> String? {
    switch sighting.direction {
    case .ours: oursComment
    case .passing: passingComment
    case .incoming, .outgoing, .unknown: nil
    }
  }

  /// The scenario that an interface of a file belongs to; nil where it does not say.
  static func scenario(of captured: CapturedInterface) -> String? {
    guard interface(captured) != nil, let text = captured.description, let place = text.lastRange(of: separator)
    else { return nil }
    return String(text[..<place.lowerBound])
  }

  /// Which way a recorded frame went; nil where the record does not say.
  static func direction(of record: CaptureRecord) -> Sighting.Direction? {
    switch record.direction {
    case .outbound: record.comments.contains(oursComment) ? .ours : .outgoing
    case .inbound: record.comments.contains(passingComment) ? .passing : .incoming
    case nil: nil
    }
  }

  /// An interface of a host as a file knows it.
  struct Place: Hashable {
    var host: String
    var interface: StageHost.Interface
    /// The network whose frames stand once in the file; nil where each stands wherever it was seen.
    var network: String?
  }

  /// The host and the interface that an interface of a file stands for; nil where its name says no host.
  static func interface(_ captured: CapturedInterface) -> Place? {
    guard let name = captured.name, let slash = name.firstIndex(of: "/"), slash != name.startIndex else { return nil }
    let text = captured.description ?? ""
    let words = text[(text.lastRange(of: separator)?.upperBound ?? text.startIndex)...].split(separator: " ").map(
      String.init)
    let interface = StageHost.Interface(
      String(name[name.index(after: slash)...]), linkAddress: words.lazy.compactMap { MACAddress($0) }.first,
      addresses: words.compactMap { IPAddress($0) })
    let network = words.dropLast().last == networkWord ? words.last : nil
    return Place(host: String(name[..<slash]), interface: interface, network: network)
  }

  /// How another interface of its network has a frame that left by one: it came if it is for that link address or for a
  /// group, and passed by if it is for none that is known; nil where a switch keeps it away.
  static func direction(of frame: Frame, at place: Place, among network: [Place]) -> Sighting.Direction? {
    guard frame.linkType == .ethernet, frame.bytes.count >= 6 else { return .incoming }
    let octets = frame.bytes[..<6]
    if octets[0] & 1 == 1 || place.interface.linkAddress?.octets.elementsEqual(octets) == true { return .incoming }
    return network.contains { $0.interface.linkAddress?.octets.elementsEqual(octets) == true } ? nil : .passing
  }
}

extension String {
  /// Where a text stands in this one for the last time.
  fileprivate func lastRange(of text: String) -> Range<Index>? { ranges(of: text).last }
}
