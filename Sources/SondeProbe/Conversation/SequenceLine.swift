/// The numbers of one direction of a connection, laid out as a line without a wrap: the SYN stands at 0, the first
/// octet of data at 1.
///
/// Numbers on the wire are 32 bits and begin anywhere (RFC 9293 §3.4); compared as positions they are plain integers.
struct SequenceLine: Hashable, Sendable {
  /// The number of the SYN.
  var initial: UInt32

  func number(at position: Int64) -> UInt32 { initial &+ UInt32(truncatingIfNeeded: position) }

  /// Which of the positions with this number is nearest to `reference`.
  func position(of number: UInt32, near reference: Int64) -> Int64 {
    reference &+ Int64(Int32(bitPattern: number &- self.number(at: reference)))
  }
}
