public import SondeLink

/// A stage that shows all that is seen on another one, and changes nothing of it.
public struct TappedStage<Base: Stage & ~Copyable>: Stage, ~Copyable {
  /// The stage that things happen on.
  public var base: Base
  private let sink: (Sighting) -> Void
  private let sent: (Outgoing, String) -> Void

  /// A tap over `base`.
  ///
  /// - Parameters:
  ///   - sent: called with each packet that is sent and its host, before what shows it leave.
  ///   - sink: called in the order of what is seen, within `receive`.
  public init(
    _ base: consuming Base, sent: @escaping (Outgoing, String) -> Void = { _, _ in },
    to sink: @escaping (Sighting) -> Void
  ) {
    self.base = base
    self.sink = sink
    self.sent = sent
  }

  public var now: Instant { base.now }
  public var hosts: [StageHost] { base.hosts }
  public var isRecorded: Bool { base.isRecorded }

  public mutating func send(_ packet: Outgoing, from host: String, by interface: String?) throws(StageError) {
    try base.send(packet, from: host, by: interface)
    sent(packet, host)
  }

  public mutating func receive(until deadline: Instant, into sightings: inout [Sighting]) throws(StageError) {
    let before = sightings.count
    defer { for sighting in sightings.dropFirst(before) { sink(sighting) } }
    try base.receive(until: deadline, into: &sightings)
  }

  public mutating func hold(_ transport: StageTransport, port: UInt16, on host: String) throws(StageError) {
    try base.hold(transport, port: port, on: host)
  }

  public mutating func start(_ command: StageCommand, on host: String) throws(StageError) -> Int {
    try base.start(command, on: host)
  }

  public mutating func outcome(of command: Int) -> CommandOutcome? { base.outcome(of: command) }

  public mutating func written(by command: Int) -> (output: [UInt8], errors: [UInt8]) { base.written(by: command) }

  public mutating func end(_ command: Int, patience: Duration) throws(StageError) {
    try base.end(command, patience: patience)
  }
}
