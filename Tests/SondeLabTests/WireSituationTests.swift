import LabSupport
import Testing
import WireSupport

/// The table of situations, against the real kernel.
@Suite(.wire, .serialized) struct WireSituationTests {
  /// One laboratory for all; it ends with the process.
  private static let laboratory = Result { try Laboratory(.fourRouters) }

  @Test func everyRowOfTheTableIsRight() throws {
    let runner = RowRunner(laboratory: try Self.laboratory.get())
    for failure in runner.failures(of: Situation.table) { Issue.record("\(failure)") }
  }
}
