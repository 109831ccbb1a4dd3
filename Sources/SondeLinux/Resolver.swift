internal import CLinuxNet
internal import Glibc
public import SondeLink
public import SondeOctets

/// An address with the interface it belongs to, where it needs one.
public struct ScopedAddress: Hashable, Sendable, CustomStringConvertible {
  public var address: IPAddress
  /// The interface index of the zone (RFC 4007); 0 for none.
  public var zone: Int

  public init(address: IPAddress, zone: Int = 0) {
    self.address = address
    self.zone = zone
  }

  /// The address, with `%` and the interface's name behind it if it has a zone.
  public var description: String {
    guard zone != 0 else { return address.description }
    var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
    let isKnown = unsafe if_indextoname(UInt32(clamping: zone), &name) != nil
    let text = name.map { UInt8(bitPattern: $0) }[...].text
    return "\(address)%\(isKnown ? text : String(zone))"
  }
}

/// Names to addresses and back, as this system's files and DNS answer.
public enum Resolver {
  /// The addresses of a name, or the one that the text writes, in the order the system prefers
  /// (RFC 6724).
  ///
  /// IPv6 text may have a zone: `fe80::1%eth0` or `fe80::1%2`. The corresponding C function is
  /// `getaddrinfo`.
  ///
  /// - Parameter family: the only family wanted; nil takes both.
  /// - Throws: `LinkError` with code 0 for an unknown name, an unknown zone, or an address of the
  ///   other family.
  public static func resolve(_ name: String, _ family: Family? = nil) throws(LinkError) -> [ScopedAddress] {
    if let written = try written(name) {
      guard family == nil || written.address.family == family else {
        throw LinkError(
          "address \(name)", refusal: "this is no IPv\(family?.rawValue ?? 0) address, which was asked for")
      }
      return [written]
    }
    usesFilesAndDNS
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = family?.domain ?? 0
    // One kind of socket, or each address would come once for each.
    unsafe hints.ai_socktype = KernelNumber.datagram
    var list: UnsafeMutablePointer<addrinfo>? = nil
    let status = unsafe getaddrinfo(name, nil, &hints, &list)
    guard status == 0 else {
      throw LinkError("name \(name)", refusal: unsafe String(cString: gai_strerror(status)))
    }
    defer { unsafe freeaddrinfo(list) }
    var found: [ScopedAddress] = []
    var next = unsafe list
    while let entry = unsafe next {
      let address = unsafe clinux_copy(entry.pointee.ai_addr, entry.pointee.ai_addrlen)
      if let ip = address.ip {
        let scoped = ScopedAddress(address: ip, zone: ip.version == 6 ? Int(clinux_scope(address)) : 0)
        if !found.contains(scoped) { found.append(scoped) }
      }
      unsafe next = entry.pointee.ai_next
    }
    return found
  }

  /// The name of an address; nil if it has none. It waits for the network, so callers who count
  /// time ask on another thread. The corresponding C function is `getnameinfo`.
  public static func name(of scoped: ScopedAddress) -> String? {
    usesFilesAndDNS
    let address =
      switch scoped.address {
      case .v4(let address): clinux_ipv4(address.rawValue, 0)
      case .v6(let address): clinux_ipv6(address.high, address.low, 0, UInt32(clamping: scoped.zone))
      }
    var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    guard unsafe clinux_name_of(address, &name, name.count) == 0 else { return nil }
    return name.map { UInt8(bitPattern: $0) }[...].text
  }

  /// An address written as one; nil if the text is a name.
  static func written(_ text: String) throws(LinkError) -> ScopedAddress? {
    let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return IPAddress(text).map { ScopedAddress(address: $0) } }
    guard let address = IPv6Address(parts[0]) else { return nil }
    return ScopedAddress(address: .v6(address), zone: try zone(String(parts[1]), of: text))
  }

  private static func zone(_ zone: String, of text: String) throws(LinkError) -> Int {
    let index = unsafe if_nametoindex(zone)
    if index != 0 { return Int(index) }
    let interfaces = try NetworkInterface.all()
    if let number = Int(zone), interfaces.contains(where: { $0.index == number }) { return number }
    let names = interfaces.map(\.name).joined(separator: ", ")
    throw LinkError("address \(text)", refusal: "there is no interface \"\(zone)\"; there are \(names)")
  }

  /// Keeps an nsswitch.conf that names an absent module from turning an unknown name into a system
  /// error. The corresponding C function is `__nss_configure_lookup`.
  private static let usesFilesAndDNS: Void = clinux_use_files_and_dns()
}
