internal import CLinuxNet
public import SondeLink
public import SondeOctets
internal import Synchronization

/// Names of addresses, each looked up on a thread of its own, so that nobody waits for a resolver that does not
/// answer unless he wants to.
public final class NameLookup: Sendable {
  private enum Finding: Sendable {
    case pending
    /// Nil where the address has no name.
    case name(String?)
  }

  /// No more addresses than this are looked up: each may hold a thread for as long as the resolver tries.
  private static let most = 256

  private let findings = Mutex<[IPAddress: Finding]>([:])
  private let bell: Interrupter

  /// - Throws: `LinkError` when the process has no descriptor left.
  public init() throws(LinkError) { bell = try Interrupter() }

  /// Starts to look up a name, unless that was done before.
  public func ask(_ address: IPAddress) {
    let isNew = findings.withLock { findings in
      guard findings[address] == nil, findings.count < Self.most else { return false }
      findings[address] = .pending
      return true
    }
    guard isNew else { return }
    Worker.start { [self] in
      let name = Resolver.name(of: ScopedAddress(address: address))
      findings.withLock { $0[address] = .name(name) }
      bell.interrupt()
    }
  }

  /// The name of an address, as far as it is known.
  public func name(of address: IPAddress) -> String? {
    if case .name(let name)? = findings.withLock({ $0[address] }) { name } else { nil }
  }

  /// Whether it is still being looked up.
  public func isPending(_ address: IPAddress) -> Bool {
    if case .pending? = findings.withLock({ $0[address] }) { true } else { false }
  }

  /// Waits until all of `addresses` are looked up, and no longer than `limit`.
  public func wait(for addresses: [IPAddress], atMost limit: Duration) {
    let end = Clock.monotonic + limit
    while addresses.contains(where: isPending) {
      let rest = end - Clock.monotonic
      guard rest > .zero else { return }
      var watched = [clinux_poll(fd: bell.descriptor.number, events: KernelNumber.pollIn, revents: 0)]
      _ = unsafe clinux_poll(&watched, watched.count, rest.nanoseconds)
      bell.clear()
    }
  }
}
