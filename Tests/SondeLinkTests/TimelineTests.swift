@testable import SondeLink
import Testing

@Suite struct TimelineTests {
  @Test func itemsComeOutByInstantAndThenByOrder() {
    var generator = SeededGenerator(seed: 4)
    var timeline = Timeline<Int>()
    var expected: [(due: Int64, item: Int)] = []
    for item in 0..<500 {
      let due = Int64(generator.next(below: 50))
      timeline.insert(item, at: Instant(nanoseconds: due))
      expected.append((due, item))
    }
    expected.sort { $0 < $1 }
    #expect(timeline.nextDue == Instant(nanoseconds: expected[0].due))
    var items: [Int] = []
    while let (item, _) = timeline.popFirst(dueBy: .distantFuture) { items.append(item) }
    #expect(items == expected.map(\.item))
  }

  @Test func whatIsNotDueStays() {
    var timeline = Timeline<Int>()
    timeline.insert(1, at: .milliseconds(2))
    let early = timeline.popFirst(dueBy: .milliseconds(1))
    #expect(early == nil)
    let due = timeline.popFirst(dueBy: .milliseconds(2))
    #expect(due?.item == 1)
    #expect(timeline.nextDue == nil)
  }
}
