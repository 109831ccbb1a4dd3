internal import CLinuxNet
internal import SondeLink

/// The memory that the kernel writes frames to one by one (the kernel's networking/packet_mmap.rst, TPACKET_V2).
///
/// Each frame is there at once, where the blocks of a `CaptureRing` wait for more; and a ring's size is no matter of
/// net.core.rmem_max, which an ordinary user's sockets keep to.
@safe struct SlotRing: ~Copyable {
  private let memory: UnsafeMutableRawPointer
  private let slotSize: Int
  private let slotCount: Int
  private var slot = 0

  /// Free octets before each frame, for a tag that the kernel took out of it.
  private static let reserve = 16
  /// What the kernel puts before a frame, at most: its header, an address, and what aligns them.
  private static let overhead = 128

  /// Makes the ring of a packet socket that is not bound yet.
  ///
  /// - Parameters:
  ///   - longest: the length of the longest frame that is kept whole, in octets.
  ///   - size: how long the ring is at least, in octets.
  /// - Throws: `LinkError` if the kernel has no such memory.
  init(_ socket: borrowing Descriptor, longest: Int, size: Int) throws(LinkError) {
    var slotSize = 2048
    while slotSize < min(longest, 1 << 17) + Self.overhead + Self.reserve { slotSize *= 2 }
    // Whole blocks of at least 64 KiB.
    let slotCount = max(size / slotSize, 4) + 31 & ~31
    try checked(
      clinux_slot_ring(socket.number, UInt32(slotSize), UInt32(slotCount), UInt32(Self.reserve)),
      "setsockopt(PACKET_RX_RING)")
    var place: UnsafeMutableRawPointer?
    try checked(unsafe clinux_map(socket.number, slotSize * slotCount, &place), "mmap")
    guard let place = unsafe place else { throw LinkError("mmap", refusal: "no memory") }
    unsafe memory = place
    self.slotSize = slotSize
    self.slotCount = slotCount
  }

  deinit { unsafe clinux_unmap(memory, slotSize * slotCount) }

  /// A frame as the kernel tells of it.
  struct Facts {
    /// TP_STATUS_*.
    var status: UInt32
    /// The kernel's stamp in nanoseconds since 1970.
    var wall: Int64
    /// The index of the interface.
    var interface: Int
    /// PACKET_HOST, PACKET_OUTGOING and so on.
    var kind: UInt8
  }

  /// Lends the frame that the kernel handed over next, from its Ethernet header on, its tag in place; then gives its
  /// memory back.
  ///
  /// - Returns: false if there is none.
  mutating func next(_ take: (Facts, RawSpan) -> Void) -> Bool {
    let start = unsafe memory + slot * slotSize
    guard unsafe clinux_slot_is_ready(start) != 0 else { return false }
    let header = unsafe start.assumingMemoryBound(to: tpacket2_hdr.self).pointee
    let address = unsafe (start + Self.addressOffset).assumingMemoryBound(to: sockaddr_ll.self).pointee
    let length = min(Int(header.tp_snaplen), slotSize - min(slotSize, Int(header.tp_mac)))
    var frame = unsafe UnsafeMutableRawBufferPointer(start: start + Int(header.tp_mac), count: length)
    if header.tp_status & KernelNumber.hasTag != 0 {
      let type = header.tp_status & KernelNumber.hasTagType != 0 ? header.tp_vlan_tpid : KernelNumber.etherTag
      unsafe frame = FrameTag(type: type, control: header.tp_vlan_tci).insert(into: frame)
    }
    let facts = Facts(
      status: header.tp_status, wall: Int64(header.tp_sec) * 1_000_000_000 + Int64(header.tp_nsec),
      interface: Int(address.sll_ifindex), kind: address.sll_pkttype)
    let readable = UnsafeRawBufferPointer(frame)
    unsafe take(facts, RawSpan(_unsafeBytes: readable))
    unsafe clinux_slot_release(start)
    slot = slot + 1 == slotCount ? 0 : slot + 1
    return true
  }

  /// Where the address follows the header: at the next multiple of TPACKET_ALIGNMENT.
  private static let addressOffset = (MemoryLayout<tpacket2_hdr>.size + 15) & ~15
}
