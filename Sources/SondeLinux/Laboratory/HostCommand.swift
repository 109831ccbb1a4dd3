/// A program to start on a host of a laboratory.
public struct HostCommand: Hashable, Sendable {
  /// Where its standard streams lead.
  public enum Streams: Hashable, Sendable {
    /// To those of this process.
    case inherited
    /// To this process: `input` is what it reads, to its end, and what it writes is kept (`HostProcess.output`).
    case collected(input: [UInt8])
  }

  /// The program, looked for in PATH where it has no slash, and its arguments.
  public var words: [String]
  public var streams: Streams
  /// What is set in its environment, beside or instead of this process's own.
  public var environment: [String: String]

  /// Where programs are looked for: in PATH, and where root finds its tools and ordinary users do not look. Nowhere in
  /// the folder that this process is in, which an empty word of it would mean.
  public static var path: String {
    let own = Process.environment("PATH").flatMap { $0.isEmpty ? nil : $0 } ?? "/usr/local/bin:/usr/bin:/bin"
    return own + ":/usr/sbin:/sbin"
  }

  public init(_ words: [String], _ streams: Streams = .collected(input: []), environment: [String: String] = [:]) {
    self.words = words
    self.streams = streams
    self.environment = environment
  }
}
