internal import SondeProbe

/// A server's lines.
public enum ServeText {
  /// `echo is ready: TCP and UDP port 7 at 127.0.0.1 and ::1`.
  public static func ready(_ ready: ReadyService) -> String {
    let transports = [ready.overTCP ? "TCP" : nil, ready.overUDP ? "UDP" : nil].compactMap { $0 }
    let places = ready.addresses.joined(separator: " and ")
    return
      "\(ready.service.rawValue) is ready: \(transports.joined(separator: " and ")) port \(ready.port) at \(places)"
  }

  /// `1 echo 127.0.0.1:40001 opened`.
  public static func opened(_ client: ServedClient) -> String { "\(subject(client)) opened" }

  /// `1 echo 127.0.0.1:40001 closed by the client after 0.012 s: 15 octets in, 15 out`.
  public static func closed(
    _ client: ServedClient, _ octets: ServedOctets, after nanoseconds: Int64, _ ending: ServedEnding
  ) -> String {
    let time = fixed(nanoseconds, per: 1_000_000_000, places: 3)
    return "\(subject(client)) \(ending.sentence) after \(time) s: \(text(octets))"
  }

  /// `echo 127.0.0.1:40001 datagram: 15 octets in, 15 out`.
  ///
  /// - Parameter refusal: why it was not answered, if it was to be.
  public static func datagram(_ client: ServedClient, _ octets: ServedOctets, refusal: String?) -> String {
    let why = refusal.map { "; not answered: \($0)" } ?? ""
    return "\(client.service.rawValue) \(client.end) datagram: \(text(octets))\(why)"
  }

  /// `2 connections, 1 datagram: 45 octets in, 45 out`.
  public static func summary(_ totals: ServedTotals) -> String {
    var counts = [count(totals.connections, "connection"), count(totals.datagrams, "datagram")]
    if totals.refused > 0 { counts.append("\(count(totals.refused, "datagram")) not answered") }
    return "\(counts.joined(separator: ", ")): \(text(totals.octets))"
  }

  private static func subject(_ client: ServedClient) -> String {
    "\(client.number) \(client.service.rawValue) \(client.end)"
  }

  private static func text(_ octets: ServedOctets) -> String {
    "\(octets.received) \(octets.received == 1 ? "octet" : "octets") in, \(octets.sent) out"
  }

  private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
