import Glibc
import SondeLink
import SondeLinux
import SondeOctets
import Testing
import WireSupport

/// Laboratories built by a program of their own, as root and as an ordinary user; what it claims is in its source.
@Suite(.wire, .serialized) struct WireLaboratoryTests {
  /// The program, where everybody may run it.
  final class Trial: Sendable {
    let folder: TemporaryFolder
    var path: String { "\(folder.path)/trial" }

    init() throws {
      folder = try TemporaryFolder()
      let built = SondeBinary.besideTests("LaboratoryTrial")
      let outcome = try Shell.run("install -m 755 '\(built)' '\(path)'")
      try #require(outcome.status == 0, "\(outcome)")
    }
  }

  static let users = ["", "setpriv --reuid 65534 --regid 65534 --clear-groups "]

  @Test(arguments: users) func whatIsClaimedOfLaboratoriesHoldsForRootAndForAnOrdinaryUser(_ user: String) throws {
    let trial = try Trial()
    let outcome = try Shell.run("\(user)\(trial.path) claims")
    let names = ["first-packet", "switch", "chain", "refusals", "programs", "sockets", "delay", "stream", "order"]
    #expect(outcome.lines.dropLast() == names.map { "ok \($0)" }[...], "\(outcome)")
  }

  @Test(arguments: users) func aKilledProcessLeavesNothingOfAnAnonymousLaboratory(_ user: String) throws {
    try OwnThread.run {
      let trial = try Trial()
      let log = "\(trial.folder.path)/log"
      let child = try Shell.start("exec \(user)\(trial.path) stay > \(log)")
      try Shell.until("grep -q standing \(log)")
      let words = Shell.text(log).split { $0 == " " || $0 == "\n" }.map(String.init)
      let inode = try #require(UInt64(words[3]))
      #expect(Leftovers.processes(inNamespaces: [inode]).contains(try #require(Int32(words[4]))))
      // Others find the host meanwhile.
      let line = "sh -c 'cat /etc/hosts; ping -c1 -W1 b'"
      let inside = try Shell.run("\(user)\(trial.path) enter \(words[1]) \(words[2]) \(line)")
      #expect(inside.status == 0 && inside.output.hasPrefix("192.0.2.2 b\n"), "\(inside)")
      Shell.stop(child, by: SIGKILL)
      for _ in 0..<200 where !Leftovers.processes(inNamespaces: [inode]).isEmpty { usleep(10_000) }
      #expect(Leftovers.processes(inNamespaces: [inode]).isEmpty)
    }
  }

  @Test func namesStandForIPNetnsUntilTheLaboratoryIsClosed() throws {
    try OwnThread.run {
      let prefix = "sonde-test-\(System.random(UInt32.self))"
      let pair = Topology(name: "one", hosts: [.init("a")], networks: [])
      func names() throws -> Int { try Shell.run("ip netns list").lines.filter { $0.hasPrefix(prefix) }.count }
      let laboratory = try Laboratory(pair, naming: .named(prefix: prefix))
      #expect(try names() == 1)
      #expect(try Shell.run("ip netns exec \(prefix)-a ping -c1 127.0.0.1").status == 0)
      // A second one of that name is refused, and the first stays.
      #expect(throws: LinkError.self) { _ = try Laboratory(pair, naming: .named(prefix: prefix)) }
      #expect(try names() == 1)
      laboratory.close()
      #expect(try names() == 0)
    }
  }

  @Test func namesThatAKilledProcessLeftAreRemoved() throws {
    try OwnThread.run {
      let trial = try Trial()
      let prefix = "sonde-test-\(System.random(UInt32.self))"
      let log = "\(trial.folder.path)/log"
      let child = try Shell.start("exec \(trial.path) stay \(prefix) > \(log)")
      try Shell.until("grep -q standing \(log)")
      Shell.stop(child, by: SIGKILL)
      #expect(try Shell.run("ip netns list").output.contains("\(prefix)-a"))
      for host in ["a", "b"] { Leftovers.removeName("\(Leftovers.folderOfNames)/\(prefix)-\(host)") }
      // Nothing there is no error.
      Leftovers.removeName("\(Leftovers.folderOfNames)/\(prefix)-a")
      #expect(try Shell.run("ip netns list").output.contains(prefix) == false)
    }
  }

  @Test func whereUserNamespacesAreSwitchedOffTheSettingIsNamed() throws {
    let trial = try Trial()
    let outcome = try Shell.run(
      "unshare -Ur sh -c 'echo 0 > /proc/sys/user/max_user_namespaces; exec \(trial.path) forbidden'")
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("user.max_user_namespaces=0"), "\(outcome)")
    #expect(outcome.output.contains("sudo sysctl -w user.max_user_namespaces="), "\(outcome)")
    // A process of several threads is told what it did wrong.
    #expect(throws: LinkError.self) { try Laboratory.enterUserNamespace() }
  }

  @Test func oneThreadHasTwoLaboratoriesWithTheSameAddresses() throws {
    try OwnThread.run {
      let address = Topology.InterfaceAddress(try #require(IPAddress("192.0.2.1")), prefixLength: 24)
      let one = Topology(
        name: "one", hosts: [.init("a")], networks: [.init("n", ends: [.init("a", "eth0", [address])])])
      let (first, second) = (try Laboratory(one), try Laboratory(one))
      #expect(try first.inode(of: "a") != second.inode(of: "a"))
      for laboratory in [first, second] {
        let interfaces = try laboratory.on("a") { () throws(LinkError) in try NetworkInterface.all() }
        #expect(interfaces.contains { $0.name == "eth0" && $0.isUp })
      }
      #expect(throws: LinkError.self) { try first.on("b") { () throws(LinkError) in } }
    }
  }
}
