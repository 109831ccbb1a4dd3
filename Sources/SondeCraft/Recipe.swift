public import SondeHeaders

/// One line of text that names a packet, or a sweep of packets, in Scapy's notation.
///
///     let recipe = try Recipe("IP(dst='192.0.2.0/28', ttl=3)/TCP(dport=(1, 1024), flags='S')")
///     for made in recipe.packets { … }
///
/// A field that is left out is computed when the packet is encoded, or has Scapy's default; one that is written is
/// sent as written, however wrong. Fields are known by Scapy's names and by those of the RFCs.
public struct Recipe: Sendable {
  let layers: [PlannedLayer]

  /// Reads a recipe.
  ///
  /// - Throws: `RecipeError` with the column of the word at fault.
  public init(_ text: some StringProtocol) throws(RecipeError) { try self.init(octets: Array(text.utf8)) }

  init(layers: [PlannedLayer]) { self.layers = layers }

  /// Reads a recipe from the octets of its text, which is UTF-8.
  ///
  /// - Throws: `RecipeError` with the column of the word at fault.
  public init(octets: [UInt8]) throws(RecipeError) {
    do throws(RecipeFault) {
      var scanner = RecipeScanner(octets)
      var reader = RecipeReader()
      layers = try reader.plan(try scanner.scan())
    } catch {
      throw error.error(in: octets)
    }
  }

  /// The names of all layers that a recipe may hold.
  public static var layerNames: [String] { RecipeReader.layerNames }

  /// How many packets it names; the greatest number if they are more than that.
  public var count: UInt64 {
    UInt64(clamping: layers.reduce(UInt128(1)) { saturating($0, $1.count) })
  }

  /// The packets, each made when it is asked for. The fields of inner layers change fastest, and among those of one
  /// layer the first: the order in which Scapy has them.
  public var packets: RecipePackets { RecipePackets(recipe: self) }

  /// The first packet.
  public var first: RecipePacket { packet(at: 0) }

  /// The packet with a number of its own, from 0; numbers from `count` on begin again.
  public func packet(at number: UInt64) -> RecipePacket {
    var rest = UInt128(number)
    var stack = layers.map { [$0.layer] + $0.inner }
    for index in layers.indices.reversed() where layers[index].count > 1 {
      stack[index] = layers[index].layers(at: rest % layers[index].count)
      rest /= layers[index].count
    }
    let layers = stack.flatMap { $0 }
    return RecipePacket(packet: RecipeStack.packet(layers), written: layers.map { Set($0.written) })
  }
}

extension PlannedLayer {
  /// The layer with its fields at the values that a number picks, the first field's changing fastest, and what stands
  /// behind it.
  func layers(at number: UInt128) -> [RecipeLayer] {
    var made = layer
    // All anew: what one field means may hang on another.
    made.header = type(of: layer.header).blank(name) ?? layer.header
    // Every value was found to fit when the recipe was read.
    for (part, value) in zip(parts, values(at: number)) { try? made.header.set(part.field, to: value) }
    return [made] + ((try? innerLayers(at: number)) ?? [])
  }

  /// The layers that arguments mean and that stand behind this one.
  func innerLayers(at number: UInt128) throws(FieldError) -> [RecipeLayer] {
    let arguments = zip(parts, values(at: number)).map { FieldValue.Form.Argument($0.field, $1) }
    return try type(of: layer.header).innerLayers(for: FieldValue.Form(name, arguments)).map {
      RecipeLayer(name: type(of: $0).recipeNames.first ?? "", header: $0, written: ["load"])
    }
  }

  private func values(at number: UInt128) -> [FieldValue] {
    var rest = number
    return parts.map { part in
      defer { rest /= part.choices.count }
      return part.choices.value(at: rest % part.choices.count)
    }
  }
}

/// A packet that a recipe names.
public struct RecipePacket: Sendable {
  public var packet: AnyPacket
  /// The fields that the recipe writes, by their full names, for each of its layers: what is not among them may be
  /// chosen anew when the packet is sent.
  public var written: [Set<String>]
}

/// The packets of a recipe, made one after the other.
public struct RecipePackets: Sequence, IteratorProtocol, Sendable {
  let recipe: Recipe
  private let count: UInt64
  private var number: UInt64 = 0
  /// The one packet that there is, where it was not read from text.
  private var made: RecipePacket?

  init(recipe: Recipe) {
    self.recipe = recipe
    count = recipe.count
  }

  init(made packet: RecipePacket) {
    recipe = Recipe(layers: [])
    count = 1
    made = packet
  }

  public var underestimatedCount: Int { Int(clamping: count - number) }

  public mutating func next() -> RecipePacket? {
    guard number < count else { return nil }
    defer { number += 1 }
    return made ?? recipe.packet(at: number)
  }
}
