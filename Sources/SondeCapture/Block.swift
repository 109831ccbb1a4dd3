internal import SondeOctets

/// A pcapng block that is being written (draft-ietf-opsawg-pcapng §3.1).
struct Block {
  private var octets: [UInt8] = []
  private let order: ByteOrder
  private var hasOptions = false

  init(_ type: UInt32, _ order: ByteOrder, reserving capacity: Int = 128) {
    self.order = order
    octets.reserveCapacity(capacity)
    append(type)
    // The length's place.
    append(UInt32(0))
  }

  mutating func append<T: FixedWidthInteger & UnsignedInteger>(_ number: T) { octets.append(number, order) }

  /// Appends a copy of `bytes` and its padding to 32 bits.
  mutating func append(padded bytes: RawSpan) {
    octets.append(bytes: bytes)
    pad(bytes.byteCount)
  }

  mutating func append<T: FixedWidthInteger & UnsignedInteger>(option code: UInt16, number: T) {
    let size = MemoryLayout<T>.size
    begin(option: code, size)
    append(number)
    pad(size)
  }

  /// Appends text of at most 65,535 octets; what is beyond is cut off between two characters.
  mutating func append(option code: UInt16, text: String?) {
    guard let text else { return }
    let utf8 = text.utf8
    var end = utf8.index(utf8.startIndex, offsetBy: 65_535, limitedBy: utf8.endIndex) ?? utf8.endIndex
    while end.samePosition(in: text.unicodeScalars) == nil { end = utf8.index(before: end) }
    let content = utf8[..<end]
    let count = content.count
    begin(option: code, count)
    octets.append(contentsOf: content)
    pad(count)
  }

  private mutating func begin(option code: UInt16, _ count: Int) {
    hasOptions = true
    append(code)
    append(UInt16(count))
  }

  private mutating func pad(_ count: Int) {
    octets.append(contentsOf: repeatElement(0, count: Pcapng.padding(count)))
  }

  /// The block with the end of its options, if it has any, and its length at both ends.
  consuming func finished() -> [UInt8] {
    if hasOptions { append(UInt32(Pcapng.Option.end)) }
    let length = UInt32(octets.count + 4)
    append(length)
    let order = order
    octets.withMutableBytes { $0.store(bigEndian: order.arranged(length), at: 4) }
    return octets
  }
}

extension [UInt8] {
  /// Appends the octets of `number`.
  mutating func append<T: FixedWidthInteger & UnsignedInteger>(_ number: T, _ order: ByteOrder) {
    let arranged = order.arranged(number)
    for shift in stride(from: T.bitWidth - 8, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: arranged >> T(shift)))
    }
  }
}
