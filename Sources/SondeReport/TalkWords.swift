internal import SondeLink
internal import SondeOctets
public import SondeProbe

/// The words for what happens in a conversation.
public enum TalkWords {
  /// What happened; nil where the packet beside it, or the data that is shown, says so already.
  public static func words(of event: Conversation.Event) -> String? {
    switch event {
    case .state(let from, let to): "\(from.rawValue) → \(to.rawValue)"
    case .ended(let ending): "ended: \(ending.words)"
    case .readable, .acknowledged, .finishAcknowledged: nil
    case .urgent(let place): "urgent: octet \(place) of the stream, counted from 0"
    case .peerFinished: "the peer will send no more"
    case .retransmitted(_, let reason): "sent again: \(words(of: reason))"
    case .windowClosed: "the peer's window is closed"
    case .windowOpened(let octets): "the peer's window is open again: \(Self.octets(octets))"
    case .ignored(let reason): "not used: \(words(of: reason))"
    case .challenged(let reason): "challenged: \(words(of: reason))"
    }
  }

  private static func words(of reason: Conversation.RetransmissionReason) -> String {
    switch reason {
    case .timeout: "no acknowledgment came in time"
    case .duplicateAcknowledgments: "three acknowledgments say that it is missing"
    case .tooBig: "it was too big for the way"
    }
  }

  private static func words(of reason: Conversation.IgnoredReason) -> String {
    switch reason {
    case .otherPorts: "its ports are not those of the connection"
    case .outsideWindow: "it lies outside the window"
    case .duplicate: "its data came before"
    case .unsentAcknowledged: "it acknowledges what was never sent"
    case .oldAcknowledgment: "its acknowledgment is too old"
    case .oldTimestamp: "its timestamp is older than one seen before"
    case .missingTimestamp: "it has no timestamp, and all others do"
    case .missingAcknowledgment: "it acknowledges nothing"
    case .beforeSYN: "no connection was opened yet"
    case .foreignReset: "a reset that does not belong to the connection"
    case .noConnection: "there is no connection"
    case .afterFinish: "its data lies behind the end of the stream"
    }
  }

  private static func words(of reason: Conversation.ChallengeReason) -> String {
    switch reason {
    case .reset: "a reset inside the window, but not at its edge"
    case .syn: "a SYN on a connection that stands"
    case .acknowledgment: "an acknowledgment out of range"
    }
  }

  /// A name for machines.
  public static func name(of event: Conversation.Event) -> String {
    switch event {
    case .state: "state"
    case .ended: "ended"
    case .readable: "readable"
    case .urgent: "urgent"
    case .peerFinished: "peer-finished"
    case .acknowledged: "acknowledged"
    case .finishAcknowledged: "finish-acknowledged"
    case .retransmitted: "retransmitted"
    case .windowClosed: "window-closed"
    case .windowOpened: "window-opened"
    case .ignored: "ignored"
    case .challenged: "challenged"
    }
  }

  /// How a connection stands, in lines.
  ///
  /// - Parameter isAbsolute: Whether sequence numbers are those on the wire, rather than counted from the first.
  public static func status(
    _ state: Conversation.State, _ ending: Conversation.Ending?, local: String?, remote: String?,
    _ status: Conversation.Status, readable: Int, unacknowledged: Int, isAbsolute: Bool
  ) -> [String] {
    let sent = isAbsolute ? 0 : status.initialSendNumber
    let received = isAbsolute ? 0 : status.initialReceiveNumber ?? 0
    var lines = ["\(state.rawValue)\(ending.map { ", \($0.words)" } ?? "")"]
    lines.append("from \(local ?? "nowhere yet") to \(remote ?? "nobody yet")")
    lines.append(
      "send: una \(status.sendUnacknowledged &- sent) nxt \(status.sendNext &- sent) wnd \(status.sendWindow) "
        + "iss \(status.initialSendNumber); \(octets(unacknowledged)) not acknowledged")
    let first = status.initialReceiveNumber.map(String.init) ?? "unknown"
    lines.append(
      "receive: nxt \(status.initialReceiveNumber == nil ? 0 : status.receiveNext &- received) "
        + "wnd \(status.receiveWindow) irs \(first); \(octets(readable)) wait\(readable == 1 ? "s" : "") to be read")
    let shifts = status.scales.map { "peer \($0.send), own \($0.receive)" } ?? "none"
    lines.append(
      "segments of \(status.segmentSize) octets, window scale \(shifts), "
        + "timestamps \(status.usesTimestamps ? "yes" : "no"), SACK \(status.usesSACK ? "yes" : "no")")
    let trip = status.roundTrip.map { "\(pingTime($0.nanoseconds)) ms" } ?? "not measured"
    lines.append(
      "round trip \(trip), timeout \(pingTime(status.retransmissionTimeout.nanoseconds)) ms, "
        + "congestion window \(status.congestionWindow)")
    lines.append(books(status))
    return lines
  }

  private static func octets(_ count: some BinaryInteger) -> String { "\(count) octet\(count == 1 ? "" : "s")" }

  /// What was sent and received, in one line.
  public static func books(_ status: Conversation.Status) -> String {
    let again = status.retransmissions == 0 ? "" : ", \(status.retransmissions) of them again"
    return
      "\(status.segmentsSent) segment\(status.segmentsSent == 1 ? "" : "s") sent\(again), \(status.segmentsReceived) received; "
      + "\(octets(status.octetsAcknowledged)) of data acknowledged, \(status.octetsReceived) received"
  }
}
