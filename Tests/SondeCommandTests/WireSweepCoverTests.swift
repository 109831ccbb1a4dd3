import Testing
import WireSupport

/// That a sweep asks each question once, and none that it must not, by what is seen at the far host.
@Suite(.wire) struct WireSweepCoverTests {
  /// Packets, different questions, and addresses where they are few, in captures of the far host.
  private func asked(_ block: String, _ files: String...) throws -> [String] {
    let outcome = try Shell.run("\(script("asked.py")) \(block) \(files.joined(separator: " "))")
    return outcome.output.split(separator: "\n").map(String.init)
  }

  @Test func threeShardsOnThreeHostsAskEachQuestionOnce() throws {
    var captures: [WireCapture] = []
    for shard in 1...3 {
      try WireNetwork.run { network in
        try network.routeToFar(Side.v4.block)
        try network.makeFarSilent()
        let capture = try network.onFar { try WireCapture("far0", "tcp", options: "-B 65536 -s 60") }
        // As a task of an array job it knows its share by itself.
        let array = "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=3 SLURM_ARRAY_TASK_COUNT=3"
        let share = shard == 3 ? (array, "") : ("", "--shard \(shard)/3")
        let outcome = try Shell.run(
          "\(share.0) \"$SONDE\" sweep -q --rate 20k --seed 7 \(share.1) --cooldown 10ms -p 1-16 10.88.0.0/20")
        #expect(outcome.status == 1 && outcome.errors.isEmpty, "\(outcome)")
        try capture.finish(atLeast: 65_536 / 3)
        captures.append(capture)
      }
    }
    #expect(try asked("10.88.0.0/20", captures[0].file, captures[1].file, captures[2].file).first == "65536 65536")
  }

  @Test func aRunThatWasKilledGoesOnWhereItWas() throws {
    try WireNetwork.run { network in
      try network.routeToFar(Side.v4.block)
      let folder = try TemporaryFolder()
      let capture = try network.onFar {
        try WireCapture("far0", "tcp[tcpflags] & tcp-syn != 0", options: "-B 65536 -s 60")
      }
      // What a build that is not made to be fast reads of a second in a second.
      let (rate, hosts) = SondeBinary.isRelease ? (15_000, 4096) : (2000, 512)
      let block = "10.88.0.0/\(SondeBinary.isRelease ? 20 : 23)"
      let arguments = "sweep --json --rate \(rate) --resume \(folder.path)/state -p 1-16 \(block)"
      let child = try network.start("exec '\(SondeBinary.path)' \(arguments) > \(folder.path)/first")
      try Shell.until("test -s \(folder.path)/state")
      try network.sh("sleep 1.7")
      #expect(Shell.stop(child, by: 9) & 0x7f == 9)
      let run = try Shell.run("exec \"$SONDE\" \(arguments) > \(folder.path)/second")
      #expect(run.status == 0 && run.errors.isEmpty, "\(run)")
      try capture.finish(atLeast: 16 * hosts)
      let first = try #require(try asked("10.88.0.0/20", capture.file).first)
      let counts = first.split(separator: " ").compactMap { Int($0) }
      #expect(counts[1] == 16 * hosts, "all are asked")
      #expect(counts[0] > 16 * hosts && counts[0] - 16 * hosts <= rate, "a second's worth is asked again: \(counts)")
      let last = try Shell.run("tail -n 1 \(folder.path)/second")
      let summary = try #require(try objects(last).of("summary").first)
      #expect((summary["ports"] as? [String: Int]) == ["closed": 16 * hosts], "\(summary)")
      // Nothing that was found is lost: the first run's lines and the second's have all ports.
      let lines = try Shell.run(
        "cat \(folder.path)/first \(folder.path)/second | grep '\"closed\",' "
          + "| grep -oE '\"host\":\"[^\"]*\".*\"port\":[0-9]+' | sort -u | wc -l")
      #expect(lines.output == "\(16 * hosts)\n")
      // What is done is not asked again.
      let again = try Shell.run("exec \"$SONDE\" \(arguments)")
      #expect(try objects(again).of("answer").isEmpty && again.status == 0, "\(again)")
      let other = try Shell.run("exec \"$SONDE\" \(arguments) -p 1-17")
      #expect(other.status == 2 && other.errors.contains("another sweep"), "\(other)")
    }
  }

  @Test func specialPurposeAddressesAreAskedOnlyIfMeant() throws {
    try WireNetwork.run { network in
      try network.routeToFar("198.51.96.0/21")
      try network.makeFarSilent()
      let capture = try network.onFar { try WireCapture("far0", "tcp", options: "-B 65536 -s 60") }
      // The documentation block 198.51.100.0/24 is part of a wider one; the last four addresses are excluded by hand.
      let wide = try sonde("sweep -q --rate 0 --cooldown 0 -p 80 198.51.96.0/21 --exclude 198.51.103.252/30")
      #expect(wide.status == 1 && wide.errors.isEmpty, "\(wide)")
      try capture.finish(atLeast: 7 * 256 - 4)
      #expect(try asked("198.51.96.0/21", capture.file).first == "1788 1788")
      #expect(try asked("198.51.100.0/24,198.51.103.252/30", capture.file).first == "0 0")
      let meant = try network.onFar { try WireCapture("far0", "tcp", options: "-s 60") }
      #expect(try sonde("sweep -q --rate 0 --cooldown 0 -p 80 198.51.100.16/28").status == 1)
      try meant.finish(atLeast: 16)
      #expect(try asked("198.51.100.16/28", meant.file).first == "16 16")
    }
  }

  @Test func noGroupAndNoBroadcastIsEverAsked() throws {
    try WireNetwork.run { network in
      try network.routeToFar("10.88.0.0/24")
      let capture = try network.onFar { try WireCapture("far0", "icmp or igmp") }
      let words = "10.9.0.2 10.9.0.255 239.1.2.3 255.255.255.255 10.88.0.1"
      let few = try sonde("sweep --json --icmp --rate 0 --cooldown 1 \(words)")
      let hosts = try objects(few).of("answer").map { $0.text("host") }
      #expect(Set(hosts) == ["10.9.0.2", "10.88.0.1"] && few.status == 0, "\(few)")
      try capture.finish(atLeast: 4)
      #expect(try asked("0.0.0.0/0", capture.file).last == "10.9.0.1 10.9.0.2 10.88.0.1")
    }
  }

  @Test func memoryDoesNotGrowWithTheNumberOfAddresses() throws {
    try WireNetwork.run { network in
      try network.makeFarSilent()
      try network.sh("ip route add 10.64.0.0/12 via 10.9.0.2")
      let peak = { (block: String) in
        let outcome = try Shell.run(
          "/usr/bin/python3 -c 'import resource, subprocess, sys; "
            + "subprocess.run(sys.argv[1:], check=False, stdout=subprocess.DEVNULL); "
            + "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "
            + "\"$SONDE\" sweep -q --rate 0 --cooldown 0 -p 80 \(block)")
        return try #require(Int(outcome.output.split(separator: "\n").last ?? ""), "\(outcome)")
      }
      let few = try peak("10.64.0.0/16")
      let many = try peak("10.64.0.0/\(SondeBinary.isRelease ? 12 : 14)")
      #expect(many <= few + few / 10, "\(few) KiB for 2^16, \(many) KiB for more")
      #expect(!SondeBinary.isRelease || many <= 33 * 1024)
    }
  }
}
