public import SondeOctets

/// Where a word stands.
public struct TargetPlace: Hashable, Sendable, CustomStringConvertible {
  /// The file's name, or "standard input".
  public var file: String
  /// From 1.
  public var line: Int

  public init(file: String, line: Int) {
    self.file = file
    self.line = line
  }

  public var description: String { "\(file), line \(line)" }
}

/// A name among targets, whose addresses are to be looked up and added before the first question is sent.
public struct TargetName: Hashable, Sendable {
  public var word: String
  /// Nil on the command line.
  public var place: TargetPlace?

  public init(word: String, place: TargetPlace? = nil) {
    self.word = word
    self.place = place
  }
}

/// What words and files name: addresses, and names that are yet to be looked up.
///
/// It takes room for ranges, not for words.
public struct TargetList: Sendable {
  /// The names in the order in which they came.
  public private(set) var names: [TargetName] = []
  /// How many words named addresses.
  public private(set) var entries = 0
  /// The only family that is taken, 4 or 6; nil for both.
  private let version: Int?
  private var ipv4 = RangeCollector(reserved: ReservedBlocks.addresses.ipv4, version: 4)
  private var ipv6 = RangeCollector(reserved: ReservedBlocks.addresses.ipv6, version: 6)

  /// - Parameter version: the only family that is taken, 4 or 6; nil for both.
  public init(version: Int? = nil) { self.version = version }

  /// Adds what a word of the command line names.
  ///
  /// - Throws: `SweepError` naming the word and what is accepted.
  public mutating func add(_ word: String) throws(SweepError) {
    try add(TargetWord(word), word, nil)
  }

  /// Adds an address, as one that was found for a name.
  public mutating func add(_ address: IPAddress) { add(TargetEntry(address)) }

  mutating func add(_ word: TargetWord, _ text: @autoclosure () -> String, _ place: TargetPlace?) throws(SweepError) {
    switch word {
    case .name(let name): names.append(TargetName(word: name, place: place))
    case .addresses(let entry):
      if let version, entry.version != version {
        throw SweepError("\"\(text())\" is of IPv\(entry.version), and only IPv\(version) was asked for")
      }
      add(entry)
    }
  }

  /// Whether addresses of a family, 4 or 6, are taken.
  func takes(version: Int) -> Bool { self.version == nil || self.version == version }

  /// Adds an IPv4 address by its number.
  mutating func add(ipv4 address: UInt32) {
    entries += 1
    ipv4.add(UInt128(address))
  }

  /// Adds an IPv6 address by its number.
  mutating func add(ipv6 address: UInt128) {
    entries += 1
    ipv6.add(address)
  }

  private mutating func add(_ entry: TargetEntry) {
    entries += 1
    if entry.version == 4 { ipv4.add(entry) } else { ipv6.add(entry) }
  }

  /// All that is named.
  public var named: AddressSet { wanted.union(dropped) }

  /// All but the special-purpose addresses that only wider blocks brought in.
  public var wanted: AddressSet { AddressSet(ipv4: ipv4.wanted, ipv6: ipv6.wanted) }

  /// The special-purpose addresses that wider blocks brought in.
  public var dropped: AddressSet { AddressSet(ipv4: ipv4.dropped, ipv6: ipv6.dropped) }
}
