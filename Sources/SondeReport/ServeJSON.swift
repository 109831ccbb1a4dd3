internal import SondeProbe

/// What a server tells, as JSON objects.
public enum ServeJSON {
  /// `{"type":"ready","service":"echo","port":7,"transports":["tcp","udp"],"addresses":["127.0.0.1","::1"]}`.
  public static func ready(_ ready: ReadyService) -> JSON {
    let transports = [ready.overTCP ? "tcp" : nil, ready.overUDP ? "udp" : nil].compactMap { $0 }
    return .object([
      ("type", "ready"), ("service", .string(ready.service.rawValue)), ("port", .integer(ready.port)),
      ("transports", .array(transports.map { .string($0) })),
      ("addresses", .array(ready.addresses.map { .string($0) })),
    ])
  }

  /// `{"type":"opened","connection":1,"service":"echo","from":"127.0.0.1","port":40001,"time":…,"at_ns":…}`.
  ///
  /// - Parameters:
  ///   - wall: nanoseconds since 1970.
  ///   - elapsed: nanoseconds since the server was ready.
  public static func opened(_ client: ServedClient, wall: Int64, elapsed: Int64) -> JSON {
    .object([("type", "opened"), ("connection", .integer(client.number))] + subject(client) + time(wall, elapsed))
  }

  /// `{"type":"closed","connection":1,…,"duration_ns":…,"octets_in":15,"octets_out":15,"ended":"client","why":null}`.
  public static func closed(
    _ client: ServedClient, _ octets: ServedOctets, after nanoseconds: Int64, _ ending: ServedEnding, wall: Int64,
    elapsed: Int64
  ) -> JSON {
    var why = JSON.null
    if case .failure(let message) = ending { why = .string(message) }
    return .object(
      [("type", "closed"), ("connection", .integer(client.number))] + subject(client) + time(wall, elapsed)
        + [("duration_ns", .integer(nanoseconds))] + members(octets)
        + [("ended", .string(ending.word)), ("why", why)])
  }

  /// `{"type":"datagram","service":"echo","from":…,"port":…,…,"octets_in":15,"octets_out":15,"why":null}`.
  ///
  /// - Parameter refusal: why it was not answered, if it was to be.
  public static func datagram(
    _ client: ServedClient, _ octets: ServedOctets, refusal: String?, wall: Int64, elapsed: Int64
  ) -> JSON {
    .object(
      [("type", "datagram")] + subject(client) + time(wall, elapsed) + members(octets) + [("why", .text(refusal))])
  }

  /// `{"type":"summary","connections":2,"datagrams":1,"refused":0,"octets_in":45,"octets_out":45}`.
  public static func summary(_ totals: ServedTotals) -> JSON {
    .object(
      [
        ("type", "summary"), ("connections", .integer(totals.connections)), ("datagrams", .integer(totals.datagrams)),
        ("refused", .integer(totals.refused)),
      ] + members(totals.octets))
  }

  private static func subject(_ client: ServedClient) -> [(String, JSON)] {
    [
      ("service", .string(client.service.rawValue)), ("from", .string(client.address)),
      ("port", .integer(client.port)),
    ]
  }

  private static func time(_ wall: Int64, _ elapsed: Int64) -> [(String, JSON)] {
    [("time", .string(rfc3339(wall))), ("at_ns", .integer(elapsed))]
  }

  private static func members(_ octets: ServedOctets) -> [(String, JSON)] {
    [("octets_in", .natural(octets.received)), ("octets_out", .natural(octets.sent))]
  }
}
