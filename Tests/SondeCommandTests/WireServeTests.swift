import Testing
import WireSupport

/// Servers against other people's clients: Python's sockets, and the kernel's TCP and UDP.
@Suite(.wire) struct WireServeTests {
  private static let loopbacks = ["127.0.0.1", "::1"]

  /// What a client prints of a server of its own.
  private func asked(_ words: String, _ what: String, _ more: String, host: String) throws -> String {
    try Serving(words).client(what, more, host: host)
  }

  @Test(arguments: loopbacks) func eachServiceAnswersOverTCP(host: String) throws {
    try WireNetwork.run { _ in
      let echo = try Serving("discard:0 daytime:0 echo:0")
      #expect(try echo.client("once", "fifteen-octets", host: host) == "b'fifteen-octets'\n")
      #expect(try echo.client("once", "''", host: host) == "b''\n")
      #expect(try asked("discard:0", "once", "nothing", host: host) == "b''\n")
      // A client that speaks is told the time too, but may meet a closed connection when it does.
      let daytime = try asked("daytime:0", "once", "''", host: host)
      let form = #/b'[A-Z][a-z]+day, [A-Z][a-z]+ \d{1,2}, 20\d\d \d\d:\d\d:\d\d-UTC\\r\\n'\n/#
      #expect(daytime.wholeMatch(of: form) != nil, "\(daytime)")
      let welcome = try asked("welcome:0", "once", "'sonde\\n'", host: host)
      #expect(welcome == "b'Welcome to this server: say a name.\\nwelcome\\nthat was all.\\n'\n")
      let chargen = try Serving("--octets 100000 chargen:0")
      let pattern = try Shell.run("ncat --recv-only \(host) \(chargen.port) | head -n 96 | tail -n 1")
      #expect(pattern.output.hasPrefix(" !\"#$%&'()*+,-./0123456789"), "\(pattern)")
    }
  }

  @Test(arguments: loopbacks) func eachServiceAnswersOverUDP(host: String) throws {
    try WireNetwork.run { _ throws in
      #expect(try asked("echo:0", "datagram", "hello", host: host) == "b'hello'\n")
      #expect(try asked("discard:0", "datagram", "hello", host: host) == "None\n")
      #expect(try asked("chargen:0", "datagram", "hello", host: host) == "b' !\"#$'\n")
      #expect(try asked("daytime:0", "datagram", "''", host: host).contains("-UTC\\r\\n"))
    }
  }

  /// The two captures of the course: fifteen octets echoed; a welcome of 36 octets, a request of 6, an answer of 8, a
  /// half close, and 14 octets more. Between both opening and end, every octet of them with its acknowledgment.
  @Test func theFramesOfTheCourseComeAgain() throws {
    try WireNetwork.run { network in
      let server = try network.onFar { try Serving("--listen 10.9.0.2 echo:0 welcome:1234") }
      let echo = try network.onFar { try Serving("--listen 10.9.0.2 echo:7") }
      let capture = try WireCapture("near0", "tcp")
      #expect(
        try echo.client("polite", "'fifteen octets\\n'", host: "10.9.0.2") == "[None, b'fifteen octets\\n', b'']\n")
      #expect(
        try server.client("polite", "'sonde\\n'", host: "10.9.0.2")
          == "[b'Welcome to this server: say a name.\\n', b'welcome\\n', b'that was all.\\n']\n")
      try capture.finish(atLeast: 20)
      let echoed = try capture.fields("frame.len", where: "tcp.port == 7")
      #expect(echoed.prefix(7) == ["74", "74", "66", "81", "66", "81", "66"])
      let lengths = try capture.fields("frame.len", where: "tcp.port == 1234")
      #expect(lengths.prefix(12) == ["74", "74", "66", "102", "66", "72", "66", "74", "66", "66", "80", "66"])
      let acknowledged = try capture.fields(
        "tcp.ack", where: "tcp.dstport == 1234 && tcp.len == 0 && tcp.flags.syn == 0")
      #expect(acknowledged.prefix(5) == ["1", "37", "45", "45", "59"])
    }
  }

  @Test func twoHundredClientsAreServedAtOnceByOneThread() throws {
    try WireNetwork.run { _ in
      let server = try Serving("echo:0 --json")
      #expect(try server.client("many", "200 20000") == "200\n")
      #expect(try server.usage().threads == 1)
      let (status, log) = server.end()
      #expect(status == 0)
      let closed = log.split(separator: "\n").filter { $0.contains("\"type\":\"closed\"") }
      #expect(closed.count == 200)
      #expect(closed.allSatisfy { $0.contains(#""octets_in":20000,"octets_out":20000,"#) })
      #expect(log.contains(#""type":"summary","connections":200,"datagrams":0,"refused":0,"octets_in":4000000"#))
    }
  }

  @Test func aClientThatDoesNotReadIsReadNoMoreAndHarmsNobody() throws {
    try WireNetwork.run { _ in
      let server = try Serving("echo:0")
      #expect(try server.client("stubborn") == "stopped True\n")
    }
  }

  @Test func nothingIsGeneratedForAClientThatDoesNotRead() throws {
    try WireNetwork.run { _ in
      let server = try Serving("chargen:0")
      let client = try server.start("idle", "3", into: "client")
      defer { Shell.wait(client) }
      try server.await("opened")
      _ = try Shell.run("sleep 1")
      let before = try server.usage().ticks
      _ = try Shell.run("sleep 1")
      #expect(try server.usage().ticks - before < 20)
    }
  }

  @Test func anInterruptEndsAllConnectionsInOrder() throws {
    try WireNetwork.run { _ in
      let server = try Serving("echo:0")
      let client = try server.start("ends", "20", into: "client")
      try server.await("open", in: "client")
      let (status, log) = server.end()
      Shell.wait(client)
      #expect(status == 0)
      #expect(server.text("client") == "open\n20\n")
      #expect(log.split(separator: "\n").filter { $0.contains("closed with the server") }.count == 20)
      #expect(log.hasSuffix("20 connections, 0 datagrams: 20 octets in, 20 out\n"))
    }
  }

  @Test func aClientThatKeepsItsSideOpenDelaysTheEndByASecondOnly() throws {
    try WireNetwork.run { _ in
      let server = try Serving("echo:0")
      let client = try server.start("idle", "20", into: "client")
      defer { Shell.stop(client) }
      try server.await("opened")
      let began = ContinuousClock.now
      #expect(server.end().status == 0)
      #expect(ContinuousClock.now - began < .seconds(10))
    }
  }

  @Test func whoBreaksOffIsToldApartFromWhoCloses() throws {
    try WireNetwork.run { _ in
      let server = try Serving("echo:0")
      _ = try server.client("once", "hello")
      try server.await("1 echo 127.0.0.1:[0-9]* closed by the client after .*: 5 octets in, 5 out")
      let reset =
        "import socket, struct; s = socket.create_connection((\"127.0.0.1\", \(server.port))); "
        + "s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(\"ii\", 1, 0)); s.close()"
      _ = try Shell.run("/usr/bin/python3 -c '\(reset)'")
      try server.await("2 echo 127.0.0.1:[0-9]* reset by the client after .*: 0 octets in, 0 out")
    }
  }

  @Test func nobodyBeyondTheMachineIsServedUnlessAsked() throws {
    try WireNetwork.run { network in
      let closed = try network.onFar { try Serving("echo:0") }
      #expect(closed.log.contains("at 127.0.0.1 and ::1"))
      #expect(try closed.client("once", "hello", host: "10.9.0.2").contains("ConnectionRefusedError"))
      for side in Side.both {
        let open = try network.onFar { try Serving("--listen \(side.far) echo:0") }
        #expect(try open.client("once", "hello", host: side.far) == "b'hello'\n")
        #expect(try open.client("datagram", "hello", host: side.far) == "b'hello'\n")
      }
    }
  }

  @Test func inALaboratoryAllItsAddressesAreServedAndElsewhereTheVariableIsNotBelieved() throws {
    let outside = try Serving("echo:0", environment: "SONDE_LAB=lan4")
    #expect(outside.log.contains("at 127.0.0.1 and ::1"))
    try WireNetwork.run { network in
      try network.onFar {
        let inside = try Serving("echo:0", environment: "SONDE_LAB=lan4")
        #expect(inside.log.contains("at 0.0.0.0 and ::\n"))
        try network.sh("ip link add other0 type bridge")
        let mixed = try Serving("echo:0", environment: "SONDE_LAB=lan4")
        #expect(mixed.log.contains("at 127.0.0.1 and ::1"))
      }
    }
  }

  @Test func datagramsThatMightReflectAreNotAnswered() throws {
    try WireNetwork.run { network in
      let server = try network.onFar { try Serving("--listen 0.0.0.0 -v echo:0") }
      for port in [7, 13, 17, 19] {
        #expect(try server.client("datagram", "hello \(port)", host: "10.9.0.2") == "None\n")
      }
      #expect(try server.client("datagram", "hello 20", host: "10.9.0.2") == "b'hello'\n")
      #expect(try server.client("datagram", "hello 20", host: "10.9.0.255") == "None\n")
      let (status, log) = server.end()
      #expect(status == 0)
      #expect(log.contains("echo 10.9.0.1:19 datagram: 5 octets in, 0 out; not answered: port 19 might answer"))
      #expect(log.contains("not answered: it was sent to many hosts at once"))
      #expect(log.hasSuffix("0 connections, 1 datagram, 5 datagrams not answered: 30 octets in, 5 out\n"))
    }
  }

  @Test func limitsHold() throws {
    try WireNetwork.run { _ in
      let idle = try Serving("--idle 0.3 echo:0")
      #expect(try idle.client("idle", "1") == "reset\n")
      #expect(idle.end().log.contains("ended, nothing passed for too long"))
      let few = try Serving("--octets 1000 chargen:0")
      let count = try Shell.run("ncat --recv-only 127.0.0.1 \(few.port) | wc -c").output
      #expect(Int(count.split(separator: "\n")[0]).map { $0 >= 1000 && $0 < 10_000_000 } == true, "\(count)")
      #expect(few.end().log.contains("ended at its limit of octets"))
      let narrow = try Serving("--clients 2 echo:0")
      let clients = try (1...2).map { try narrow.start("idle", "2", into: "client\($0)") }
      defer { clients.forEach { Shell.wait($0) } }
      try narrow.await("2 echo .* opened")
      // The third is served when one of the others has gone.
      #expect(try narrow.client("once", "patient") == "b'patient'\n")
      let log = narrow.end().log
      #expect(log.contains("sonde: serve: 2 connections are open; others wait until one ends (--clients)"))
    }
  }

  @Test func onceEndsAfterSoMany() throws {
    try WireNetwork.run { _ in
      let two = try Serving("--once 2 echo:0")
      #expect(try two.client("once", "a") == "b'a'\n")
      #expect(try two.client("datagram", "b") == "b'b'\n")
      let (status, log) = two.wait()
      #expect(status == 0)
      #expect(log.hasSuffix("1 connection, 1 datagram: 2 octets in, 2 out\n"))
      let late = try Serving("--once 1 -w 0.2 echo:0")
      #expect(late.wait().status == 1)
    }
  }

  @Test func aPortHasOneServer() throws {
    try WireNetwork.run { _ in
      let first = try Serving("echo:7")
      defer { _ = first.end() }
      for words in ["discard:7", "--listen 0.0.0.0 discard:7", "--udp echo:7"] {
        let second = try sonde("serve \(words)")
        #expect(second.status == 2)
        #expect(second.output == "")
        let transport = words.contains("udp") ? "udp" : "tcp"
        let form = try Regex("sonde: serve: port 7/\(transport) at .* is in use: sonde, process [0-9]+ has it\n")
        #expect(try form.wholeMatch(in: second.errors) != nil, "\(second)")
      }
    }
  }

  @Test func anAddressThatIsNotOursIsNamed() throws {
    try WireNetwork.run { _ in
      let outcome = try sonde("serve --listen 10.9.0.2 echo:0")
      #expect(outcome.status == 2)
      #expect(outcome.errors == "sonde: serve: 10.9.0.2 is no address of this machine\n")
    }
  }

  @Test func moreClientsThanFilesAreRefusedAtOnce() throws {
    let outcome = try Shell.run("ulimit -n 256; \"$SONDE\" serve --clients 300 echo:0")
    #expect(outcome.status == 2)
    #expect(outcome.errors == "sonde: serve: --clients 300: this process may have 192 open at once (ulimit -n)\n")
  }

  @Test func withoutPrivilegeAPortThatWorksIsNamed() throws {
    try WireNetwork.run { _ in
      let user = "setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all"
      let outcome = try Shell.run("\(user) \"$SONDE\" serve echo welcome daytime")
      #expect(outcome.status == 2)
      let works = "echo:2007 welcome:1234 daytime:2013"
      #expect(
        outcome.errors
          == "sonde: serve: port 7 needs root or CAP_NET_BIND_SERVICE; without it: sonde serve \(works)\n")
      let second = try Shell.run("\(user) \"$SONDE\" serve -w 0.1 \(works)")
      #expect(second.status == 0, "\(second)")
    }
  }
}
