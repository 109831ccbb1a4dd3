internal import SondeLink
internal import SondeOctets

/// Laboratories as JSON objects.
public enum LabJSON {
  /// A laboratory: `{"type":"lab","name":…,"state":"standing","keeper":…,"hosts":[…],"networks":[…]}`.
  public static func object(_ lab: LabStatus) -> JSON {
    .object([
      ("type", "lab"), ("name", .string(lab.name)), ("state", .string(lab.state.rawValue)),
      ("keeper", .integer(lab.keeper)),
      ("hosts", .array(lab.topology.map { topology in topology.hosts.map { host(lab, topology, $0) } } ?? [])),
      ("networks", .array(lab.topology?.networks.map { network(lab, $0) } ?? [])),
    ])
  }

  private static func host(_ lab: LabStatus, _ topology: Topology, _ host: Topology.Host) -> JSON {
    .object([
      ("name", .string(host.name)), ("forwards", .bool(host.forwards)),
      ("namespace", .text(lab.prefix.map { "\($0)-\(host.name)" })),
      (
        "interfaces",
        .array(
          topology.ends(of: host.name).map { end, network in
            .object([
              ("name", .string(end.interface)), ("network", .string(network.name)), ("mac", .text(end.linkAddress)),
              ("addresses", .array(end.addresses.map { .string("\($0.address)/\($0.prefixLength)") })),
            ])
          })
      ),
    ])
  }

  private static func millionths(_ share: Double) -> Int { Int((share * 1_000_000).rounded()) }

  private static func network(_ lab: LabStatus, _ network: Topology.Network) -> JSON {
    let impairment = network.impairment
    let counts = lab.counts.lines.filter { $0.network == network.name && network.ends.indices.contains($0.end) }
    return .object([
      ("name", .string(network.name)), ("mtu", .integer(network.mtu)),
      ("ends", .array(network.ends.map { .string("\($0.host).\($0.interface)") })),
      ("delay_ns", .integer(impairment.delay.wholeNanoseconds)),
      ("jitter_ns", .integer(impairment.jitter.wholeNanoseconds)),
      ("loss_ppm", .integer(millionths(impairment.loss))),
      ("duplicate_ppm", .integer(millionths(impairment.duplication))),
      ("reorder_ppm", .integer(millionths(impairment.reordering))),
      ("corrupt_ppm", .integer(millionths(impairment.corruption))),
      ("rate", .integer(impairment.rate)), ("queue", .integer(impairment.queue)),
      (
        "towards",
        .array(
          counts.map { count in
            let end = network.ends[count.end]
            return .object(
              [("end", .string("\(end.host).\(end.interface)"))]
                + zip(LabCounts.names, count.values).map { ($0.0, .integer($0.1)) })
          })
      ),
    ])
  }
}

extension Duration {
  fileprivate var wholeNanoseconds: Int64 {
    let (seconds, rest) = components
    return seconds &* 1_000_000_000 &+ rest / 1_000_000_000
  }
}
