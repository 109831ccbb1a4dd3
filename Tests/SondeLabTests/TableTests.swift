import LabSupport
import Testing

/// The table of situations as a text: whoever reads it learns what each answer means.
@Suite struct TableTests {
  @Test func everyRowHasANameOfItsOwnAndAReason() {
    let table = Situation.table
    let namesakes = Dictionary(grouping: table, by: \.name).filter { $0.value.count > 1 }.keys.sorted()
    #expect(namesakes.isEmpty)
    #expect(table.allSatisfy { !$0.reason.isEmpty && (!$0.says.isEmpty || $0.complaint != nil) })
  }
}

extension Situation {
  /// All rows, by what they are about.
  static let table =
    opening + stray + datagrams + rejected + routing + sizes + queries + headers + groups + here
    + hostile

  /// What hostile hosts and neighbours say.
  static let hostile =
    hostileReplies + hostileHeaders + hostileErrors + hostileQuotes + hostileSegments + hostileDatagrams
    + hostileNeighbours + hostileClaims
}
