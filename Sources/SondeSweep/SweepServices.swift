extension SweepPayloads {
  /// What makes well-known services answer, each in its own protocol; empty datagrams to all other ports.
  public static let services = SweepPayloads(
    choices: [.none] + [
      tftp, dns, rpcbind, ntp, netBIOS, snmp, xdmcp, quic, ike, asf, openVPN, ssdp, stun, sip, mdns, coap, memcached,
    ])

  /// The same without what is meant for other ports than these: `longest` then counts no payload in vain.
  public func only(_ ports: some Sequence<UInt16>) -> SweepPayloads {
    let wanted = Set(ports)
    return SweepPayloads(choices: choices.prefix(1) + choices.dropFirst().filter { !wanted.isDisjoint(with: $0.ports) })
  }

  /// A read request (RFC 1350 §5). Many servers answer from another port (§4), which is no answer of this one.
  private static let tftp = Choice(ports: [69], octets: joined([0, 1], text("sonde\0octet\0")), mark: nil)

  /// The TXT record of version.bind in class CH (RFC 1035 §4.1, RFC 4892 §3): a question that no server passes on.
  private static let dns = Choice(
    ports: [53],
    octets: joined(query, [7], text("version"), [4], text("bind"), [0, 0, 16, 0, 3]),
    mark: Mark(offset: 0, width: 2, answered: 0))

  /// A call of procedure 0 of the port mapper, version 2, which does nothing (RFC 5531 §9, §11.1; RFC 1833 §3).
  private static let rpcbind = Choice(
    ports: [111],
    octets: words(0, 0, 2, 100_000, 2, 0, 0, 0, 0, 0), mark: Mark(offset: 0, width: 4, answered: 0))

  /// A client's packet of version 4; the server repeats the transmit timestamp as the originate timestamp
  /// (RFC 5905 §7.3, §8).
  private static let ntp = Choice(
    ports: [123], octets: joined([0x23], zeros(47)), mark: Mark(offset: 40, width: 8, answered: 24))

  /// A node status request for the name "*" (RFC 1002 §4.2.17).
  private static let netBIOS = Choice(
    ports: [137],
    octets: joined(query, [32], text("CK" + String(repeating: "A", count: 30)), [0, 0, 0x21, 0, 1]),
    mark: Mark(offset: 0, width: 2, answered: 0))

  /// A request of version 3 that asks for the engine's name, which needs neither user nor community (RFC 3414 §4); the
  /// report repeats msgID (RFC 3412 §7.1).
  private static let snmp = Choice(
    ports: [161],
    octets: joined(
      [0x30, 0x3b, 2, 1, 3], [0x30, 0x11, 2, 4], zeros(4), [2, 3, 0, 0xff, 0xe3, 4, 1, 4, 2, 1, 3],
      [4, 0x10, 0x30, 0x0e, 4, 0, 2, 1, 0, 2, 1, 0, 4, 0, 4, 0, 4, 0],
      [0x30, 0x11, 4, 0, 4, 0, 0xa0, 0x0b, 2, 1, 1, 2, 1, 0, 2, 1, 0, 0x30, 0]),
    mark: Mark(offset: 9, width: 4, form: .positive, answered: nil))

  /// A query without authentication names (X Display Manager Control Protocol, version 1).
  private static let xdmcp = Choice(ports: [177], octets: [0, 1, 0, 2, 0, 1, 0], mark: nil)

  /// A long header of a version that none speaks, in 1200 octets that are laid out as version 1's first packet is: it draws a version negotiation, whose destination
  /// connection identifier is our source's (RFC 9000 §5.2.2, §6, §15, §17.2.1).
  private static let quic = Choice(
    ports: [443],
    octets: joined(
      [0xc0, 0x1a, 0x2a, 0x3a, 0x4a, 8], text("sondeask"), [8], zeros(8), [0, 0x44, 0x96], zeros(1174)),
    mark: Mark(offset: 15, width: 8, answered: 6))

  /// The first message of main mode: 3DES, SHA, pre-shared key, group 2 (RFC 2408 §3, RFC 2409 §5, appendix A).
  private static let ike = Choice(
    ports: [500],
    octets: joined(
      zeros(16), [1, 0x10, 2, 0], words(0, 84), [0, 0, 0, 56], words(1, 1), [0, 0, 0, 44, 1, 1, 0, 1],
      [0, 0, 0, 36, 1, 1, 0, 0], words(0x8001_0005, 0x8002_0002, 0x8003_0001, 0x8004_0002, 0x800b_0001),
      [0, 12, 0, 4, 0, 0, 0x70, 0x80]),
    mark: Mark(offset: 0, width: 8, answered: 0))

  /// A presence ping (Alert Standard Format 2.0, §3.2.4.2).
  private static let asf = Choice(
    ports: [623], octets: [6, 0, 0xff, 6, 0, 0, 0x11, 0xbe, 0x80, 1, 0, 0], mark: nil)

  /// A client's hard reset, version 2; the server's repeats our session identifier behind what it acknowledges
  /// (the protocol as its author describes it, ssl.h).
  private static let openVPN = Choice(
    ports: [1194], octets: joined([0x38], zeros(13)), mark: Mark(offset: 1, width: 8, answered: nil))

  /// A search for all (UPnP Device Architecture 2.0, §1.3.2).
  private static let ssdp = Choice(
    ports: [1900],
    octets: text(
      "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n"),
    mark: nil)

  /// A binding request; the response repeats the transaction identifier (RFC 8489 §5, §6.1).
  private static let stun = Choice(
    ports: [3478], octets: words(0x0001_0000, 0x2112_a442, 0, 0, 0), mark: Mark(offset: 8, width: 8, answered: 8))

  /// A question for the server's abilities (RFC 3261 §11); the response repeats Via (§8.2.6.2), and comes back to the
  /// port it was sent from (RFC 3581).
  private static let sip = Choice(
    ports: [5060], octets: text(sipHead + "00000000" + sipTail),
    mark: Mark(offset: sipHead.utf8.count, width: 8, form: .digits, answered: nil))
  private static let sipHead =
    "OPTIONS sip:sonde@example.com SIP/2.0\r\nVia: SIP/2.0/UDP example.com;rport;branch=z9hG4bK"
  private static let sipTail =
    "\r\nMax-Forwards: 70\r\nFrom: <sip:sonde@example.com>;tag=sonde\r\nTo: <sip:sonde@example.com>\r\n"
    + "Call-ID: sonde@example.com\r\nCSeq: 1 OPTIONS\r\nAccept: application/sdp\r\nContent-Length: 0\r\n\r\n"

  /// A question for the kinds of services (RFC 6763 §9); asked from another port than 5353 it is answered to that port,
  /// and its identifier repeated (RFC 6762 §6.7).
  private static let mdns = Choice(
    ports: [5353],
    octets: joined(
      query, [9], text("_services"), [7], text("_dns-sd"), [4], text("_udp"), [5], text("local"), [0, 0, 12, 0, 1]),
    mark: Mark(offset: 0, width: 2, answered: 0))

  /// A confirmable GET of /.well-known/core; the response repeats the token (RFC 7252 §3, §5.3.1; RFC 6690 §4).
  private static let coap = Choice(
    ports: [5683], octets: joined([0x44, 1, 0, 1], zeros(4), [0xbb], text(".well-known"), [4], text("core")),
    mark: Mark(offset: 4, width: 4, answered: 4))

  /// A question for the version in one frame; the answer repeats the request identifier (memcached, protocol.txt).
  private static let memcached = Choice(
    ports: [11_211], octets: joined([0, 0, 0, 0, 0, 1, 0, 0], text("version\r\n")),
    mark: Mark(offset: 0, width: 2, answered: 0))

  /// The header of a query of DNS and its kin: one question.
  private static let query: [UInt8] = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]

  private static func joined(_ parts: [UInt8]...) -> [UInt8] { parts.flatMap { $0 } }

  private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  private static func words(_ words: UInt32...) -> [UInt8] {
    words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } }
  }
}
