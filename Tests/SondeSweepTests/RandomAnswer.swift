import SondeHeaders
import SondeOctets
import TestSupport

/// Makes what could come back on a question: true answers, near misses, and both damaged.
struct RandomAnswer {
  var random: Seeded

  private mutating func chance(_ one: UInt64) -> Bool { random.next() % one == 0 }
  private mutating func any<T>(_ values: [T]) -> T { values[Int(random.next() % UInt64(values.count))] }

  /// The octets of a packet that has something to do with a question.
  mutating func octets(on question: [UInt8]) -> [UInt8] {
    let asked = Registry.dissect(question)
    var octets: [UInt8]
    switch random.next() % 10 {
    case 0: octets = chance(3) ? question : error(about: question, asked)
    case 1...4: octets = error(about: question, asked)
    default: octets = direct(asked)
    }
    if chance(6), !octets.isEmpty { octets[Int(random.next() % UInt64(octets.count))] ^= 1 << UInt8(random.next() % 8) }
    if chance(12) { octets.removeLast(Int(random.next() % UInt64(octets.count))) }
    if chance(12) { octets += random.octets(Int(random.next() % 12)) }
    return octets
  }

  private mutating func near(_ number: UInt32) -> UInt32 {
    chance(6) ? number &+ any([1, 2, 3, 4, 5, .max, 0x1_0000, number.byteSwapped, 0x8000_0000]) : number
  }

  private mutating func near(_ number: UInt16) -> UInt16 {
    chance(10) ? number &+ any([1, 2, .max, number.byteSwapped, 0x8000]) : number
  }

  /// The IP header of a packet to us.
  private mutating func back(_ asked: Dissection, from hosts: [IPAddress]) -> any Header {
    let ttl: UInt8 = any([64, 1, 128, 57])
    switch asked.destination {
    case .v6?:
      let from = any(hosts.compactMap { if case .v6(let address) = $0 { address } else { nil } })
      return IPv6(from: from, to: chance(30) ? Hosts.other6 : Hosts.us6, hopLimit: ttl)
    default:
      let from = any(hosts.compactMap { if case .v4(let address) = $0 { address } else { nil } })
      var header = IPv4(from: from, to: chance(30) ? Hosts.other : Hosts.us, ttl: ttl, identification: 0)
      if chance(30) { header.flags = .moreFragments }
      if chance(30) { header.options = [.option(kind: 148, data: [0, 0])] }
      return header
    }
  }

  private mutating func direct(_ asked: Dissection) -> [UInt8] {
    let host = asked.destination ?? .v4(Hosts.asked)
    let ip = back(asked, from: chance(8) ? [.v4(Hosts.other), .v6(Hosts.other6)] : [host])
    var layers: [any Header] = [ip]
    if chance(25), ip is IPv6 { layers.append(IPv6Destination()) }
    if let tcp = asked.first(TCP.self) {
      let flags: TCP.Flags = any([
        [.syn, .ack], [.rst, .ack], .rst, [.syn, .ack, .ece], .syn, .ack, [.fin, .ack], [.rst, .syn], [],
        [.syn, .ack], [.rst, .ack], .rst,
      ])
      let length = UInt32(asked.payload.count) + (tcp.flags.isDisjoint(with: [.syn, .fin]) ? 0 : 1)
      var reply = TCP(
        from: near(tcp.destinationPort), to: near(tcp.sourcePort), flags: flags,
        sequenceNumber: near(chance(2) ? tcp.acknowledgmentNumber : 7),
        acknowledgmentNumber: near(tcp.sequenceNumber &+ length),
        window: any([0, 512, 65_535]))
      reply.options = any([
        [], [], [.option(kind: 2, data: [5, 0xb4])],
        [.option(kind: 2, data: [5, 0xb4]), .option(kind: 4, data: []), .option(kind: 1, data: [])],
        [.option(kind: 2, data: [5])],
        [.option(kind: 254, data: [1, 2])],
        [.option(kind: 8, data: [UInt8](repeating: 3, count: 8)), .option(kind: 3, data: [7])],
      ])
      layers.append(reply)
    } else if let udp = asked.first(UDP.self) {
      var reply = UDP(from: near(udp.destinationPort), to: near(udp.sourcePort))
      if chance(12) { reply.checksum = .set(0) }
      if chance(12) { reply.length = .set(UInt16(random.next() % 20)) }
      layers.append(reply)
      if chance(2) { layers.append(Payload(octets: random.octets(Int(random.next() % 9)))) }
    } else if let query = asked.first(ICMPv4.self) {
      let type: ICMPv4.Kind = chance(8) ? any([0, 8, 13, 14, 16]) : query.type.reply ?? .echoReply
      var reply = ICMPv4(type: type, code: chance(9) ? 1 : 0, restOfHeader: near(query.restOfHeader))
      if [13, 14].contains(type) { reply.numbers = [near(query.numbers.first ?? 0), 1, 2] }
      layers.append(reply)
      layers.append(Payload(octets: data(asked.payload)))
    } else if let query = asked.first(ICMPv6.self) {
      let type: ICMPv6.Kind = chance(8) ? .echoRequest : .echoReply
      layers.append(ICMPv6(type: type, code: chance(9) ? 1 : 0, restOfHeader: near(query.restOfHeader)))
      layers.append(Payload(octets: data(asked.payload)))
    }
    return AnyPacket(layers).octets
  }

  private mutating func data(_ octets: [UInt8]) -> [UInt8] {
    var octets = octets
    if chance(5), !octets.isEmpty { octets[Int(random.next() % UInt64(octets.count))] ^= 0x10 }
    if chance(12) { octets = Array(octets.dropLast(3)) }
    return octets
  }

  private mutating func error(about question: [UInt8], _ asked: Dissection) -> [UInt8] {
    let host = asked.destination ?? .v4(Hosts.asked)
    let hosts: [IPAddress] =
      chance(2) ? [host] : [.v4(Hosts.router), .v6(Hosts.router6), chance(6) ? asked.source ?? host : host]
    let ip = back(asked, from: hosts)
    var quote = question
    if chance(4) { quote = Array(quote.prefix((ip is IPv6 ? 40 : 20) + Int(random.next() % 30))) }
    if chance(5), !quote.isEmpty { quote[Int(random.next() % UInt64(quote.count))] ^= 1 << UInt8(random.next() % 8) }
    if chance(3), quote.count > 8 { quote[ip is IPv6 ? 7 : 8] = any([1, 2, 59, 61]) }
    if chance(20) { quote += random.octets(4) }
    let rest: UInt32 = chance(6) ? any([1400, 0x0005_0000, 20, 0xff00_0000]) : 0
    if ip is IPv6 {
      let type: ICMPv6.Kind = any([1, 1, 1, 3, 3, 2, 4, 100, 137])
      let code = UInt8(random.next() % (type == .destinationUnreachable ? 10 : 3))
      return AnyPacket([ip, ICMPv6(type: type, code: code, restOfHeader: rest), Payload(octets: quote)]).octets
    }
    let type: ICMPv4.Kind = any([3, 3, 3, 3, 11, 11, 12, 5, 4])
    let code = UInt8(random.next() % (type == .destinationUnreachable ? 17 : 3))
    return AnyPacket([ip, ICMPv4(type: type, code: code, restOfHeader: rest), Payload(octets: quote)]).octets
  }
}
