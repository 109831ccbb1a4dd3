import SondeHeaders
import SondeLink
import SondeOctets
import SondeSim
import Testing

@Suite struct ResponderTests {
  @Test func hostileAnswersAreMadeFromTheOrdinaryOnes() throws {
    let host = SimulatedHost(.v4(them), roundTrip: .milliseconds(10)) { question in
      question.ordinary.flatMap { answer in
        [
          Reaction(answer),
          Reaction(answer),
          Reaction(answer.changing(ICMPv4.self) { $0.identifier &+= 1 }, delay: .milliseconds(1)),
          Reaction(answer, delay: .seconds(5)),
          Reaction(answer.changing(ICMPv4.self) { $0.checksum = 0xdead }, delay: .milliseconds(2)),
          Reaction(bytes: [0xff], delay: .milliseconds(3)),
        ]
      }
    }
    var link = SimulatedLink([host])
    _ = link.send([Outgoing(probe: 0, bytes: try echo())])
    let received = frames(try listen(&link))
    #expect(received.map(\.stamp.monotonic) == [10, 10, 11, 12, 13, 5010].map { .milliseconds($0) })
    let replies = received.map { Registry.dissect($0.bytes) }
    #expect(replies.map { $0.first(ICMPv4.self)?.identifier } == [0x5151, 0x5151, 0x5152, 0x5151, nil, 0x5151])
    #expect(replies[2].sums().allSatisfy { $0.verdict == .valid })
    #expect(replies[3].sums().map(\.verdict) == [.valid, .wrong])
    #expect(received[4].bytes == [0xff])
  }

  @Test func aForgedResetIsAPacketLikeAnyOther() throws {
    let host = SimulatedHost(.v4(them), tcp: [80: .answer]) { question in
      guard let syn = question.packet.first(TCP.self) else { return [] }
      let forged = AnyPacket([
        IPv4(from: them, to: us), TCP(from: 80, to: syn.sourcePort, flags: [.rst, .ack], acknowledgmentNumber: 1),
      ])
      return [Reaction(forged)] + question.ordinary.map { Reaction($0, delay: .milliseconds(1)) }
    }
    let flags = try answers([host], to: [try segment(TCP(from: 40000, to: 80, sequenceNumber: 99))])
      .map { $0.first(TCP.self)?.flags }
    #expect(flags == [[.rst, .ack], [.syn, .ack]])
  }

  @Test func aSumMadeWrongStaysWrongUnderOffload() throws {
    let host = SimulatedHost(.v4(them), tcp: [80: .answer]) { question in
      question.ordinary.map { answer in Reaction(answer.changing(TCP.self) { $0.checksum = 0xdead }) }
    }
    var link = SimulatedLink([host], options: .init(offload: .flagged))
    _ = link.send([Outgoing(probe: 0, bytes: try segment(TCP(from: 40000, to: 80)))])
    let frame = try #require(frames(try listen(&link)).first)
    #expect(!frame.checksumNotReady)
    #expect(Registry.dissect(frame.bytes).first(TCP.self)?.checksum == 0xdead)
  }

  @Test func questionsAreNumberedAndTimed() throws {
    let host = SimulatedHost(.v4(them), roundTrip: .milliseconds(10)) { question in
      #expect(question.arrival == .milliseconds(5))
      return question.ordinal == 1 ? question.ordinary.map { Reaction($0) } : []
    }
    let replies = try answers([host], to: try (0..<3).map { try echo(sequence: UInt16($0)) })
    #expect(replies.map { $0.first(ICMPv4.self)?.sequenceNumber } == [1])
  }

  @Test func aPacketThatCannotBeEncodedIsTold() throws {
    let host = SimulatedHost(.v4(them)) { _ in
      [Reaction(AnyPacket([IPv4(from: them, to: us, fragmentOffset: 0xffff)]))]
    }
    var link = SimulatedLink([host])
    _ = link.send([Outgoing(probe: 0, bytes: try echo())])
    let received = try listen(&link)
    #expect(received.isEmpty)
    #expect(link.craftErrors.map(\.field) == ["fragmentOffset"])
  }
}
