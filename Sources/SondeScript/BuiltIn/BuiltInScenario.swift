/// A scenario that is carried along, with the text that a reader can copy and change.
///
/// Together they are the experiments of two reports of network courses: one of 2001, in which four stations on an
/// Ethernet studied ARP, ICMP, UDP and TCP by hand-made messages, and one on the socket interface. Each text teaches
/// what is sent, what comes back, and why.
public struct BuiltInScenario: Hashable, Sendable {
  /// By which `sonde run` knows it.
  public var name: String
  /// As a scenario is written, with the comments that teach.
  public var text: String

  /// All of them, in the order of the protocols and, within each, of the lessons.
  public static let all = arp + icmp + udp + tcpOpening + tcpStream + tcpClosing + services

  /// The one of a name; nil if there is none.
  public static func named(_ name: String) -> BuiltInScenario? { all.first { $0.name == name } }

  /// What it shows, in one line: the first of its text.
  public var title: String {
    let line = text.prefix { $0 != "\n" }
    return String(line.drop { $0 == "#" || $0 == " " })
  }
}

extension Scenario {
  /// The scenarios that are carried along.
  public static var builtIn: [BuiltInScenario] { BuiltInScenario.all }
}
