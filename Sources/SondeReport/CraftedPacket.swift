internal import SondeCapture
internal import SondeCraft
public import SondeHeaders
public import SondeOctets

/// A crafted packet, ready to be told of.
public struct CraftedPacket: Sendable {
  /// Which line of the input, or which argument, its recipe is; from 1.
  public var line: Int
  public var packet: AnyPacket
  public var bytes: [UInt8]

  /// - Throws: `CraftError` where a value does not fit its field.
  public init(line: Int, packet: AnyPacket) throws(CraftError) {
    self.line = line
    self.packet = packet
    bytes = try packet.encoded().bytes
  }

  /// `{"type":"packet","line":1,"bytes":"4500…","recipe":"…"}`.
  public var json: JSON {
    JSON.object([
      ("type", "packet"), ("line", .integer(line)), ("bytes", .string(Hex.text(bytes))),
      ("recipe", .string(dissection.recipe)),
    ])
  }

  /// The octets in hexadecimal.
  public var hex: String { Hex.text(bytes) }

  /// Appends the octets with the field that each belongs to, below the recipe and, if it is asked for, the tree of all
  /// fields.
  public func append(tree: Bool, isColored: Bool, to text: inout TextOctets) {
    let dissection = dissection
    text += dissection.recipe
    text.append(octet: 0x0a)
    if tree { FieldTree(isColored: isColored).append(LayerWalk(judging: dissection).layers, bytes.rawSpan, to: &text) }
    HexNotes(isColored: isColored).append(dissection, to: &text)
  }

  /// The packet's octets read as the layers that they were crafted as.
  public var dissection: Dissection { Registry.dissect(bytes, as: packet.start) }

  /// The link type of a capture that such a packet belongs in: that of its outermost layer, LINKTYPE_RAW for IP, and
  /// LINKTYPE_USER0 for all that no link carries by itself (tcpdump.org/linktypes.html).
  public var linkType: UInt16 {
    switch packet.start {
    case .link(let number): number
    case .etherType(0x0800), .etherType(0x86dd): 101
    default: 147
    }
  }
}

/// Crafted packets as a pcapng file: one interface for each link type among them, in the order in which they come.
public struct CraftLog: Sendable {
  private var writer = PcapngWriter()
  /// The interface that each link type has.
  private var interfaces: [UInt16: Int] = [:]

  public init() {}

  /// What the file starts with.
  public var header: [UInt8] { writer.sectionHeader() }

  /// The octets that the file goes on with for a packet. Crafting takes no time: all are of the same moment.
  public mutating func octets(_ packet: CraftedPacket) -> [UInt8] {
    var octets: [UInt8] = []
    let linkType = packet.linkType
    if interfaces[linkType] == nil {
      let description = writer.interfaceDescription(linkType: linkType)
      interfaces[linkType] = description.number
      octets = description.octets
    }
    return octets + writer.packet(interface: interfaces[linkType] ?? 0, timestamp: 0, bytes: packet.bytes)
  }
}
