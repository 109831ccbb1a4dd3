/// First in, first out, in amortised constant time.
struct Queue<Element: Sendable>: Sendable {
  private var elements: [Element] = []
  private var head = 0

  var first: Element? { head < elements.count ? elements[head] : nil }
  var isEmpty: Bool { head == elements.count }
  /// What is in it, oldest first.
  var contents: ArraySlice<Element> { elements[head...] }

  mutating func append(_ element: Element) { elements.append(element) }

  @discardableResult
  mutating func removeFirst() -> Element? {
    guard head < elements.count else { return nil }
    defer {
      head += 1
      if head == elements.count || head > 1024 && head * 2 > elements.count {
        elements.removeFirst(head)
        head = 0
      }
    }
    return elements[head]
  }

  /// Removes elements from the front for as long as `isDone` says so.
  mutating func removeFirst(while isDone: (Element) -> Bool) {
    while let first, isDone(first) { removeFirst() }
  }
}
