internal import SondeOctets

/// Looks for the place where packets of one size are lost without a word: both sizes go there with few hops to live,
/// and the routers that say that these are used up show how far each comes.
struct HoleWalk: Sendable {
  /// The size that is lost, and one that gets through.
  let lost: Int
  let passing: Int
  private(set) var hole: MTUFinding.Hole?
  private var hops: UInt8 = 1
  private var asksPassing = false
  private var behind: IPAddress?
  /// How many hops in a row said nothing of either size.
  private var mute = 0
  private var isOver = false

  init(lost: Int, passing: Int) {
    self.lost = lost
    self.passing = passing
  }

  /// What to ask next; nil where the place is known or cannot be.
  var question: (size: Int, hops: UInt8)? {
    guard hole == nil, !isOver, mute < 3, hops <= 64 else { return nil }
    return (asksPassing ? passing : lost, hops)
  }

  /// Somebody was reached by a size.
  mutating func reached(_ address: IPAddress, by size: Int, hops: UInt8) {
    guard hops == self.hops else { return }
    if size == lost {
      behind = address
      mute = 0
      advance()
    } else if asksPassing {
      hole = MTUFinding.Hole(behind: behind, before: address)
    }
  }

  /// Nobody was.
  mutating func silent(_ size: Int, hops: UInt8) {
    guard hops == self.hops else { return }
    if !asksPassing {
      asksPassing = true
    } else if size == passing {
      mute += 1
      advance()
    }
  }

  /// Ends it without a result.
  mutating func giveUp() { isOver = true }

  private mutating func advance() {
    hops += 1
    asksPassing = false
  }
}
