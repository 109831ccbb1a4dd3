import Foundation
import SondeOctets
import Testing

/// The lines of a vectors file, each as its words; `#` begins a remark.
func vectors(_ name: String) throws -> [[String]] {
  let file = try #require(Bundle.module.url(forResource: name, withExtension: "txt", subdirectory: "Vectors"))
  return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    .filter { !$0.hasPrefix("#") }
    .map { $0.split(separator: " ").map(String.init) }
}
