internal import SondeCraft
internal import SondeHeaders
internal import SondeOctets

extension [FieldEdit] {
  /// Why no segment from an address can be changed so; nil where one can.
  func complaint(from source: IPAddress, _ octets: [UInt8]) -> String? {
    let network: any Header = source.version == 4 ? IPv4(from: .any, to: .any) : IPv6(from: .any, to: .any)
    do throws(CraftError) {
      let packet = AnyPacket([network, TCP(from: 1, to: 1, flags: .ack), Payload(octets: octets)])
      _ = try applied(to: packet).encoded()
      return nil
    } catch {
      return error.description
    }
  }
}

extension FieldEdit {
  /// Packets as talks send them: whatever none of them can take would come to nothing later.
  private static var samples: [AnyPacket] {
    let networks: [any Header] = [IPv4(from: .loopback, to: .loopback), IPv6(from: .loopback, to: .loopback)]
    let transports: [any Header] = [TCP(from: 1, to: 1, flags: .ack), UDP(from: 1, to: 1)]
    return transports.flatMap { transport in
      networks.map { AnyPacket([$0, transport, Payload(octets: [0])]) }
    }
  }

  /// Why no segment or datagram can be changed so; nil where one can.
  func complaint() -> String? {
    var first: String?
    for sample in Self.samples {
      do throws(CraftError) {
        _ = try [self].applied(to: sample).encoded()
        return nil
      } catch {
        if first == nil { first = error.reason }
      }
    }
    return first
  }
}
