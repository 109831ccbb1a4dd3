/// A service's side of one TCP connection: what it says, and when it has said all. It knows no sockets.
///
/// Whoever has the connection offers what came (`receive`, while `wantsInput`), says that the client sends no more
/// (`clientFinished`), sends what is `waiting` and says how much went (`sent`), and then looks at `wish`.
public struct ServedStream: Sendable {
  /// What is to become of the connection.
  public enum Wish: Hashable, Sendable {
    /// It goes on.
    case goOn
    /// The service says no more, and waits for the client to end.
    case finishSending
    /// Nothing more is to be said or heard.
    case close
  }

  /// The greeting of `welcome`: 36 octets.
  public static let greeting = Array("Welcome to this server: say a name.\n".utf8)
  /// What `welcome` answers to a line: 8 octets.
  public static let reply = Array("welcome\n".utf8)
  /// What `welcome` says to a client that has no more to say: 14 octets.
  public static let lastWord = Array("that was all.\n".utf8)

  /// How much may wait for a client that does not read, before no more of its own is read.
  private static let enoughWaiting = 1 << 16

  public let service: Service
  private var queue: [UInt8]
  private var start = 0
  private var isLineBegun = false
  private var clientHasFinished = false
  private var isConcluded = false

  /// - Parameter daytime: the line that tells the time, asked for by `Service.daytime` alone.
  public init(_ service: Service, daytime: () -> [UInt8]) {
    self.service = service
    queue =
      switch service {
      case .daytime: daytime()
      case .welcome: Self.greeting
      case .echo, .discard, .chargen: []
      }
  }

  /// What is to be sent next, as much as there is; for `Service.chargen` a good deal of it.
  public var waiting: ArraySlice<UInt8> {
    if service == .chargen { return isOver ? [] : CharacterPattern.octets[start...] }
    return queue[start...]
  }

  /// So many octets of what was `waiting` went.
  public mutating func sent(_ count: Int) {
    start += count
    if service == .chargen {
      start %= CharacterPattern.period
    } else if start >= queue.count {
      queue.removeAll(keepingCapacity: queue.count <= Self.enoughWaiting)
      start = 0
    }
  }

  /// Whether what comes is to be read: not while the client leaves too much unread itself.
  public var wantsInput: Bool { !clientHasFinished && queue.count - start < Self.enoughWaiting }

  /// Octets that came.
  public mutating func receive(_ octets: ArraySlice<UInt8>) {
    guard !isConcluded else { return }
    if service != .chargen, start > Self.enoughWaiting {
      // A client that reads slowly, but reads, must not make the queue grow behind it.
      queue.removeFirst(start)
      start = 0
    }
    switch service {
    case .discard, .daytime, .chargen: return
    case .echo: queue += octets
    case .welcome:
      for octet in octets {
        isLineBegun = octet != 0x0a
        if !isLineBegun { queue += Self.reply }
      }
    }
  }

  /// The client sends no more: it has closed, or half-closed.
  public mutating func clientFinished() {
    guard !clientHasFinished else { return }
    clientHasFinished = true
    guard service == .welcome, !isConcluded else { return }
    // A line that the end cuts short was said all the same.
    queue += (isLineBegun ? Self.reply : []) + Self.lastWord
  }

  /// The service ends: what waits is still to be sent, and nothing else.
  public mutating func conclude() { isConcluded = true }

  /// What is to become of the connection now.
  public var wish: Wish {
    guard service == .chargen || start >= queue.count else { return .goOn }
    if clientHasFinished { return .close }
    // The time is told and the connection closed, whatever the client has to say (RFC 867).
    if service == .daytime, !isConcluded { return .close }
    return isConcluded ? .finishSending : .goOn
  }

  private var isOver: Bool { isConcluded || clientHasFinished }
}
