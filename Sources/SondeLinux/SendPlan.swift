public import SondeLink

/// By which door packets leave and by which ear their answers are heard.
public struct SendPlan: Hashable, Sendable {
  public var door: DoorKind
  public var ear: EarKind

  public init(door: DoorKind, ear: EarKind) {
    self.door = door
    self.ear = ear
  }

  /// What the packets are for; it decides which ears suffice.
  public enum Purpose: Hashable, Sendable {
    /// ICMP echo and its kin: answers and errors are all ICMP, so a packet socket, whose closing
    /// takes 10 to 25 ms, is never opened to listen.
    case ping
    /// Anything else: answers of any protocol, told apart from unfinished checksums.
    case probe
  }

  /// The plans that keep every wish, the cheapest first.
  ///
  /// - Parameters:
  ///   - requested: the one door to use; nil chooses among those in `available`.
  /// - Throws: `LinkError` with code 0, naming the door and the field it cannot keep, and the door
  ///   that can.
  public static func ranking(
    for wishes: Wishes, purpose: Purpose, door requested: DoorKind? = nil,
    available: Set<DoorKind> = Set(DoorKind.allCases)
  ) throws(LinkError) -> [SendPlan] {
    let doors = requested.map { [$0] } ?? preference(for: purpose, wishes).filter(available.contains)
    var refusals: [(door: DoorKind, reason: String)] = []
    var plans: [SendPlan] = []
    for door in doors {
      if let reason = wishes.refusal(by: door) {
        refusals.append((door, reason))
      } else {
        plans += ears(for: door, purpose, wishes).map { SendPlan(door: door, ear: $0) }
      }
    }
    guard plans.isEmpty else { return plans }
    guard let last = refusals.last else {
      throw LinkError("door", refusal: "no door that could send this is open; see sonde doctor")
    }
    let keeper = DoorKind.allCases.first { wishes.refusal(by: $0) == nil }
    let advice = keeper.map { "; use --door \($0.rawValue)" } ?? ""
    throw LinkError("door \(last.door.rawValue)", refusal: last.reason + advice)
  }

  private static func preference(for purpose: Purpose, _ wishes: Wishes) -> [DoorKind] {
    // Of packets without a link header the packet door keeps no more than the cooked one does.
    if wishes.wishes.contains(.linkHeader) { return [.packet] }
    return switch purpose {
    case .ping: [.datagram, .raw, .cooked]
    case .probe: [.raw, .cooked]
    }
  }

  private static func ears(for door: DoorKind, _ purpose: Purpose, _ wishes: Wishes) -> [EarKind] {
    if wishes.wishes.contains(.linkHeader) { return [.frame] }
    return switch (door, purpose) {
    // The datagram door hears the replies to its own identifier and some errors, of which it tells no IP header: what
    // was refused, and why, only an ear with privilege can say.
    case (.datagram, _): [.icmp, .datagram]
    case (_, .ping): [.icmp]
    case (_, .probe): [.packet]
    }
  }
}
