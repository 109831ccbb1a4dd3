public import SondeHeaders

/// A TCP option as a value of its own, for the lines of `TCP(to: 80) { … }`.
public protocol TCPOptionValue {
  /// The option as the header holds it.
  var option: TCPOption { get }
}

/// The maximum segment size, in octets (RFC 9293 §3.7.1).
public struct MSS: TCPOptionValue {
  public var size: UInt16
  public init(_ size: UInt16) { self.size = size }
  public var option: TCPOption { .mss(size) }
}

/// The shift of later windows, in bits (RFC 7323 §2).
public struct WindowScale: TCPOptionValue {
  public var shift: UInt8
  public init(_ shift: UInt8) { self.shift = shift }
  public var option: TCPOption { .windowScale(shift) }
}

/// The sender can use selective acknowledgments (RFC 2018 §2).
public struct SACKPermitted: TCPOptionValue {
  public init() {}
  public var option: TCPOption { .sackPermitted }
}

/// Blocks that arrived out of order (RFC 2018 §3).
public struct SACK: TCPOptionValue {
  public var blocks: [TCPOption.SACKBlock]
  public init(_ blocks: [TCPOption.SACKBlock]) { self.blocks = blocks }
  public var option: TCPOption { .sack(blocks) }
}

/// The sender's clock, and the latest that it saw of the peer's (RFC 7323 §3).
public struct Timestamps: TCPOptionValue {
  public var value: UInt32
  public var echoReply: UInt32
  public init(value: UInt32, echoReply: UInt32 = 0) {
    self.value = value
    self.echoReply = echoReply
  }
  public var option: TCPOption { .timestamps(value: value, echoReply: echoReply) }
}

/// One octet of padding between options (RFC 9293 §3.2).
public struct NoOperation: TCPOptionValue {
  public init() {}
  public var option: TCPOption { .noOperation }
}

/// The end of the option list; what follows is padding (RFC 9293 §3.2).
public struct EndOfList: TCPOptionValue {
  public init() {}
  public var option: TCPOption { .endOfList }
}

extension TCPOption: TCPOptionValue {
  public var option: TCPOption { self }
}

/// Makes a list of TCP options of the lines in braces.
@resultBuilder
public enum TCPOptionBuilder {
  public static func buildExpression(_ value: some TCPOptionValue) -> [TCPOption] { [value.option] }
  public static func buildExpression(_ options: [TCPOption]) -> [TCPOption] { options }
  public static func buildBlock(_ parts: [TCPOption]...) -> [TCPOption] { Array(parts.joined()) }
  public static func buildOptional(_ options: [TCPOption]?) -> [TCPOption] { options ?? [] }
  public static func buildEither(first options: [TCPOption]) -> [TCPOption] { options }
  public static func buildEither(second options: [TCPOption]) -> [TCPOption] { options }
  public static func buildArray(_ parts: [[TCPOption]]) -> [TCPOption] { Array(parts.joined()) }
  public static func buildLimitedAvailability(_ options: [TCPOption]) -> [TCPOption] { options }
}

extension TCP {
  /// A segment whose options stand one a line in braces.
  ///
  ///     TCP(to: 80) {
  ///       MSS(1460)
  ///       SACKPermitted()
  ///       TCPOption.option(kind: 253, data: [0xde, 0xad])
  ///     }
  ///
  /// The parameters are those of the initializer that takes an array.
  ///
  /// - Throws: What the code in the braces throws, and nothing of its own.
  public init<E: Error>(
    from sourcePort: UInt16 = 20, to destinationPort: UInt16 = 80, flags: Flags = .syn,
    sequenceNumber: UInt32 = 0, acknowledgmentNumber: UInt32 = 0, window: UInt16 = 8192,
    urgentPointer: UInt16 = 0, dataOffset: Field<UInt8> = .auto, reserved: UInt8 = 0,
    checksum: Field<UInt16> = .auto, @TCPOptionBuilder options: () throws(E) -> [TCPOption]
  ) throws(E) {
    self.init(
      from: sourcePort, to: destinationPort, flags: flags, sequenceNumber: sequenceNumber,
      acknowledgmentNumber: acknowledgmentNumber, window: window, urgentPointer: urgentPointer,
      options: try options(), dataOffset: dataOffset, reserved: reserved, checksum: checksum)
  }
}
