internal import CLinuxNet
internal import SondeOctets

/// One end of a connection, or where a datagram came from: an address and a port.
public struct SocketEnd: Hashable, Sendable, CustomStringConvertible {
  public var host: ScopedAddress
  public var port: UInt16

  public init(host: ScopedAddress, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// `192.0.2.1:7`, `[2001:db8::1]:7` (RFC 5952 §6).
  public var description: String { host.address.version == 6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension SocketEnd {
  /// nil for an address of another family.
  init?(_ address: clinux_address) {
    guard let ip = address.ip else { return nil }
    let zone = ip.version == 6 ? Int(clinux_scope(address)) : 0
    self.init(host: ScopedAddress(address: ip, zone: zone), port: clinux_port(address))
  }

  var kernelAddress: clinux_address {
    switch host.address {
    case .v4(let address): clinux_ipv4(address.rawValue, port)
    case .v6(let address): clinux_ipv6(address.high, address.low, port, UInt32(clamping: host.zone))
    }
  }
}

/// A socket that one can wait for with many others: see `Readiness`.
public protocol AwaitedSocket: AnyObject {
  /// The file descriptor's number, valid as long as the socket lives.
  var number: Int32 { get }
}
