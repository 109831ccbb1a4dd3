public import SondeCraft
internal import SondeLink

/// One thing that a conversation is told to do: a line of `sonde talk`.
public struct TalkInstruction: Hashable, Sendable {
  public enum Verb: Hashable, Sendable {
    /// Opens the connection, and waits until it stands.
    case connect
    /// Waits for a connection to the port that is listened on.
    case accept
    case write([UInt8])
    /// Sends data whose last octet is urgent.
    case writeUrgent([UInt8])
    /// Takes what has come; so many octets, or whatever is there.
    case read(Int?)
    /// Takes the octet that was urgent.
    case readUrgent
    case shutdown(Side)
    case close
    case reset
    /// Advertises a window of so many octets from now on, whatever room there is; nil lets it follow the room again.
    case window(Int?)
    case status
    case wait(TalkMoment)
    /// Sends a datagram (UDP), to the peer or to whom it names.
    case sendTo(TalkPeer?, [UInt8])
    /// Takes the next datagram (UDP), or so many octets of it: the rest is lost.
    case receiveFrom(Int?)
    case help(String?)
    case quit
  }

  public enum Side: String, Hashable, Sendable, CaseIterable {
    case `in`, out, both
  }

  public var verb: Verb
  /// Changes to the fields of the segments that this sends, on their way out.
  public var edits: [FieldEdit]

  public init(_ verb: Verb, edits: [FieldEdit] = []) {
    self.verb = verb
    self.edits = edits
  }
}

extension TalkInstruction {
  /// What kind of talk an instruction is for.
  public enum Ground: Hashable, Sendable {
    case calls, listens, datagrams
  }

  /// Why such a talk cannot do this; nil where it can.
  public func objection(on ground: Ground) -> String? {
    switch (ground, verb) {
    case (.datagrams, .connect), (.datagrams, .accept), (.datagrams, .writeUrgent), (.datagrams, .readUrgent),
      (.datagrams, .shutdown), (.datagrams, .reset), (.datagrams, .window):
      return "UDP has no connections: it has sendto and recvfrom"
    case (.datagrams, .wait(let moment)):
      if case .time = moment { return nil }
      return moment == .data ? nil : "UDP has no connections: a time can be waited for, or data"
    case (.calls, .sendTo), (.calls, .receiveFrom), (.listens, .sendTo), (.listens, .receiveFrom):
      return "datagrams are UDP's: start with --udp"
    case (.calls, .accept): return "there is nothing to accept: start with --listen PORT"
    case (.listens, .connect): return "there is nobody to connect to: start with HOST PORT"
    default: return nil
    }
  }
}

/// What a conversation is waited for.
public enum TalkMoment: Hashable, Sendable {
  case time(Duration)
  /// The connection stands.
  case established
  /// Octets have come that nothing has taken yet.
  case data
  /// An urgent octet has come.
  case urgent
  /// The peer has ended its side.
  case peerClosed
  /// All that was written is acknowledged.
  case acknowledged
  /// The connection is no more.
  case closed

  /// The moments that have names.
  public static let named: [(String, TalkMoment)] = [
    ("established", .established), ("data", .data), ("urgent", .urgent), ("peer-closed", .peerClosed),
    ("acknowledged", .acknowledged), ("closed", .closed),
  ]

  public var name: String {
    if case .time(let time) = self { return "\(Double(time.nanoseconds) / 1e9) s" }
    return Self.named.first { $0.1 == self }?.0 ?? ""
  }
}

/// Whom a datagram goes to, as it was written.
public struct TalkPeer: Hashable, Sendable {
  public var host: String
  public var port: UInt16

  public init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }
}

/// Why a line is no instruction: one line that names the word at fault.
public struct TalkFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where the word at fault begins, in characters from 1.
  public var column: Int
  public var message: String

  public init(column: Int, message: String) {
    self.column = column
    self.message = message
  }

  public var description: String { message }
}

extension TalkInstruction {
  /// A verb of the language: how it is called, written, and what it does.
  public struct Entry: Sendable {
    public var name: String
    public var usage: String
    public var meaning: String
  }

  /// All verbs, in the order in which help lists them.
  public static let entries: [Entry] = [
    Entry(name: "connect", usage: "connect [FIELD=VALUE…]", meaning: "open the connection: SYN, SYN-ACK, ACK"),
    Entry(name: "accept", usage: "accept", meaning: "wait for a connection to the port that is listened on"),
    Entry(
      name: "write", usage: "write TEXT [FIELD=VALUE…]",
      meaning: "send text; \"a\\r\\n\" has Python's escapes, \"x\"*4600 repeats; seq+=5 chksum=0 set fields by hand"),
    Entry(name: "writehex", usage: "writehex HEX [FIELD=VALUE…]", meaning: "send octets"),
    Entry(name: "usend", usage: "usend TEXT [FIELD=VALUE…]", meaning: "send text whose last octet is urgent"),
    Entry(name: "read", usage: "read [N]", meaning: "take what has come, or wait for N octets"),
    Entry(name: "urecv", usage: "urecv", meaning: "take the urgent octet"),
    Entry(
      name: "shutdown", usage: "shutdown in|out|both",
      meaning: "end one side: out sends FIN, in takes no more data"),
    Entry(name: "close", usage: "close", meaning: "end the connection in order: FIN, and what comes is refused"),
    Entry(name: "reset", usage: "reset", meaning: "end it at once: RST"),
    Entry(
      name: "window", usage: "window N|auto", meaning: "advertise a window of N octets, whatever room there is"),
    Entry(name: "status", usage: "status", meaning: "the state, the sequence numbers, windows and times"),
    Entry(
      name: "wait", usage: "wait TIME|established|data|urgent|acknowledged|peer-closed|closed",
      meaning: "let time pass, or wait for what is named"),
    Entry(name: "sendto", usage: "sendto [HOST PORT] TEXT [FIELD=VALUE…]", meaning: "send a datagram (--udp)"),
    Entry(name: "recvfrom", usage: "recvfrom [N]", meaning: "take the next datagram, or its first N octets (--udp)"),
    Entry(name: "help", usage: "help [VERB]", meaning: "this list, or one verb"),
    Entry(name: "quit", usage: "quit", meaning: "end in order; Control-C ends at once, by RST"),
  ]

  public static var names: [String] { entries.map(\.name) }
}
