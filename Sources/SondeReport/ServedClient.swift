public import SondeProbe

/// What there is to tell of a client of a server.
public struct ServedClient: Sendable {
  /// The number of the connection, from 1.
  public var number: Int
  public var service: Service
  /// Where it comes from: address and port.
  public var address: String
  public var port: UInt16

  public init(number: Int, service: Service, address: String, port: UInt16) {
    self.number = number
    self.service = service
    self.address = address
    self.port = port
  }

  /// `192.0.2.1:40001`, `[2001:db8::1]:40001` (RFC 5952 §6).
  var end: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }
}

/// What passed on a connection, or by datagrams: octets of data.
public struct ServedOctets: Hashable, Sendable {
  /// From the clients.
  public var received: UInt64 = 0
  /// To the clients.
  public var sent: UInt64 = 0

  public init() {}
}

/// How a connection to a server ended.
public enum ServedEnding: Hashable, Sendable {
  /// The client had no more to say, and neither had the service.
  case client
  /// The service had said all.
  case service
  /// The client broke it off.
  case reset
  /// The client's machine answers no more.
  case silence
  /// Nothing passed for as long as is allowed.
  case idle
  /// As many octets passed as are allowed.
  case limit
  /// The server itself ended.
  case stopped
  /// The kernel's word.
  case failure(String)

  /// The value of `ended` in JSON.
  var word: String {
    switch self {
    case .client: "client"
    case .service: "service"
    case .reset: "reset"
    case .silence: "silence"
    case .idle: "idle"
    case .limit: "limit"
    case .stopped: "stopped"
    case .failure: "failure"
    }
  }

  var sentence: String {
    switch self {
    case .client: "closed by the client"
    case .service: "closed, all was said"
    case .reset: "reset by the client"
    case .silence: "given up, the client answers no more"
    case .idle: "ended, nothing passed for too long"
    case .limit: "ended at its limit of octets"
    case .stopped: "closed with the server"
    case .failure(let message): "failed: \(message)"
    }
  }
}

/// What a server did in all.
public struct ServedTotals: Hashable, Sendable {
  public var connections = 0
  /// Datagrams that were answered, or were not to be.
  public var datagrams = 0
  /// Datagrams that were refused an answer, or whose answer could not be sent.
  public var refused = 0
  public var octets = ServedOctets()

  public init() {}
}

/// A service that is ready for clients.
public struct ReadyService: Sendable {
  public var service: Service
  public var port: UInt16
  public var overTCP: Bool
  public var overUDP: Bool
  public var addresses: [String]

  public init(_ service: Service, port: UInt16, overTCP: Bool, overUDP: Bool, addresses: [String]) {
    self.service = service
    self.port = port
    self.overTCP = overTCP
    self.overUDP = overUDP
    self.addresses = addresses
  }
}
