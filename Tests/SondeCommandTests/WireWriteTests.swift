import Testing
import WireSupport

/// What becomes of `--write` where the run, or the file, fails.
@Suite(.wire) struct WireWriteTests {
  @Test func aRunThatCannotStartLeavesTheFileAsItIs() throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      let file = folder.path + "/run.pcapng"
      try network.sh(
        "cp '\(SondeBinary.path)' \(folder.path)/sonde && echo precious > \(file) && chown 65534 \(file)")
      let refused = try Shell.run(
        "exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \(folder.path)/sonde "
          + "probe -p 9 --write \(file) 10.9.0.2")
      #expect(refused.status == 2 && Shell.text(file) == "precious\n", "\(refused)")
      let started = try sonde("probe -p 9 --write \(file) 10.9.0.2")
      #expect(started.status == 0, "\(started)")
      #expect(try Shell.run("capinfos \(file)").status == 0, "emptied first")
    }
  }

  @Test(arguments: ["ping -c 100 -i 2ms", "probe -p 1-100"])
  func aFullDiskEndsTheRunWithItsSummary(arguments: String) throws {
    try WireNetwork.run { _ in
      let folder = try TemporaryFolder()
      let outcome = try Shell.run(
        "exec unshare -m sh -c \"mount -t tmpfs -o size=4k none \(folder.path) && "
          + "exec \\$SONDE \(arguments) --json --write \(folder.path)/run.pcapng 10.9.0.2\"")
      #expect(outcome.status == 2, "\(outcome)")
      #expect(outcome.errors == "sonde: write to \(folder.path)/run.pcapng: No space left on device\n", "\(outcome)")
      let summary = try #require(try objects(outcome).of("summary").first)
      let sent = try #require(summary.number("sent"))
      #expect(sent > 2 && (sent < 100 || arguments.hasPrefix("probe")), "\(summary)")
    }
  }

  @Test func aFileThatTakesNothingIsToldBeforeAnythingIsSent() throws {
    try WireNetwork.run { _ in
      let outcome = try sonde("ping -c 1 --write /dev/full 10.9.0.2")
      #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome)")
      #expect(outcome.errors == "sonde: write to /dev/full: No space left on device\n")
    }
  }
}
