internal import SondeHeaders

// What a TCP port may say to a SYN, and what somebody else may say in its name.
extension Behaviour {
  /// A behaviour that TCP alone has.
  private static func tcp(
    _ name: String, _ does: String, _ react: @escaping @Sendable (Request) -> [Reaction]
  ) -> Behaviour {
    Behaviour(name, does) { $0.isTCP ? react($0) : [] }
  }

  private static let isn: UInt32 = 0x5eed_0000

  static let segments: [Behaviour] = [
    tcp("syn-ack", "Accepts.") { [.now($0.segment([.syn, .ack]))] },
    tcp("syn-ack foreign", "SYN-ACK that acknowledges what was never sent.") { asked in
      [.now(asked.segment([.syn, .ack], ack: asked.next &+ 77))]
    },
    tcp("syn-ack of seq", "SYN-ACK that acknowledges our number itself, not the one behind it.") { asked in
      [.now(asked.segment([.syn, .ack], ack: asked.next &- 1))]
    },
    tcp("syn-ack zero", "SYN-ACK that acknowledges 0.") { [.now($0.segment([.syn, .ack], ack: 0))] },
    tcp("ack", "ACK without SYN, as a half-open connection answers (RFC 9293 §3.5.1).") { [.now($0.segment(.ack))] },
    tcp("rst", "Refuses.") { [.now($0.reset)] },
    tcp("rst foreign", "RST that acknowledges what was never sent.") { asked in
      [.now(asked.segment([.rst, .ack], ack: asked.next &+ 77))]
    },
    tcp("rst of seq", "RST that acknowledges our number itself, not the one behind it.") { asked in
      [.now(asked.segment([.rst, .ack], ack: asked.next &- 1))]
    },
    tcp("rst without ack", "RST without ACK.") { [.now($0.segment(.rst))] },
    tcp("rst with data", "RST with words in it, as RFC 1122 §4.2.2.12 allows.") { asked in
      [.now(asked.segment([.rst, .ack], data: Array("no such service".utf8)))]
    },
    tcp("forged rst", "A RST with a wrong number, and then the true SYN-ACK.") { asked in
      [.now(asked.segment([.rst, .ack], ack: asked.next &+ 77)), .now(asked.segment([.syn, .ack]))]
    },
    tcp("rst then syn-ack", "A RST with the right number, and then a SYN-ACK.") { asked in
      [.now(asked.reset), .now(asked.segment([.syn, .ack]))]
    },
    tcp("syn-ack then rst", "A SYN-ACK, and long after it a RST with the right number.") { asked in
      [.now(asked.segment([.syn, .ack])), .after(900, asked.reset)]
    },
    tcp("syn and rst", "One segment with SYN, RST and ACK.") { [.now($0.segment([.syn, .rst, .ack]))] },
    tcp("syn-fin-ack", "One segment with SYN, FIN and ACK.") { [.now($0.segment([.syn, .fin, .ack]))] },
    tcp("fin", "FIN and ACK.") { [.now($0.segment([.fin, .ack]))] },
    tcp("no flags", "A segment without any flag.") { [.now($0.segment([]))] },
    tcp("other port", "SYN-ACK from the next port.") { asked in
      [.now(asked.segment([.syn, .ack], from: asked.body.number(2, as: UInt16.self) &+ 1))]
    },
    tcp("rst other port", "RST from the next port.") { asked in
      [.now(asked.segment([.rst, .ack], from: asked.body.number(2, as: UInt16.self) &+ 1))]
    },
    tcp("syn", "A SYN of its own from the port asked: simultaneous open (RFC 9293 §3.5).") { [.now($0.segment(.syn))] },
    tcp("zero window", "SYN-ACK with window 0.") { [.now($0.segment([.syn, .ack], window: 0))] },
    tcp("option length 0", "SYN-ACK with an option whose length is 0.") { asked in
      [.now(asked.segment([.syn, .ack], options: [2, 0, 5, 180]))]
    },
    tcp("option length 1", "SYN-ACK with an option whose length is 1.") { asked in
      [.now(asked.segment([.syn, .ack], options: [3, 1, 7, 0]))]
    },
    tcp("option overrun", "SYN-ACK with an option longer than the header.") { asked in
      [.now(asked.segment([.syn, .ack], options: [1, 1, 8, 10]))]
    },
    tcp("options", "SYN-ACK with the options that everybody sends.") { asked in
      [.now(asked.segment([.syn, .ack], options: [2, 4, 5, 180, 4, 2, 1, 1, 1, 3, 3, 7]))]
    },
    tcp("unknown option", "SYN-ACK with a well-formed option of an unknown kind.") { asked in
      [.now(asked.segment([.syn, .ack], options: [253, 4, 0xf9, 0x89]))]
    },
    tcp("offset 4", "SYN-ACK whose data offset is 4 words, less than a header.") { asked in
      [.now(asked.segment([.syn, .ack], words: 4))]
    },
    tcp("offset 15", "SYN-ACK whose data offset is beyond the packet.") { asked in
      [.now(asked.segment([.syn, .ack], words: 15))]
    },
    tcp("two numbers", "Two SYN-ACKs with different numbers of their own.") { asked in
      [.now(asked.segment([.syn, .ack])), .now(asked.segment([.syn, .ack], sequence: isn &+ 5000))]
    },
    tcp("syn-ack with data", "SYN-ACK with data in it, as TCP Fast Open may (RFC 7413 §3.1).") { asked in
      [.now(asked.segment([.syn, .ack], data: Array("220 hello".utf8)))]
    },
    tcp("ecn", "SYN-ACK with ECE, and the urgent flag.") { [.now($0.segment([.syn, .ack, .ece, .urg]))] },
    tcp("ack then syn-ack", "A bare ACK with a wrong number, and then the SYN-ACK.") { asked in
      [.now(asked.segment(.ack, ack: asked.next &+ 77)), .now(asked.segment([.syn, .ack]))]
    },
    tcp("unreachable then rst", "A router says prohibited, and then the host refuses.") { asked in
      [.now(asked.error(ErrorKind(3, 13, v6: (1, 1)))), .now(asked.reset)]
    },
    tcp("rst at number", "To a segment with ACK: RST at the number that it acknowledged, and one octet off before.") {
      asked in
      let number: UInt32 = asked.body.number(8)
      return [.now(asked.segment(.rst, sequence: number &+ 1)), .now(asked.segment(.rst, sequence: number))]
    },
    tcp("rst off number", "To a segment with ACK: RST one octet off the number that it acknowledged.") { asked in
      [.now(asked.segment(.rst, sequence: asked.body.number(8, as: UInt32.self) &+ 1))]
    },
  ]
}
