internal import Glibc

/// The program under test: what users run, not a library of it.
public enum SondeBinary {
  /// Whether SONDE_BINARY names it, as Scripts/test does: then it is the release build, which can take more.
  public static let isRelease = unsafe getenv("SONDE_BINARY") != nil

  /// The path in SONDE_BINARY, else that of the one built beside these tests.
  public static let path: String = {
    if let named = unsafe getenv("SONDE_BINARY") { return unsafe String(cString: named) }
    return besideTests("sonde")
  }()

  /// The path of another program that was built beside these tests.
  public static func besideTests(_ name: String) -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
    let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/\(name)"
  }
}
