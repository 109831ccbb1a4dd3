import Testing
import WireSupport

/// What becomes of a run whose standard streams, or whose reader, are not what they should be.
@Suite(.wire) struct WireStreamTests {
  @Test(arguments: [">&-", "<&- >&- 2>&-", "2>&-"])
  func aClosedStreamPutsNoTextIntoTheCapture(closed: String) throws {
    try WireNetwork.run { _ in
      let folder = try TemporaryFolder()
      let outcome = try sonde("ping -c 2 -i 10ms --write \(folder.path)/run.pcapng 10.9.0.2 \(closed)")
      #expect(outcome.status == 0, "\(outcome)")
      let seen = try Shell.run("tshark -n -r \(folder.path)/run.pcapng -T fields -e icmp.type")
      #expect(seen.status == 0 && seen.output == "8\n0\n8\n0\n", "\(seen)")
    }
  }

  @Test func aSetUserIDCopyRefuses() throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      try network.sh("cp '\(SondeBinary.path)' \(folder.path)/sonde && chmod 4755 \(folder.path)/sonde")
      let asNobody = "exec setpriv --reuid=65534 --regid=65534 --clear-groups \(folder.path)/sonde doctor"
      let refused = try Shell.run(asNobody)
      #expect(refused.status == 2 && refused.output.isEmpty, "\(refused)")
      #expect(refused.errors.hasPrefix("sonde: sonde is not made to be set-uid root; "))
      #expect(refused.errors.hasSuffix("setcap cap_net_raw+ep\n") && refused.errors.split(separator: "\n").count == 1)
      try network.sh("chmod 755 \(folder.path)/sonde")
      #expect(try Shell.run(asNobody).errors.isEmpty)
    }
  }

  @Test(arguments: [2, 15] as [Int32], ["ping -f --json -v", "probe -p- --json -v -W 60 --retries 0"])
  func aSignalEndsARunWhoseReaderStalls(signal: Int32, arguments: String) throws {
    try WireNetwork.run { network in
      let folder = try TemporaryFolder()
      try network.sh("mkfifo \(folder.path)/pipe")
      let reader = try network.start("exec sleep 60 < \(folder.path)/pipe")
      defer { Shell.stop(reader) }
      let child = try network.start("exec '\(SondeBinary.path)' \(arguments) 10.9.0.2 > \(folder.path)/pipe")
      // The pipe is full: it waits for room and has no time of its own any more.
      let time = "cut -d ' ' -f 14,15 /proc/\(child)/stat"
      try Shell.until(
        "grep -q poll /proc/\(child)/wchan && before=$(\(time)) && sleep .5 && test \"$before\" = \"$(\(time))\"")
      let status = Shell.stop(child, by: signal)
      #expect(status & 0x7f == 0, "it ended by itself, wait status \(status)")
    }
  }

  @Test(arguments: ["--help", "checksum 0800", "doctor", "ping -c 1 10.9.0.2", "probe -p 9 10.9.0.2"])
  func aFullDeviceIsOneLineAndStatusTwo(arguments: String) throws {
    try WireNetwork.run { _ in
      let full = try sonde("\(arguments) > /dev/full")
      #expect(
        full.status == 2 && full.errors == "sonde: write to standard output: No space left on device\n", "\(full)")
      // Nobody reads any more: that is no failure.
      let gone = try Shell.run("{ sleep .2; \"$SONDE\" \(arguments); echo $? > /dev/stderr; } | true")
      #expect(gone.errors == "0\n" || gone.errors == "1\n", "\(gone)")
    }
  }
}
