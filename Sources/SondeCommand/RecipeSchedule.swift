internal import SondeCraft
internal import SondeLink
internal import SondeProbe

/// Sends the packets of recipes in order, each made when its turn comes, and all of them again in each round.
struct RecipeSchedule: Schedule {
  /// When what is sent.
  struct Pace: Sendable {
    var rounds: UInt64
    /// From the start of one round to the start of the next, at least.
    var interval: Duration
    /// Between two packets of a round.
    var gap: Duration
  }

  private let recipes: [Recipe]
  private let pace: Pace
  private let mtu: Int?
  private var packets: LivePackets
  private var round: UInt64 = 0
  /// The recipe whose turn it is, and the number of its next packet.
  private var recipe = 0
  private var number: UInt64 = 0
  private var sent: UInt64 = 0
  private var roundStart: Instant?
  private var nextAt: Instant?

  /// - Parameter mtu: above how many octets IP packets are sent as fragments; nil sends all whole.
  init(_ recipes: [Recipe], _ packets: LivePackets, pace: Pace, mtu: Int?) {
    self.recipes = recipes
    self.packets = packets
    self.pace = pace
    self.mtu = mtu
  }

  mutating func next(at now: Instant) -> Turn {
    while recipes.indices.contains(recipe), number >= recipes[recipe].count {
      recipe += 1
      number = 0
    }
    if recipe == recipes.count {
      round += 1
      guard round < pace.rounds, sent > 0 else { return .finished }
      (recipe, number) = (0, 0)
      nextAt = max(nextAt ?? now, (roundStart ?? now) + pace.interval)
      roundStart = nil
      return next(at: now)
    }
    guard round < pace.rounds else { return .finished }
    if let nextAt, nextAt > now { return .wait(until: nextAt) }
    roundStart = roundStart ?? now
    // Time lost by more than a tick is not made up for by a burst.
    nextAt = max(nextAt ?? now, now + .milliseconds(-2)) + pace.gap
    defer {
      number += 1
      sent += 1
    }
    let made = recipes[recipe].packet(at: number)
    let target = Int(clamping: sent)
    do throws(LinkError) {
      let live = try packets.live(made, number: sent, round: round)
      return .probe(
        Request(target: target, turn: round, packet: live.packet, isGroup: live.isGroup, way: live.way, mtu: mtu))
    } catch {
      var request = Request(target: target, turn: round, packet: made.packet)
      request.refusal = error
      return .probe(request)
    }
  }
}
