import SondeReport
import Testing

@Suite struct ChecksumLedgerTests {
  @Test func theExampleOfRFC1071AddsUp() {
    let ledger = ChecksumLedger([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7])
    #expect(ledger.sum == 0xddf2 && ledger.checksum == 0x220d && !ledger.isValid)
    #expect(
      ledger.lines(verifying: false) == [
        "offset  word    running sum", "0       0x0001  0x00001", "2       0xf203  0x0f204",
        "4       0xf4f5  0x1e6f9  carry", "6       0xf6f7  0x2ddf0  carry", "fold    0xddf0 + 0x2 = 0xddf2",
        "sum     0xddf2", "complement", "0x220d",
      ])
  }

  @Test func anOddOctetIsPaddedBehindAndSaysSo() {
    let ledger = ChecksumLedger([0x01, 0x02, 0x03])
    #expect(ledger.checksum == 0xfbfd)
    #expect(ledger.lines(verifying: false)[2] == "2       0x0300  0x00402  (03 and a zero octet: the length is odd)")
  }

  @Test func aFoldMayCarryOnceMore() {
    let ledger = ChecksumLedger([0xff, 0xff, 0x00, 0x01, 0xff, 0xff, 0xff, 0xff])
    #expect(
      ledger.lines(verifying: false).filter { $0.hasPrefix("fold") } == [
        "fold    0xfffe + 0x2 = 0x10000", "fold    0x0000 + 0x1 = 0x0001",
      ])
    #expect(ledger.sum == 1)
  }

  @Test func verifyingSaysWhatTheSumIs() {
    #expect(ChecksumLedger([0xf4, 0xfc, 0x0b, 0x03]).lines(verifying: true).last == "valid: the sum is 0xffff")
    #expect(
      ChecksumLedger([0xf4, 0xfd, 0x0b, 0x03]).lines(verifying: true).last == "wrong: the sum is 0x0001, not 0xffff")
    #expect(!ChecksumLedger([]).isValid && ChecksumLedger([]).checksum == 0xffff)
  }
}
