public import SondeLink
public import SondeOctets

/// Where a scenario takes place: hosts that send, hear and do things, all on one clock.
///
/// One thread uses a stage. What a stage cannot do it refuses by a `StageError`, and the scenario says which line asked
/// for it.
public protocol Stage: ~Copyable {
  /// The stage's monotonic time.
  var now: Instant { get }
  /// The hosts; the first is where steps happen that name none.
  var hosts: [StageHost] { get }
  /// Whether everything has happened already, as in a recorded capture: packets are then looked for where a live
  /// scenario sends them.
  var isRecorded: Bool { get }

  /// Sends a packet from a host, at once.
  ///
  /// - Parameter packet: begins at an IP header (`LinkType.raw`), and goes where routing takes it; or at an Ethernet
  ///   header (`LinkType.ethernet`), and leaves by the interface that is named, or by the host's first.
  mutating func send(_ packet: Outgoing, from host: String, by interface: String?) throws(StageError)

  /// Waits until something was seen, a command ended or `deadline` has passed, and appends what was seen, in the order
  /// of time.
  mutating func receive(until deadline: Instant, into sightings: inout [Sighting]) throws(StageError)

  /// Keeps a host's own stack from answering what comes to one of its ports: that is left to the scenario.
  mutating func hold(_ transport: StageTransport, port: UInt16, on host: String) throws(StageError)

  /// Starts a command on a host.
  ///
  /// - Returns: the number by which it is known.
  mutating func start(_ command: StageCommand, on host: String) throws(StageError) -> Int

  /// What became of a command; nil while it runs.
  mutating func outcome(of command: Int) -> CommandOutcome?

  /// What a command has written up to now, whether it runs or has ended.
  mutating func written(by command: Int) -> (output: [UInt8], errors: [UInt8])

  /// Asks a command to end (SIGTERM), and after `patience` makes it (SIGKILL); returns when it has ended.
  mutating func end(_ command: Int, patience: Duration) throws(StageError)
}

extension Stage where Self: ~Copyable {
  /// What it had written when it ended: a stage may know no more.
  public mutating func written(by command: Int) -> (output: [UInt8], errors: [UInt8]) {
    outcome(of: command).map { ($0.output, $0.errors) } ?? ([], [])
  }
}

/// A host as a scenario sees it.
public struct StageHost: Hashable, Sendable {
  public struct Interface: Hashable, Sendable {
    public var name: String
    /// nil where its link has none.
    public var linkAddress: MACAddress?
    public var addresses: [IPAddress]

    public init(_ name: String, linkAddress: MACAddress?, addresses: [IPAddress]) {
      self.name = name
      self.linkAddress = linkAddress
      self.addresses = addresses
    }
  }

  public var name: String
  public var interfaces: [Interface]

  public init(_ name: String, interfaces: [Interface]) {
    self.name = name
    self.interfaces = interfaces
  }
}

/// A frame that was seen at an interface of a host.
public struct Sighting: Hashable, Sendable {
  public enum Direction: Hashable, Sendable {
    /// It came to the host.
    case incoming
    /// The host's own stack, or a program on it, sent it.
    case outgoing
    /// The scenario sent it: as it left.
    case ours
    /// It passed by: its link address is another's.
    case passing
    /// The record does not say.
    case unknown
  }

  public var host: String
  public var interface: String
  public var direction: Direction
  public var frame: Frame

  public init(host: String, interface: String, _ direction: Direction, _ frame: Frame) {
    self.host = host
    self.interface = interface
    self.direction = direction
    self.frame = frame
  }
}

public enum StageTransport: String, Hashable, Sendable {
  case tcp
  case udp
}

/// A program with its words and what it reads.
public struct StageCommand: Hashable, Sendable {
  /// The program and its arguments, as they are: no shell reads them. A program named `sonde` is this one.
  public var words: [String]
  /// Its standard input, to its end.
  public var input: [UInt8]

  public init(_ words: [String], input: [UInt8] = []) {
    self.words = words
    self.input = input
  }
}

/// How a command ended, and what it wrote.
public struct CommandOutcome: Hashable, Sendable {
  /// Its exit status; 128 and the signal's number where a signal ended it.
  public var status: Int32
  public var output: [UInt8]
  public var errors: [UInt8]

  public init(status: Int32, output: [UInt8], errors: [UInt8]) {
    self.status = status
    self.output = output
    self.errors = errors
  }
}

/// What a stage could not do.
public struct StageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence a person can read.
  public var message: String

  public init(_ message: String) { self.message = message }

  public var description: String { message }
}
