internal import SondeOctets

/// What one word names.
public enum TargetWord: Hashable, Sendable {
  case addresses(TargetEntry)
  /// A name, which is to be looked up.
  case name(String)

  /// - Throws: `SweepError` naming the word and what is accepted.
  public init(_ word: String) throws(SweepError) {
    self = .name(word)
  }
}
