internal import SondeHeaders
public import SondeOctets

/// Prints the packets of a capture one by one, as they were asked for: into text that is handed on and used again.
public struct PacketPrinter: Sendable {
  /// What is printed of each packet.
  public enum Form: Sendable {
    /// One line, and below it what else was asked for.
    case line
    /// The recipe that makes it, alone.
    case recipe
    /// One object of JSON.
    case json
  }

  /// What stands below each line.
  public struct Details: Sendable {
    /// The tree of all fields.
    public var showsTree: Bool
    /// The octets, with the field that each belongs to.
    public var showsOctets: Bool
    /// The columns there are.
    public var width: Int
    public var isColored: Bool

    public init(showsTree: Bool = false, showsOctets: Bool = false, width: Int = 80, isColored: Bool = false) {
      self.showsTree = showsTree
      self.showsOctets = showsOctets
      self.width = width
      self.isColored = isColored
    }
  }

  private let form: Form
  let details: Details
  var line = PacketLine()
  var outline = Outline()
  /// Text that is built aside.
  var scratch = TextOctets()

  public init(_ form: Form, _ details: Details = Details()) {
    self.form = form
    self.details = details
  }

  /// Appends all that is printed of a packet, its last line feed included.
  public mutating func append(_ bytes: RawSpan, _ facts: FrameFacts, to text: inout TextOctets) {
    switch form {
    case .line:
      outline.read(bytes, as: facts.start)
      line.append(bytes, outline, facts, to: &text)
      text.append(octet: 0x0a)
      if details.showsTree || details.showsOctets { appendDetails(bytes, facts, to: &text) }
    case .recipe: appendRecipe(bytes, facts, to: &text)
    case .json: appendJSON(bytes, facts, to: &text)
    }
  }
}
