internal import SondeCapture
internal import SondeLink
internal import SondeLinux

/// Standard input, of which as much has been read as tells a capture from lines of text.
struct BegunInput: ~Copyable {
  let file = InputFile()
  /// What has been read.
  private(set) var beginning: [UInt8] = []
  let isCapture: Bool

  /// - Throws: `LinkError` if standard input cannot be read.
  init() throws(LinkError) {
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    var octets: [UInt8] = []
    while CaptureMagic.begins(octets) == nil {
      let count = try file.read(into: &piece)
      if count == 0 { break }
      octets += piece[..<count]
    }
    isCapture = CaptureMagic.begins(octets) == true
    beginning = octets
  }
}
