import SondeLink
import SondeOctets
import Testing
import WireSupport

@testable import SondeLinux

/// How far the kernel pair's round-trip time is from what a capture on the same machine says.
@Suite(.wire, .serialized) struct StampWireTests {
  @Test(arguments: [DoorKind.raw, .datagram], [TransmitStamp.scheduled, .sent])
  func theKernelPairIsThatOfACapture(door: DoorKind, stamp: TransmitStamp) throws {
    try WireNetwork.run { network in
      let ends = Ends.ipv4
      let count = 200
      let path = "/tmp/sonde-stamps-\(System.random(UInt64.self)).pcap"
      let capture = try network.start(
        "exec timeout 10 tcpdump -i near0 -Z root -s 128 -B 4096 --nano -U --immediate-mode -c \(2 * count) -w \(path) icmp > \(path).log 2>&1"
      )
      defer { try? network.sh("rm -f \(path) \(path).log") }
      try network.sh("for i in 1 2 3 4 5 6 7 8 9; do grep -q listening \(path).log && exit 0; sleep 0.1; done; exit 1")
      try network.sh("sleep 0.3")
      var link = try LinuxLink.open(
        .ipv4, door, door == .raw ? .icmp : .datagram, .init(echoIdentification: 77, transmitStamp: stamp))
      var ours: [Int: Int64] = [:]
      for sequence in 1...count {
        let packet = Crafted.echo(ends.near, ends.far, id: 77, sequence: UInt16(sequence))
        #expect(link.send([Outgoing(probe: UInt64(sequence), bytes: packet)]).count == 1)
        let received = try link.collect { !$0.frames.isEmpty && !$0.departures.isEmpty }
        if let heard = received.frames.first?.stamp.kernel, let left = received.departures.first?.kernel {
          ours[sequence] = (heard - left).nanoseconds
        }
      }
      #expect(ours.count >= count - 1, "the first answer after switching stamps on may have none")
      try network.sh("sleep 0.2")
      network.stop(capture)
      try network.sh(
        "tshark -n -r \(path) -T fields -e icmp.seq -e icmp.type -e frame.time_epoch > \(path).log 2>/dev/null")
      let file = try Descriptor.file("\(path).log", flags: 0)
      var captured: [Int: [Int64]] = [:]
      for line in readAll(file.number).split(separator: "\n") {
        let words = line.split(separator: "\t")
        guard words.count == 3, let sequence = Int(words[0]) else { continue }
        let digits = words[2].filter { $0 != "." }
        captured[sequence, default: []].append(Int64(digits) ?? 0)
      }
      var differences: [Int64] = []
      for (sequence, time) in ours {
        guard let pair = captured[sequence], pair.count == 2 else { continue }
        differences.append(time - (pair[1] - pair[0]))
      }
      try #require(differences.count > count / 2)
      let median = differences.map(abs).sorted()[differences.count / 2]
      // Wrong pairs are off by milliseconds; how near the right ones are is measured by Scripts/bench.
      #expect(median < 1_000_000, "nanoseconds")
    }
  }
}
