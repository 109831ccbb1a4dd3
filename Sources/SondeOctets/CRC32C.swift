/// The 32-bit cyclic redundancy check of Castagnoli's polynomial, as SCTP carries it (RFC 9260 appendix A): an
/// accumulator, to which octets may come in pieces of any length.
public struct CRC32C: Hashable, Sendable {
  private var register: UInt32 = 0xffff_ffff

  public init() {}

  /// Adds the octets in order.
  public mutating func add(_ bytes: RawSpan) {
    var offset = 0
    while offset &+ 8 <= bytes.byteCount {
      // Eight tables take eight octets a step; the register's own four lie under the first of them.
      let word = bytes.bigEndian(at: offset, as: UInt64.self).byteSwapped ^ UInt64(register)
      register = 0
      for place in 0..<8 {
        register ^= Self.tables[(7 &- place) &* 256 &+ Int(UInt8(truncatingIfNeeded: word &>> UInt64(8 &* place)))]
      }
      offset &+= 8
    }
    while offset < bytes.byteCount {
      add(bytes[offset])
      offset &+= 1
    }
  }

  /// Adds so many octets of zero: what stands for the checksum's own field while it is computed.
  public mutating func add(zeros count: Int) {
    for _ in 0..<count { add(0) }
  }

  private mutating func add(_ octet: UInt8) {
    register = register &>> 8 ^ Self.tables[Int(UInt8(truncatingIfNeeded: register) ^ octet)]
  }

  /// The check of all octets added so far; SCTP puts its least significant octet first.
  public var value: UInt32 { ~register }

  /// Eight tables of 256: what an octet adds when it stands 0 to 7 octets before the end of a step.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for octet in 0..<256 {
      var remainder = UInt32(octet)
      for _ in 0..<8 { remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0x82f6_3b78 : remainder >> 1 }
      tables[octet] = remainder
    }
    for index in 256..<tables.count {
      let before = tables[index - 256]
      tables[index] = before >> 8 ^ tables[Int(before & 0xff)]
    }
    return tables
  }()
}
