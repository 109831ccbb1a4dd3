internal import SondeLinux
internal import SondeOctets
internal import SondeProbe

/// A service that is asked for, and its port.
struct ServeRequest {
  var service: Service
  /// 0 for a free one.
  var port: UInt16

  /// What is asked for by words such as `echo` and `welcome:2234`; without a word, all services.
  ///
  /// - Throws: `Failure` naming the word at fault.
  static func read(_ words: [String], onlyUDP: Bool) throws -> [ServeRequest] {
    guard !words.isEmpty else {
      let services = Service.allCases.filter { !onlyUDP || $0.speaksUDP }
      return services.map { ServeRequest(service: $0, port: $0.usualPort) }
    }
    var requests: [ServeRequest] = []
    for word in words {
      let request = try ServeRequest(word)
      if onlyUDP, !request.service.speaksUDP { throw Failure("serve: \(word): it speaks TCP alone, and --udp not") }
      if request.port != 0, let other = requests.first(where: { $0.port == request.port }) {
        throw Failure(
          "serve: \(word): port \(request.port) is \(other.service.rawValue)'s already; a port has one server")
      }
      requests.append(request)
    }
    return requests
  }

  private init(_ word: String) throws {
    let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let service = Service(rawValue: parts[0].lowercased()) else {
      let names = Service.allCases.map(\.rawValue).joined(separator: ", ")
      throw Failure("serve: \"\(parts[0])\" is no service; they are \(names)")
    }
    self.service = service
    guard parts.count > 1 else {
      port = service.usualPort
      return
    }
    guard let value = number(parts[1]), let port = UInt16(exactly: value) else {
      throw Failure("serve: \(word): \"\(parts[1])\" is no port: a number from 1 to 65535, or 0 for a free one")
    }
    self.port = port
  }

  init(service: Service, port: UInt16) {
    self.service = service
    self.port = port
  }
}

/// The addresses to serve at.
struct ServePlaces {
  let addresses: [ScopedAddress]
  /// Whether somebody wrote them: then each must be there.
  let areWritten: Bool

  /// - Throws: `Failure` naming the address that is none, or not of the family.
  init(_ written: [String], onlyIPv4: Bool, onlyIPv6: Bool) throws {
    let families = [4, 6].filter { !(onlyIPv6 && $0 == 4) && !(onlyIPv4 && $0 == 6) }
    areWritten = !written.isEmpty
    guard written.isEmpty else {
      var addresses: [ScopedAddress] = []
      for text in written {
        guard IPAddress(text) != nil || text.contains("%"), let address = try Resolver.resolve(text).first else {
          throw Failure("serve: --listen \(text): an address of this machine is wanted; 0.0.0.0 and :: are all")
        }
        guard families.contains(address.address.version) else {
          throw Failure("serve: --listen \(text): that is no IPv\(families[0]) address, which was asked for")
        }
        if !addresses.contains(address) { addresses.append(address) }
      }
      self.addresses = addresses
      return
    }
    // On a host of a laboratory nobody can call but the laboratory's other hosts.
    let isInside = LaboratoryPresence.name != nil
    let v4 = isInside ? IPv4Address.any : .loopback
    let v6 = isInside ? IPv6Address.any : .loopback
    addresses = families.map { ScopedAddress(address: $0 == 4 ? .v4(v4) : .v6(v6)) }
  }
}
