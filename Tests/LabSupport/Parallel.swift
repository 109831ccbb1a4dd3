internal import Synchronization
internal import WireSupport

/// Does some work on each element by so many threads of its own, and gives the results in the elements' order.
///
/// The work may block, so that threads of a shared pool would be missed elsewhere.
public func inParallel<Element: Sendable, Result: Sendable>(
  _ elements: [Element], threads: Int, _ work: @escaping @Sendable (Element) -> Result
) -> [Result] {
  let shared = SharedWork<Result>(count: elements.count)
  let workers = (0..<max(1, min(threads, elements.count))).compactMap { _ in
    try? OwnThread.start { while let index = shared.next() { shared.set(index, work(elements[index])) } }
  }
  for worker in workers { worker.join() }
  return shared.results()
}

/// Who takes which element, and what came of it.
private final class SharedWork<Result: Sendable>: Sendable {
  private struct State {
    var next = 0
    var results: [Result?]
  }

  private let state: Mutex<State>
  private let count: Int

  init(count: Int) {
    self.count = count
    state = Mutex(State(results: Array(repeating: nil, count: count)))
  }

  func next() -> Int? {
    state.withLock { state in
      guard state.next < count else { return nil }
      defer { state.next += 1 }
      return state.next
    }
  }

  func set(_ index: Int, _ result: Result) { state.withLock { $0.results[index] = result } }

  func results() -> [Result] { state.withLock { $0.results.compactMap { $0 } } }
}
