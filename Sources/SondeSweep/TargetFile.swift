/// Reads the words of a file of targets as its octets come: words between blanks and line ends, and `#` before what is
/// none of them to the end of its line.
public struct TargetFile: Sendable {
  private let name: String

  /// - Parameter name: what the file is called in errors.
  public init(_ name: String) { self.name = name }

  /// Adds the words of the next octets to a list; one that is not whole yet waits for what follows.
  ///
  /// - Throws: `SweepError` naming the file, the line, the word and what is accepted.
  public mutating func read(_ octets: ArraySlice<UInt8>, into list: inout TargetList) throws(SweepError) {}

  /// Adds the last word, which no line end needs to follow.
  ///
  /// - Throws: as `read`.
  public mutating func end(into list: inout TargetList) throws(SweepError) {}
}
