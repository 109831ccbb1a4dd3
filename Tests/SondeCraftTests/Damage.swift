import TestSupport

extension Seeded {
  /// Changes a packet as a bad line, or a bad program, might.
  mutating func damage(_ packet: inout [UInt8]) {
    guard !packet.isEmpty else { return }
    let telling: [UInt8] = [0, 1, 3, 4, 5, 6, 11, 13, 17, 37, 41, 58, 0x45, 0x4f, 0x60, 0x80, 0xff]
    let at = Int.random(in: 0..<(Bool.random(using: &self) ? min(packet.count, 64) : packet.count), using: &self)
    switch Int.random(in: 0..<6, using: &self) {
    case 0: packet[at] ^= 1 << UInt8.random(in: 0..<8, using: &self)
    case 1: packet[at] = telling.randomElement(using: &self) ?? 0
    case 2: packet.removeLast(Int.random(in: 0...packet.count, using: &self))
    case 3: packet += octets(Int.random(in: 0..<20, using: &self))
    case 4: packet.insert(contentsOf: octets(Int.random(in: 1...8, using: &self)), at: at)
    default: packet.removeSubrange(at..<min(packet.count, at + Int.random(in: 1...8, using: &self)))
    }
  }
}
