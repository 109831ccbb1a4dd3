/// A scenario that is carried along, as text that a reader can copy and change.
public struct BuiltInScenario: Sendable {
  /// By which `sonde run` knows it.
  public var name: String
  /// As `Scenario(text:name:)` reads it, with the comments that teach.
  public var text: String

  public init(name: String, text: String) {
    self.name = name
    self.text = text
  }

  /// What it shows: its first comment line.
  public var title: String {
    let first = text.split(separator: "\n").first ?? ""
    return first.hasPrefix("#") ? String(first.drop { $0 == "#" || $0 == " " }) : ""
  }

  /// All of them, in the order in which they teach.
  public static let all = [udpClosed]

  /// The one of a name; nil if there is none.
  public static func named(_ name: String) -> BuiltInScenario? { all.first { $0.name == name } }
}
