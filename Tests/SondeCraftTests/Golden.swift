import SondeOctets

/// Packets as Scapy 2.5.0 encodes them, each with the expression it was given.
enum Golden {
  // IP(dst="192.0.2.1",src="198.51.100.7",ttl=3,id=1)/TCP(sport=20,dport=80,flags="S",options=[("MSS",1460),("SAck
  // OK",b"")])/"hello"
  static let tcp = octets(
    """
    45000035000100000306cb86c6336407c00002010014005000000000000000007002200033a90000020405b404020000
    68656c6c6f
    """)

  // IP(dst="192.0.2.1",src="198.51.100.7",id=7,tos=0xb8,flags="DF")/UDP(sport=40000,dport=33434)/"odd"
  static let oddUDP = octets(
    """
    45b8001f0007400040114dd3c6336407c00002019c40829a000b215c6f6464
    """)

  // IP(dst="192.0.2.1",src="198.51.100.7",id=1)/TCP(sport=20,dport=80,flags="SA",seq=1,ack=2,options=[("MSS",1460)
  // ,("SAckOK",b""),("Timestamp",(1,2)),("NOP",None),("WScale",7),("EOL",None)])
  static let tcpOptions = octets(
    """
    450000400001000040068e7bc6336407c0000201001400500000000100000002b01220002b460000020405b40402080a
    00000001000000020103030700000000
    """)

  // IP(dst="192.0.2.1",src="198.51.100.7",id=1)/ICMP(type=8,id=0x1234,seq=1)/bytes(range(16))
  static let echo = octets(
    """
    4500002c0001000040018e94c6336407c00002010800ad8a12340001000102030405060708090a0b0c0d0e0f
    """)

  // IPv6(dst="2001:db8::1",src="2001:db8::2",hlim=9,fl=0xabcde,tc=1)/UDP(sport=1,dport=2)/"six"
  static let udpOverIPv6 = octets(
    """
    601abcde000b110920010db800000000000000000000000220010db800000000000000000000000100010002000bb8f6
    736978
    """)

  // IPv6(dst="2001:db8::1",src="2001:db8::2",hlim=64)/ICMPv6EchoRequest(id=5,seq=6,data=b"xyz")
  static let echoOverIPv6 = octets(
    """
    60000000000b3a4020010db800000000000000000000000220010db8000000000000000000000001800031c000050006
    78797a
    """)

  // IP(dst="192.0.2.1",src="198.51.100.7",id=1,chksum=0xdead)/UDP(sport=53,dport=53,chksum=0,len=9)/"x"
  static let handSet = octets(
    """
    4500001d000100004011deadc6336407c0000201003500350009000078
    """)

  // IP(dst="198.51.100.7",src="203.0.113.9",id=1)/ICMP(type=11,code=0)/inner[:28] with
  // inner=bytes(IP(dst="192.0.2.1",src="198.51.100.7",ttl=1,id=1)/UDP(sport=40000,dport=33434)/"abcdefgh")
  static let quoteCut = octets(
    """
    450000380001000040011480cb007109c63364070b0072f30000000045000024000100000111cd8cc6336407c0000201
    9c40829a00106321
    """)

  // IP(dst="198.51.100.7",src="203.0.113.9",id=1)/ICMP(type=3,code=3)/inner with
  // inner=bytes(IP(dst="192.0.2.1",src="198.51.100.7",ttl=1,id=1)/UDP(sport=40000,dport=33434)/"abcdefgh")
  static let quoteWhole = octets(
    """
    450000400001000040011478cb007109c63364070303e95a0000000045000024000100000111cd8cc6336407c0000201
    9c40829a001063216162636465666768
    """)

  // IP(dst="192.0.2.1",src="198.51.100.7",id=1)/IP(dst="203.0.113.9",src="198.51.100.8",id=2)/UDP(sport=5,dport=6)
  // /"in"
  static let ipInIP = octets(
    """
    450000320001000040048e8bc6336407c00002014500001e0002000040111488c6336408cb00710900050006000a301b
    696e
    """)

  // IP(dst="192.0.2.1",src="198.51.100.7",id=1,proto=0)
  static let alone = octets(
    """
    450000140001000040008eadc6336407c0000201
    """)

  /// The octets that hexadecimal digits write.
  static func octets(_ digits: String) -> [UInt8] {
    let digits = digits.utf8.compactMap(Hex.digit)
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
