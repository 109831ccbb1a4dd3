/// Why a sweep cannot be made of what was written, in one sentence.
public struct SweepError: Error, Hashable, Sendable, CustomStringConvertible {
  public var message: String

  public init(_ message: String) { self.message = message }

  public var description: String { message }
}
