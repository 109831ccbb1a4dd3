import Testing

@testable import SondeLinux

@Suite struct StampLedgerTests {
  @Test func aNumberLeadsBackToItsProbe() {
    var ledger = StampLedger()
    for probe in UInt64(100)..<110 {
      ledger.register(probe: probe, length: 84)
      ledger.advance()
    }
    #expect(ledger.entry(3)?.probe == 103 && ledger.entry(9)?.length == 84)
    #expect(ledger.entry(10) == nil, "a number that was never sent")
  }

  @Test func aRefusedSendsNumberIsUsedAgain() {
    var ledger = StampLedger()
    ledger.register(probe: 1, length: 84)
    ledger.register(probe: 2, length: 84)
    ledger.advance()
    #expect(ledger.entry(0)?.probe == 2 && ledger.next == 1)
  }

  @Test func overwrittenNumbersAreForgotten() {
    var ledger = StampLedger()
    for probe in UInt64(0)..<5000 {
      ledger.register(probe: probe, length: 84)
      ledger.advance()
    }
    #expect(ledger.entry(0) == nil && ledger.entry(903) == nil)
    #expect(ledger.entry(904)?.probe == 904 && ledger.entry(4999)?.probe == 4999)
  }

  @Test func theKernelsCounterStartsAtZero() {
    var ledger = StampLedger()
    ledger.register(probe: 7, length: 84)
    ledger.fallBack()
    ledger.advance()
    #expect(ledger.numbering == .counted && ledger.entry(0)?.probe == 7 && ledger.next == 1)
  }
}
