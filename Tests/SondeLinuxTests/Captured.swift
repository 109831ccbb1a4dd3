import Glibc
import SondeLink
import SondeOctets
import Testing
import WireSupport

@testable import SondeLinux

/// A frame that a live capture lent, kept.
struct Captured: Hashable {
  var facts: CapturedFacts
  var bytes: [UInt8]
}

extension LiveCapture {
  /// A capture of an interface, or of all, filtered by an expression.
  static func open(
    _ name: String?, _ expression: String? = nil, _ options: Options = Options()
  ) throws -> LiveCapture {
    let interface = try name.map { try NetworkInterface.named($0) }
    var options = options
    let linkType = LiveCapture.linkType(of: interface)
    options.filter = try expression.map {
      try CaptureFilter($0, linkType: linkType, snapLength: options.snapLength)
    }
    return try LiveCapture(LiveCapture.Opening(interface), options)
  }

  /// Keeps what comes until there are so many frames or, much later than they take, ten seconds have passed.
  mutating func gather(_ count: Int) throws -> [Captured] {
    var frames: [Captured] = []
    let end = now + .seconds(10)
    while frames.count < count, now < end {
      try receive(until: end) { facts, bytes in
        frames.append(Captured(facts: facts, bytes: bytes.octets))
        return true
      }
    }
    return frames
  }
}

/// Frames for the tests, written octet by octet.
enum Framed {
  static func ethernet(_ to: MACAddress, _ from: MACAddress, _ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
    to.octets + from.octets + Crafted.words(type) + payload
  }

  /// Who has `target`? (RFC 826)
  static func request(_ from: MACAddress, _ sender: IPv4Address, _ target: IPv4Address) -> [UInt8] {
    let addresses = from.octets + octets(sender) + [0, 0, 0, 0, 0, 0] + octets(target)
    return ethernet(.broadcast, from, 0x0806, Crafted.words(1, 0x0800, 0x0604, 1) + addresses)
  }

  static func octets(_ address: IPv4Address) -> [UInt8] {
    Crafted.words(UInt16(address.rawValue >> 16), UInt16(address.rawValue & 0xffff))
  }

  /// A pcap file of frames, as far as tshark wants one.
  static func write(_ frames: [Captured], _ linkType: LinkType, to path: String) throws {
    func little(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    var file = little(0xa1b2_3c4d) + [2, 0, 4, 0] + little(0) + little(0) + little(262_144)
    file += little(UInt32(linkType.rawValue))
    for frame in frames {
      let (seconds, nanoseconds) = frame.facts.wall.quotientAndRemainder(dividingBy: 1_000_000_000)
      file += little(UInt32(seconds)) + little(UInt32(nanoseconds)) + little(UInt32(frame.bytes.count))
      file += little(UInt32(frame.facts.originalLength)) + frame.bytes
    }
    let output = try OutputFile(creating: path)
    try output.empty()
    try output.write(file)
  }
}
