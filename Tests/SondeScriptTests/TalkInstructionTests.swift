import SondeCraft
import SondeHeaders
import SondeScript
import Testing

@Suite struct TalkInstructionTests {
  private func verb(_ line: String) throws -> TalkInstruction.Verb? { try TalkInstruction(line: line)?.verb }

  @Test func textIsSentAsItIsTypedOrByPythonsEscapes() throws {
    #expect(try verb("write hello  world") == .write(Array("hello  world".utf8)))
    #expect(try verb(#"write "a\r\n\x00""#) == .write([0x61, 13, 10, 0]))
    #expect(try verb(#"write b'\xff'"#) == .write([0xff]))
    #expect(try verb(#"write "ab"*3"#) == .write(Array("ababab".utf8)))
    #expect(try verb("writehex 0800 f4fc") == .write([8, 0, 0xf4, 0xfc]))
    #expect(try verb("usend !") == .writeUrgent([0x21]))
  }

  @Test func fieldsStandBehindTheText() throws {
    let instruction = try #require(try TalkInstruction(line: #"write "x" seq+=5 chksum=0"#))
    #expect(instruction.verb == .write([0x78]))
    #expect(instruction.edits == [FieldEdit("seq", .add(5)), FieldEdit("chksum", .set(.number(0)))])
    // Without quotes too; a word with = in quotes is text.
    #expect(try TalkInstruction(line: "write x IP.ttl=1")?.edits == [FieldEdit(layer: "IP", "ttl", .set(.number(1)))])
    #expect(try verb(#"write "a=1""#) == .write(Array("a=1".utf8)))
    #expect(try TalkInstruction(line: "close flags='F'")?.edits.count == 1)
    #expect(try verb(#"write "" flags="A""#) == .write([]))
  }

  @Test func everyVerbIsRead() throws {
    #expect(try verb("connect") == .connect && verb("accept") == .accept && verb("read") == .read(nil))
    #expect(try verb("read 10") == .read(10) && verb("urecv") == .readUrgent && verb("close") == .close)
    #expect(try verb("shutdown out") == .shutdown(.out) && verb("shutdown both") == .shutdown(.both))
    #expect(try verb("reset") == .reset && verb("window 0") == .window(0) && verb("window auto") == .window(nil))
    #expect(try verb("wait 300ms") == .wait(.time(.milliseconds(300))) && verb("wait closed") == .wait(.closed))
    #expect(try verb("wait 0.5") == .wait(.time(.milliseconds(500))) && verb("wait 1m") == .wait(.time(.seconds(60))))
    #expect(try verb("sendto hello") == .sendTo(nil, Array("hello".utf8)))
    #expect(try verb("sendto 192.0.2.1 7 hello") == .sendTo(TalkPeer(host: "192.0.2.1", port: 7), Array("hello".utf8)))
    #expect(try verb("help") == .help(nil) && verb("help write") == .help("write") && verb("quit") == .quit)
    for name in TalkInstruction.names where name != "writehex" {
      #expect(throws: Never.self, "\(name)") {
        let words = ["shutdown": " in", "window": " 1", "wait": " 1", "write": " x", "usend": " x", "sendto": " x"]
        _ = try TalkInstruction(line: name + (words[name] ?? ""))
      }
    }
  }

  @Test func emptyLinesAndCommentsAreNothing() throws {
    #expect(try TalkInstruction(line: "") == nil && TalkInstruction(line: "  # write x") == nil)
    #expect(try TalkInstruction(line: "close # at last")?.verb == .close)
    #expect(try TalkInstruction.list("close; # reset").map(\.verb) == [.close])
  }

  @Test func semicolonsSeparateAndInQuotesTheyDoNot() throws {
    let list = try TalkInstruction.list(#"write "a;b"; read 3;; close"#)
    #expect(list.map(\.verb) == [.write(Array("a;b".utf8)), .read(3), .close])
    #expect(try TalkInstruction.list("").isEmpty)
  }

  @Test(arguments: [
    ("wirte x", 1, "did you mean \"write\"?"), ("write", 6, "nothing to send"), ("write \"abc", 7, "without an end"),
    ("shutdown up", 10, "in, out or both"), ("shutdown", 9, "in, out or both"), ("window", 7, "window needs"),
    ("window -1", 8, "no window"), ("wait forever", 6, "peer-closed"), ("wait -1", 6, "peer-closed"),
    ("read x", 6, "how many octets"), ("read 0", 6, "how many octets"), ("writehex 0", 10, "hexadecimal"),
    ("write \"\"*18446744073709551615", 10, "how many times"), ("write \"ab\"*536870913", 12, "how many times"),
    ("write \"x\" foo=1", 11, "foo at column 11 is no field"), ("write \"x\" dprt=1", 11, "did you mean \"dport\"?"),
    ("write \"x\" seq+=1 window=65536", 18, "window at column 18 takes a number"), ("close TCP.ttl=1", 7, "ttl"),
    ("write \"x\" IP.dst=1", 11, "IPv4 address"), ("write \"x\" options+=1", 11, "no number to add to"),
    ("close now", 7, "does not belong"), ("write \"x\" seq+=y", 16, "number"), ("write \"x\"*y", 11, "how many times"),
  ])
  func aFaultNamesTheWordAndItsColumn(_ line: String, _ column: Int, _ words: String) throws {
    #expect {
      try TalkInstruction(line: line)
    } throws: { error in
      guard let fault = error as? TalkFault else { return false }
      return fault.column == column && fault.message.contains(words)
    }
  }

  @Test(arguments: [
    "write \"x\" window=65535", "write \"x\" IPv6.fl=7 UDP.len=9", "write \"x\" options=[('MSS', 65535)]",
    "close IP.ttl=1",
    "write \"x\" IP.chksum+=1 dataofs=15 reserved=1", "sendto \"x\" chksum-=1", "write \"\"*1073741824",
  ])
  func whatSomePacketOfATalkCanTakeIsNoFault(_ line: String) throws { _ = try TalkInstruction(line: line) }

  @Test func whatATalkCannotDoIsKnownBeforehand() throws {
    func objects(_ line: String, _ ground: TalkInstruction.Ground) throws -> Bool {
      try #require(try TalkInstruction(line: line)).objection(on: ground) != nil
    }
    for line in ["accept", "sendto x", "recvfrom"] { #expect(try objects(line, .calls), "\(line)") }
    for line in ["connect", "sendto x", "recvfrom"] { #expect(try objects(line, .listens), "\(line)") }
    for line in ["connect", "accept", "usend x", "urecv", "shutdown out", "reset", "window 1", "wait closed"] {
      #expect(try objects(line, .datagrams), "\(line)")
    }
    #expect(try !objects("connect", .calls) && !objects("accept", .listens) && !objects("write x", .calls))
    for line in ["sendto x", "recvfrom", "write x", "read", "wait 1", "wait data", "close", "status", "quit"] {
      #expect(try !objects(line, .datagrams), "\(line)")
    }
  }

  @Test func aCommandUnderWaySaysItsNameAndWhatItWaitsFor() throws {
    for (line, name, awaited) in [
      ("read", "read", "data"), ("read 1", "read 1", "1 octet"), ("read 5", "read 5", "5 octets"),
      ("wait data", "wait data", "data"), ("wait 0.5", "wait 0.5 s", "0.5 s"),
      ("recvfrom 3", "recvfrom 3", "a datagram"), (#"write "x"*9000 seq+=1"#, "write", "room to send"),
      ("quit", "quit", "the end of the connection"),
    ] {
      let instruction = try #require(try TalkInstruction(line: line))
      #expect(instruction.name == name && instruction.awaited == awaited, "\(line)")
    }
    for name in TalkInstruction.names where !["writehex", "wait"].contains(name) {
      let words = ["shutdown": " in", "window": " 1", "write": " x", "usend": " x", "sendto": " x"]
      let instruction = try #require(try TalkInstruction(line: name + (words[name] ?? "")))
      #expect(instruction.name.hasPrefix(name))
    }
  }

  @Test func noTextIsTooLongOrTooOddToBeRefused() {
    var state: UInt64 = 20_261_121
    for _ in 0..<3000 {
      var line = ["write", "read", "wait", "sendto", "window", "close"][Int(state >> 33 % 6)] + " "
      for _ in 0..<state >> 59 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        line.unicodeScalars.append(Unicode.Scalar(UInt8(state >> 56)))
      }
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      _ = try? TalkInstruction.list(line)
    }
    #expect(throws: TalkFault.self) { try TalkInstruction(line: "write \"xx\"*99999999999") }
  }
}
