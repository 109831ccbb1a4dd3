internal import SondeOctets

/// One option of the TCP header (RFC 9293 §3.2).
public enum TCPOption: Hashable, Sendable {
  /// End of option list: kind 0.
  case endOfList
  /// No-operation: kind 1.
  case noOperation
  /// Maximum segment size in octets: kind 2 (RFC 9293 §3.7.1).
  case mss(UInt16)
  /// The shift of later windows: kind 3 (RFC 7323 §2).
  case windowScale(UInt8)
  /// Kind 4 (RFC 2018 §2).
  case sackPermitted
  /// Blocks of octets that arrived out of order: kind 5 (RFC 2018 §3).
  case sack([SACKBlock])
  /// The sender's clock, and the latest of the peer's: kind 8 (RFC 7323 §3).
  case timestamps(value: UInt32, echoReply: UInt32)
  /// Any other kind, or a known kind with a length of its own: the octets behind kind and length.
  case option(kind: UInt8, data: [UInt8])
  /// Octets that are no option: what follows the end of the list, or a length that lies.
  case octets([UInt8])

  /// Sequence numbers that arrived: from the left edge up to, not including, the right edge.
  @frozen
  public struct SACKBlock: Hashable, Sendable {
    public var left: UInt32
    public var right: UInt32

    public init(left: UInt32, right: UInt32) {
      self.left = left
      self.right = right
    }
  }

  /// Its length on the wire in octets.
  public var byteCount: Int {
    switch self {
    case .endOfList, .noOperation: 1
    case .mss: 4
    case .windowScale: 3
    case .sackPermitted: 2
    case .sack(let blocks): 2 + 8 * blocks.count
    case .timestamps: 10
    case .option(_, let data): 2 + data.count
    case .octets(let octets): octets.count
    }
  }

  /// Its octets on the wire.
  public var octets: [UInt8] {
    switch self {
    case .endOfList: [0]
    case .noOperation: [1]
    case .octets(let octets): octets
    case .mss(let size): Self.octets(2, [], word: size)
    case .windowScale(let shift): Self.octets(3, [shift])
    case .sackPermitted: Self.octets(4, [])
    case .sack(let blocks): Self.octets(5, blocks.flatMap { Self.octets(of: $0.left) + Self.octets(of: $0.right) })
    case .timestamps(let value, let reply): Self.octets(8, Self.octets(of: value) + Self.octets(of: reply))
    case .option(let kind, let data): Self.octets(kind, data)
    }
  }

  // The length octet counts kind and length too; the header refuses data that it cannot count.
  private static func octets(_ kind: UInt8, _ data: [UInt8], word: UInt16? = nil) -> [UInt8] {
    let data = data + (word.map { [UInt8($0 >> 8), UInt8($0 & 0xff)] } ?? [])
    return [kind, UInt8(truncatingIfNeeded: data.count + 2)] + data
  }

  private static func octets(of number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
  }

  /// Reads a whole option area; whatever it holds encodes to the same octets again.
  public static func read(_ area: [UInt8]) -> [TCPOption] {
    var options: [TCPOption] = []
    var rest = area[...]
    while let kind = rest.first {
      if kind <= 1 {
        options.append(kind == 0 ? .endOfList : .noOperation)
        rest = rest.dropFirst()
        if kind == 0 { break }
        continue
      }
      guard let length = rest.dropFirst().first, length >= 2, Int(length) <= rest.count else { break }
      options.append(TCPOption(kind: kind, data: Array(rest.dropFirst(2).prefix(Int(length) - 2))))
      rest = rest.dropFirst(Int(length))
    }
    if !rest.isEmpty { options.append(.octets(Array(rest))) }
    return options
  }

  /// The option of these octets behind kind and length.
  init(kind: UInt8, data: [UInt8]) {
    let span = data.rawSpan
    switch (kind, data.count) {
    case (2, 2): self = .mss(span.bigEndian(at: 0))
    case (3, 1): self = .windowScale(data[0])
    case (4, 0): self = .sackPermitted
    case (5, let count) where count > 0 && count % 8 == 0:
      var blocks: [SACKBlock] = []
      for start in stride(from: 0, to: count, by: 8) {
        blocks.append(SACKBlock(left: span.bigEndian(at: start), right: span.bigEndian(at: start + 4)))
      }
      self = .sack(blocks)
    case (8, 8): self = .timestamps(value: span.bigEndian(at: 0), echoReply: span.bigEndian(at: 4))
    default: self = .option(kind: kind, data: data)
    }
  }
}
