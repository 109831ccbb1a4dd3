import SondeHeaders
import SondeLink
import SondeOctets
import SondeSim
import Testing

let us: IPv4Address = "192.0.2.1"
let them: IPv4Address = "198.51.100.7"
let us6: IPv6Address = "2001:db8::1"
let them6: IPv6Address = "2001:db8:1::7"

extension Instant {
  static func milliseconds(_ count: Int64) -> Instant { Instant(nanoseconds: count * 1_000_000) }
}

/// The bytes of layers one inside the other.
func bytes(_ layers: any Header...) throws -> [UInt8] { try AnyPacket(layers).encoded().bytes }

func echo(
  to destination: IPv4Address = them, ttl: UInt8 = 64, sequence: UInt16 = 1, payload: Payload = "0123456789"
) throws -> [UInt8] {
  try bytes(
    IPv4(from: us, to: destination, ttl: ttl), ICMPv4.echoRequest(identifier: 0x5151, sequenceNumber: sequence),
    payload)
}

func echo6(to destination: IPv6Address = them6, hopLimit: UInt8 = 64) throws -> [UInt8] {
  try bytes(
    IPv6(from: us6, to: destination, hopLimit: hopLimit), ICMPv6.echoRequest(identifier: 0x5151, sequenceNumber: 1),
    Payload("0123456789"))
}

func segment(_ tcp: TCP, payload: Payload? = nil, ttl: UInt8 = 64) throws -> [UInt8] {
  let layers: [any Header] = [IPv4(from: us, to: them, ttl: ttl), tcp] + (payload.map { [$0] } ?? [])
  return try AnyPacket(layers).encoded().bytes
}

func datagram(to port: UInt16, payload: Payload = "hello, world", ttl: UInt8 = 64, checksum: Field<UInt16> = .auto)
  throws -> [UInt8]
{
  try bytes(IPv4(from: us, to: them, ttl: ttl), UDP(from: 40000, to: port, checksum: checksum), payload)
}

/// All frames that come within ten virtual seconds, each with its instant.
func listen<L: PacketLink & ~Copyable>(_ link: inout L, for duration: Duration = .seconds(10)) throws -> [Received] {
  var all: [Received] = []
  let end = link.now + duration
  var last = link.now
  while link.now < end {
    try link.receive(until: end, into: &all)
    #expect(link.now >= last, "time went backwards")
    last = link.now
  }
  return all
}

func frames(_ received: [Received]) -> [Frame] {
  received.compactMap { if case .frame(let frame) = $0 { frame } else { nil } }
}

/// What a network answers to packets sent at once, dissected; every answer's sums are held to be right.
func answers(
  _ hosts: [SimulatedHost], to packets: [[UInt8]], location: SourceLocation = #_sourceLocation
) throws -> [Dissection] {
  var link = SimulatedLink(hosts)
  let batch = packets.enumerated().map { Outgoing(probe: UInt64($0.offset), bytes: $0.element) }
  let outcome = link.send(batch)
  #expect(outcome == SendOutcome(count: packets.count, at: .milliseconds(0), wall: 0), sourceLocation: location)
  let dissections = frames(try listen(&link)).map { Registry.dissect($0.bytes) }
  for dissection in dissections {
    #expect(dissection.stopped == nil, sourceLocation: location)
    let sums = dissection.sums()
    #expect(!sums.isEmpty && sums.allSatisfy { $0.verdict == .valid }, sourceLocation: location)
  }
  let errors = link.craftErrors
  #expect(errors.isEmpty, sourceLocation: location)
  return dissections
}
