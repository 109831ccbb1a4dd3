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
