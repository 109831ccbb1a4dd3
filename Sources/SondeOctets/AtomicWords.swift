internal import Synchronization

/// Numbers that several threads read and write without a lock; each is zero at first.
///
/// All accesses are relaxed, but for `publish` and `observe`: what a thread wrote before it published a number is seen
/// by a thread that has observed it.
@safe public final class AtomicWords: @unchecked Sendable {
  // Atomics may be shared between threads, and the memory lives as long as the object.
  private let words: UnsafeMutablePointer<Atomic<UInt64>>
  public let count: Int

  /// So many words, each of them 0.
  public init(count: Int) {
    self.count = count
    unsafe words = .allocate(capacity: count)
    for index in 0..<count { unsafe (words + index).initialize(to: Atomic(0)) }
  }

  deinit {
    unsafe words.deinitialize(count: count)
    unsafe words.deallocate()
  }

  public subscript(index: Int) -> UInt64 {
    get { unsafe word(index).pointee.load(ordering: .relaxed) }
    set { unsafe word(index).pointee.store(newValue, ordering: .relaxed) }
  }

  /// Writes a number after all that this thread has written before.
  public func publish(_ value: UInt64, at index: Int) {
    unsafe word(index).pointee.store(value, ordering: .releasing)
  }

  /// A number, and with it all that its writer had written before it published it.
  public func observe(at index: Int) -> UInt64 { unsafe word(index).pointee.load(ordering: .acquiring) }

  /// Sets the bits of `mask`.
  ///
  /// - Returns: the word as it was before.
  @discardableResult
  public func insert(_ mask: UInt64, at index: Int) -> UInt64 {
    unsafe word(index).pointee.bitwiseOr(mask, ordering: .relaxed).oldValue
  }

  /// Clears the bits of `mask`.
  public func remove(_ mask: UInt64, at index: Int) {
    unsafe word(index).pointee.bitwiseAnd(~mask, ordering: .relaxed)
  }

  private func word(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    precondition(index >= 0 && index < count, "a word of these")
    return unsafe words + index
  }
}
