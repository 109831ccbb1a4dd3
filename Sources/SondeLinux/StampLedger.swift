internal import SondeLink

/// Which probe a transmit timestamp belongs to.
///
/// A ring: a stamp that comes after 4096 younger sends is forgotten.
struct StampLedger {
  struct Entry: Hashable {
    var number: UInt32
    var probe: UInt64
    /// The packet's length from the header that `linkType` names on, in octets.
    var length: Int
    var linkType: LinkType
  }

  /// How sends get their numbers.
  enum Numbering: Hashable {
    /// By SCM_TS_OPT_ID with each send: Linux 6.13 and later.
    case given
    /// By the kernel's own counter (SOF_TIMESTAMPING_OPT_ID): it goes wrong when the kernel numbers a
    /// send that it then refuses.
    case counted
  }

  private static let size = 4096
  /// As long as there were sends, up to `size`.
  private var ring: [Entry] = []
  private(set) var next: UInt32 = 0
  private(set) var numbering = Numbering.given

  /// Remembers the next number's probe. Called before the send, for the stamp may come at once.
  mutating func register(probe: UInt64, length: Int, linkType: LinkType = .raw) {
    let entry = Entry(number: next, probe: probe, length: length, linkType: linkType)
    let place = Int(next) % Self.size
    if place < ring.count { ring[place] = entry } else { ring.append(entry) }
  }

  /// The send took place, or burnt its number.
  mutating func advance() { next &+= 1 }

  /// This kernel knows no SCM_TS_OPT_ID: from now on its counter, which stands at zero, is followed.
  mutating func fallBack() {
    numbering = .counted
    let entry = entry(next)
    next = 0
    if let entry { register(probe: entry.probe, length: entry.length, linkType: entry.linkType) }
  }

  /// The send with this number; nil if it was never made or is forgotten.
  func entry(_ number: UInt32) -> Entry? {
    let place = Int(number) % Self.size
    guard place < ring.count, ring[place].number == number else { return nil }
    return ring[place]
  }
}
