internal import SondeLinux
internal import SondeLink
internal import SondeOctets

/// What the words of a verb that reads packets name: octets in hexadecimal, files, or standard input.
enum PacketInput {
  case octets([UInt8])
  case files([String])
  case standardInput

  /// All words that are hexadecimal form one buffer; a word that is not is a file, and one with a slash or a
  /// dot always is.
  ///
  /// - Throws: `Failure` naming the word that is neither, and words of both kinds.
  init(_ words: [String], verb: String, example: String) throws {
    if words == ["-"] {
      self = .standardInput
      return
    }
    if words.contains("-") { throw Failure("\(verb): - reads standard input, and stands alone") }
    guard !words.isEmpty else {
      throw Failure("\(verb): octets in hexadecimal are missing, or a file; try \(example)")
    }
    let text = words.joined(separator: " ")
    do throws(ParseError) {
      self = .octets(try Hex.octets(text))
    } catch {
      guard let file = words.first(where: Self.isFile) else {
        throw Failure("\(verb): \(error), and no file is called \"\(words.count == 1 ? text : words[0])\"")
      }
      let octets = words.first { !Self.isFile($0) && (try? Hex.octets($0)) != nil }
      if let octets {
        throw Failure("\(verb): \"\(octets)\" is hexadecimal and \(file) a file, but not both; ./\(octets) is a file")
      }
      self = .files(words)
    }
  }

  private static func isFile(_ word: String) -> Bool {
    if word.contains("/") || word.contains(".") { return true }
    if (try? Hex.octets(word)) != nil { return false }
    do throws(LinkError) {
      _ = try InputFile(word)
      return true
    } catch {
      return false
    }
  }
}
