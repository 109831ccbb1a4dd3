public import SondeLink

/// Hears every frame at every interface of a laboratory's hosts, in the order of time; one thread uses it.
public struct LaboratoryEar: ~Copyable {
  /// A frame as a host's interface had it.
  public struct Heard: Hashable, Sendable {
    public enum Direction: Hashable, Sendable {
      /// It came to the host: for its link address, for a group's, or for all.
      case incoming
      /// The host sent it: its own stack, or a socket of anybody's.
      case outgoing
      /// It passed by: it is for another's link address.
      case passing
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

  /// Hears from now on.
  ///
  /// - Parameters:
  ///   - hosts: those to hear at; nil hears at all.
  ///   - interrupter: ends `receive` early from elsewhere.
  /// - Throws: `LinkError` if there is no such host, or if the kernel refuses a socket.
  public init(_ laboratory: Laboratory, hosts: [String]? = nil, interrupter: Interrupter? = nil) throws(LinkError) {
  }

  /// The monotonic time that `receive` waits by.
  public var now: Instant { Clock.monotonic }

  /// Waits until something was heard, one of `processes` wrote or ended, or `deadline` has passed, and appends what was
  /// heard, in the order of time. Of `processes`, what is new has been taken (`HostProcess.look`).
  ///
  /// Returns early, with nothing, when the wait was interrupted.
  ///
  /// - Throws: `LinkError` if a socket can be read no more.
  public mutating func receive(
    until deadline: Instant, watching processes: [HostProcess] = [], into heard: inout [Heard]
  ) throws(LinkError) {
  }

  /// How many frames were dropped on this side, for want of room.
  public var ownDrops: UInt64 { 0 }
}
