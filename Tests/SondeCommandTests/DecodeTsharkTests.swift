import Foundation
import Testing
import WireSupport

/// What tshark reads in the same captures.
@Suite(.enabled(if: isTsharkThere || ProcessInfo.processInfo.environment["CI"] == "true"))
struct DecodeTsharkTests {
  /// Remarks, relative numbers and scaled windows of random conversations, line for line.
  ///
  /// These seeds lead to no number that is just 0, which tshark takes for one that it has not seen yet.
  @Test(arguments: 21...26) func randomConversationsReadAsInTshark(seed: Int) throws {
    let folder = try TemporaryFolder()
    let outcome = try Shell.run(
      """
      cd \(folder.path) && \(script("conversations.py")) \(seed) 3000 file.pcap &&
      tshark -n -o tcp.desegment_tcp_streams:FALSE -r file.pcap 2> log > theirs &&
      "$SONDE" decode file.pcap > ours && test -s ours && diff ours theirs
      """, seconds: 60)
    #expect(outcome.status == 0, "seed \(seed): \(outcome)")
  }

  @Test func fieldsAreThoseOfTshark() throws {
    let folder = try TemporaryFolder()
    let outcome = try Shell.run(
      """
      \(script("conversations.py")) 1 500 \(folder.path)/file.pcap &&
      exec \(script("fields.py")) "$SONDE" \(DecodeCommandTests.captures)/*.pcap \(folder.path)/file.pcap
      """, seconds: 60)
    #expect(outcome.status == 0, "\(outcome)")
  }
}

private let isTsharkThere = (try? Shell.run("command -v tshark", seconds: 5))?.status == 0
