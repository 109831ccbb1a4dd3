public import SondeCraft
internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
public import SondeProbe

/// What passes in a talk as JSON Lines.
public struct TalkJSON: Sendable {
  private var text: TalkText

  /// - Parameter isAbsolute: Whether sequence numbers are those on the wire, rather than counted from the first.
  public init(isAbsolute: Bool = false) { text = TalkText(isAbsolute: isAbsolute) }

  /// The lines of a packet: of itself, and of what changed at this end with it.
  public mutating func packet(
    _ bytes: [UInt8], _ direction: TalkText.Direction, at time: Duration, wall: Int64?, purpose: String?,
    _ events: [Conversation.Event], edits: [FieldEdit], type: String? = nil, remark: String? = nil
  ) -> [String] {
    let packet = Registry.dissect(bytes)
    var members: [(String, JSON)] = [
      ("type", .string(type ?? (direction == .out ? "sent" : "received"))), ("at_ns", .integer(time.nanoseconds)),
      ("time", wall.map { .string(rfc3339($0)) } ?? .null),
    ]
    if let remark { members.append(("why", .string(remark))) }
    if let purpose { members.append(("purpose", .string(purpose))) }
    if !edits.isEmpty { members.append(("by_hand", .array(edits.map { .string($0.description) }))) }
    members += [
      ("length", .integer(bytes.count)), ("payload_length", .integer(packet.payload.count)),
      ("summary", .string(text.summary(bytes))), ("recipe", .string(packet.recipe)),
      ("bytes", .string(Hex.text(bytes))),
    ]
    return [JSON.object(members).line] + self.events(events, at: time)
  }

  /// The lines of what happened.
  public func events(_ events: [Conversation.Event], at time: Duration) -> [String] {
    events.map { event in
      if case .state(let from, let to) = event {
        return JSON.object([
          ("type", "state"), ("at_ns", .integer(time.nanoseconds)), ("from", .string(from.rawValue)),
          ("to", .string(to.rawValue)),
        ]).line
      }
      var members: [(String, JSON)] = [
        ("type", "event"), ("at_ns", .integer(time.nanoseconds)), ("event", .string(TalkWords.name(of: event))),
      ]
      members += Self.details(of: event)
      members.append(("why", TalkWords.words(of: event).map { .string($0) } ?? .null))
      return JSON.object(members).line
    }
  }

  /// `outside-window` of `outsideWindow`: values are written as all others of the contract.
  private static func hyphened(_ word: String) -> String {
    word.reduce(into: "") { $0 += $1.isUppercase ? "-\($1.lowercased())" : String($1) }
  }

  private static func details(of event: Conversation.Event) -> [(String, JSON)] {
    switch event {
    case .readable(let count), .windowOpened(let count): [("octets", .integer(count))]
    case .urgent(let place): [("place", .integer(place))]
    case .acknowledged(let place): [("place", .integer(place))]
    case .retransmitted(let place, let reason):
      [
        ("place", .integer(place.lowerBound)), ("octets", .integer(place.count)),
        ("reason", .string(Self.hyphened(reason.rawValue))),
      ]
    case .ignored(let reason): [("reason", .string(Self.hyphened(reason.rawValue)))]
    case .challenged(let reason): [("reason", .string(Self.hyphened(reason.rawValue)))]
    case .ended(let ending): [("ending", .string(ending.words))]
    default: []
    }
  }

  /// Octets of the peer.
  public func data(_ octets: [UInt8], at time: Duration, from: String? = nil, isUrgent: Bool = false) -> String {
    var members: [(String, JSON)] = [
      ("type", .string(isUrgent ? "urgent" : "data")), ("at_ns", .integer(time.nanoseconds)),
    ]
    if let from { members.append(("from", .string(from))) }
    members += [
      ("octets", .integer(octets.count)), ("bytes", .string(Hex.text(octets))),
      ("text", .text(String(validating: octets, as: UTF8.self))),
    ]
    return JSON.object(members).line
  }

  /// How the connection stands.
  public func status(
    _ state: Conversation.State, _ ending: Conversation.Ending?, local: String?, remote: String?,
    _ status: Conversation.Status, readable: Int, unacknowledged: Int, type: String = "status"
  ) -> String {
    JSON.object([
      ("type", .string(type)), ("state", .string(state.rawValue)), ("ending", .text(ending?.words)),
      ("local", .text(local)), ("remote", .text(remote)),
      ("iss", .integer(status.initialSendNumber)), ("irs", .integer(status.initialReceiveNumber)),
      ("snd_una", .integer(status.sendUnacknowledged)), ("snd_nxt", .integer(status.sendNext)),
      ("snd_wnd", .integer(status.sendWindow)), ("rcv_nxt", .integer(status.receiveNext)),
      ("rcv_wnd", .integer(status.receiveWindow)), ("segment_size", .integer(status.segmentSize)),
      ("rtt_ns", .integer(status.roundTrip?.nanoseconds)),
      ("timeout_ns", .integer(status.retransmissionTimeout.nanoseconds)),
      ("readable", .integer(readable)), ("unacknowledged", .integer(unacknowledged)),
      ("sent", .integer(status.segmentsSent)), ("received", .integer(status.segmentsReceived)),
      ("retransmissions", .integer(status.retransmissions)),
      ("octets_sent", .integer(status.octetsAcknowledged)), ("octets_received", .integer(status.octetsReceived)),
    ]).line
  }

  /// Anything else: an ICMP error, a remark, a failure.
  public func note(_ type: String, at time: Duration? = nil, _ members: [(String, JSON)]) -> String {
    var all: [(String, JSON)] = [("type", .string(type))]
    if let time { all.append(("at_ns", .integer(time.nanoseconds))) }
    return JSON.object(all + members).line
  }
}
