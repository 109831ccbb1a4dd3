internal import SondeLink
internal import SondeOctets

/// What is known of hosts on a link, in memory that is made once: each address has two places where it may stand.
struct NeighbourTable: Sendable {
  enum State: UInt64 {
    case free
    /// Its link address is to be asked for as soon as a packet may go.
    case wanted
    case asked
    case known
    case failed
  }

  /// 32 octets: two places fit a cache line.
  struct Entry: Sendable {
    fileprivate(set) var high: UInt64 = 0
    fileprivate(set) var low: UInt64 = 0
    /// The link address in the low 48 bits, then the state, then how often was asked.
    private var word: UInt64 = 0
    /// When it was asked for last, or when its link address was learned, or when the asking was given up.
    var when = Instant(nanoseconds: 0)

    var state: State {
      get { State(rawValue: word >> 48 & 0xff) ?? .free }
      set { word = word & 0xff00_ffff_ffff_ffff | newValue.rawValue << 48 }
    }

    var attempts: UInt64 {
      get { word >> 56 }
      set { word = word & 0x00ff_ffff_ffff_ffff | newValue << 56 }
    }

    var linkAddress: MACAddress {
      get { MACAddress(rawValue: word) }
      set { word = word & 0xffff_0000_0000_0000 | newValue.rawValue }
    }

    var address: IPAddress {
      guard high == 0, low >> 32 == 0xffff else { return .v6(IPv6Address(high: high, low: low)) }
      return .v4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: low)))
    }

    /// Nobody waits for it.
    fileprivate var mayGo: Bool { state == .known || state == .failed }
  }

  private var entries: [Entry]
  private let bits: UInt64

  /// - Parameter capacity: rounded up to a power of two, at least 2.
  init(capacity: Int) {
    bits = UInt64(Int.bitWidth - (max(capacity, 2) - 1).leadingZeroBitCount) - 1
    entries = [Entry](repeating: Entry(), count: 2 << Int(bits))
  }

  var capacity: Int { entries.count }

  subscript(slot: Int) -> Entry {
    get { entries[slot] }
    set { entries[slot] = newValue }
  }

  /// The place of an address; nil if nothing is known of it.
  func slot(of address: IPAddress) -> Int? {
    let (high, low) = Self.key(address)
    let first = first(high, low)
    for slot in first...first + 1 {
      if entries[slot].low == low, entries[slot].high == high, entries[slot].state != .free { return slot }
    }
    return nil
  }

  /// A place for an address that has none, where nothing is known of it yet: a free one, or that of the older of the
  /// two which stand there.
  ///
  /// - Returns: nil while both are waited for.
  mutating func claim(_ address: IPAddress) -> Int? {
    let (high, low) = Self.key(address)
    let first = first(high, low)
    let slots = [first, first + 1].filter { entries[$0].state == .free || entries[$0].mayGo }
    let oldest = slots.min { left, right in
      (entries[left].state == .free ? .min : entries[left].when.nanoseconds)
        < (entries[right].state == .free ? .min : entries[right].when.nanoseconds)
    }
    guard let oldest else { return nil }
    entries[oldest] = Entry()
    entries[oldest].high = high
    entries[oldest].low = low
    return oldest
  }

  /// An IPv4 address stands as the IPv6 address that is mapped to it (RFC 4291 §2.5.5.2).
  private static func key(_ address: IPAddress) -> (high: UInt64, low: UInt64) {
    switch address {
    case .v4(let address): (0, 0xffff_0000_0000 | UInt64(address.rawValue))
    case .v6(let address): (address.high, address.low)
    }
  }

  /// The first of an address's two places. Addresses that follow one another have places that do, so that a block as
  /// large as the table fills it evenly; blocks are spread by the multiplier of Fibonacci hashing (Knuth, The Art of
  /// Computer Programming, volume 3, §6.4).
  private func first(_ high: UInt64, _ low: UInt64) -> Int {
    let block = (low >> bits ^ high.byteSwapped ^ high) &* 0x9e37_79b9_7f4a_7c15
    return Int(truncatingIfNeeded: 2 * ((low ^ block >> 32) & (1 << bits - 1)))
  }
}
