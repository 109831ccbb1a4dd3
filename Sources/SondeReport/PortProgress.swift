public import SondeProbe

/// How far a run over ports has come, and what it waits for.
public struct PortProgress: Sendable {
  /// A host that is asked.
  public struct Host: Sendable {
    public var name: String
    public var standing: PortSchedule.Standing
    /// What is known of its limit of ICMP errors; nil where there is no sign of one.
    public var limit: ErrorRate?

    public init(name: String, standing: PortSchedule.Standing, limit: ErrorRate?) {
      self.name = name
      self.standing = standing
      self.limit = limit
    }

    /// How long its limit takes it for what is still to come, in nanoseconds.
    fileprivate var left: Int64? {
      guard let pause = limit?.pause else { return nil }
      return Int64(clamping: pause.components.seconds) * Int64(standing.ports - standing.settled) * 1_000_000_000
        + pause.components.attoseconds / 1_000_000_000 * Int64(standing.ports - standing.settled)
    }
  }

  private let start: Int64

  /// - Parameter now: a monotonic time in nanoseconds.
  public init(at now: Int64) { start = now }

  /// `192.0.2.7 sends 1 ICMP error a second: 43 of 200 ports, 2:37 left`: of the host that takes longest, if one has
  /// a limit. Where there is no room for the reason, the numbers alone.
  public func line(_ hosts: [Host], at now: Int64, room: Int = .max) -> String {
    if let host = hosts.filter({ $0.limit != nil && $0.standing.settled < $0.standing.ports }).max(by: {
      ($0.left ?? 0) < ($1.left ?? 0)
    }) {
      let reason = host.limit?.words.map { "sends \($0)" } ?? "limits its ICMP errors"
      let numbers = count(host.standing) + remainder(host.left)
      let line = "\(host.name) \(reason): " + numbers
      return line.count <= room ? line : numbers
    }
    var all = PortSchedule.Standing()
    for host in hosts {
      all.ports += host.standing.ports
      all.settled += host.standing.settled
    }
    // Without a limit what is to come takes as long as what has come.
    let rest = Double(max(now - start, 0)) / Double(max(all.settled, 1)) * Double(all.ports - all.settled)
    return count(all) + remainder(all.settled > 0 ? Int64(min(rest, 1e15)) : nil)
  }

  private func count(_ standing: PortSchedule.Standing) -> String {
    "\(standing.settled) of \(standing.ports) port\(standing.ports == 1 ? "" : "s")"
  }

  private func remainder(_ nanoseconds: Int64?) -> String {
    nanoseconds.map { ", \(Self.time($0)) left" } ?? ""
  }

  /// Minutes and seconds, rounded up, and hours where there are some.
  static func time(_ nanoseconds: Int64) -> String {
    let seconds = nanoseconds / 1_000_000_000 + (nanoseconds % 1_000_000_000 > 0 ? 1 : 0)
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let minutes = seconds / 60
    if minutes < 60 { return "\(minutes):\(two(seconds % 60))" }
    return "\(minutes / 60):\(two(minutes % 60)):\(two(seconds % 60))"
  }
}
