internal import CLinuxNet
internal import CTunnel
internal import Glibc
public import WireSupport

/// A thread that reads packets of a descriptor and writes what is to be said to them, each when it is due.
///
/// Its descriptor belongs to the namespace of the thread that made it, whichever thread reads.
public final class Responder: @unchecked Sendable {
  private let descriptor: Int32
  private let end: Int32
  private let react: @Sendable ([UInt8]) -> [Reaction]
  /// Touched by `init` and `stop` alone.
  private var thread: OwnThread?

  private init(_ descriptor: Int32, _ react: @escaping @Sendable ([UInt8]) -> [Reaction]) throws(WireFailure) {
    self.descriptor = descriptor
    self.react = react
    end = clinux_event()
    // It holds the responder until `stop`.
    thread = try OwnThread.start { [self] in run() }
  }

  deinit {
    close(descriptor)
    close(end)
  }

  /// Makes a TUN device in the calling thread's namespace, behind which the hostile hosts live, with an address for
  /// who asks and routes to them. It goes with the responder.
  ///
  /// - Throws: `WireFailure` if the device or its routes cannot be made.
  public static func hosts(on device: String = "hostile0") throws -> Responder {
    let descriptor = unsafe ctunnel_open(device)
    guard descriptor >= 0 else { throw WireFailure("TUN device \(device): errno \(-descriptor)") }
    let responder = try Responder(descriptor) { Behaviour.reactions(to: $0) }
    let lines = [
      // A reply from a third party has no route back; and one by IPv4 is martian where its source is not to be had.
      "for name in all \(device); do echo 0 > /proc/sys/net/ipv4/conf/$name/rp_filter; done",
      "echo 0 > /proc/sys/net/ipv6/conf/\(device)/accept_dad",
      "ip link set \(device) up mtu 1500", "ip addr add 10.77.199.1/32 dev \(device)",
      "ip addr add fd77:199::1/128 dev \(device) nodad",
      "ip route add 10.77.200.0/22 dev \(device) src 10.77.199.1",
      "ip -6 route add fd77:200::/30 dev \(device) src fd77:199::1",
    ]
    let outcome = try Shell.run(lines.joined(separator: " && "))
    guard outcome.status == 0 else {
      responder.stop()
      throw WireFailure("\(device): \(outcome)")
    }
    return responder
  }

  /// Answers ARP on an interface of the calling thread's namespace, which has no address of its own there.
  ///
  /// - Throws: `WireFailure` if there is no such interface.
  public static func neighbours(on interface: String = "arp1") throws(WireFailure) -> Responder {
    let descriptor = unsafe ctunnel_arp(interface)
    guard descriptor >= 0 else { throw WireFailure("ARP on \(interface): errno \(-descriptor)") }
    return try Responder(descriptor) { Neighbour.reactions(to: $0) }
  }

  /// Ends the thread; what is not yet due is never said.
  public func stop() {
    guard let thread else { return }
    self.thread = nil
    clinux_event_raise(end)
    thread.join()
  }

  private func run() {
    /// What is to be said, the earliest first.
    var waiting: [(due: Int64, octets: [UInt8])] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let now = clinux_clock(CLOCK_MONOTONIC)
      while let first = waiting.first, first.due <= now {
        waiting.removeFirst()
        _ = unsafe ctunnel_write(descriptor, first.octets, first.octets.count)
      }
      var ready = [
        clinux_poll(fd: descriptor, events: Int16(POLLIN), revents: 0),
        clinux_poll(fd: end, events: Int16(POLLIN), revents: 0),
      ]
      let wait = waiting.first.map { max(0, $0.due - clinux_clock(CLOCK_MONOTONIC)) } ?? -1
      _ = unsafe clinux_poll(&ready, ready.count, wait)
      if ready[1].revents != 0 { return }
      guard ready[0].revents != 0 else { continue }
      let count = unsafe ctunnel_read(descriptor, &buffer, buffer.count)
      // A device that is gone says so for ever.
      guard count > 0 else { return }
      let came = clinux_clock(CLOCK_MONOTONIC)
      for reaction in react(Array(buffer[..<count])) {
        let due = came + reaction.delay * 1_000_000
        let place = waiting.firstIndex { $0.due > due } ?? waiting.endIndex
        waiting.insert((due, reaction.octets), at: place)
      }
    }
  }
}
