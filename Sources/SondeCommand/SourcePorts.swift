internal import SondeLink
internal import SondeLinux

/// A source port that is kept from other programs, in a form that an array can hold.
final class HeldPort {
  let number: UInt16
  private let reservation: PortReservation?
  private let guarded: PortGuard?

  /// - Parameters:
  ///   - number: the port; 0 lets the kernel choose a free one.
  ///   - isGuarded: whether the kernel is kept from answering on it as well.
  init(_ kind: Transport, _ number: UInt16, isGuarded: Bool) throws(LinkError) {
    if isGuarded {
      let made = try PortGuard(kind, port: number)
      self.number = made.port
      guarded = consume made
      reservation = nil
    } else {
      let made = try PortReservation(kind, port: number)
      self.number = made.port
      reservation = consume made
      guarded = nil
    }
  }

  /// The port that a hand has written.
  ///
  /// - Throws: `LinkError` naming the port and what stands against it.
  static func written(_ kind: Transport, _ number: UInt16, isGuarded: Bool) throws(LinkError) -> HeldPort {
    guard number != 0 else {
      throw LinkError(operation: "source port 0", code: 0, message: "no socket can hold port 0")
    }
    do throws(LinkError) {
      return try HeldPort(kind, number, isGuarded: isGuarded)
    } catch {
      throw LinkError(operation: "source port \(number)", code: error.code, message: error.message)
    }
  }

  /// A port that nobody holds, of those that the kernel itself takes for such use (RFC 6335 §6).
  static func free(
    _ kind: Transport, isGuarded: Bool, _ draw: inout SeededGenerator
  ) throws(LinkError) -> HeldPort {
    for _ in 0..<64 {
      let number = UInt16(49_152 + draw.next(below: 16_384))
      if let held = try? HeldPort(kind, number, isGuarded: isGuarded) { return held }
    }
    return try HeldPort(kind, 0, isGuarded: isGuarded)
  }
}

/// The source ports of a run, one an attempt, held so that no other program takes an answer.
///
/// Unless they are guarded they are bound and never listen: to a SYN-ACK our own kernel answers with RST, which frees
/// the half-open connection that the probe has left at the peer. So an open port is asked and left as it was.
struct SourcePorts {
  private let held: [HeldPort]

  /// - Parameters:
  ///   - written: the port that every attempt takes; else each has its own, so that an answer names it.
  ///   - isGuarded: whether the kernel sends no RST for as long as these are held.
  init(
    _ kind: Transport, written: UInt64?, attempts: Int, isGuarded: Bool = false, _ draw: inout SeededGenerator
  ) throws(LinkError) {
    if let written {
      held = [try .written(kind, UInt16(written), isGuarded: isGuarded)]
      return
    }
    var held: [HeldPort] = []
    while held.count < min(max(attempts, 1), 8) { held.append(try .free(kind, isGuarded: isGuarded, &draw)) }
    self.held = held
  }

  var numbers: [UInt16] { held.map(\.number) }
}
