internal import CLinuxNet
internal import Glibc
internal import SondeLink

/// The headers of as many messages as one `sendmmsg` takes, made once: a packet costs the writing of its address, place
/// and length.
@safe struct BulkMessages: ~Copyable, @unchecked Sendable {
  // Only one thread uses it at a time, as it does its door.
  private let messages: UnsafeMutablePointer<clinux_message>
  private let vectors: UnsafeMutablePointer<iovec>
  private let addresses: UnsafeMutablePointer<clinux_address>
  private let control: UnsafeMutablePointer<UInt64>
  private static let capacity = PacketBatch.size
  private static let controlWords = 16

  /// - Parameters:
  ///   - interface: by which every packet leaves, where routing does not choose; the kernel is told by a control
  ///     message that all have in common.
  ///   - family: of the socket, for that control message.
  init(interface: Int32 = 0, family: Family = .ipv4) {
    unsafe messages = .allocate(capacity: Self.capacity)
    unsafe vectors = .allocate(capacity: Self.capacity)
    unsafe addresses = .allocate(capacity: Self.capacity)
    unsafe control = .allocate(capacity: Self.controlWords)
    unsafe messages.initialize(repeating: clinux_message(), count: Self.capacity)
    unsafe vectors.initialize(repeating: iovec(), count: Self.capacity)
    unsafe addresses.initialize(repeating: clinux_none(), count: Self.capacity)
    unsafe control.initialize(repeating: 0, count: Self.controlWords)
    let length =
      interface == 0
      ? 0 : unsafe clinux_interface_aside(control, Self.controlWords * 8, Int32(family.rawValue), interface)
    for index in 0..<Self.capacity {
      unsafe messages[index].header.msg_iov = vectors + index
      unsafe messages[index].header.msg_iovlen = 1
      unsafe messages[index].header.msg_name = UnsafeMutableRawPointer(addresses + index)
        .advanced(by: MemoryLayout<clinux_address>.offset(of: \.is) ?? 0)
      unsafe messages[index].header.msg_control = length > 0 ? UnsafeMutableRawPointer(control) : nil
      unsafe messages[index].header.msg_controllen = length
    }
  }

  deinit {
    unsafe messages.deallocate()
    unsafe vectors.deallocate()
    unsafe addresses.deallocate()
    unsafe control.deallocate()
  }

  /// Sends packets of a batch, those in `range`, by `sendmmsg`.
  ///
  /// - Parameter address: where a packet goes that goes by a hop.
  /// - Returns: how many went, and why the next one did not, as an errno; 0 if all went.
  @inline(__always)
  mutating func send(
    _ batch: borrowing PacketBatch, _ range: Range<Int>, by socket: Int32,
    _ address: (RawSpan, NextHop) -> clinux_address
  ) -> (sent: Int, code: Int32) {
    let lengths = batch.lengths
    let hops = batch.hops
    let octets = batch.octets
    let stride = batch.stride
    return unsafe octets.withUnsafeBytes { octets in
      var next = range.lowerBound
      while next < range.upperBound {
        let count = min(Self.capacity, range.upperBound - next)
        for index in 0..<count {
          let place = next + index
          let packet = unsafe UnsafeRawBufferPointer(rebasing: octets[place * stride..<place * stride + lengths[place]])
          unsafe vectors[index].iov_base = UnsafeMutableRawPointer(mutating: packet.baseAddress)
          unsafe vectors[index].iov_len = packet.count
          let to = address(unsafe RawSpan(_unsafeBytes: packet), hops[place])
          unsafe addresses[index] = to
          unsafe messages[index].header.msg_namelen = to.length
        }
        var sent = 0
        while sent < count {
          let result = unsafe clinux_send_many(
            socket, messages + sent, UInt32(count - sent), KernelNumber.doNotWait)
          if result == -EINTR { continue }
          guard result > 0 else { return (next + sent - range.lowerBound, result == 0 ? EAGAIN : -result) }
          sent += Int(result)
        }
        next += count
      }
      return (range.count, 0)
    }
  }
}
