internal import Glibc
public import SondeLink
public import SondeOctets

/// How the kernel would send to one destination.
public struct Route: Hashable, Sendable {
  /// What the destination is to this machine (RTN_*, linux/rtnetlink.h).
  public enum Kind: Hashable, Sendable {
    case unicast
    /// The destination is an address of this machine.
    case local
    case broadcast
    case multicast
  }

  public var kind: Kind
  /// The source address the kernel would choose.
  public var source: IPAddress?
  /// The interface to go by; its addresses are left out.
  public var interface: NetworkInterface
  /// The router to go through; nil for a destination on the link.
  public var nextHop: IPAddress?
  /// The longest packet from the IP header on, in octets: the route's own MTU, else the interface's.
  public var mtu: Int

  /// Asks the kernel by rtnetlink's RTM_GETROUTE; nothing is sent.
  ///
  /// - Parameters:
  ///   - source: the source address that the packets will have, which policy routing may look at.
  ///   - interface: the index of the interface to go by; link-local destinations need one.
  /// - Throws: `LinkError` if there is no route.
  public static func lookup(
    _ destination: IPAddress, source: IPAddress? = nil, interface: Int? = nil, mark: UInt32? = nil
  ) throws(LinkError) -> Route {
    var netlink = try NetlinkSocket()
    let found = try find(destination, source: source, interface: interface, mark: mark, &netlink)
    let through = try NetworkInterface.link(found.interface, by: &netlink)
    return Route(
      kind: found.kind, source: found.source, interface: through, nextHop: found.nextHop, mtu: found.mtu ?? through.mtu)
  }

  /// The kernel's answer alone, by a socket that serves many questions.
  static func find(
    _ destination: IPAddress, source: IPAddress?, interface: Int?, mark: UInt32?, _ netlink: inout NetlinkSocket
  ) throws(LinkError) -> Found {
    let bits = UInt8(destination.version == 4 ? 32 : 128)
    let body = [UInt8(destination.family.domain), bits, source == nil ? 0 : bits] + [UInt8](repeating: 0, count: 9)
    var request = NetlinkRequest(NetlinkRequest.getRoute, dump: false, body: body)
    // RTA_DST, RTA_SRC, RTA_OIF, RTA_MARK.
    request.append(attribute: 1, destination)
    if let source { request.append(attribute: 2, source) }
    if let interface { request.append(attribute: 4, UInt32(clamping: interface)) }
    if let mark { request.append(attribute: 16, mark) }
    let answer: [NetlinkMessage]
    do {
      answer = try netlink.ask(request, as: "route to \(destination)")
    } catch {
      throw Self.refusal(error, source)
    }
    guard let found = answer.lazy.compactMap(Found.init).first else {
      throw LinkError("route to \(destination)", ENETUNREACH)
    }
    return found
  }

  /// The kernel's answer in words of routes: each type that lets nothing pass has an errno of its own (ip-route(8)).
  static func refusal(_ error: LinkError, _ source: IPAddress?) -> LinkError {
    switch (error.code, source) {
    case (EINVAL, let source?):
      // The kernel's word for a source that is not its own, too.
      LinkError(
        operation: error.operation, code: EADDRNOTAVAIL, message: "\(source) is no address of this machine")
    case (EINVAL, nil):
      LinkError(operation: error.operation, code: EINVAL, message: "a blackhole route takes what goes there")
    case (EACCES, _):
      LinkError(operation: error.operation, code: EACCES, message: "a prohibit route refuses what goes there")
    case (EHOSTUNREACH, _):
      LinkError(
        operation: error.operation, code: EHOSTUNREACH,
        message: "an unreachable route refuses what goes there")
    default: error
    }
  }

  /// What RTM_NEWROUTE says: `struct rtmsg`, then attributes.
  struct Found: Hashable {
    var kind: Kind
    var source: IPAddress?
    var interface: Int
    var nextHop: IPAddress?
    var mtu: Int?

    init?(_ message: NetlinkMessage) {
      guard message.type == NetlinkMessage.newRoute, let type = message.body.dropFirst(7).first else { return nil }
      let attributes = message.attributes(after: 12)
      // RTA_OIF, RTA_PREFSRC, RTA_GATEWAY, RTA_VIA (a family, then an address), RTA_METRICS.
      guard let interface = attributes[4]?.native(at: 0, as: UInt32.self) else { return nil }
      self.interface = Int(interface)
      source = attributes[7]?.ipAddress
      nextHop = attributes[5]?.ipAddress ?? attributes[18]?.dropFirst(2).ipAddress
      let metrics = attributes[8].map { NetlinkMessage.attributes(in: $0) }
      // RTAX_MTU; zero means that the interface's counts.
      mtu = metrics?[2]?.native(at: 0, as: UInt32.self).flatMap { $0 == 0 ? nil : Int($0) }
      switch type {
      case 2, 4: kind = .local
      case 3: kind = .broadcast
      case 5: kind = .multicast
      default: kind = .unicast
      }
    }
  }
}
