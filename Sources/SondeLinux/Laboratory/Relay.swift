internal import CLinuxNet
internal import Glibc
internal import SondeLink
internal import Synchronization

/// A switch in user space that does to frames what its network's impairment says; a thread of its own runs it.
final class Relay: Sendable {
  let name: String
  private let stopping: Descriptor
  private let stopped: Descriptor
  private let latest: Mutex<[RelayCounts]>

  /// Begins with the calling thread in the namespace of the interfaces to which the ends' cables lead.
  ///
  /// - Parameter interfaces: in the order of the network's ends.
  init(_ network: Topology.Network, _ interfaces: [NetlinkRequest.NewEnd]) throws(LinkError) {
    name = network.name
    stopping = try Descriptor.event()
    stopped = try Descriptor.event()
    latest = Mutex([RelayCounts](repeating: RelayCounts(), count: interfaces.count))
    var generator = SeededGenerator(seed: network.impairment.seed)
    var ports: [RelayPort] = []
    for interface in interfaces {
      let lane = RelayLane(network.impairment, generator.split())
      ports.append(try RelayPort(interface.index, lane, longest: network.mtu + Self.longestHeader))
    }
    // Only the new thread uses it from now on.
    nonisolated(unsafe) let table = RelaySwitch(ports, stopping: stopping.number)
    let hasBegun = Worker.begin { [self] in
      clinux_timer_slack(1)
      while unsafe table.turn() { latest.withLock { $0 = unsafe table.counts } }
      clinux_event_raise(stopped.number)
    }
    guard hasBegun else { throw LinkError("pthread_create", EAGAIN) }
  }

  /// An Ethernet header with two tags.
  private static let longestHeader = 22

  /// What was done to the frames towards each end.
  var counts: [RelayCounts] { latest.withLock { $0 } }

  /// Ends the thread, and returns when it has.
  func stop() {
    clinux_event_raise(stopping.number)
    var watched = clinux_poll(fd: stopped.number, events: KernelNumber.pollIn, revents: 0)
    while unsafe clinux_poll(&watched, 1, -1) == -EINTR {}
  }
}
