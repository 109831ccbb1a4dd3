internal import Glibc
internal import SondeLink

/// Whether one door or ear is open to this user on this machine.
public struct DoorStatus: Hashable, Sendable {
  /// What it is called in options and in the manual.
  public var name: String
  public var isOpen: Bool
  /// What it is good for if it is open, else why it is not.
  public var why: String
  /// The command that opens it; empty if it is open, or if no command can.
  public var fix: String
}

/// Tries what this user may do here; nothing is sent.
public enum Doctor {
  /// Opens, and closes at once, a socket of every kind.
  public static func doors() -> [DoorStatus] {
    var doors: [DoorStatus] = []
    for family in Family.allCases {
      let name = family == .ipv4 ? "IPv4" : "IPv6"
      doors.append(status(.datagramDoor(family), "datagram \(name)", "echo requests without privilege"))
      doors.append(status(.rawDoor(family), "raw \(name)", "crafted packets of any protocol"))
      doors.append(status(.icmpEar(family), "icmp \(name)", "hears the answers to ping"))
    }
    doors.append(status(.packet, "packet", "the cooked door, and the ear of probe and send"))
    return doors
  }

  private static func status(_ kind: Openings.Kind, _ name: String, _ use: String) -> DoorStatus {
    do {
      _ = try Openings.open(kind)
      return DoorStatus(name: name, isOpen: true, why: use, fix: "")
    } catch {
      return DoorStatus(
        name: name, isOpen: false, why: "\(error.operation): \(LinkError.words(for: error.code))",
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
