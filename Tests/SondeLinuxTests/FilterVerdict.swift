import Testing

@testable import SondeLinux

/// Runs a classic BPF program the way the kernel does, as far as this module writes it.
func verdict(
  _ program: [PacketFilter.Instruction], _ packet: [UInt8], ether: UInt32, kind: UInt32 = 0, interface: UInt32 = 2
) -> Bool {
  var a: UInt32 = 0
  var x: UInt32 = 0
  var at = 0
  func load(_ offset: UInt32, _ size: Int) -> UInt32? {
    if offset == 0xffff_f000 { return ether }
    if offset == 0xffff_f004 { return kind }
    if offset == 0xffff_f008 { return interface }
    guard Int(offset) + size <= packet.count else { return nil }
    return packet[Int(offset)..<Int(offset) + size].reduce(0) { $0 << 8 | UInt32($1) }
  }
  while at < program.count {
    let i = program[at]
    at += 1
    let sizes: [UInt16: Int] = [0x00: 4, 0x08: 2, 0x10: 1]
    let (size, offset) = (sizes[i.code & 0x18] ?? 0, i.code & 0xe0 == 0x40 ? x &+ i.operand : i.operand)
    switch i.code {
    case 0x20, 0x30, 0x28, 0x50, 0x48:
      guard let value = load(offset, size) else { return false }
      a = value
    case 0xb1:
      guard let value = load(i.operand, 1) else { return false }
      x = 4 * (value & 0xf)
    case 0x05: at += Int(i.operand)
    case 0x15: at += Int(a == i.operand ? i.ifTrue : i.ifFalse)
    case 0x1d: at += Int(a == x ? i.ifTrue : i.ifFalse)
    case 0x07: x = a
    case 0x35: at += Int(a >= i.operand ? i.ifTrue : i.ifFalse)
    case 0x25: at += Int(a > i.operand ? i.ifTrue : i.ifFalse)
    case 0x45: at += Int(a & i.operand != 0 ? i.ifTrue : i.ifFalse)
    case 0x06: return i.operand != 0
    default:
      Issue.record("unknown instruction \(i.code)")
      return false
    }
  }
  Issue.record("the program ran over its end")
  return false
}
