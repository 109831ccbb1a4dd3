internal import SondeCraft
internal import SondeHeaders
public import SondeLink
public import SondeOctets
public import SondeSweep

/// A packet of a sweep that was given to the door.
public struct SweepSent: Sendable {
  public var target: SweepTarget
  /// The question's number in the run, from 1.
  public var number: UInt64
  public var at: Instant
  /// The same in real time, in nanoseconds since 1970.
  public var wall: Int64
  /// From the IP header on.
  public var octets: [UInt8]

  public init(target: SweepTarget, number: UInt64, at: Instant, wall: Int64, octets: [UInt8]) {
    self.target = target
    self.number = number
    self.at = at
    self.wall = wall
    self.octets = octets
  }

  /// Appends the documented object.
  ///
  /// - Parameter door: by which the packet leaves.
  public func append(_ subject: SweepSubject, door: String, to text: inout TextOctets) {
    text += "{\"type\":\"sent\",\"probe\":"
    text.append(decimal: number)
    text += ",\"time\":\""
    text += rfc3339(wall)
    text += "\",\"at_ns\":"
    text.append(decimal: max(at.nanoseconds &- subject.start.nanoseconds, 0))
    text += ",\"recipe\":"
    var recipe = TextOctets()
    if PlainRecipe.append(octets.rawSpan, to: &recipe) {
      text.append(quoted: recipe.octets)
    } else {
      text.append(quoted: Registry.dissect(octets).recipe)
    }
    text += ",\"bytes\":"
    text.append(hexOf: octets.rawSpan)
    text += ",\"door\":"
    text.append(quoted: door)
    subject.append(target, to: &text)
    text += "}\n"
  }
}
