public import SondeOctets

/// A network of virtual hosts as a value: what there is to build, and nothing of how.
///
/// The same value is built of namespaces with real kernels (`Laboratory` of SondeLinux), and simulated.
public struct Topology: Hashable, Sendable {
  /// By which it is named on the command line.
  public var name: String
  public var hosts: [Host]
  public var networks: [Network]

  public init(name: String, hosts: [Host], networks: [Network]) {
    self.name = name
    self.hosts = hosts
    self.networks = networks
  }

  /// A host: what its interfaces are is said by the networks that it stands on.
  public struct Host: Hashable, Sendable {
    public var name: String
    /// Whether it passes on packets that are not for it.
    public var forwards: Bool
    public var routes: [Route]
    /// Entries of its ARP or neighbour table that stand from the start.
    public var neighbours: [Neighbour]
    /// Kernel settings by their path below /proc/sys/net; `default` reaches all interfaces.
    public var settings: [Setting]
    /// The inside of an nftables table of family inet (nft(8)); empty for none.
    public var rules: String

    public init(
      _ name: String, forwards: Bool = false, routes: [Route] = [], neighbours: [Neighbour] = [],
      settings: [Setting] = [], rules: String = ""
    ) {
      self.name = name
      self.forwards = forwards
      self.routes = routes
      self.neighbours = neighbours
      self.settings = settings
      self.rules = rules
    }
  }

  /// A link layer that its ends share: a cable between two of them, a switch between more.
  public struct Network: Hashable, Sendable {
    public var name: String
    /// In octets, without the link header.
    public var mtu: Int
    public var ends: [End]
    /// What it does to each frame, in each direction on its own.
    public var impairment: Impairment

    public init(_ name: String, mtu: Int = 1500, ends: [End], impairment: Impairment = .none) {
      self.name = name
      self.mtu = mtu
      self.ends = ends
      self.impairment = impairment
    }
  }

  /// An interface of a host on a network.
  public struct End: Hashable, Sendable {
    public var host: String
    public var interface: String
    /// nil leaves it to the kernel.
    public var linkAddress: MACAddress?
    public var addresses: [InterfaceAddress]

    public init(_ host: String, _ interface: String, linkAddress: MACAddress? = nil, _ addresses: [InterfaceAddress]) {
      self.host = host
      self.interface = interface
      self.linkAddress = linkAddress
      self.addresses = addresses
    }
  }

  /// An address of an interface, with the length of the prefix that is on its link.
  public struct InterfaceAddress: Hashable, Sendable {
    public var address: IPAddress
    public var prefixLength: Int

    public init(_ address: IPAddress, prefixLength: Int) {
      self.address = address
      self.prefixLength = prefixLength
    }
  }

  /// An entry of a host's routing table.
  public struct Route: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
      case gateway(IPAddress)
      case unreachable
      case prohibit
      case blackhole
    }

    /// With the bits behind `prefixLength` zero; a length of 0 is the default route of the address's family.
    public var destination: IPAddress
    public var prefixLength: Int
    public var kind: Kind

    public init(_ destination: IPAddress, prefixLength: Int, _ kind: Kind) {
      self.destination = destination
      self.prefixLength = prefixLength
      self.kind = kind
    }
  }

  /// A permanent entry of a host's neighbour table.
  public struct Neighbour: Hashable, Sendable {
    public var address: IPAddress
    public var linkAddress: MACAddress
    public var interface: String

    public init(_ address: IPAddress, at linkAddress: MACAddress, on interface: String) {
      self.address = address
      self.linkAddress = linkAddress
      self.interface = interface
    }
  }

  /// A kernel setting.
  public struct Setting: Hashable, Sendable {
    /// Below /proc/sys/net: "ipv4/icmp_ratelimit".
    public var path: String
    public var value: String

    public init(_ path: String, _ value: String) {
      self.path = path
      self.value = value
    }
  }

  /// What a network does to frames; probabilities from 0 (never) to 1 (always).
  public struct Impairment: Hashable, Sendable {
    public var loss: Double
    public var duplication: Double
    /// A frame is overtaken by the next.
    public var reordering: Double
    /// One bit is flipped.
    public var corruption: Double
    public var delay: Duration
    /// The width of the even spread above `delay`; frames may overtake each other by it.
    public var jitter: Duration
    /// In bits a second, counted from the link header on; nil for no limit.
    public var rate: UInt64?
    /// How many frames wait for a limited rate before more are dropped.
    public var queue: Int
    /// What chances are drawn from.
    public var seed: UInt64

    public init(
      loss: Double = 0, duplication: Double = 0, reordering: Double = 0, corruption: Double = 0,
      delay: Duration = .zero, jitter: Duration = .zero, rate: UInt64? = nil, queue: Int = 100, seed: UInt64 = 1
    ) {
      self.loss = loss
      self.duplication = duplication
      self.reordering = reordering
      self.corruption = corruption
      self.delay = delay
      self.jitter = jitter
      self.rate = rate
      self.queue = queue
      self.seed = seed
    }

    public static let none = Impairment()
  }

  /// The interfaces of a host, in the order of the networks, each with its network.
  public func ends(of host: String) -> [(end: End, network: Network)] {
    networks.flatMap { network in network.ends.filter { $0.host == host }.map { ($0, network) } }
  }

  /// The first address of a host, of a version if one is asked for; nil if it has none.
  public func address(of host: String, version: Int? = nil) -> IPAddress? {
    ends(of: host).lazy.flatMap(\.end.addresses).map(\.address).first { version == nil || $0.version == version }
  }
}
