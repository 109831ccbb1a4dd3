internal import SondeLink
internal import SondeLinux
internal import SondeScript

/// A lab as words of the command line name it: a built-in one, or a file.
struct LabSource {
  /// The text, as it is written.
  var text: String
  var topology: Topology

  /// - Parameters:
  ///   - word: a name; with a slash or a dot in it a file's; `-` is standard input.
  ///   - mtus: of the links of a chain, where they are written.
  /// - Throws: `Failure` with the place of what is wrong.
  init(_ word: String, mtus: [Int]? = nil) throws {
    if word != "-", !word.contains("/"), !word.contains(".") {
      guard let lab = BuiltInLab.named(word) else {
        let known = BuiltInLab.all.map(\.name).joined(separator: ", ")
        throw Failure("lab: \"\(word)\" is no lab that is built in, which are \(known); a file has a dot or a slash")
      }
      if mtus != nil, word != "chain" { throw Failure("lab: --mtu is of chain alone") }
      let chosen = mtus.map { BuiltInLab.chain(mtus: $0) } ?? lab
      text = chosen.text
      topology = chosen.topology
      return
    }
    if mtus != nil { throw Failure("lab: --mtu is of chain alone; a file says it itself: network NAME mtu 1400") }
    text = try Self.read(word)
    do throws(TopologyError) {
      topology = try Topology(text: text, name: Self.name(of: word))
    } catch {
      throw Failure("lab: \(word == "-" ? "standard input" : word): \(error)")
    }
  }

  private static func read(_ word: String) throws(LinkError) -> String {
    let file = word == "-" ? InputFile() : try InputFile(word)
    var octets: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    // One octet more than a lab's text may have is enough to be refused.
    while octets.count <= 1 << 20 {
      let count = try file.read(into: &piece)
      if count == 0 { break }
      octets += piece[..<count]
    }
    return String(decoding: octets, as: UTF8.self)
  }

  /// The name of a lab whose text has none: that of its file, as far as it makes a name.
  static func name(of path: String) -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? ""
    let stem = file.split(separator: ".", omittingEmptySubsequences: true).first.map(String.init) ?? ""
    return isName(stem) ? stem : "lab"
  }

  /// Whether a word can be the name of a lab.
  static func isName(_ word: String) -> Bool {
    (try? Topology(text: "lab \(word)\nnetwork n\na.eth0\n"))?.name == word
  }
}
