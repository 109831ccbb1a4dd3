internal import SondeOctets

/// Why a capture file cannot be read on.
public struct CaptureError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was wrong.
  public enum Reason: Hashable, Sendable {
    /// The file has no octets at all.
    case empty
    /// The file is of another format, which is known only by its name.
    case foreignFormat(ForeignFormat)
    /// The first four octets, read as a big-endian number, begin no file of a known format.
    case unknownFormat(magic: UInt32)
    /// A section's byte-order magic is 0x1a2b3c4d in neither byte order.
    case unknownByteOrder(magic: UInt32)
    /// The format's major version is not the one that is known.
    case unsupportedVersion(major: UInt16, minor: UInt16)
    /// The file ends inside a header, a record or a block: `needed` octets were wanted where
    /// `available` were left.
    case cut(needed: Int, available: Int)
    /// A record or a block says that it is longer than `CaptureReader.largestBlock`.
    case oversized(length: UInt32)
    /// A block's length is under the least that such a block can have, or not a multiple of 4.
    case illegalLength(UInt32)
    /// A block says one length at its start and another at its end.
    case lengthsDisagree(first: UInt32, last: UInt32)
    /// A field or an option reaches past the end of its block.
    case overrun(needed: Int, available: Int)
    /// A packet names an interface that its section has not described.
    case unknownInterface(UInt32, known: Int)
    /// A section describes more interfaces than `CaptureReader.mostInterfaces`.
    case tooManyInterfaces
  }

  /// A format that is not read but told apart.
  public enum ForeignFormat: String, Hashable, Sendable {
    case modifiedPcap = "pcap as modified by Kuznetzov's patches"
    case gzip = "gzip: decompress it first"
    case zstandard = "Zstandard: decompress it first"
    case lz4 = "LZ4: decompress it first"
    case snoop = "snoop"

    /// The format that begins with these four octets, read as a big-endian number.
    init?(magic: UInt32) {
      switch magic {
      case 0xa1b2_cd34, 0x34cd_b2a1: self = .modifiedPcap
      case 0x1f8b_0000...0x1f8b_ffff: self = .gzip
      case 0x28b5_2ffd: self = .zstandard
      case 0x0422_4d18: self = .lz4
      case 0x736e_6f6f: self = .snoop
      default: return nil
      }
    }
  }

  public var reason: Reason
  /// The offset, in octets from the start of the file, of what is at fault; for a cut, of the header,
  /// record or block that is not whole.
  public var offset: UInt64

  public init(_ reason: Reason, at offset: UInt64) {
    self.reason = reason
    self.offset = offset
  }

  public var description: String { reason == .empty ? sentence : "\(sentence) (at offset \(offset))" }

  private var sentence: String {
    switch reason {
    case .empty: "the file is empty"
    case .foreignFormat(let format): "neither a pcap nor a pcapng file, but \(format.rawValue)"
    case .unknownFormat(let magic): "neither a pcap nor a pcapng file: it begins with \(Hex.word(magic, digits: 8))"
    case .unknownByteOrder(let magic): "\(Hex.word(magic, digits: 8)) is no byte-order magic of a pcapng section"
    case .unsupportedVersion(let major, let minor): "version \(major).\(minor) of the format is not known"
    case .cut(let needed, let available): "the file is cut off: \(needed) octets needed, \(available) left"
    case .oversized(let length): "a length of \(length) octets is above the limit of \(CaptureReader.largestBlock)"
    case .illegalLength(let length): "no such block can be \(length) octets long"
    case .lengthsDisagree(let first, let last): "a block is \(first) octets long at its start, \(last) at its end"
    case .overrun(let needed, let available): "\(needed) octets needed where the block has \(available) left"
    case .unknownInterface(let number, let known): "interface \(number) named where \(known) are described"
    case .tooManyInterfaces: "more than \(CaptureReader.mostInterfaces) interfaces in one section"
    }
  }
}
