/// What makes a sweep the same sweep: only then may a later run go on with it.
public struct SweepIdentity: Hashable, Sendable {
  /// What is asked, as `tcp` or `echo`.
  public var kind: String
  /// `SweepSpace.addressDigest`.
  public var addresses: UInt64
  /// `SweepSpace.portDigest`.
  public var ports: UInt64
  /// How many questions all shards have together.
  public var questions: UInt64
  /// Of the order.
  public var seed: UInt64
  public var shard: Shard

  /// - Parameter kind: letters, digits and signs of ASCII, without blanks.
  public init(kind: String, space: SweepSpace, seed: UInt64, shard: Shard) {
    self.init(
      kind: kind, addresses: space.addressDigest, ports: space.portDigest, questions: space.count, seed: seed,
      shard: shard)
  }

  init(kind: String, addresses: UInt64, ports: UInt64, questions: UInt64, seed: UInt64, shard: Shard) {
    self.kind = kind
    self.addresses = addresses
    self.ports = ports
    self.questions = questions
    self.seed = seed
    self.shard = shard
  }

  /// How many questions this shard has.
  public var share: UInt64 { questions / shard.count + (shard.index < questions % shard.count ? 1 : 0) }

  /// What keeps this run from going on with an earlier one, as words of a sentence; nil if nothing does.
  public func difference(from earlier: SweepIdentity) -> String? {
    var parts: [String] = []
    if kind != earlier.kind { parts.append("what is asked (\(earlier.kind) then, \(kind) now)") }
    if addresses != earlier.addresses { parts.append("the targets") }
    if ports != earlier.ports { parts.append("the ports") }
    if seed != earlier.seed { parts.append("the seed (\(earlier.seed) then, \(seed) now)") }
    if shard != earlier.shard { parts.append("the shard (\(earlier.shard.text) then, \(shard.text) now)") }
    if parts.isEmpty, questions != earlier.questions { parts.append("the number of questions") }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

extension Shard {
  /// As `--shard` takes it, from 1.
  public var text: String { "\(index + 1)/\(count)" }
}
