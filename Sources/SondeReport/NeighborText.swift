internal import SondeHeaders
internal import SondeLink
public import SondeOctets
public import SondeProbe

/// Answers of ARP and of neighbour discovery in arping's words.
public enum NeighborText {
  /// The line of an answer.
  ///
  /// - Parameter address: the one asked for.
  public static func line(_ answer: Answer, of address: IPAddress, verbose: Bool) -> String {
    let ethernet = answer.reply?.first(Ethernet.self)
    let manner: String
    switch ethernet?.destination {
    case MACAddress.broadcast: manner = "Broadcast"
    case let to?: manner = to.rawValue >> 40 & 1 == 1 ? "Multicast" : "Unicast"
    case nil: manner = "Local"
    }
    let isRequest = answer.by == .arpRequest || answer.by == .neighborSolicitation
    let owner = answer.reply?.claimedLinkAddress.map { " [\($0)]" } ?? ""
    // An advertisement comes from any address of its host; what it tells of is what was asked for.
    let from = answer.by == .neighborAdvertisement ? address.description : answer.from?.description ?? "nowhere"
    let kind = answer.by == .neighborAdvertisement ? "advertisement" : isRequest ? "request" : "reply"
    var line = "\(manner) \(kind) from \(from)\(owner)"
    if let rtt = answer.rtt { line += " \(milliseconds(rtt))ms" }
    if let told = answer.reply?.neighborFlags { line += told.isEmpty ? "" : " (\(told.joined(separator: ", ")))" }
    let flags = answer.flags.filter { $0 != .otherAddress }.map(\.rawValue)
    if !flags.isEmpty { line += " [\(flags.joined(separator: " "))]" }
    if !flags.isEmpty || verbose || answer.verdict == .addressInUse { line += ": \(answer.why)" }
    return line
  }

  /// The line of an address' last word; nil where its answers have said all.
  ///
  /// - Parameters:
  ///   - isOwn: whether the address is one of this machine's, which does not answer itself.
  ///   - isFree: whether it was probed for as often as was asked, and nobody has it.
  public static func line(
    _ settlement: Settlement, of name: String, isOwn: Bool, for purpose: NeighborSchedule.Purpose, isFree: Bool
  ) -> String? {
    let why = why(settlement)
    let isAnswered = settlement.answer != nil
    switch purpose {
    case .detection where isAnswered:
      return "\(name) is in use" + (isOwn ? ", though it is this machine's own too" : "")
    case .detection where isFree: return "\(name) is \(free(isOwn: isOwn)): \(why)"
    case .announcement where isAnswered: return "\(name) is contested"
    case .announcement where settlement.verdict == .timeout: return "\(name) is announced: \(why)"
    case .question where isAnswered: return nil
    case .question where isOwn:
      return "\(name): \(why); it is this machine's own address, which it does not answer itself (see -D)"
    default: return "\(name): \(why)"
    }
  }

  /// What was not heard, and whether that is for want of time.
  public static func why(_ settlement: Settlement) -> String {
    settlement.why + (settlement.isCutShort ? ", and the run was stopped" : "")
  }

  /// What an address is that nobody else was heard to have.
  public static func free(isOwn: Bool) -> String { isOwn ? "this machine's own, and nobody else has it" : "free" }

  /// How much came: packets of no concern are no responses, and counted apart.
  public static func received(_ answers: Int, _ tally: Tally, for purpose: NeighborSchedule.Purpose) -> String {
    func count(_ number: some BinaryInteger, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }
    var text = "Received " + count(answers, purpose == .announcement ? "objection" : "response")
    let odd = [
      tally.duplicates > 0 ? count(tally.duplicates, "duplicate") : nil,
      tally.conflicts > 0 ? count(tally.conflicts, "conflict") : nil,
      tally.late > 0 ? "\(tally.late) late" : nil,
    ].compactMap { $0 }
    if !odd.isEmpty { text += " (\(odd.joined(separator: ", ")))" }
    return text + (tally.noise > 0 ? ", and " + count(tally.noise, "foreign packet") : "")
  }

  private static func milliseconds(_ duration: Duration) -> String {
    fixed(duration.nanoseconds / 1000, per: 1000, places: 3)
  }
}

extension Dissection {
  /// The flags that a neighbor advertisement sets, in words (RFC 4861 §4.4); nil for any other packet.
  var neighborFlags: [String]? {
    guard let message = first(ICMPv6.self), message.type == .neighborAdvertisement else { return nil }
    let words: [(UInt32, String)] = [(1 << 31, "router"), (1 << 30, "solicited"), (1 << 29, "override")]
    return words.filter { message.restOfHeader & $0.0 != 0 }.map(\.1)
  }
}
