internal import SondeOctets

/// Packets that Scapy 2.5.0 built, with what built them.
enum Vectors {
  /// IP(src="198.51.100.7", dst="192.0.2.1", id=4711, ttl=57)/ICMP(type=0, id=0x1234, seq=1)/b"abcdefghij"
  static let echoReply =
    "450000261267000039018334c6336407c00002010000f2ca123400016162636465666768696a"
  /// IPv6(src="2001:db8:7::7", dst="2001:db8::1", hlim=57)/ICMPv6EchoReply(id=0x1234, seq=1, data=b"abc")
  static let echoReply6 =
    "60000000000b3a3920010db800070000000000000000000720010db800000000000000000000000181004ca1123400016162"
    + "63"
  /// IP(…, flags="DF")/TCP(sport=80, dport=40000, flags="SA", seq=99, ack=4243, options=[("MSS", 1460)])
  static let synAck =
    "4500002c000140003906558fc6336407c000020100509c40000000630000109360122000de530000020405b4"
  /// IP(…, flags="DF")/TCP(sport=80, dport=40000, flags="RA", seq=0, ack=4243, window=0)
  static let reset =
    "450000280001400039065593c6336407c000020100509c4000000000000010935014000016710000"
  /// IP(…, tos=0xc0)/ICMP(type=3, code=3)/IPerror(…)/UDPerror(sport=40000, dport=53)/b"q"
  static let portUnreachable =
    "45c0003900010000390194c7c6336407c00002010303e953000000004500001d000100000311cb93c0000201c63364079c40"
    + "00350009062a71"
  /// IPv6(…)/ICMPv6DestUnreach(code=4)/IPerror6(…)/UDPerror(sport=40000, dport=53)/b"q"
  static let portUnreachable6 =
    "6000000000393a4020010db800070000000000000000000720010db8000000000000000000000001010431d8000000006000"
    + "00000009114020010db800000000000000000000000120010db80007000000000000000000079c400035000996e571"
  /// IP(src="203.0.113.1", …)/ICMP(type=11)/ the first 28 octets of IP(…, id=0x9999)/UDP(…)/b"q"
  static let timeExceeded =
    "45c000380001000040017c01cb007101c00002010b005257000000004500001d99990000011133fbc0000201c63364079c40"
    + "00350009062a"

  static func octets(_ hex: String) -> [UInt8] {
    let digits = hex.utf8.compactMap(Hex.digit)
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
