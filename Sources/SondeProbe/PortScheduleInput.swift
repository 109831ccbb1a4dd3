public import SondeHeaders
public import SondeLink

// What a schedule of ports is made of, and what it tells.
extension PortSchedule {
  /// One port of one host.
  public struct Port: Sendable {
    /// Makes the packet of an attempt; attempts count from 0.
    public var packet: @Sendable (_ attempt: UInt64) -> AnyPacket

    /// Where the packets go; nil reads that from their bytes.
    public var way: Way?

    /// The number of the host whose port it is.
    public var host: Int

    /// How often it was asked before, each time in vain: those attempts count as made. Nil where it is settled already
    /// and not to be asked.
    public var asked: Int?

    /// The probe that asked it last before; nil if none did.
    public var probe: UInt64?

    /// What that probe brought: where the run is stopped before the next one, it is the last word.
    public var found: Verdict

    /// What an ICMP error of the host said when it settled the port before: by such a port it is seen whether the host
    /// still sends errors. Nil of any other port.
    public var error: Verdict?

    public init(
      way: Way? = nil, host: Int = 0, asked: Int? = 0, probe: UInt64? = nil, found: Verdict = .timeout,
      error: Verdict? = nil, packet: @escaping @Sendable (UInt64) -> AnyPacket
    ) {
      self.packet = packet
      self.way = way
      self.host = host
      self.asked = asked
      self.probe = probe
      self.found = found
      self.error = error
    }
  }

  /// How fast.
  public struct Pace: Hashable, Sendable {
    /// Between any two probes.
    public var gap: Duration
    /// How many more times an unanswered port is asked.
    public var retries: Int
    /// How long each probe's answer is waited for: the session's timeout.
    public var timeout: Duration
    /// How many attempts in a row are told apart by their answers: by source ports of their own.
    public var flows: Int
    /// How long an answer that does not prove the port open waits for one that does, at most the timeout; it delays no
    /// probe.
    public var grace: Duration
    /// Whether ports are asked more often than `retries` says where their host answers only some of the questions.
    public var persists: Bool

    public init(
      gap: Duration, retries: Int, timeout: Duration = .seconds(1), flows: Int = 1,
      grace: Duration = PortSchedule.grace, persists: Bool = false
    ) {
      self.gap = gap
      self.retries = retries
      self.timeout = timeout
      self.flows = flows
      self.grace = min(grace, timeout)
      self.persists = persists
    }
  }

  /// A forged RST overtakes the true answer by no more than the way from its sender to the port and back takes, which is
  /// inside the same round trip; 50 ms is that of a continent, and short beside the time that silence takes.
  public static let grace = Duration.milliseconds(50)

  /// How far a host's ports have come.
  public struct Standing: Hashable, Sendable {
    public var ports: Int
    public var settled: Int

    public init(ports: Int = 0, settled: Int = 0) {
      self.ports = ports
      self.settled = settled
    }
  }
}
