internal import SondeLink
internal import SondeLinux
internal import SondeOctets
internal import SondeSweep

/// Whom a sweep asks: what words, files and names come to.
struct SweepTargets {
  let selection: TargetSelection
  /// The names by which addresses were asked for.
  private(set) var names: [IPAddress: String] = [:]

  /// Reads the targets and what is excluded, and looks names up.
  ///
  /// - Parameter isShared: whether other machines sweep parts of the same targets. Their networks are others, so that
  ///   what is left out cannot depend on this one's: its broadcast addresses stay, and routing refuses them.
  /// - Throws: `Failure` naming the word at fault.
  init(_ words: [String], _ ask: SweepAskOptions, _ send: SendOptions, isShared: Bool) throws {
    let family = try send.family
    var list = TargetList(version: family.map { $0 == .ipv4 ? 4 : 6 })
    var excluded = TargetList()
    var input = InputOnce()
    if words.isEmpty, ask.targets.isEmpty {
      throw Failure("a target is missing: an address, a block, a range, a name, - for standard input or @FILE")
    }
    for word in words { try Self.add(word, to: &list, &input) }
    for path in ask.targets { try Self.add(file: path, to: &list, &input) }
    for word in ask.exclude { try Self.add(word, to: &excluded, &input) }
    for name in list.names + excluded.names where name.place == nil && (try? InputFile(name.word)) != nil {
      throw Failure("sweep: \(name.word) is a file here, and would be looked up as a name: @\(name.word) reads it")
    }
    for name in list.names {
      let found = try Self.addresses(of: name, family)
      // A host is asked by the address that the system prefers, as by every other verb.
      list.add(found[0])
      names[found[0]] = name.word
    }
    for name in excluded.names {
      for address in try Self.addresses(of: name, nil) { excluded.add(address) }
    }
    do throws(SweepError) {
      selection = try TargetSelection(
        list, excluding: excluded, sparesReserved: !ask.includeReserved,
        broadcasts: isShared ? AddressRanges() : Self.broadcasts)
    } catch {
      throw Failure("sweep: \(error.message)")
    }
  }

  /// Whether a word names a file: `@FILE`, or one with a slash that is no block of addresses.
  private static func file(_ word: String) -> String? {
    if word.hasPrefix("@") { return String(word.dropFirst()) }
    guard let slash = word.lastIndex(of: "/") else { return nil }
    let tail = word[word.index(after: slash)...]
    let isBlock = IPAddress(String(word[..<slash])) != nil || word.hasPrefix("[") || tail.allSatisfy(\.isNumber)
    return isBlock && !word.hasPrefix("/") && !word.hasPrefix(".") ? nil : word
  }

  private static func add(_ word: String, to list: inout TargetList, _ input: inout InputOnce) throws {
    if word == "-" { return try input.read(into: &list) }
    if let path = file(word) { return try add(file: path, to: &list, &input) }
    do throws(SweepError) { try list.add(word) } catch { throw Failure("sweep: \(error.message)") }
  }

  private static func add(file path: String, to list: inout TargetList, _ input: inout InputOnce) throws {
    if path == "-" { return try input.read(into: &list) }
    let file = try InputFile(path)
    try read(file, path, into: &list)
  }

  fileprivate static func read(_ file: borrowing InputFile, _ name: String, into list: inout TargetList) throws {
    var reader = TargetFile(name)
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    do throws(SweepError) {
      while true {
        let count: Int
        do throws(LinkError) {
          count = try file.read(into: &piece)
        } catch {
          throw SweepError(error.description)
        }
        if count == 0 { break }
        try reader.read(piece[..<count], into: &list)
      }
      try reader.end(into: &list)
    } catch {
      throw Failure("sweep: \(error.message)")
    }
  }

  private static func addresses(of name: TargetName, _ family: Family?) throws -> [IPAddress] {
    do throws(LinkError) {
      let found = try Resolver.resolve(name.word, family).map(\.address)
      if !found.isEmpty { return found }
      throw LinkError(operation: name.word, code: 0, message: "it has no address")
    } catch {
      throw Failure("\(name.place.map { "\($0): " } ?? "")\(name.word): \(error.message)")
    }
  }

  /// The broadcast addresses of this machine's networks, of each its last one (RFC 919).
  private static var broadcasts: AddressRanges {
    var ranges: [ClosedRange<UInt128>] = []
    for interface in (try? NetworkInterface.all()) ?? [] where !interface.isLoopback {
      for own in interface.addresses {
        guard case .v4(let address) = own.address, (1...30).contains(own.prefixLength) else { continue }
        let last = UInt128(address.rawValue | UInt32.max >> UInt32(own.prefixLength))
        ranges.append(last...last)
      }
    }
    return AddressRanges(ranges)
  }
}

/// Standard input, which can be read once.
struct InputOnce {
  private var isRead = false

  mutating func read(into list: inout TargetList) throws {
    if isRead { throw Failure("sweep: - is named twice, and standard input can be read once") }
    isRead = true
    let file = InputFile()
    try SweepTargets.read(file, "standard input", into: &list)
  }
}
