internal import Glibc

/// All the text that a file descriptor still gives.
public func readAll(_ descriptor: Int32) -> String {
  var text: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 4096)
  while true {
    let count = unsafe read(descriptor, &piece, piece.count)
    guard count > 0 else { return String(decoding: text, as: UTF8.self) }
    text += piece[..<count]
  }
}
