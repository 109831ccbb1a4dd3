internal import SondeHeaders
internal import SondeLink
internal import SondeOctets
internal import SondeSweep

/// Prints what a question of a sweep takes to write, and what comes to read, in nanoseconds.
func sweepBenchmark() {
  let ipv4 = IPv4(from: here, ttl: 64)
  do throws(SweepFormError) {
    let key = SweepKey(1, 2)
    let tcp = try SweepQuestions([AnyPacket([ipv4, TCP(options: [.mss(1460)])])], key: key, attempts: 2)
    let udp = try SweepQuestions([AnyPacket([ipv4, UDP()])], key: key, payloads: .services)
    let echo = try SweepQuestions([AnyPacket([ipv4, ICMPv4.echoRequest()])], key: key)
    compare(
      "sweep: questions written",
      [(label: "", contenders: [writing("tcp", tcp), writing("udp", udp), writing("echo", echo)])])
    let reset: (Dissection) -> [any Header] = { asked in
      guard let tcp = asked.first(TCP.self) else { return [] }
      return [
        TCP(
          from: tcp.destinationPort, to: tcp.sourcePort, flags: [.rst, .ack],
          acknowledgmentNumber: tcp.sequenceNumber &+ 1)
      ]
    }
    let stray: (Dissection) -> [any Header] = { asked in
      guard let tcp = asked.first(TCP.self) else { return [] }
      return [TCP(from: tcp.destinationPort, to: tcp.sourcePort, flags: [.rst, .ack], acknowledgmentNumber: 1)]
    }
    compare(
      "sweep: packets read",
      [
        (
          label: "",
          contenders: [
            reading("tcp reset", tcp, reset),
            reading("udp error", udp) { asked in
              [ICMPv4.destinationUnreachable(code: 3), Payload(octets: asked.bytes)]
            },
            reading("echo reply", echo) { asked in
              guard let echo = asked.first(ICMPv4.self) else { return [] }
              return [ICMPv4(type: .echoReply, restOfHeader: echo.restOfHeader), Payload(octets: asked.payload)]
            },
            reading("tcp noise", tcp, stray),
          ]
        )
      ])
  } catch {
    print("sweep: \(error)")
  }
}

private func target(_ number: Int, _ hasPort: Bool) -> SweepTarget {
  SweepTarget(address: .v4(there(number)), port: hasPort ? UInt16(truncatingIfNeeded: number) : 0)
}

private func writing(_ name: String, _ questions: SweepQuestions) -> Contender {
  Contender(name: name) { times in
    var questions = questions
    var total: UInt64 = 0
    for time in 0..<times {
      let target = target(time, name != "echo")
      questions.write(target, attempt: 0, at: Instant(nanoseconds: Int64(time))) { total &+= consumed($0) }
    }
    return total
  }
}

private func reading(
  _ name: String, _ questions: SweepQuestions, _ layers: (Dissection) -> [any Header]
) -> Contender {
  var copy = questions
  let packets = (1...64).map { number in
    var asked = Registry.dissect([])
    let target = target(number, name != "echo reply")
    copy.write(target, attempt: 0, at: Instant(nanoseconds: 1)) { asked = Registry.dissect($0.octets) }
    let packet = AnyPacket([IPv4(from: there(number), to: here) as any Header] + layers(asked))
    return (try? packet.encoded().bytes) ?? []
  }
  return Contender(name: name) { times in
    var total: UInt64 = 0
    var facts = BulkFacts(
      interface: 1, at: Instant(nanoseconds: 2), wall: 0, checksumNotReady: false, length: 0)
    for time in 0..<times {
      let packet = packets[time & 63]
      facts.length = packet.count
      switch questions.read(packet.rawSpan, facts) {
      case .answer(let answer): total &+= UInt64(answer.target.port)
      case .noise: total &+= 1
      }
    }
    return total
  }
}
