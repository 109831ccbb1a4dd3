import SondeLink
import SondeOctets
import Testing
import WireSupport

@testable import SondeLinux

/// Whether the kernel pair's round-trip time is that of a capture on the same machine.
@Suite(.wire, .serialized) struct StampWireTests {
  /// When a probe's request and reply passed the interface, as tshark reads it.
  private struct Passing {
    var request: Double?
    var reply: Double?
  }

  @Test(arguments: [DoorKind.raw, .datagram], [TransmitStamp.scheduled, .sent])
  func theKernelPairIsThatOfACapture(door: DoorKind, stamp: TransmitStamp) throws {
    try WireNetwork.run { _ in
      let ends = Ends.ipv4
      let capture = try WireCapture("near0", "icmp")
      var link = try LinuxLink.open(
        .ipv4, door, door == .raw ? .icmp : .datagram, .init(echoIdentification: 77, transmitStamp: stamp))
      var ours: [Int: Double] = [:]
      var sent = 0
      // The kernel switches stamps on a moment after it is asked to: answers before that have none.
      while ours.count < 12, sent < 500 {
        sent += 1
        let packet = Crafted.echo(ends.near, ends.far, id: 77, sequence: UInt16(sent))
        #expect(link.send([Outgoing(probe: UInt64(sent), bytes: packet)]).count == 1)
        let received = try link.collect { !$0.frames.isEmpty && !$0.departures.isEmpty }
        if let heard = received.frames.first?.stamp.kernel, let left = received.departures.first?.kernel {
          ours[sent] = Double((heard - left).nanoseconds) / 1e9
        } else {
          #expect(ours.isEmpty, "once on, stamps stay on")
        }
        // A stamp of the wrong probe is to be wrong by a lot.
        let next = link.now + .milliseconds(20)
        var stray: [Received] = []
        while link.now < next { try link.receive(until: next, into: &stray) }
      }
      try #require(ours.count == 12)
      try capture.finish(atLeast: 2 * sent)
      var passings: [Int: Passing] = [:]
      for line in try capture.fields("icmp.seq", "icmp.type", "frame.time_relative") {
        let words = line.split(separator: "\t")
        let sequence = try #require(words.first.flatMap { Int($0) }, "\(line)")
        let time = try #require(words.last.flatMap { Double($0) }, "\(line)")
        if words[1] == "8" {
          passings[sequence, default: Passing()].request = time
        } else {
          passings[sequence, default: Passing()].reply = time
        }
      }
      var near = 0
      for (sequence, time) in ours {
        let passing = passings[sequence]
        let request = try #require(passing?.request)
        let reply = try #require(passing?.reply)
        // A wrong pair is off by what lies between two probes, so half of that tells them apart.
        let gaps = [sequence - 1, sequence + 1].compactMap { passings[$0]?.request }.map { abs($0 - request) }
        let gap = try #require(gaps.min())
        if abs(time - (reply - request)) < gap / 2 { near += 1 }
      }
      // A machine that stops between the kernel's stamp and the capture's spoils a few; how near the others are is
      // measured by Scripts/bench.
      #expect(near > ours.count / 2)
    }
  }
}
