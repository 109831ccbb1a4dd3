internal import SondeLink

/// A filter as the kernel runs it at a capturing socket, which sees frames a little otherwise than a file shows them.
///
/// On loopback each packet passes twice: the outgoing one is left out, as tcpdump does. An 802.1Q tag is not in the
/// octets that the filter sees, so tagged frames pass and are filtered once the tag is back. A cooked socket's
/// frames begin with the network layer, so what the filter reads of the link header is asked of the kernel.
enum CaptureProgram {
  /// SKF_AD_OFF: loads above it read what the kernel knows of a packet (linux/filter.h).
  private static let ancillary: UInt32 = 0xffff_f000
  private static let etherType = ancillary
  private static let packetType = ancillary + 4
  private static let interface = ancillary + 8
  private static let hardwareType = ancillary + 28
  private static let tagPresent = ancillary + 48
  private static let loopbackHardware: UInt32 = 772

  /// The most instructions that the kernel takes (BPF_MAXINSNS).
  private static let most = 4096

  /// The program, and whether frames without a tag have to be filtered afterwards too.
  static func forKernel(
    _ filter: CaptureFilter?, snapLength: Int
  ) -> (program: [PacketFilter.Instruction], isPartial: Bool) {
    typealias I = PacketFilter.Instruction
    let accept = I(0x06, UInt32(clamping: snapLength))
    var program: [I] = [
      .loadWord(packetType), .equal(UInt32(KernelNumber.outgoing), 0, 3),
      .loadHalf(hardwareType), .equal(loopbackHardware, 0, 1), .reject,
    ]
    guard let filter else { return (program + [accept], false) }
    program += [.loadByte(tagPresent), .equal(0, 1, 0), accept]
    let inner = filter.linkType == .linuxCookedV2 ? cooked(filter.program) : filter.program
    guard let inner, program.count + inner.count <= most else { return (program + [accept], true) }
    return (program + inner, false)
  }

  /// The program for a socket whose frames lack the header of LINKTYPE_LINUX_SLL2; nil if it reads what cannot be
  /// asked of the kernel.
  static func cooked(_ program: [PacketFilter.Instruction]) -> [PacketFilter.Instruction]? {
    let headerLength = UInt32(CookedHeader.length)
    var cooked = program
    for place in cooked.indices {
      let at = cooked[place].operand
      switch cooked[place].code {
      case 0x20, 0x28, 0x30:
        switch (cooked[place].code, at) {
        case (_, headerLength...): cooked[place].operand = at - headerLength
        case (0x28, 0): cooked[place].operand = etherType
        case (0x20, 4): cooked[place].operand = interface
        case (0x28, 8): cooked[place].operand = hardwareType
        case (0x30, 10): cooked[place].operand = packetType
        default: return nil
        }
      case 0x40, 0x48, 0x50, 0xb1:
        // At an offset that a register holds, or the length of an IPv4 header.
        guard at >= headerLength else { return nil }
        cooked[place].operand = at - headerLength
      // The frame's length, which would lack the header.
      case 0x80, 0x81: return nil
      default: continue
      }
    }
    return cooked
  }
}
