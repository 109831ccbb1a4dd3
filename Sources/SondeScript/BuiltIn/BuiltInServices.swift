extension BuiltInScenario {
  static let services = [echoService, conversation]

  private static let echoService = BuiltInScenario(
    name: "echo-service",
    text: #"""
      # The echo service: fifteen octets to port 7, and back.
      #
      # What comes to port 7 is sent back (RFC 862). b's kernel and a program serve; sonde is the client. From the
      # opening to the acknowledgment of the echo there are seven frames, whose lengths are easy to reckon: 14 octets of
      # Ethernet, 20 of IP, 20 of TCP, and options: 20 octets of them in the SYNs (MSS, SACK-permitted, timestamps,
      # window scale), 12 in all others (timestamps).
      #
      #   74 74 66        SYN, SYN-ACK, ACK
      #   81 66           15 octets, and their acknowledgment: 1 + 15 = 16, counted from the first number
      #   81 66           the echo, and its acknowledgment
      lab lan4

      b: start server: sonde serve echo:7
      wait within 10s until output(server) contains "is ready"
      a: start client: sonde talk $b 7
        | connect
        | write "fifteen octets\n"
        | read 15
        | wait 1s
        | close
        | wait closed

      # The opening. The SYN tells what a can do, by four options in the order that Linux has too.
      a: expect out within 5s length 74 IP(dst=$b)/TCP(dport=7, sport=$port, flags="S", seq=$mine, options=[("MSS", 1460), ("SAckOK", b""), ("Timestamp", ($_, 0)), ("NOP", None), ("WScale", 7)])
      a: expect within 1s length 74 IP(src=$b)/TCP(sport=7, dport=$port, flags="SA", seq=$his, ack=$mine+1)
      a: expect out within 1s length 66 IP(dst=$b)/TCP(flags="A", seq=$mine+1, ack=$his+1)

      # The octets. b's kernel acknowledges at once, before its program has read them.
      a: expect out within 1s length 81 IP(dst=$b)/TCP(flags="PA", seq=$mine+1, ack=$his+1)/"fifteen octets\n"
      a: expect within 1s length 66 IP(src=$b)/TCP(flags="A", seq=$his+1, ack=$mine+16)

      # The echo, which is data like any other, and is acknowledged.
      a: expect within 1s length 81 IP(src=$b)/TCP(flags="PA", seq=$his+1, ack=$mine+16)/"fifteen octets\n"
      a: expect out within 1s length 66 IP(dst=$b)/TCP(flags="A", seq=$mine+16, ack=$his+16)
      check lengths(a, TCP()) == [74, 74, 66, 81, 66, 81, 66]
      wait within 10s for client
      check status == 0
      """#)

  private static let conversation = BuiltInScenario(
    name: "conversation",
    text: #"""
      # A whole conversation: welcome, request, answer, and a half close.
      #
      # A client and a server in C, on two virtual machines; the server greets by 36 octets, the client asks by 6 and is
      # answered by 8, then the client has no more to say, and the server still sends 14. Both ends are spoken here, with
      # the windows and the options that the machines of that report used, so that the twelve frames are theirs:
      #
      #   74 74 66 102 66 72 66 74 66 66 80 66
      #
      # The window field has 16 bits. Window scale (RFC 7323 §2) makes its unit 2^7 = 128 octets, for all segments but
      # the SYNs: 229 means 229 * 128 = 29312 octets, 227 means 29056. Numbers and acknowledgments below are counted from
      # each side's first.
      lab
        network lan
          client.eth0 172.16.2.131/24
          server.eth0 172.16.2.163/24

      server: hold tcp 1234
      let c = 0x10000000
      let s = 0x20000000

      # 1 to 3: the opening. SYN and SYN-ACK tell four options, in this order. The listening socket answers: accept()
      # comes later.
      client: send IP(src=$client, dst=$server, flags="DF")/TCP(sport=46361, dport=1234, flags="S", seq=$c, window=29200, options=[("MSS", 1460), ("SAckOK", b""), ("Timestamp", (393472, 0)), ("NOP", None), ("WScale", 7)])
      server: expect within 1s length 74 IP(src=$client, len=60)/TCP(sport=46361, dport=1234, flags="S", seq=$c, window=29200, options=[("MSS", 1460), ("SAckOK", b""), ("Timestamp", (393472, 0)), ("NOP", None), ("WScale", 7)])
      server: send IP(src=$server, dst=$client, flags="DF")/TCP(sport=1234, dport=46361, flags="SA", seq=$s, ack=$c+1, window=28960, options=[("MSS", 1460), ("SAckOK", b""), ("Timestamp", (373566, 393472)), ("NOP", None), ("WScale", 7)])
      client: expect within 1s length 74 IP(src=$server, len=60)/TCP(sport=1234, dport=46361, flags="SA", seq=$s, ack=$c+1, window=28960, options=[("MSS", 1460), ("SAckOK", b""), ("Timestamp", (373566, 393472)), ("NOP", None), ("WScale", 7)])
      client: send IP(src=$client, dst=$server, flags="DF")/TCP(sport=46361, dport=1234, flags="A", seq=$c+1, ack=$s+1, window=229, options=[("NOP", None), ("NOP", None), ("Timestamp", (393473, 373566))])
      server: expect within 1s length 66 IP(src=$client)/TCP(flags="A", seq=$c+1, ack=$s+1, window=229)

      # 4, 5: the welcome, 36 octets, and its acknowledgment, 37.
      server: send IP(src=$server, dst=$client, flags="DF")/TCP(sport=1234, dport=46361, flags="PA", seq=$s+1, ack=$c+1, window=227, options=[("NOP", None), ("NOP", None), ("Timestamp", (373567, 393473))])/"Welcome to this server: say a name.\n"
      client: expect within 1s length 102 IP(src=$server)/TCP(flags="PA", seq=$s+1, ack=$c+1, window=227)/"Welcome to this server: say a name.\n"
      client: send IP(src=$client, dst=$server, flags="DF")/TCP(sport=46361, dport=1234, flags="A", seq=$c+1, ack=$s+37, window=229, options=[("NOP", None), ("NOP", None), ("Timestamp", (393473, 373567))])
      server: expect within 1s length 66 IP(src=$client)/TCP(flags="A", seq=$c+1, ack=$s+37, window=229)

      # 6, 7: the request, 6 octets, and its acknowledgment, 7.
      client: send IP(src=$client, dst=$server, flags="DF")/TCP(sport=46361, dport=1234, flags="PA", seq=$c+1, ack=$s+37, window=229, options=[("NOP", None), ("NOP", None), ("Timestamp", (394413, 373567))])/"sonde\n"
      server: expect within 1s length 72 IP(src=$client)/TCP(flags="PA", seq=$c+1, ack=$s+37, window=229)/"sonde\n"
      server: send IP(src=$server, dst=$client, flags="DF")/TCP(sport=1234, dport=46361, flags="A", seq=$s+37, ack=$c+7, window=227, options=[("NOP", None), ("NOP", None), ("Timestamp", (374506, 394413))])
      client: expect within 1s length 66 IP(src=$server)/TCP(flags="A", seq=$s+37, ack=$c+7, window=227)

      # 8, 9: the answer, 8 octets, and its acknowledgment, 45.
      server: send IP(src=$server, dst=$client, flags="DF")/TCP(sport=1234, dport=46361, flags="PA", seq=$s+37, ack=$c+7, window=227, options=[("NOP", None), ("NOP", None), ("Timestamp", (374506, 394413))])/"welcome\n"
      client: expect within 1s length 74 IP(src=$server)/TCP(flags="PA", seq=$s+37, ack=$c+7, window=227)/"welcome\n"
      client: send IP(src=$client, dst=$server, flags="DF")/TCP(sport=46361, dport=1234, flags="A", seq=$c+7, ack=$s+45, window=229, options=[("NOP", None), ("NOP", None), ("Timestamp", (394413, 374506))])
      server: expect within 1s length 66 IP(src=$client)/TCP(flags="A", seq=$c+7, ack=$s+45, window=229)

      # 10: the client has no more to say. The FIN takes a number: 8 is expected now.
      client: send IP(src=$client, dst=$server, flags="DF")/TCP(sport=46361, dport=1234, flags="FA", seq=$c+7, ack=$s+45, window=229, options=[("NOP", None), ("NOP", None), ("Timestamp", (394610, 374506))])
      server: expect within 1s length 66 IP(src=$client)/TCP(flags="FA", seq=$c+7, ack=$s+45, window=229)

      # 11, 12: 14 octets more from the server, whose acknowledgment of the FIN goes with them; they are acknowledged by
      # 59. These two are data on a half-closed connection, and not the ACKs of a closing.
      server: send IP(src=$server, dst=$client, flags="DF")/TCP(sport=1234, dport=46361, flags="PA", seq=$s+45, ack=$c+8, window=227, options=[("NOP", None), ("NOP", None), ("Timestamp", (374704, 394610))])/"that was all.\n"
      client: expect within 1s length 80 IP(src=$server)/TCP(flags="PA", seq=$s+45, ack=$c+8, window=227)/"that was all.\n"
      client: send IP(src=$client, dst=$server, flags="DF")/TCP(sport=46361, dport=1234, flags="A", seq=$c+8, ack=$s+59, window=229, options=[("NOP", None), ("NOP", None), ("Timestamp", (394610, 374704))])
      server: expect within 1s length 66 IP(src=$client)/TCP(flags="A", seq=$c+8, ack=$s+59, window=229)
      check lengths(client, TCP()) == [74, 74, 66, 102, 66, 72, 66, 74, 66, 66, 80, 66]
      """#)
}
