internal import CLinuxNet
internal import Glibc
internal import SondeLink

/// A connection to the kernel's routing tables (rtnetlink(7)). Looking needs no privilege.
struct NetlinkSocket: ~Copyable {
  private let socket: Descriptor
  /// The kernel's messages are at most 32 KiB (af_netlink.c, `netlink_dump`).
  private var buffer = ReceiveBuffer(room: 1 << 15)

  /// RTMGRP_NEIGH: changes of the neighbour table are told to the socket.
  static let neighbourChanges: UInt32 = 4

  init(groups: UInt32 = 0) throws(LinkError) {
    let opened = try Descriptor.socket(KernelNumber.netlink, KernelNumber.raw, 0, as: "socket(AF_NETLINK)")
    try opened.bind(to: clinux_netlink(groups), as: "bind(AF_NETLINK)")
    socket = opened
  }

  var descriptor: Int32 { socket.number }

  /// Asks, and gives the answer's messages: one, or all of a dump.
  ///
  /// - Throws: `LinkError` with the errno of the kernel's answer.
  mutating func ask(_ request: NetlinkRequest, as operation: String) throws(LinkError) -> [NetlinkMessage] {
    var answer: [NetlinkMessage] = []
    try ask(request, as: operation) { answer.append($0) }
    return answer
  }

  /// Asks, and hands on the answer's messages one by one: of a long dump, no more is kept at once.
  ///
  /// - Throws: `LinkError` with the errno of the kernel's answer.
  mutating func ask(
    _ request: NetlinkRequest, as operation: String, _ take: (NetlinkMessage) -> Void
  ) throws(LinkError) {
    let sent = socket.send(request.bytes[...], to: clinux_none(), aside: clinux_aside())
    guard sent >= 0 else { throw LinkError(operation, Int32(-sent)) }
    // The kernel answers before `sendmsg` returns, and goes on with a dump in each `recvmsg`.
    while let messages = next() {
      for message in messages {
        if message.type == NetlinkMessage.done { return }
        if let code = message.code {
          guard code != 0 else { return }
          throw LinkError(operation, code)
        }
        take(message)
      }
      if !request.isDump { return }
    }
  }

  /// The next datagram's messages; nil if there is none now.
  mutating func next() -> [NetlinkMessage]? {
    guard socket.receive(into: &buffer, errorQueue: false) >= 0 else { return nil }
    // A copy, so that the buffer stays the only one of itself.
    return NetlinkMessage.messages(in: Array(buffer.received)[...])
  }

  /// Waits until the kernel tells something or `deadline` has passed.
  func wait(until deadline: Instant) {
    var watched = clinux_poll(fd: socket.number, events: KernelNumber.pollIn, revents: 0)
    _ = unsafe clinux_poll(&watched, 1, max(0, (deadline - Clock.monotonic).nanoseconds))
  }
}
