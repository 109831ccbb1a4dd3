internal import SondeLink
internal import SondeLinux
internal import SondeProbe
internal import SondeReport

/// The sockets of one service.
struct ServeOpening {
  let service: Service
  let port: UInt16
  private(set) var listeners: [StreamListener] = []
  private(set) var datagrams: [DatagramSocket] = []
  private var addresses: [String] = []

  var ready: ReadyService {
    ReadyService(
      service, port: port, overTCP: !listeners.isEmpty, overUDP: !datagrams.isEmpty, addresses: addresses)
  }

  /// Opens the sockets of all services, or none.
  ///
  /// - Throws: `Failure` naming the port that could not be had, who has it, and what works instead.
  static func open(
    _ requests: [ServeRequest], at places: ServePlaces, overTCP: Bool, overUDP: Bool
  ) throws -> [ServeOpening] {
    do {
      return try requests.map { request in
        try ServeOpening(request, at: places, overTCP: overTCP, overUDP: overUDP)
      }
    } catch let refusal as PortRefusal where refusal.isForWantOfPrivilege {
      let words = requests.map { request in
        guard (1..<1024).contains(request.port) else { return "\(request.service.rawValue):\(request.port)" }
        let works = (2...60).lazy.map { UInt16($0) * 1000 + request.port }.first {
          let other = ServeRequest(service: request.service, port: $0)
          return (try? ServeOpening(other, at: places, overTCP: overTCP, overUDP: overUDP)) != nil
        }
        return "\(request.service.rawValue):\(works ?? 0)"
      }
      throw Failure(
        "serve: port \(refusal.port) needs root or CAP_NET_BIND_SERVICE; without it: sonde serve "
          + words.joined(separator: " "))
    } catch let refusal as PortRefusal {
      throw Failure("serve: \(refusal)")
    }
  }

  /// - Throws: `PortRefusal`.
  private init(_ request: ServeRequest, at places: ServePlaces, overTCP: Bool, overUDP: Bool) throws {
    for attempt in 1... {
      do throws(PortRefusal) {
        self = try Self.bound(request, at: places, overTCP: overTCP, overUDP: overUDP)
        return
      } catch {
        // A free port of one transport and family may be taken in another: draw again.
        guard request.port == 0, error.error.isForPortInUse, attempt < 32 else { throw error }
      }
    }
    preconditionFailure("the loop above has no end")
  }

  private init(_ service: Service, _ port: UInt16) {
    self.service = service
    self.port = port
  }

  private static func bound(
    _ request: ServeRequest, at places: ServePlaces, overTCP: Bool, overUDP: Bool
  ) throws(PortRefusal) -> ServeOpening {
    var port = request.port
    var listeners: [StreamListener] = []
    var datagrams: [DatagramSocket] = []
    var addresses: [String] = []
    for address in places.addresses {
      var transport = Transport.tcp
      do throws(LinkError) {
        if overTCP {
          let listener = try StreamListener(SocketEnd(host: address, port: port))
          port = listener.local.port
          listeners.append(listener)
        }
        transport = .udp
        if overUDP, request.service.speaksUDP {
          let socket = try DatagramSocket(SocketEnd(host: address, port: port))
          port = socket.local.port
          datagrams.append(socket)
        }
        addresses.append(address.description)
      } catch {
        // A machine without one of the families serves the other.
        if error.isForWantOfAddress, !places.areWritten, places.addresses.count > 1 { continue }
        throw PortRefusal(transport: transport, address: address, port: port, error: error)
      }
    }
    if let last = places.addresses.last, addresses.isEmpty {
      let none = LinkError(operation: "bind", code: 0, message: "there is no address to serve at: is lo up?")
      throw PortRefusal(transport: .tcp, address: last, port: port, error: none)
    }
    var opening = ServeOpening(request.service, port)
    (opening.listeners, opening.datagrams, opening.addresses) = (listeners, datagrams, addresses)
    return opening
  }
}

/// Why a port could not be had.
struct PortRefusal: Error, CustomStringConvertible {
  var transport: Transport
  var address: ScopedAddress
  var port: UInt16
  var error: LinkError

  var isForWantOfPrivilege: Bool { error.isForWantOfPrivilege && port < 1024 }

  var description: String {
    let name = transport == .tcp ? "tcp" : "udp"
    if error.isForPortInUse {
      let holder = PortHolder.find(transport, port: port)
      let who = holder.map { "\($0.name), process \($0.process)" } ?? "another program, of another user"
      return "port \(port)/\(name) at \(address) is in use: \(who) has it"
    }
    if error.isForWantOfAddress { return "\(address) is no address of this machine" }
    return "port \(port)/\(name) at \(address): \(error.message)"
  }
}
