internal import SondeHeaders
internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeReport
internal import SondeSweep

/// What a sweep is about to do, for people.
struct SweepOpening {
  private let sweep: SweepCommand
  private let task: SweepTask
  private let routing: SweepRouting
  private let door: BulkDoorKind

  init(_ sweep: SweepCommand, _ task: SweepTask, _ routing: SweepRouting, _ door: BulkDoorKind) {
    self.sweep = sweep
    self.task = task
    self.routing = routing
    self.door = door
  }

  /// `SWEEP 65,536 addresses x 3 tcp ports, 10,000/s, from 192.0.2.1 by the packet door on eth0`.
  var line: String {
    let tally = task.targets.selection.tally
    var parts = ["SWEEP \(counted(tally.targets, "address", "addresses"))\(what)"]
    if tally.excluded > 0 { parts.append("\(grouped(tally.excluded)) excluded") }
    if tally.reserved > 0 { parts.append("\(grouped(tally.reserved)) special-purpose ones left out") }
    if tally.never > 0 { parts.append("\(grouped(tally.never)) that name no single host left out") }
    if let shard = task.shard { parts.append("shard \(shard.text)") }
    parts.append(speed)
    let sources = task.families.compactMap { routing.sources[$0]?.description }.joined(separator: " and ")
    let place = routing.interface.map { " on \($0.name)" } ?? ""
    parts.append("from \(sources) by the \(door.rawValue) door\(place)")
    return parts.joined(separator: ", ")
  }

  private var what: String {
    guard let ports = sweep.ask.ports else { return sweep.ask.timestamp ? " by ICMP timestamp" : " by ICMP echo" }
    return " x \(counted(UInt128(ports.count), "\(sweep.proto) port", "\(sweep.proto) ports"))"
  }

  /// How fast, at most.
  private var speed: String {
    let rate = sweep.pace.rate ?? 10_000
    let packets = rate == 0 ? "as fast as it goes" : "\(grouped(rate)) packets/s"
    guard let bits = sweep.pace.bandwidth, bits > 0 else { return packets }
    return packets + ", at most \(grouped(bits)) bit/s"
  }

  /// How long asking once takes at the wanted rate, in nanoseconds; nil where there is none.
  var expected: Duration? {
    let rate = Double(sweep.pace.rate ?? 10_000)
    guard rate > 0 else { return nil }
    return .nanoseconds(Int64(min(Double(task.order.count) / rate * 1e9, 9e18)))
  }

  private func counted(_ count: UInt128, _ one: String, _ many: String) -> String {
    "\(grouped(count)) \(count == 1 ? one : many)"
  }
}
