internal import CReference
internal import SondeCraft
internal import SondeHeaders
internal import SondeOctets

/// Prints what building a packet of IPv4, UDP and 64 octets with both checksums takes, beside a C
/// function written for that very packet.
///
/// A ratio is C's time by ours: above 1 ours is the faster.
func buildBenchmark() {
  let octets = [UInt8](repeating: 0x5a, count: 64)
  let erased = Packet {
    IPv4(from: here, to: there(0), ttl: 3); UDP(from: 40000, to: 1); octets
  }.erased
  compareRates(
    "build: IPv4, UDP, 64 octets, both checksums",
    [
      Contender(name: "braces, new array") { times in
        var total: UInt64 = 0
        for time in 0..<times {
          let packet = Packet {
            IPv4(from: here, to: there(time), ttl: 3, identification: UInt16(truncatingIfNeeded: time))
            UDP(from: 40000, to: UInt16(truncatingIfNeeded: time))
            octets
          }
          total &+= consumed((try? packet.encoded().bytes) ?? [])
        }
        return total
      },
      Contender(name: "braces, reused room") { times in
        var total: UInt64 = 0
        _ = [UInt8](writing: 92) { output in
          for time in 0..<times {
            let packet = Packet {
              IPv4(from: here, to: there(time), ttl: 3, identification: UInt16(truncatingIfNeeded: time))
              UDP(from: 40000, to: UInt16(truncatingIfNeeded: time))
              octets
            }
            output.removeAll()
            guard (try? packet.encode(into: &output)) != nil else { return }
            total &+= consumed(output.bytes)
          }
        }
        return total
      },
      Contender(name: "erased, new array") { times in
        var total: UInt64 = 0
        var packet = erased
        for time in 0..<times {
          packet.layers.layers[1] = UDP(from: 40000, to: UInt16(truncatingIfNeeded: time))
          total &+= consumed((try? packet.encoded().bytes) ?? [])
        }
        return total
      },
      Contender(name: "C, reused room") { times in
        var total: UInt64 = 0
        var room = [UInt8](repeating: 0, count: 92)
        var packet = c_udp_packet()
        packet.source = here.rawValue
        packet.source_port = 40000
        packet.ttl = 3
        for time in 0..<times {
          packet.destination = there(time).rawValue
          packet.destination_port = UInt16(truncatingIfNeeded: time)
          packet.identification = UInt16(truncatingIfNeeded: time)
          _ = unsafe room.withUnsafeMutableBufferPointer { unsafe c_build_udp($0.baseAddress, &packet, octets, 64) }
          total &+= consumed(room.rawSpan)
        }
        return total
      },
    ])
}

let here = IPv4Address(192, 0, 2, 1)

/// A destination that changes with every packet.
@inline(__always)
func there(_ time: Int) -> IPv4Address { IPv4Address(rawValue: 0xc633_6400 | UInt32(truncatingIfNeeded: time & 0xff)) }

/// A value that depends on both checksums of a packet.
@inline(__always)
func consumed(_ bytes: RawSpan) -> UInt64 { bytes.bigEndian(at: 4, as: UInt64.self) ^ bytes.bigEndian(at: 20) }

@inline(__always)
private func consumed(_ octets: [UInt8]) -> UInt64 { consumed(octets.rawSpan) }
