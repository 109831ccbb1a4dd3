internal import SondeOctets

/// The part of a file that has come and is not yet passed over.
struct OctetWindow: Sendable {
  private var octets: [UInt8] = []
  /// The index in `octets` of the next octet.
  private var position = 0
  /// The file offset of the first of `octets`.
  private var base: UInt64 = 0
  /// Whether the file has ended: nothing more will come.
  var isComplete = false

  /// The file offset of the next octet.
  var offset: UInt64 { base &+ UInt64(position) }
  /// How many octets are kept, passed over or not.
  var kept: Int { octets.count }
  /// The octets not yet passed over.
  var rest: RawSpan {
    @_lifetime(borrow self) get { octets.rawSpan.extracting(droppingFirst: position) }
  }

  /// The number that begins `distance` octets behind the next one and is held.
  func number<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    at distance: Int, _ order: ByteOrder, as type: T.Type = T.self
  ) -> T {
    order.number(in: octets.rawSpan, at: position &+ distance)
  }

  mutating func append(_ bytes: RawSpan) {
    // Moving what is left to the front only when it is the smaller part keeps the work linear.
    if position > octets.count / 2 {
      octets.removeFirst(position)
      base += UInt64(position)
      position = 0
    }
    octets.append(bytes: bytes)
  }

  /// Whether `count` octets are left.
  ///
  /// - Throws: `cut` if they are not and will not come any more, unless nothing at all is left and `mayEnd`
  ///   says that the file may end here.
  func holds(_ count: Int, mayEnd: Bool = false) throws(CaptureError) -> Bool {
    let available = octets.count &- position
    if available >= count { return true }
    guard isComplete, available > 0 || !mayEnd else { return false }
    throw CaptureError(.cut(needed: count, available: available), at: offset)
  }

  /// Passes over the next `count` octets, which are held.
  mutating func pass(_ count: Int) { position += count }

  /// The `count` octets that end `distance` octets before the next one, which are still kept.
  @_lifetime(borrow self)
  func passed(_ count: Int, endingBefore distance: Int) -> RawSpan {
    let end = position - distance
    return octets.rawSpan.extracting(end - count..<end)
  }

  /// Lets go of everything.
  mutating func clear() { self = OctetWindow() }
}
