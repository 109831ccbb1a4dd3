import Foundation
import Testing
import WireSupport

/// The kernel's own traffic, whose sums it leaves to devices that never finish them.
@Suite(.wire) struct WireChecksumTests {
  @Test(arguments: ["near0", "lo", "any"])
  func sumsLeftToADeviceAreOffloadAndNeverWrong(interface: String) throws {
    try WireNetwork.run { network in
      // On lo both ends are here; elsewhere the far host listens.
      let addresses = interface == "lo" ? "127.0.0.1 ::1" : "10.9.0.2 fd09::2"
      let folder = try TemporaryFolder()
      let services = "exec \(script("services.py")) > \(folder.path)/log 2>&1"
      let child = interface == "lo" ? try network.start(services) : try network.onFar { try network.start(services) }
      defer { network.stop(child) }
      try Shell.until("grep -q ready \(folder.path)/log")
      // Room for every packet: each takes as much as the longest might.
      let capture = try WireCapture("\(interface) -B 65536", "tcp or udp or icmp or icmp6")
      try network.sh("\(script("traffic.py")) \(addresses)")
      let first = addresses.split(separator: " ")[0]
      try network.sh("ping -c1 \(first) > /dev/null")
      try Shell.until("test $(tcpdump -n -r \(capture.file) icmp 2> /dev/null | wc -l) -ge 2")
      try capture.finish(atLeast: 24)
      let outcome = try sonde("checksum --json \(capture.file)")
      #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
      let sums = try objects(outcome)
      let verdicts = Dictionary(grouping: sums) { "\($0.text("layer")) \($0.text("verdict"))" }.mapValues(\.count)
      #expect(sums.allSatisfy { ["valid", "offload"].contains($0.text("verdict")) }, "\(verdicts)")
      #expect(verdicts["tcp offload", default: 0] >= 8 && verdicts["udp offload", default: 0] >= 12, "\(verdicts)")
      #expect(verdicts["icmp valid", default: 0] >= 2 && verdicts["ip valid", default: 0] >= 12, "\(verdicts)")
      #expect(verdicts["ip offload"] == nil && verdicts["icmp offload"] == nil)
    }
  }

  @Test func aLongRunShowsABarOnATerminalAndTakesItAway() throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      let capture = try WireCapture("lo", "icmp")
      try network.sh("ping -c 50 -i 0.002 127.0.0.1 > /dev/null")
      try capture.finish(atLeast: 100)
      // Records without end behind one file header; SIGINT ends the run as the end of the file would.
      try network.sh("tail -c +25 \(capture.file) > \(folder.path)/records")
      let endless = "{ head -c 24 \(capture.file); while cat \(folder.path)/records; do :; done; }"
      func run(_ options: String) throws -> Outcome {
        try Shell.run(
          "script -qec '\(endless) 2> /dev/null | timeout -s INT 1.6 \"$SONDE\" checksum - \(options)' /dev/null")
      }
      let shown = try run("")
      #expect(shown.output.contains("\r  ") && shown.output.contains("B/s"), "\(shown)")
      let last = try #require(shown.output.range(of: "\r\u{1b}[K", options: .backwards))
      #expect(shown.output[last.upperBound...].contains("packets: ip "), "\(shown)")
      let quiet = try run("-q")
      #expect(!quiet.output.contains("B/s") && quiet.output.contains("packets: ip "), "\(quiet)")
      let piped = try run("--json 2>&1 > /dev/null | cat")
      #expect(piped.output.isEmpty, "a pipe is no terminal: \(piped)")
    }
  }
}
