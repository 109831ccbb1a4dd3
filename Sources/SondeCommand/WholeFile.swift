internal import SondeLink
internal import SondeLinux

extension InputFile {
  /// All that a file holds.
  ///
  /// - Parameter limit: how many octets are too many.
  /// - Throws: `LinkError` naming the file.
  borrowing func whole(limit: Int) throws(LinkError) -> [UInt8] {
    var octets: [UInt8] = []
    octets.reserveCapacity(min(size ?? 0, limit))
    var piece = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = try read(into: &piece)
      guard count > 0 else { return octets }
      octets += piece[..<count]
      guard octets.count <= limit else {
        throw LinkError(operation: "read \(name)", code: 0, message: "it is longer than \(limit >> 20) MiB")
      }
    }
  }
}
