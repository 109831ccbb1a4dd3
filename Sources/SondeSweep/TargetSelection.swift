/// How many addresses were named, and why not all of them are swept; 2^128 - 1 stands for more too.
public struct TargetTally: Hashable, Sendable {
  /// Each once, however often it was named.
  public var named: UInt128
  /// Swept.
  public var targets: UInt128
  /// Groups, broadcast and unspecified addresses, which are never asked.
  public var never: UInt128
  /// Taken away by `--exclude`.
  public var excluded: UInt128
  /// Special-purpose addresses that only wider blocks brought in.
  public var reserved: UInt128

  public init(named: UInt128, targets: UInt128, never: UInt128, excluded: UInt128, reserved: UInt128) {
    self.named = named
    self.targets = targets
    self.never = never
    self.excluded = excluded
    self.reserved = reserved
  }
}

/// The addresses of a sweep: what was named, less what was excluded.
public struct TargetSelection: Sendable {
  public let addresses: AddressSet
  public let tally: TargetTally

  /// - Parameters:
  ///   - excluded: what `--exclude` names, all of it, reserved or not.
  ///   - sparesReserved: whether special-purpose addresses are left out that only wider blocks brought in.
  ///   - broadcasts: more addresses that are never asked, as the broadcast addresses of this machine's networks. Not
  ///     for shards: another machine has other networks, and would give all questions other numbers.
  /// - Throws: `SweepError` saying why, where nothing is left.
  public init(
    _ list: TargetList, excluding excluded: TargetList = TargetList(), sparesReserved: Bool = true,
    broadcasts: AddressRanges = AddressRanges()
  ) throws(SweepError) {
    let out = excluded.named
    let never = ReservedBlocks.never.union(AddressSet(ipv4: broadcasts))
    let wanted = list.wanted
    let dropped = list.dropped.subtracting(wanted)
    let named = wanted.union(dropped)
    let hosts = named.subtracting(never)
    let allowed = hosts.subtracting(out)
    addresses = sparesReserved ? allowed.subtracting(dropped) : allowed
    tally = TargetTally(
      named: named.total, targets: addresses.total, never: named.intersection(never).total,
      excluded: hosts.intersection(out).total,
      reserved: sparesReserved ? allowed.intersection(dropped).total : 0)
    if addresses.isEmpty { throw SweepError(Self.emptiness(tally)) }
  }
}

extension TargetSelection {
  /// Why nothing is left to ask.
  private static func emptiness(_ tally: TargetTally) -> String {
    guard tally.named > 0 else { return "no targets are named" }
    var causes: [String] = []
    if tally.excluded > 0 { causes.append("\(tally.excluded) by --exclude") }
    if tally.reserved > 0 { causes.append("\(tally.reserved) for special purposes, which a block of theirs must name") }
    if tally.never > 0 { causes.append("\(tally.never) that name no single host (multicast, broadcast, unspecified)") }
    let what = tally.named == 1 ? "the one address named is" : "all \(tally.named) addresses named are"
    return "nothing to sweep: \(what) excluded: \(causes.joined(separator: ", "))"
  }
}
