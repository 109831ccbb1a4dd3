internal import CLinuxNet
internal import Glibc
internal import SondeLink

// Each system call on a socket, wrapped once. Those that may have to be called in a loop return the
// shim's negative errno instead of throwing.
extension Descriptor {
  /// Binds to an address. The corresponding C function is `bind`.
  func bind(to address: clinux_address, as operation: String = "bind") throws(LinkError) {
    try checked(clinux_bind(number, address), operation)
  }

  /// Makes a bound TCP socket accept connections. The corresponding C function is `listen`.
  func listen(backlog: Int32) throws(LinkError) {
    guard Glibc.listen(number, backlog) == 0 else { throw LinkError("listen", errno) }
  }

  /// The address that the socket is bound to. The corresponding C function is `getsockname`.
  func name() throws(LinkError) -> clinux_address {
    var address = clinux_none()
    try checked(unsafe clinux_name(number, &address), "getsockname")
    return address
  }

  /// Sets an option whose value is an `int`. The corresponding C function is `setsockopt`.
  func set(_ level: Int32, _ option: Int32, _ value: Int32, as operation: String) throws(LinkError) {
    var value = value
    try checked(unsafe clinux_set(number, level, option, &value, 4), "setsockopt(\(operation))")
  }

  /// Sets an option whose value is a row of 32-bit words. The corresponding C function is
  /// `setsockopt`.
  func set(_ level: Int32, _ option: Int32, words: [UInt32], as operation: String) throws(LinkError) {
    try checked(unsafe clinux_set(number, level, option, words, words.count * 4), "setsockopt(\(operation))")
  }

  /// Reads an option whose value is an `int`; nil where the kernel does not know it. The
  /// corresponding C function is `getsockopt`.
  func get(_ level: Int32, _ option: Int32) -> Int32? {
    var value: Int32 = 0
    return unsafe clinux_get(number, level, option, &value, 4) < 0 ? nil : value
  }

  /// How many packets the kernel dropped at this socket for want of room, since it was opened
  /// (SO_MEMINFO, socket(7)). The corresponding C function is `getsockopt`.
  static func drops(at number: Int32) -> UInt32 {
    var words = [UInt32](repeating: 0, count: KernelNumber.memoryInfoDrops + 1)
    let result = unsafe clinux_get(
      number, KernelNumber.socketLevel, KernelNumber.memoryInfo, &words, words.count * 4)
    return result < 0 ? 0 : words[KernelNumber.memoryInfoDrops]
  }

  /// Attaches a classic BPF program that decides what the socket receives. The corresponding C
  /// function is `setsockopt` with SO_ATTACH_FILTER.
  func attach(_ program: [PacketFilter.Instruction]) throws(LinkError) {
    let words = program.map { sock_filter(code: $0.code, jt: $0.ifTrue, jf: $0.ifFalse, k: $0.operand) }
    try checked(unsafe clinux_filter(number, words, words.count), "setsockopt(SO_ATTACH_FILTER)")
  }

  /// Asks for room for `octets` of received packets: beyond the system's limit where CAP_NET_ADMIN
  /// allows it, else as near as the limit (net.core.rmem_max) lets.
  func growReceiveBuffer(to octets: Int32) {
    var value = octets
    let level = KernelNumber.socketLevel
    if unsafe clinux_set(number, level, KernelNumber.receiveBufferForce, &value, 4) < 0 {
      _ = unsafe clinux_set(number, level, KernelNumber.receiveBuffer, &value, 4)
    }
  }

  /// Asks for as much room for packets on their way out as net.core.wmem_max lets, which the kernel doubles
  /// (socket(7)): more than its queue for a neighbour that does not answer holds (arp(7), unres_qlen_bytes),
  /// so that a host that is not there never fills the socket for the others.
  func growSendBuffer() {
    var value = Int32.max / 2
    _ = unsafe clinux_set(number, KernelNumber.socketLevel, KernelNumber.sendBuffer, &value, 4)
  }

  /// Sends one packet without waiting. The corresponding C function is `sendmsg`.
  ///
  /// - Returns: the octets taken, or a negative errno.
  func send(_ bytes: ArraySlice<UInt8>, to address: clinux_address, aside: clinux_aside) -> Int {
    unsafe bytes.withUnsafeBytes {
      unsafe clinux_send(number, $0.baseAddress, $0.count, address, aside, KernelNumber.doNotWait)
    }
  }

  /// Receives one packet without waiting into a reused buffer. The corresponding C function is
  /// `recvmsg`.
  ///
  /// - Returns: the octets received, or a negative errno.
  func receive(into buffer: inout ReceiveBuffer, errorQueue: Bool) -> Int {
    var flags = KernelNumber.doNotWait | (errorQueue ? KernelNumber.errorQueue : 0)
    var controlCount = buffer.control.count
    let count = unsafe clinux_receive(
      number, &buffer.bytes, buffer.bytes.count, &buffer.address, &buffer.control, &controlCount, &flags)
    buffer.count = max(count, 0)
    buffer.controlCount = count < 0 ? 0 : controlCount
    return count
  }
}

/// Where `recvmsg` puts things: one for all sockets of a link, so that receiving allocates nothing.
struct ReceiveBuffer {
  var bytes: [UInt8]
  var count = 0
  var control = [UInt8](repeating: 0, count: 1024)
  var controlCount = 0
  var address = clinux_none()

  /// - Parameter room: the length of the longest packet, in octets; more of it is cut off.
  init(room: Int = 1 << 17) {
    // Only what the kernel has written is read, and memory that nobody touches costs nothing.
    bytes = unsafe [UInt8](unsafeUninitializedCapacity: room) { $1 = room }
  }

  /// The octets received last.
  var received: ArraySlice<UInt8> { bytes[..<count] }

  /// The control messages of what was received last.
  var messages: ControlMessages { ControlMessages(control[..<controlCount]) }
}
