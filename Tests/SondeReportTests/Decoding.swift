import Foundation
import SondeCapture
import SondeHeaders
import SondeOctets
import SondeReport

/// The captures that other people's printing of them lies beside.
enum Shelf {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("SondeCaptureTests/Captures")
  static let printed = [
    "arp", "conn", "frag4600", "icmp", "seg4600", "seqack", "table1", "table2", "udp",
  ]

  static func octets(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
  }

  static func packets(_ name: String) throws -> [CapturedPacket] {
    var reader = CaptureReader()
    reader.feed(try octets(name))
    reader.finish()
    var packets: [CapturedPacket] = []
    while let packet = try reader.next() { packets.append(packet) }
    return packets
  }
}

/// What a printer makes of packets, in their order.
func printed(
  _ packets: [CapturedPacket], _ form: PacketPrinter.Form = .line, _ details: PacketPrinter.Details = .init()
) -> String {
  var printer = PacketPrinter(form, details)
  var text = TextOctets()
  for (index, packet) in packets.enumerated() {
    printer.append(packet.bytes.rawSpan, FrameFacts(number: index + 1, record: packet.record), to: &text)
  }
  return String(decoding: text.octets, as: UTF8.self)
}

/// A packet of a raw IP capture, so many microseconds after the first one.
func captured(_ bytes: [UInt8], at microseconds: Int64 = 0, length: Int? = nil, linkType: UInt16 = 101)
  -> CapturedPacket
{
  CapturedPacket(
    CaptureRecord(
      linkType: linkType, timestamp: 1_700_000_000_000_000_000 + microseconds * 1000,
      originalLength: length ?? bytes.count),
    bytes: bytes)
}

/// A TCP segment from 192.0.2.1 port 5000 to 192.0.2.2 port 6000, or the other way.
func segment(
  _ flags: TCP.Flags, _ sequence: UInt32, _ acknowledgment: UInt32 = 0, _ data: Int = 0, isBack: Bool = false,
  window: UInt16 = 1000, options: [TCPOption] = [], port: UInt16 = 5000, at microseconds: Int64 = 0
) throws -> CapturedPacket {
  let (near, far) = (IPv4Address(192, 0, 2, 1), IPv4Address(192, 0, 2, 2))
  let packet = AnyPacket([
    IPv4(from: isBack ? far : near, to: isBack ? near : far),
    TCP(
      from: isBack ? 6000 : port, to: isBack ? port : 6000, flags: flags, sequenceNumber: sequence,
      acknowledgmentNumber: acknowledgment, window: window, options: options),
    Payload(octets: [UInt8](repeating: 0x78, count: data)),
  ])
  return captured(try packet.encoded().bytes, at: microseconds)
}

/// What the lines say behind the lengths.
func sayings(_ packets: [CapturedPacket]) -> [String] {
  printed(packets).split(separator: "\n").map { line in
    guard let range = line.range(of: #"TCP \d+ "#, options: .regularExpression) else { return String(line) }
    return String(line[range.upperBound...])
  }
}
