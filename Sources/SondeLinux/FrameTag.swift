internal import CLinuxNet
internal import Glibc

/// An 802.1Q tag that the kernel took out of a frame and tells beside it.
struct FrameTag: Hashable {
  /// The tag's own EtherType.
  var type: UInt16
  /// Priority, drop eligibility and VLAN identifier.
  var control: UInt16

  static let length = 4

  /// Puts the tag back behind the two addresses of an Ethernet frame, which move into the free octets before it.
  ///
  /// A frame cut short within its addresses is left as it is.
  func insert(into frame: UnsafeMutableRawBufferPointer) -> UnsafeMutableRawBufferPointer {
    guard let start = frame.baseAddress, frame.count >= 12 else { return unsafe frame }
    let first = unsafe start - Self.length
    unsafe memmove(first, start, 12)
    unsafe first.storeBytes(of: type.bigEndian, toByteOffset: 12, as: UInt16.self)
    unsafe first.storeBytes(of: control.bigEndian, toByteOffset: 14, as: UInt16.self)
    return unsafe UnsafeMutableRawBufferPointer(start: first, count: frame.count + Self.length)
  }

  /// The same of a frame that was received into an array.
  func inserted(into frame: ArraySlice<UInt8>) -> [UInt8] {
    guard frame.count >= 12 else { return Array(frame) }
    let octets = [type, control].flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    return frame.prefix(12) + octets + frame.dropFirst(12)
  }
}

/// The header of LINKTYPE_LINUX_SLL2 (pcap's registry): EtherType, two reserved octets, interface index, hardware
/// type, kind of packet, length of the address, eight octets of the sender's link address.
enum CookedHeader {
  static let length = 20

  /// Writes the header, and after it the tag as an 802.1Q header's second half, into the free octets before a packet.
  static func write(
    before packet: UnsafeMutableRawBufferPointer, _ address: sockaddr_ll, _ tag: FrameTag?
  ) -> UnsafeMutableRawBufferPointer {
    guard let start = packet.baseAddress else { return unsafe packet }
    let added = length + (tag == nil ? 0 : FrameTag.length)
    let first = unsafe start - added
    // The address's own EtherType is in network order already.
    let type = tag?.type.bigEndian ?? address.sll_protocol
    unsafe first.storeBytes(of: type, toByteOffset: 0, as: UInt16.self)
    unsafe first.storeBytes(of: 0, toByteOffset: 2, as: UInt16.self)
    unsafe first.storeBytes(of: address.sll_ifindex.bigEndian, toByteOffset: 4, as: Int32.self)
    unsafe first.storeBytes(of: address.sll_hatype.bigEndian, toByteOffset: 8, as: UInt16.self)
    unsafe first.storeBytes(of: address.sll_pkttype, toByteOffset: 10, as: UInt8.self)
    unsafe first.storeBytes(of: address.sll_halen, toByteOffset: 11, as: UInt8.self)
    unsafe withUnsafeBytes(of: address.sll_addr) { octets in
      unsafe (first + 12).copyMemory(from: octets.baseAddress ?? UnsafeRawPointer(first), byteCount: octets.count)
    }
    if let tag {
      unsafe first.storeBytes(of: tag.control.bigEndian, toByteOffset: length, as: UInt16.self)
      unsafe first.storeBytes(of: address.sll_protocol, toByteOffset: length + 2, as: UInt16.self)
    }
    return unsafe UnsafeMutableRawBufferPointer(start: first, count: packet.count + added)
  }
}
