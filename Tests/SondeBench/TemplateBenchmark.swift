internal import CReference
internal import SondeCraft
internal import SondeHeaders
internal import SondeOctets

/// Prints what the next packet of a template takes: two patches, with the checksums they reach.
///
/// A ratio is C's time by ours: above 1 ours is the faster.
func templateBenchmark() {
  let packet = Packet {
    IPv4(from: here, to: there(0), ttl: 3)
    UDP(from: 40000, to: 1)
    [UInt8](repeating: 0x5a, count: 64)
  }
  do throws(TemplateError) {
    let template = try PacketTemplate(packet)
    let port = try template.field("destinationPort", of: UDP.self, as: UInt16.self)
    let identification = try template.field("identification", of: IPv4.self, as: UInt16.self)
    let destination = try template.field("destination", of: IPv4.self, as: IPv4Address.self)
    let cookie = try template.field(octets: 0..<8, of: Payload.self, as: UInt64.self)
    compareRates(
      "template: IPv4, UDP, 64 octets; fields patched with their checksums",
      [
        Contender(name: "identification and port") { times in
          var template = template
          var total: UInt64 = 0
          for time in 0..<times {
            template[identification] = UInt16(truncatingIfNeeded: time)
            template[port] = UInt16(truncatingIfNeeded: time)
            total &+= consumed(template.bytes)
          }
          return total
        },
        Contender(name: "destination and port") { times in
          var template = template
          var total: UInt64 = 0
          for time in 0..<times {
            template[destination] = there(time)
            template[port] = UInt16(truncatingIfNeeded: time)
            total &+= consumed(template.bytes)
          }
          return total
        },
        Contender(name: "port and cookie") { times in
          var template = template
          var total: UInt64 = 0
          for time in 0..<times {
            template[port] = UInt16(truncatingIfNeeded: time)
            template[cookie] = UInt64(truncatingIfNeeded: time) &* 0x9e37_79b9_7f4a_7c15
            total &+= consumed(template.bytes)
          }
          return total
        },
        Contender(name: "C, identification and port") { times in
          var octets = template.emission.bytes
          var total: UInt64 = 0
          unsafe octets.withUnsafeMutableBufferPointer { buffer in
            for time in 0..<times {
              unsafe c_patch_word(buffer.baseAddress, 4, 10, UInt16(truncatingIfNeeded: time))
              unsafe c_patch_word(buffer.baseAddress, 22, 26, UInt16(truncatingIfNeeded: time))
              total &+= consumed(unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(buffer)))
            }
          }
          return total
        },
      ])
  } catch {
    print("template: \(error)")
  }
}
