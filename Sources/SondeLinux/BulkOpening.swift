internal import Glibc
public import SondeLink
internal import Synchronization

/// A way out for very many packets.
public enum BulkDoorKind: String, Hashable, Sendable, CaseIterable {
  /// The packet socket that has the kernel write the link header (packet(7), SOCK_DGRAM): past the firewall, through
  /// the interface's queue.
  case packet
  /// The raw IP sockets with our own IP header (raw(7)): routing, firewall, queue. Only it reaches this machine itself.
  case raw
  /// The AF_XDP socket, which writes into the interface's driver: past the firewall, the queue and every capture.
  case xdp

  /// Each saves half a microsecond by AF_XDP.
  private static let worthwhile: UInt64 = 32_768

  /// The fastest door that is safe on an interface: AF_XDP where nothing queues and no hardware can be starved, on a
  /// veth without a queue; else the packet socket. Loopback takes what routing would deliver there from the raw one.
  ///
  /// - Parameter packets: how many are to be sent; an AF_XDP socket takes 10 to 20 ms to close, which few do not repay.
  public static func preferred(on interface: NetworkInterface, packets: UInt64 = .max) -> BulkDoorKind {
    if interface.isLoopback { return .raw }
    let isFree = interface.kind == "veth" && interface.queue == "noqueue" && interface.linkAddress != nil
    return isFree && packets >= worthwhile ? .xdp : .packet
  }
}

/// The sockets of a sweep, open but not yet bound: what needs privilege is done, so that `Privileges.drop()` may
/// follow before anything else.
public struct BulkOpening: Sendable {
  /// The doors that opened.
  public let doors: Set<BulkDoorKind>
  /// Hears, and is the packet door too: each packet socket takes 10 to 25 ms to close.
  let packet: BulkSocket
  let raw: [Family: BulkSocket]
  /// The door that takes it is its only owner: closing it takes a while too.
  let xdp: OnceTaken<XDPSocket>

  /// Opens the ear's socket, and those of the doors.
  ///
  /// - Parameters:
  ///   - doors: which doors have to open.
  ///   - wished: which doors may fail to, as AF_XDP does where the kernel has none.
  ///   - families: what the raw door sends.
  ///   - mark: the firewall mark of everything sent (SO_MARK, socket(7)).
  /// - Throws: `LinkError` that says what would allow it.
  public init(
    _ doors: Set<BulkDoorKind>, wished: Set<BulkDoorKind> = [], families: Set<Family> = Set(Family.allCases),
    mark: UInt32? = nil
  ) throws(LinkError) {
    packet = BulkSocket(try Openings.open(.packet), mark: mark, closesSlowly: true)
    try packet.setMark()
    var raw: [Family: BulkSocket] = [:]
    for family in families where doors.contains(.raw) || wished.contains(.raw) {
      do throws(LinkError) {
        let socket = BulkSocket(try Openings.open(.rawDoor(family)), mark: mark)
        try socket.setMark()
        raw[family] = socket
      } catch {
        if doors.contains(.raw) { throw error }
      }
    }
    self.raw = raw
    var xdp: XDPSocket?
    if doors.contains(.xdp) || wished.contains(.xdp) {
      do throws(LinkError) {
        xdp = try XDPSocket()
      } catch {
        let fix = Doctor.fix(for: .packet, error).map { "; \($0)" } ?? ""
        if doors.contains(.xdp) {
          throw LinkError(operation: error.operation, code: error.code, message: error.message + fix)
        }
      }
    }
    self.xdp = OnceTaken(xdp)
    var opened: Set<BulkDoorKind> = raw.isEmpty ? [.packet] : [.packet, .raw]
    if xdp != nil { opened.insert(.xdp) }
    self.doors = opened
  }
}

/// A socket that a door and an ear on two threads share; it closes when neither is left.
final class BulkSocket: Sendable {
  let descriptor: Descriptor
  private let mark: UInt32?
  private let closesSlowly: Bool

  /// - Parameter closesSlowly: the kernel waits for a grace period before it is closed.
  init(_ descriptor: consuming Descriptor, mark: UInt32? = nil, closesSlowly: Bool = false) {
    self.descriptor = descriptor
    self.mark = mark
    self.closesSlowly = closesSlowly
  }

  deinit {
    guard closesSlowly else { return }
    // The last of its descriptors is closed elsewhere: what comes after the sweep need not wait for that.
    let last = dup(number)
    if last >= 0 { Worker.start { close(last) } }
  }

  var number: Int32 { descriptor.number }

  fileprivate func setMark() throws(LinkError) {
    guard let mark else { return }
    try descriptor.set(KernelNumber.socketLevel, KernelNumber.mark, Int32(bitPattern: mark), as: "SO_MARK")
  }
}

/// A value that the first who asks gets.
final class OnceTaken<Value: Sendable>: Sendable {
  private let value: Mutex<Value?>

  init(_ value: Value?) { self.value = Mutex(value) }

  func take() -> Value? {
    value.withLock { value in
      defer { value = nil }
      return value
    }
  }
}
