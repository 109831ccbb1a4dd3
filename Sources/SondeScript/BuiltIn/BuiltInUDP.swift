extension BuiltInScenario {
  static let udp = [udpSimple, udpMany, udpUnplugged, udpClosed, udpOverflow, udpFragments]

  private static let udpSimple = BuiltInScenario(
    name: "udp-simple",
    text: #"""
      # One datagram: a's port 34611 to b's port 32784.
      #
      # UDP adds four words to what IP does (RFC 768): 8733 8010, the two ports (34611 and 32784); 000f, the length,
      # which counts these 8 octets and the 7 of data; c035, a sum over them and over a "pseudo-header" of both
      # addresses, the protocol number and the length. All of that, header and data, is what UDP hands to IP.
      lab lan4

      # Somebody has that port at b: this scenario, so that b's kernel keeps silent.
      b: hold udp 32784

      a: send IP(src=$a, dst=$b)/UDP(sport=34611, dport=32784)/"bonjour"
      b: expect within 1s length 49 IP(src=$a, dst=$b, len=35, proto=17)/UDP(sport=0x8733, dport=0x8010, len=15, chksum=0xc035)/"bonjour"

      # Nothing acknowledges a datagram: whether it came, only an answer by the program itself can tell.
      a: nothing within 300ms IP(src=$b)

      # b's program may answer at any time, from its port to the one that the datagram came from.
      b: send IP(src=$b, dst=$a)/UDP(sport=32784, dport=34611)/"salut"
      a: expect within 1s length 47 IP(src=$b, dst=$a, len=33)/UDP(sport=32784, dport=34611, len=13)/"salut"
      """#)

  private static let udpMany = BuiltInScenario(
    name: "udp-many",
    text: #"""
      # Several datagrams before a read: each read takes one, whole or cut.
      #
      # TCP is a stream and knows no messages; UDP is messages and no stream. However many datagrams wait, a read takes
      # one of them. If it asks for less than there is, the rest of that datagram is lost; if it asks for more, it gets
      # no more than that datagram.
      lab lan4

      # b waits for a moment before it reads: first with room for 4 octets, then for 100, then for 100 again.
      b: start reader: sonde talk --udp --listen 32784 --no-read
        | status
        | wait 1s
        | recvfrom 4
        | recvfrom 100
        | recvfrom 100
        | status
      wait within 10s until output(reader) contains "UDP from port 32784"

      a: send IP(src=$a, dst=$b)/UDP(sport=34611, dport=32784)/"first datagram"
      a: send IP(src=$a, dst=$b)/UDP(sport=34611, dport=32784)/"second"
      a: send IP(src=$a, dst=$b)/UDP(sport=34611, dport=32784)/"third"
      b: expect within 1s length 56 IP(src=$a)/UDP(sport=34611, dport=32784, len=22)/"first datagram"
      b: expect within 1s length 48 IP(src=$a)/UDP(sport=34611, dport=32784, len=14)/"second"
      b: expect within 1s length 47 IP(src=$a)/UDP(sport=34611, dport=32784, len=13)/"third"

      # Three datagrams, three reads: the short one got "firs" and lost "t datagram", the long one stopped at "second".
      wait for reader
      check status == 0
      check output contains "4 octets: \"firs\""
      check output contains "6 octets: \"second\""
      check output contains "5 octets: \"third\""
      check output contains "0 datagrams wait"
      """#)

  private static let udpUnplugged = BuiltInScenario(
    name: "udp-unplugged",
    text: #"""
      # A datagram to a station that is not there.
      #
      # The program sends, and is told that all went well: to send means to hand over to the kernel. The kernel asks by
      # ARP for the card of 195.0.0.9, three times, a second apart. Nobody answers, and the datagram never leaves.
      lab lan4

      a: start sender: sonde send -W 5 "IP(dst='195.0.0.9')/UDP(sport=34611, dport=32784)/'bonjour'"
      a: expect out within 5s ARP(op=1, hwsrc=$a.mac, psrc=$a, pdst="195.0.0.9")
      a: expect out within 0.8s..1.6s ARP(op=1, psrc=$a, pdst="195.0.0.9")
      a: expect out within 0.8s..1.6s ARP(op=1, psrc=$a, pdst="195.0.0.9")

      # Then a's own kernel tells its program: host unreachable (ICMP 3/1, RFC 792). The message is local, which is to be
      # said. And silence from a UDP port that could not even be asked is never "open".
      wait for sender
      check output contains "host-unreachable"
      check output contains "local"
      check output lacks "open"
      check count(a, UDP()) == 0
      check count(a, ARP(op=2)) == 0
      """#)

  private static let udpClosed = BuiltInScenario(
    name: "udp-closed",
    text: #"""
      # A datagram to a port that no socket has: port unreachable.
      #
      # b is there, but nobody reads its port 9999. So b's kernel says so, by ICMP: type 3, code 3 (RFC 1122 §4.1.3.1).
      # The message quotes the datagram that it is about, IP header and all, so that a can tell which program to tell.
      lab lan4

      a: send IP(src=$a, dst=$b, id=0x1111)/UDP(sport=34611, dport=9999)/"bonjour"
      a: expect within 1s length 77 IP(src=$b, dst=$a, proto=1)/ICMP(type=3, code=3)/IPerror(src=$a, dst=$b, id=0x1111, proto=17, len=35)/UDPerror(sport=34611, dport=9999, len=15)/"bonjour"

      # That answer, from the station itself, is what "closed" means for UDP (`sonde probe --udp -p 9999` says so). The
      # near miss: a port that somebody has gets no such answer.
      b: hold udp 32784
      a: send IP(src=$a, dst=$b)/UDP(sport=34611, dport=32784)/"bonjour"
      b: expect within 1s IP(src=$a)/UDP(sport=34611, dport=32784)/"bonjour"
      a: nothing within 500ms IP(src=$b)/ICMP(type=3)
      """#)

  private static let udpOverflow = BuiltInScenario(
    name: "udp-overflow",
    text: #"""
      # More datagrams than the receive queue holds: the excess is lost, and nobody is told.
      #
      # A socket keeps what has come until it is read, up to so many octets (SO_RCVBUF). What comes then is dropped: no
      # ICMP, no mark in what comes later. UDP has no window; who cannot bear the loss must count. So do we: twenty
      # datagrams of 100 octets come to a reader with room for 800 that is not reading.
      lab lan4

      b: start reader: sonde talk --udp --listen 32784 --no-read --window 800
        | status
        | wait 1s
        | status
        | recvfrom
        | recvfrom
        | status
      wait within 10s until output(reader) contains "UDP from port 32784"

      repeat 20 as $n
        a: send IP(src=$a, dst=$b, id=$n)/UDP(sport=34611, dport=32784)/Raw(load="x"*100)
      end

      # All twenty reach b: the cable has lost none.
      wait 300ms
      check count(b, IP(src=$a, dst=$b)/UDP(sport=34611, dport=32784, len=108)) == 20

      # Eight of them wait; twelve are lost. And a has heard nothing of it.
      wait for reader
      check status == 0
      check output contains "8 datagrams wait"
      check output contains "12 were lost"
      check output contains "6 datagrams wait"
      check count(a, ICMP(type=3)) == 0
      """#)

  private static let udpFragments = BuiltInScenario(
    name: "udp-frag4600",
    text: #"""
      # 4600 octets in one datagram, over a link that carries 1500: IP cuts it into four.
      #
      # UDP hands IP its own 8 octets too, so there are 4608 to carry (the length in the UDP header says so). Each
      # fragment has an IP header of 20 octets, which leaves 1480 for data; the offset field counts in units of 8
      # octets (RFC 791 §3.1), so it holds 0, 185, 370, 555 for the octets 0, 1480, 2960, 4440:
      #
      #   total length  offset field  more fragments  data
      #   1500          0             1               the UDP header and 1472 octets
      #   1500          185           1               1480
      #   1500          370           1               1480
      #   188           555           0               168
      #
      # The 20 octets are those of the IP header. Only the first fragment has the UDP header, and so the ports; one
      # identification tells which fragments belong together.
      lab lan4

      a: hold udp 34611
      b: start server: sonde serve echo:32784
      wait within 10s until output(server) contains "is ready"

      # One datagram is written; as its link carries 1500 octets, it leaves in fragments (`sonde send --mtu 1500` does
      # the same).
      a: send IP(src=$a, dst=$b, id=0x11f8)/UDP(sport=34611, dport=32784)/Raw(load="x"*4600)
      b: expect within 2s length 1514 IP(src=$a, dst=$b, len=1500, id=0x11f8, flags="MF", frag=0, proto=17)/UDP(sport=34611, dport=32784, len=4608)
      b: expect within 1s length 1514 IP(src=$a, dst=$b, len=1500, id=0x11f8, flags="MF", frag=185, proto=17)
      b: expect within 1s length 1514 IP(src=$a, dst=$b, len=1500, id=0x11f8, flags="MF", frag=370, proto=17)
      b: expect within 1s length 202 IP(src=$a, dst=$b, len=188, id=0x11f8, flags=0, frag=555, proto=17)
      check lengths(b, IP(src=$a, proto=17)) == [1514, 1514, 1514, 202]

      # b's kernel puts them together and gives its program one datagram. The program echoes it, and now that kernel
      # cuts: the table is the same, with an identification of its own.
      a: expect within 2s length 1514 IP(src=$b, dst=$a, len=1500, id=$id, flags="MF", frag=0, proto=17)/UDP(sport=32784, dport=34611, len=4608)
      a: expect within 1s length 1514 IP(src=$b, dst=$a, len=1500, id=$id, flags="MF", frag=185, proto=17)
      a: expect within 1s length 1514 IP(src=$b, dst=$a, len=1500, id=$id, flags="MF", frag=370, proto=17)
      a: expect within 1s length 202 IP(src=$b, dst=$a, len=188, id=$id, flags=0, frag=555, proto=17)

      # The near miss: without the third fragment nothing is put together, and nothing is echoed.
      a: send IP(src=$a, dst=$b, id=0x11f9, flags="MF", frag=0, proto=17)/Raw(load="x"*1480)
      a: send IP(src=$a, dst=$b, id=0x11f9, flags="MF", frag=185, proto=17)/Raw(load="x"*1480)
      a: send IP(src=$a, dst=$b, id=0x11f9, frag=555, proto=17)/Raw(load="x"*168)
      a: nothing within 500ms IP(src=$b, proto=17)
      """#)
}
