import Foundation
import Testing
import WireSupport

/// Labs by the command, as root and as an ordinary user.
@Suite(.wire, .serialized) struct WireLabCommandTests {
  @Test(arguments: LabUser.allCases)
  func aLabStandsUntilItIsTakenDown(user: LabUser) throws {
    let session = try LabSession(user)
    let name = session.mark
    let up = try session.run("lab up pair --as \(name)")
    #expect(up.status == 0 && up.errors.isEmpty && up.output.hasPrefix("\(name): stands, held by process "), "\(up)")
    #expect(up.output.contains("\n  a  eth0 on cable 192.0.2.1/24 2001:db8::1/64\n"), "\(up)")
    #expect(up.output.contains("namespaces sonde-\(name)-HOST") == (user == .root), "\(up)")
    for family in ["-4", "-6"] {
      let ping = try session.run("lab run --lab \(name) a ping \(family) -c 1 -W 2 b")
      #expect(ping.status == 0 && ping.output.contains("1 received"), "\(ping)")
    }
    let raw = try session.run("lab run --lab \(name) b sonde probe -4 -p 9 a")
    #expect(raw.status == 0 && raw.output.contains("9/tcp") && raw.output.contains("closed"), "\(raw)")
    if user == .root {
      let named = try Shell.run("ip netns exec sonde-\(name)-b ip -br address show eth0")
      #expect(named.output.contains("192.0.2.2/24"), "\(named)")
    }
    let status = try objects(try session.run("lab status \(name) --json"))
    #expect(status.count == 1 && status.first?.text("state") == "standing")
    let down = try session.run("lab down \(name)")
    #expect(down.status == 0 && down.output.isEmpty && down.errors == "lab \(name) is down\n", "\(down)")
    try session.expectNothing(of: name)
    let again = try session.run("lab down \(name)")
    #expect(again.status == 2 && again.errors.hasPrefix("sonde: lab: no lab \"\(name)\" stands"), "\(again)")
    #expect(try session.run("lab status \(name)").status == 1)
  }

  @Test(arguments: LabUser.allCases)
  func aProgramOnAHostHasItsWordsItsNamesAndItsStatus(user: LabUser) throws {
    let session = try LabSession(user)
    let name = session.mark
    _ = try session.run("lab up --as \(name) -q")
    let status = try session.run("lab run --lab \(name) a sh -c 'exit 77'")
    #expect(status.status == 77)
    let words = try session.run("lab run --lab \(name) a printf '%s|' --lab x -- '' 'a b' --help")
    #expect(words.output == "--lab|x|--||a b|--help|", "\(words)")
    let first = try session.run("lab run --lab \(name) -- a -- printf '%s|' -c --")
    #expect(first.output == "-c|--|", "\(first)")
    let place = try session.run("lab run --lab \(name) b sh -c 'echo $SONDE_LAB $SONDE_HOST $(hostname) $(pwd)'")
    #expect(place.output == "\(name) b b /\n", "\(place)")
    let names = try session.run("lab run --lab \(name) a getent ahosts b")
    #expect(names.output.contains("192.0.2.2") && names.output.contains("2001:db8::2"), "\(names)")
    #expect(try Shell.run("hostname; cat /etc/hosts").output.contains("192.0.2.2") == false, "the machine's stay")
    let enter = session.command("lab shell --lab \(name) a")
    let shell = try Shell.run("echo 'echo in $SONDE_HOST; exit 9' | env SHELL=/bin/sh \(enter)")
    #expect(shell.status == 9 && shell.output == "in a\n", "\(shell)")
    // A closed pipe ends a program there as it does here.
    let pipe = try Shell.run("{ \(session.command("lab run --lab \(name) a yes")); echo $? >&2; } | head -n 1")
    #expect(pipe.output == "y\n" && pipe.errors == "141\n", "\(pipe)")
    let missing = try session.run("lab run --lab \(name) a no-such-program")
    #expect(missing.status == 2 && missing.errors.hasPrefix("sonde: lab run: no-such-program: "), "\(missing)")
    let host = try session.run("lab run --lab \(name) z true")
    #expect(host.status == 2 && host.errors == "sonde: lab: \(name) has no host \"z\"; it has a, b\n", "\(host)")
  }

  @Test(arguments: LabUser.allCases)
  func twoLabsOfTheSameAddressesDoNotMeet(user: LabUser) throws {
    let session = try LabSession(user)
    let (one, two) = (session.mark + "1", session.mark + "2")
    #expect(try session.run("lab up pair --as \(one) -q").status == 0)
    #expect(try session.run("lab up pair --as \(two) -q").status == 0)
    let taken = try session.run("lab up lan4 --as \(one)")
    #expect(
      taken.status == 2 && taken.errors.hasPrefix("sonde: lab: \(one) stands already; ")
        && taken.errors.split(separator: "\n").count == 1, "\(taken)")
    let unclear = try session.run("lab run a true")
    let claim = "sonde: lab: several labs stand, say which: "
    #expect(unclear.status == 2 && unclear.errors.hasPrefix(claim), "\(unclear)")
    _ = try session.run("lab run --lab \(two) b ip link set eth0 down")
    #expect(try session.run("lab run --lab \(one) a ping -q -c 1 -W 2 b").status == 0)
    #expect(try session.run("lab run --lab \(two) a ping -q -c 1 -W 0.3 192.0.2.2").status == 1)
    _ = try session.run("lab down \(two)")
    #expect(try session.run("lab run --lab \(one) a ping -q -c 1 -W 2 b").status == 0, "the other stands on")
    #expect(try session.run("lab down \(one) -q").status == 0)
    for name in [one, two] { try session.expectNothing(of: name) }
  }

  @Test(arguments: LabUser.allCases)
  func programsEndWithTheLab(user: LabUser) throws {
    let session = try LabSession(user)
    let name = session.mark
    _ = try session.run("lab up --as \(name) -q")
    let stubborn = "setsid -f sh -c \"trap '' HUP TERM; while :; do sleep 1; done\""
    let children = [
      try session.start("lab run --lab \(name) a sleep 600"),
      try session.start("lab run --lab \(name) b sh -c 'sleep 600 & sleep 600'"),
    ]
    _ = try session.run("lab run --lab \(name) a \(stubborn) > /dev/null 2>&1")
    try Shell.until("test $(grep -lsFz 'SONDE_LAB=\(name)' /proc/[0-9]*/environ | wc -l) -ge 5")
    let bystander = try Shell.start("exec env SONDE_LAB=\(name) sleep 600")
    defer { Shell.stop(bystander) }
    #expect(try session.run("lab down \(name)").status == 0)
    #expect(kill(bystander, 0) == 0, "what runs elsewhere goes on")
    Shell.stop(bystander)
    try session.expectNothing(of: name)
    for child in children { Shell.stop(child, by: SIGKILL) }
  }

  @Test(arguments: LabUser.allCases)
  func whatAKilledKeeperLeavesIsTakenDown(user: LabUser) throws {
    let session = try LabSession(user)
    let name = session.mark
    _ = try session.run("lab up lan4 --as \(name) -q")
    let child = try session.start("lab run --lab \(name) c sleep 600")
    try Shell.until("grep -qsFz 'SONDE_LAB=\(name)' /proc/\(child)/environ")
    kill(try session.keeper(name), SIGKILL)
    try Shell.until("! \(session.command("lab status \(name) -q")) | grep -q stands")
    let status = try session.run("lab status \(name)")
    #expect(
      status.status == 1
        && status.output == "\(name): its keeper was killed; what is left goes by sonde lab down \(name)\n", "\(status)"
    )
    let refused = try session.run("lab run --lab \(name) a true")
    #expect(refused.status == 2 && refused.errors.contains("the keeper of \(name) was killed"), "\(refused)")
    #expect(try session.run("lab down \(name)").status == 0)
    try session.expectNothing(of: name)
    Shell.stop(child, by: SIGKILL)
  }

  @Test(arguments: LabUser.allCases)
  func aLabIsBuiltAnewWhereItsKeeperWasKilled(user: LabUser) throws {
    let session = try LabSession(user)
    let name = session.mark
    _ = try session.run("lab up --as \(name) -q")
    let child = try session.start("lab run --lab \(name) a sleep 600")
    try Shell.until("grep -qsFz 'SONDE_LAB=\(name)' /proc/\(child)/environ")
    kill(try session.keeper(name), SIGKILL)
    try Shell.until("! \(session.command("lab status \(name) -q")) | grep -q stands")
    let up = try session.run("lab up --as \(name) -q")
    #expect(up.status == 0)
    #expect(up.errors == "sonde: lab: \(name) had been killed; what was left of it is removed\n", "\(up)")
    Shell.stop(child, by: SIGKILL)
    #expect(try session.run("lab run --lab \(name) a ping -q -c 1 -W 2 b").status == 0)
    #expect(try session.run("lab down \(name) -q").status == 0)
    try session.expectNothing(of: name)
  }

  /// A lab of many hosts takes long enough to be interrupted.
  private func writeMany(_ session: LabSession) throws {
    let text = "network n\n" + (1...60).map { "  h\($0).eth0 192.0.2.\($0)/24\n" }.joined()
    try text.write(toFile: session.folder.path + "/many.lab", atomically: true, encoding: .utf8)
  }

  @Test(arguments: LabUser.allCases, [SIGKILL, SIGINT, SIGTERM])
  func anInterruptedStartLeavesNothing(user: LabUser, signal: Int32) throws {
    let session = try LabSession(user)
    try writeMany(session)
    for delay in [0, 4, 15, 40, 90] {
      let name = "\(session.mark)n\(delay)"
      let child = try session.start("lab up \(session.folder.path)/many.lab --as \(name) -q")
      usleep(UInt32(delay) * 1000)
      Shell.stop(child, by: signal)
      // It goes by itself, unless it stood before the signal came.
      try Shell.until(
        "! \(session.command("lab status \(name) --json")) | grep -q changing")
      let rest = try session.run("lab status \(name) --json")
      if !rest.output.isEmpty {
        #expect(try objects(rest).first?.text("state") == "standing")
        #expect(try session.run("lab down \(name) -q").status == 0)
      }
      try session.expectNothing(of: name)
    }
  }

  @Test(arguments: LabUser.allCases)
  func aKeeperThatIsKilledWhileItBuildsLeavesNothingThatDownDoesNotRemove(user: LabUser) throws {
    let session = try LabSession(user)
    try writeMany(session)
    for delay in [0, 3, 10, 25, 60] {
      let name = "\(session.mark)k\(delay)"
      let child = try session.start("lab up \(session.folder.path)/many.lab --as \(name) -q")
      try? Shell.until("test -s \(session.records)/\(name).lab")
      usleep(UInt32(delay) * 1000)
      let record = Shell.text("\(session.records)/\(name).lab")
      let keeper = record.split(separator: "\n").first { $0.hasPrefix("keeper ") }?.split(separator: " ").last
      kill(try #require(keeper.flatMap { Int32($0) }), SIGKILL)
      Shell.wait(child)
      #expect(try session.run("lab down \(name) -q").status == 0)
      try session.expectNothing(of: name)
    }
  }

  @Test(arguments: LabUser.allCases)
  func aFailedStartSaysWhyAndLeavesNothing(user: LabUser) throws {
    let session = try LabSession(user)
    let name = session.mark
    let text = "network n\n  a.eth0 192.0.2.1/24\nsetting a ipv4/no_such_setting 1\n"
    try text.write(toFile: session.folder.path + "/bad.lab", atomically: true, encoding: .utf8)
    let up = try session.run("lab up \(session.folder.path)/bad.lab --as \(name)")
    #expect(up.status == 2 && up.output.isEmpty && up.errors.contains("no_such_setting"), "\(up)")
    #expect(up.errors.split(separator: "\n").count == 1, "\(up)")
    try session.expectNothing(of: name)
  }

  @Test(arguments: LabUser.allCases)
  func aCaptureOnAHostIsReadByTshark(user: LabUser) throws {
    let session = try LabSession(user)
    let name = session.mark
    _ = try session.run("lab up lan4 --as \(name) -q")
    let file = session.folder.path + "/run/a.pcapng"
    let child = try session.start("lab capture --lab \(name) a --write \(file) arp or icmp")
    try Shell.until("grep -q 'capturing on eth0' \(session.folder.path)/bg")
    #expect(try session.run("lab run --lab \(name) a sonde ping -c 1 --id 0x0101 b").status == 0)
    try Shell.until("test $(grep -c -E 'ARP|ICMP' \(session.folder.path)/bg) -ge 4")
    Shell.stop(child, by: SIGINT)
    let frames = try Shell.run("tshark -n -r \(file) -T fields -e eth.src -e eth.dst -e arp.opcode -e icmp.ident")
    let (a, b) = ("00:e0:29:2b:78:e9", "00:b0:d0:5c:5a:c1")
    #expect(
      frames.lines.prefix(4).map { $0 } == [
        "\(a)\tff:ff:ff:ff:ff:ff\t1\t", "\(b)\t\(a)\t2\t", "\(a)\t\(b)\t\t257", "\(b)\t\(a)\t\t257",
      ], "\(frames)")
    let other = try session.run("lab capture --lab \(name) a:eth1")
    #expect(other.status == 2 && other.errors.contains("a has no interface \"eth1\"; it has eth0, lo, any"), "\(other)")
  }

  @Test func aNameThatSomebodyElseGaveStays() throws {
    let session = try LabSession(.root)
    let name = "sonde-\(session.mark)-b"
    #expect(try Shell.run("ip netns add \(name)").status == 0)
    defer { _ = try? Shell.run("ip netns delete \(name)") }
    let up = try session.run("lab up --as \(session.mark)")
    #expect(up.status == 2 && up.errors.contains("/run/netns/\(name)"), "\(up)")
    #expect(try Shell.run("ls -A /run/netns | grep -F '\(session.mark)'").output == "\(name)\n")
    #expect(try session.run("lab status \(session.mark)").status == 1)
  }

  @Test(arguments: LabUser.allCases)
  func whoeverStartsALabDoesNotWaitForItsEnd(user: LabUser) throws {
    let session = try LabSession(user)
    // The line ends with the last descriptor of the pipe; the keeper holds none, whatever its number.
    let outcome = try Shell.run(
      "{ \(session.command("lab up --as \(session.mark) -q")) 2>&1 5>&1 9>&1; echo up; } | cat", seconds: 10)
    #expect(outcome.status == 0 && outcome.output == "up\n", "\(outcome)")
    #expect(try session.run("lab down \(session.mark) -q").status == 0)
  }

  @Test func whatImpairedNetworksDidIsCounted() throws {
    let session = try LabSession(.nobody)
    let name = session.mark
    let text = "network n loss 30% seed 5\n  a.eth0 192.0.2.1/24\n  b.eth0 192.0.2.2/24\n"
    try text.write(toFile: session.folder.path + "/lossy.lab", atomically: true, encoding: .utf8)
    _ = try session.run("lab up \(session.folder.path)/lossy.lab --as \(name) -q")
    _ = try session.run("lab run --lab \(name) a ping -q -c 100 -i 0.002 -W 0.2 b")
    try Shell.until("\(session.command("lab status \(name) --json")) | grep -q '\"lost\":[1-9]'")
    let status = try session.run("lab status \(name)")
    #expect(status.output.contains("  network n: mtu 1500, 30% lost\n    frames to a.eth0: "), "\(status)")
    #expect(try session.run("lab down \(name) -q").status == 0)
  }

  @Test func whereUserNamespacesAreForbiddenItSaysWhatWouldAllowThem() throws {
    let session = try LabSession(.nobody)
    // A user namespace in which no further one may be made, and root has no rights.
    let outcome = try Shell.run(
      "setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all unshare -Ur sh -c 'echo 0 > "
        + "/proc/sys/user/max_user_namespaces; XDG_RUNTIME_DIR=\(session.folder.path)/run exec setpriv --bounding-set=-all "
        + "--inh-caps=-all \(session.folder.path)/sonde lab up --as \(session.mark)'")
    #expect(
      outcome.status == 2 && outcome.errors.contains("user.max_user_namespaces=0")
        && outcome.errors.contains("sudo sysctl -w user.max_user_namespaces="), "\(outcome)")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
    try session.expectNothing(of: session.mark)
  }

  @Test func inAChainTheMTUsAreThoseThatWereAsked() throws {
    let session = try LabSession(.nobody)
    _ = try session.run("lab up chain --mtu 1500,1400,1280 --as \(session.mark) -q")
    for family in ["-4", "-6"] {
      let mtu = try session.run("lab run --lab \(session.mark) a sonde mtu \(family) b")
      #expect(mtu.status == 0 && mtu.output.hasPrefix("1280 limited by "), "\(mtu)")
    }
    #expect(try session.run("lab down \(session.mark) -q").status == 0)
  }
}
