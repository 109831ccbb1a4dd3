internal import CLinuxNet
internal import Glibc
internal import Synchronization
internal import WireSupport

/// What answers on a host: one thread that waits for all of its sockets.
///
/// Each address has sockets of its own, so that an answer comes from the address that was asked.
final class Services: Sendable {
  private enum Role {
    case listener
    case connection
    case udpEcho
    case udpSilent
    /// Is there, and nothing more.
    case idle
  }

  private let wake: Int32
  private let thread: OwnThread

  /// Opens all sockets in the calling thread's namespace.
  ///
  /// - Throws: `WireFailure` with the operation that failed.
  init(_ services: [Topology.Service]) throws(WireFailure) {
    var sockets: [(descriptor: Int32, role: Role)] = []
    for service in services {
      for address in service.addresses { sockets += try Self.open(service, address) }
    }
    wake = clinux_event()
    guard wake >= 0 else { throw WireFailure("eventfd: errno \(-wake)") }
    let (wake, all) = (wake, sockets)
    thread = try OwnThread.start { Self.serve(all, until: wake) }
  }

  /// Ends the thread and closes all sockets.
  func stop() {
    clinux_event_raise(wake)
    thread.join()
    close(wake)
  }

  private static func open(
    _ service: Topology.Service, _ address: String
  ) throws(WireFailure) -> [(descriptor: Int32, role: Role)] {
    let isStream = service.kind == .tcpEcho || service.kind == .tcpFull
    let kind = Int32(isStream ? SOCK_STREAM.rawValue : SOCK_DGRAM.rawValue)
    let name = try socketAddress(address, service.port)
    func new() throws(WireFailure) -> Int32 {
      try require(clinux_socket(clinux_family(name), kind | Int32(SOCK_CLOEXEC.rawValue), 0), "socket")
    }
    let descriptor = try new()
    var on: Int32 = 1
    _ = unsafe clinux_set(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4)
    try require(clinux_bind(descriptor, name), "bind \(address) \(service.port)")
    switch service.kind {
    case .udpEcho: return [(descriptor, .udpEcho)]
    case .udpSilent: return [(descriptor, .udpSilent)]
    case .tcpEcho:
      try require(listen(descriptor, 64) == 0 ? 0 : -errno, "listen")
      return [(descriptor, .listener)]
    case .tcpFull:
      // A backlog of 0 has room for one connection, and this is it (listen(2)).
      try require(listen(descriptor, 0) == 0 ? 0 : -errno, "listen")
      let only = try new()
      var name = name
      let length = name.length
      let connected = unsafe withUnsafePointer(to: &name.is) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(only, $0, length) }
      }
      try require(connected == 0 ? 0 : -errno, "connect")
      return [(descriptor, .idle), (only, .idle)]
    }
  }

  private static func serve(_ sockets: [(descriptor: Int32, role: Role)], until wake: Int32) {
    var sockets = sockets
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      var polled = [clinux_poll(fd: wake, events: Int16(POLLIN), revents: 0)]
      polled += sockets.map {
        clinux_poll(fd: $0.role == .idle ? -1 : $0.descriptor, events: Int16(POLLIN), revents: 0)
      }
      _ = unsafe clinux_poll(&polled, polled.count, -1)
      if polled[0].revents != 0 { break }
      var gone: Set<Int32> = []
      for (socket, poll) in zip(sockets, polled.dropFirst()) where poll.revents != 0 {
        switch socket.role {
        case .listener:
          let connection = accept(socket.descriptor, nil, nil)
          guard connection >= 0 else { continue }
          _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
          sockets.append((connection, .connection))
        case .connection:
          let count = unsafe recv(socket.descriptor, &buffer, buffer.count, 0)
          let sent = count > 0 ? unsafe send(socket.descriptor, buffer, count, Int32(MSG_NOSIGNAL)) : 0
          if count <= 0 || sent < 0 { gone.insert(socket.descriptor) }
        case .udpEcho, .udpSilent:
          var from = sockaddr_storage()
          var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
          unsafe withUnsafeMutablePointer(to: &from) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { from in
              let count = unsafe recvfrom(socket.descriptor, &buffer, buffer.count, 0, from, &length)
              guard count >= 0, socket.role == .udpEcho else { return }
              _ = unsafe sendto(socket.descriptor, buffer, count, 0, from, length)
            }
          }
        case .idle: break
        }
      }
      sockets.removeAll { gone.contains($0.descriptor) }
      for descriptor in gone { close(descriptor) }
    }
    for socket in sockets { close(socket.descriptor) }
  }

  private static func socketAddress(_ text: String, _ port: UInt16) throws(WireFailure) -> clinux_address {
    var v4 = in_addr()
    if unsafe inet_pton(AF_INET, text, &v4) == 1 { return clinux_ipv4(UInt32(bigEndian: v4.s_addr), port) }
    var octets = [UInt8](repeating: 0, count: 16)
    guard unsafe inet_pton(AF_INET6, text, &octets) == 1 else { throw WireFailure("no address: \(text)") }
    func half(_ octets: ArraySlice<UInt8>) -> UInt64 { octets.reduce(0) { $0 << 8 | UInt64($1) } }
    return clinux_ipv6(half(octets[..<8]), half(octets[8...]), port, 0)
  }

  @discardableResult
  private static func require(_ result: Int32, _ operation: String) throws(WireFailure) -> Int32 {
    guard result >= 0 else { throw WireFailure("\(operation): errno \(-result)") }
    return result
  }
}
