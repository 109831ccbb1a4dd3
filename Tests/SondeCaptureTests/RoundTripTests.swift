import SondeCapture
import SondeOctets
import TestSupport
import Testing

/// Random captures, written and read again: what comes back is what went in, but for what the format leaves out.
struct RandomCapture {
  var order: ByteOrder
  var precision: CapturePrecision
  /// The interfaces' link types and snap lengths; 0 is none.
  var interfaces: [(linkType: UInt16, snapLength: UInt32)]
  var packets: [CapturedPacket]

  init(_ generator: inout Seeded, packets count: Int) {
    let linkTypes: [UInt16] = [0, 1, 101, 108, 113, 228, 276, .max]
    let words = ["", "naïve", "Größe 8", "日本", "🙂", "plain", "two\nlines", "e\u{301}"]
    order = Bool.random(using: &generator) ? .big : .little
    let precision: CapturePrecision = Bool.random(using: &generator) ? .microseconds : .nanoseconds
    self.precision = precision
    interfaces = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
      (linkTypes.randomElement(using: &generator) ?? 1, .random(in: 0...3, using: &generator) * 40)
    }
    packets = []
    for _ in 0..<count {
      let number = Int.random(in: 0..<interfaces.count, using: &generator)
      let bytes = generator.octets(.random(in: 0...150, using: &generator))
      let time = Int64.random(in: 0...4_000_000_000_000_000_000, using: &generator)
      let comments = (0..<max(0, Int.random(in: -3...3, using: &generator))).map { _ in
        words.randomElement(using: &generator) ?? ""
      }
      let record = CaptureRecord(
        interface: number, linkType: interfaces[number].linkType,
        timestamp: precision == .microseconds ? time / 1000 * 1000 : time,
        originalLength: bytes.count + (Bool.random(using: &generator) ? 0 : 1400),
        direction: [nil, .inbound, .outbound].randomElement(using: &generator) ?? nil, comments: comments)
      packets.append(CapturedPacket(record, bytes: bytes))
    }
  }

  /// The packets with their octets cut at the snap lengths.
  var cut: [CapturedPacket] {
    packets.map { packet in
      let limit = Int(interfaces[packet.interface].snapLength)
      var packet = packet
      if limit != 0 { packet.bytes = Array(packet.bytes.prefix(limit)) }
      return packet
    }
  }

  /// What a pcap file holds of the packets: all are of the first interface, with neither comments nor directions.
  var plain: [CapturedPacket] {
    let (linkType, snapLength) = interfaces[0]
    return packets.map { packet in
      CapturedPacket(
        CaptureRecord(linkType: linkType, timestamp: packet.timestamp, originalLength: packet.originalLength),
        bytes: Array(packet.bytes.prefix(snapLength == 0 ? .max : Int(snapLength))))
    }
  }

  var pcapng: [UInt8] {
    var writer = PcapngWriter(order: order)
    var file = writer.sectionHeader(comments: ["a random capture"])
    for (number, interface) in interfaces.enumerated() {
      file +=
        writer.interfaceDescription(
          linkType: interface.linkType, snapLength: interface.snapLength, name: "if\(number)", precision: precision
        ).octets
    }
    for packet in packets { file += writer.packet(packet.record, packet.bytes.rawSpan) }
    for number in interfaces.indices {
      file += writer.statistics(interface: number, timestamp: 0, CaptureCounts(received: .max, dropped: 1))
    }
    return file
  }

  /// The first interface's settings for every packet.
  var pcap: [UInt8] {
    let writer = PcapWriter(
      linkType: interfaces[0].linkType, snapLength: interfaces[0].snapLength, precision: precision, order: order)
    return packets.reduce(writer.header) { $0 + writer.packet($1.record, $1.bytes.rawSpan) }
  }
}

@Suite struct RoundTripTests {
  @Test func pcapngReadsAsItWasWritten() {
    repeatedly("pcapngReadsAsItWasWritten") { generator in
      let capture = RandomCapture(&generator, packets: .random(in: 0...8, using: &generator))
      // What a second writer gives is a section with interfaces of its own.
      let second = RandomCapture(&generator, packets: 2)
      let reading = Reading(capture.pcapng + second.pcapng, piece: .random(in: 1...300, using: &generator))
      #expect(reading.error == nil)
      #expect(reading.packets == capture.cut + second.cut)
    }
  }

  @Test func pcapReadsAsItWasWritten() {
    repeatedly("pcapReadsAsItWasWritten") { generator in
      let capture = RandomCapture(&generator, packets: .random(in: 0...8, using: &generator))
      let reading = Reading(capture.pcap, piece: .random(in: 1...300, using: &generator))
      #expect(reading.error == nil)
      #expect(reading.packets == capture.plain)
    }
  }

  @Test func whatIsToldBesidePacketsIsReadAgain() throws {
    for order in [ByteOrder.little, .big] {
      var writer = PcapngWriter(order: order)
      var reader = CaptureReader()
      reader.feed(
        writer.sectionHeader(
          hardware: "x86-64", system: "Linux", application: "sonde", comments: ["Größe", "second"]))
      reader.feed(
        writer.interfaceDescription(linkType: 1, snapLength: 96, name: "eth0", description: "to the lab").octets)
      reader.feed(writer.interfaceDescription(linkType: 101).octets)
      reader.feed(writer.statistics(interface: 1, timestamp: 5, CaptureCounts(received: 1 << 40, dropped: nil)))
      #expect(try reader.nextRecord() == nil)
      #expect(
        reader.section
          == CaptureSection(
            order: order, hardware: "x86-64", system: "Linux", application: "sonde", comments: ["Größe", "second"]))
      #expect(reader.interfaces.map(\.name) == ["eth0", nil])
      #expect(reader.interfaces.map(\.description) == ["to the lab", nil])
      #expect(reader.interfaces.map(\.counts) == [nil, CaptureCounts(received: 1 << 40)])
    }
  }
}
