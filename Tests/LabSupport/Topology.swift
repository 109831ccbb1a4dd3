/// A network of virtual hosts as a value: what there is to build, and nothing of how.
public struct Topology: Sendable {
  public var hosts: [Host]
  public var links: [Link]

  public init(hosts: [Host], links: [Link]) {
    self.hosts = hosts
    self.links = links
  }

  public struct Host: Sendable {
    public var name: String
    /// Kernel settings by their path below /proc/sys/net; `default` reaches all interfaces.
    public var settings: [Setting]
    /// As ip-route(8) takes them behind `add`; whether IPv4 or IPv6 is told by the address.
    public var routes: [String]
    /// The inside of an nftables table of family inet.
    public var rules: String
    public var services: [Service]
    public var programs: [Program]

    public init(
      _ name: String, settings: [Setting] = [], routes: [String] = [], rules: String = "",
      services: [Service] = [], programs: [Program] = []
    ) {
      self.name = name
      self.settings = settings
      self.routes = routes
      self.rules = rules
      self.services = services
      self.programs = programs
    }
  }

  public struct Setting: Sendable {
    public var path: String
    public var value: String

    public init(_ path: String, _ value: String) {
      self.path = path
      self.value = value
    }
  }

  /// A cable with two ends, each on a host.
  public struct Link: Sendable {
    public var near: End
    public var far: End
    /// Octets of the largest IP packet, in both directions.
    public var mtu: Int

    public init(_ near: End, _ far: End, mtu: Int = 1500) {
      self.near = near
      self.far = far
      self.mtu = mtu
    }
  }

  /// An interface of a host.
  public struct End: Sendable {
    public var host: String
    public var interface: String
    /// With their prefix length: "10.77.0.1/24".
    public var addresses: [String]

    public init(_ host: String, _ interface: String, _ addresses: [String]) {
      self.host = host
      self.interface = interface
      self.addresses = addresses
    }
  }

  /// What answers in place of a kernel.
  public enum Program: Sendable {
    /// Hosts behind a TUN device of this host, each with a way to lie: `Behaviour`.
    case hostileHosts
    /// Owners of addresses on an interface of this host, each with a way to lie: `Neighbour`.
    case hostileNeighbours(interface: String)
  }

  /// What answers on a host, at each of the addresses.
  public struct Service: Sendable {
    public enum Kind: Sendable {
      /// Listens, and echoes what it is sent.
      case tcpEcho
      /// Listens, and has no room for one more connection.
      case tcpFull
      case udpEcho
      /// Reads, and says nothing.
      case udpSilent
    }

    public var kind: Kind
    public var port: UInt16
    public var addresses: [String]

    public init(_ kind: Kind, port: UInt16, at addresses: [String]) {
      self.kind = kind
      self.port = port
      self.addresses = addresses
    }
  }

  /// The interfaces of a host.
  func ends(of host: String) -> [(end: End, mtu: Int)] {
    links.flatMap { link in [link.near, link.far].map { ($0, link.mtu) } }.filter { $0.0.host == host }
  }
}
