public import SondeOctets

/// What a service makes of a datagram.
public enum ServedDatagram: Hashable, Sendable {
  case answer([UInt8])
  /// It is heard, and nothing is to be said (RFC 863).
  case discarded
  /// It is not answered, for this reason.
  case refused(String)

  /// The ports of services that answer whatever comes: two of them that answer each other never end, and whoever
  /// forges such a source sets them on each other.
  private static let reflectors: Set<UInt16> = [7, 9, 13, 17, 19]

  /// The longest answer of `Service.chargen`, in octets (RFC 864).
  private static let longestPattern = 512

  /// - Parameters:
  ///   - octets: the datagram's data.
  ///   - source: where it says to come from.
  ///   - ownPorts: the ports at which this server, and perhaps another like it, answers datagrams.
  ///   - isForMany: whether it came by a group's or a broadcast address.
  ///   - daytime: the line that tells the time, asked for by `Service.daytime` alone.
  public init(
    _ service: Service, _ octets: ArraySlice<UInt8>, from source: IPAddress, port: UInt16, ownPorts: Set<UInt16> = [],
    isForMany: Bool,
    daytime: () -> [UInt8]
  ) {
    if service == .discard {
      self = .discarded
    } else if isForMany {
      self = .refused("it was sent to many hosts at once")
    } else if source.isGroup || source.number == 0 {
      self = .refused("its source is no host")
    } else if port == 0 {
      self = .refused("it has no source port")
    } else if Self.reflectors.contains(port) || ownPorts.contains(port) {
      self = .refused("port \(port) might answer the answer, and so on without end")
    } else {
      self = Self.answer(service, octets, daytime)
    }
  }

  private static func answer(_ service: Service, _ octets: ArraySlice<UInt8>, _ daytime: () -> [UInt8]) -> Self {
    switch service {
    case .echo: .answer(Array(octets))
    case .daytime: .answer(daytime())
    // RFC 864 has a random length of up to 512; here no answer is longer than what asked for it, so that a forged
    // source draws no more to its victim than the forger spends.
    case .chargen: .answer(Array(CharacterPattern.octets.prefix(min(octets.count, longestPattern))))
    case .discard, .welcome: .discarded
    }
  }
}
