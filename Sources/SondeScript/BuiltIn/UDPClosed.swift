extension BuiltInScenario {
  static let udpClosed = BuiltInScenario(
    name: "udp-closed",
    text: """
      # A datagram to a port without a socket: the host says so
      lab pair

      # No program on b has a socket of port 32784. UDP itself has no way to say that (RFC 768): the datagram is handed
      # to nobody.
      a: send IP(src=$a, dst=$b)/UDP(sport=34611, dport=32784)/"hello"

      # So ICMP says it: type 3, destination unreachable, with code 3, port (RFC 1122 section 4.1.3.1). The message
      # quotes the datagram's header, by which a knows which of its programs the news is for.
      a: expect within 1s IP(src=$b, dst=$a)/ICMP(type=3, code=3)/IPerror(dst=$b)/UDPerror(sport=34611, dport=32784)

      """)
}
