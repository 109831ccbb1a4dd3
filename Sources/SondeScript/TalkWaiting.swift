extension TalkInstruction {
  /// The command as it is written, without what it sends and sets.
  public var name: String {
    switch verb {
    case .connect: "connect"
    case .accept: "accept"
    case .write: "write"
    case .writeUrgent: "usend"
    case .read(let count): count.map { "read \($0)" } ?? "read"
    case .readUrgent: "urecv"
    case .shutdown(let side): "shutdown \(side.rawValue)"
    case .close: "close"
    case .reset: "reset"
    case .window: "window"
    case .status: "status"
    case .wait(let moment): "wait \(moment.name)"
    case .sendTo: "sendto"
    case .receiveFrom(let count): count.map { "recvfrom \($0)" } ?? "recvfrom"
    case .help: "help"
    case .quit: "quit"
    }
  }

  /// What is waited for while this is under way, for somebody who sits there.
  public var awaited: String {
    switch verb {
    case .connect, .accept: "a connection"
    case .write, .writeUrgent, .sendTo: "room to send"
    case .read(let count): count.map { $0 == 1 ? "1 octet" : "\($0) octets" } ?? "data"
    case .readUrgent, .wait(.urgent): "an urgent octet"
    case .receiveFrom: "a datagram"
    case .wait(.time(let time)): TalkMoment.time(time).name
    case .wait(.established): "a connection"
    case .wait(.data): "data"
    case .wait(.peerClosed): "the peer to end its side"
    case .wait(.acknowledged): "acknowledgments"
    case .wait(.closed), .close, .quit: "the end of the connection"
    case .shutdown, .reset, .window, .status, .help: "its end"
    }
  }
}
