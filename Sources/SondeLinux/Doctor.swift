internal import Glibc
internal import SondeLink

/// Whether one door or ear is open to this user on this machine.
public struct DoorStatus: Hashable, Sendable {
  /// The word for it: of `--door`, or `icmp` for what only listens.
  public var door: String
  /// The one family it is for; nil for both.
  public var family: Family?
  public var isOpen: Bool
  /// What it is good for if it is open, else why it is not.
  public var why: String
  /// The command that opens it; empty if it is open, or if no command can.
  public var fix: String

  /// The word and the family, as people read it.
  public var name: String { family.map { "\(door) \($0 == .ipv4 ? "IPv4" : "IPv6")" } ?? door }
}

/// Tries what this user may do here; nothing is sent.
public enum Doctor {
  /// Opens, and closes at once, a socket of every kind.
  public static func doors() -> [DoorStatus] {
    var doors: [DoorStatus] = []
    for family in Family.allCases {
      doors.append(status(.datagramDoor(family), "datagram", family, "echo requests without privilege"))
      doors.append(status(.rawDoor(family), "raw", family, "crafted packets of any protocol"))
      doors.append(status(.icmpEar(family), "icmp", family, "hears the answers to ping"))
    }
    doors.append(status(.packet, "cooked", nil, "packets with every field as crafted; hears the answers to probe"))
    doors.append(status(.frame, "packet", nil, "whole frames, link header included; live capture"))
    return doors
  }

  private static func status(_ kind: Openings.Kind, _ door: String, _ family: Family?, _ use: String) -> DoorStatus {
    do {
      _ = try Openings.open(kind)
      return DoorStatus(door: door, family: family, isOpen: true, why: use, fix: "")
    } catch {
      return DoorStatus(
        door: door, family: family, isOpen: false, why: "\(error.operation): \(LinkError.words(for: error.code))",
        fix: command(for: kind, error) ?? "")
    }
  }

  /// The advice that belongs to a refused socket.
  static func fix(for kind: Openings.Kind, _ error: LinkError) -> String? {
    command(for: kind, error).map { "to allow it: \($0)" }
  }

  private static func command(for kind: Openings.Kind, _ error: LinkError) -> String? {
    guard error.code == EPERM || error.code == EACCES else { return nil }
    if case .datagramDoor = kind { return #"sudo sysctl -w net.ipv4.ping_group_range="0 2147483647""# }
    return "sudo setcap cap_net_raw+ep \(executablePath)"
  }

  /// Where this program's file is (proc(5)).
  private static var executablePath: String {
    var path = [CChar](repeating: 0, count: 4097)
    let count = unsafe readlink("/proc/self/exe", &path, path.count - 1)
    guard count > 0 else { return "sonde" }
    return String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
