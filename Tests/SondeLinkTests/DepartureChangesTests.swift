import Testing

@testable import SondeLink

@Suite struct DepartureChangesTests {
  private func changes(_ asked: [UInt8], _ left: [UInt8]?, _ linkType: LinkType = .raw) -> [Range<Int>]? {
    let departure = Departure(probe: 1, kernel: Instant(nanoseconds: 1), wall: 1, bytes: left, linkType: linkType)
    return departure.changes(from: Outgoing(probe: 1, bytes: asked))
  }

  @Test func whatLeftAsAskedHasNoChanges() {
    #expect(changes([0x45, 1, 2], [0x45, 1, 2]) == [])
    #expect(changes([], []) == [])
  }

  @Test func bitsAreCountedFromTheFirst() {
    #expect(changes([0x45], [0x55]) == [3..<4], "the version, not the header length")
    #expect(changes([0x45], [0x46]) == [6..<8])
    #expect(changes([0, 0x01, 0x80], [0, 0x00, 0x00]) == [15..<17], "a run over two octets is one")
    #expect(changes([0xff], [0x5f]) == [0..<1, 2..<3])
  }

  @Test func otherLengthsAreChanges() {
    #expect(changes([1, 2, 3], [1]) == [8..<24])
    #expect(changes([1], [0, 2]) == [7..<16])
  }

  @Test func unknownBytesAreNoAnswer() {
    #expect(changes([1], nil) == nil)
    #expect(changes([1], [1], .ethernet) == nil)
  }
}
