extension BuiltInScenario {
  static let tcpStream = [tcpNumbers, tcpUrgent, tcpSegments, telnetLike, tcpZeroWindow, tcpUnplugged]

  private static let tcpNumbers = BuiltInScenario(
    name: "tcp-seqack",
    text: #"""
      # Sequence and acknowledgment numbers, with numbers that are given.
      #
      # Every octet of data has a number. A segment carries that of its first octet; the acknowledgment says which
      # number is expected next, that of the last octet + 1. SYN and FIN take a number each too, and all arithmetic is
      # modulo 2^32 (RFC 9293 §3.4). Both directions count for themselves.
      lab lan4

      # b's end is spoken by sonde as well: only so can its first number be chosen, 502886624.
      b: start peer: sonde talk --listen 2048 --isn 502886624 --no-timestamps --no-sack --wscale none
        | accept
        | wait data
        | wait 300ms
        | write "y"*200
        | wait closed
      wait within 10s until output(peer) contains "LISTEN"

      a: send IP(src=$a, dst=$b)/TCP(sport=1024, dport=2048, flags="S", seq=4242128594, window=8760, options=[("MSS", 1460)])
      a: expect within 1s length 58 IP(src=$b)/TCP(sport=2048, dport=1024, flags="SA", seq=502886624, ack=4242128595)
      a: send IP(src=$a, dst=$b)/TCP(sport=1024, dport=2048, flags="A", seq=4242128595, ack=502886625, window=8760)

      # A to B: 100 octets from 4242128595 on. The acknowledgment is 4242128595 + 100.
      a: send IP(src=$a, dst=$b)/TCP(sport=1024, dport=2048, flags="PA", seq=4242128595, ack=502886625, window=8760)/Raw(load="x"*100)
      a: expect within 1s length 54 IP(src=$b)/TCP(flags="A", seq=502886625, ack=4242128695)

      # B to A: 200 octets from 502886625 on. The acknowledgment is 502886625 + 200.
      a: expect within 2s length 254 IP(src=$b, len=240)/TCP(flags="PA", seq=502886625, ack=4242128695)/Raw(load="y"*200)
      a: send IP(src=$a, dst=$b)/TCP(sport=1024, dport=2048, flags="A", seq=4242128695, ack=502886825, window=8760)
      b: expect within 1s length 54 IP(src=$a)/TCP(flags="A", seq=4242128695, ack=502886825)
      a: send IP(src=$a, dst=$b)/TCP(sport=1024, dport=2048, flags="R", seq=4242128695)

      # Across the wrap, with b's kernel as the peer: 100 octets from 0xffffffce on end at 0x00000031, so that 0x32 is
      # acknowledged.
      b: start server: sonde serve discard:2049
      wait within 10s until output(server) contains "is ready"
      a: send IP(src=$a, dst=$b)/TCP(sport=1025, dport=2049, flags="S", seq=0xffffffcd, window=8760, options=[("MSS", 1460)])
      a: expect within 1s IP(src=$b)/TCP(sport=2049, dport=1025, flags="SA", seq=$isn, ack=0xffffffce)
      a: send IP(src=$a, dst=$b)/TCP(sport=1025, dport=2049, flags="A", seq=0xffffffce, ack=$isn+1, window=8760)
      a: send IP(src=$a, dst=$b)/TCP(sport=1025, dport=2049, flags="PA", seq=0xffffffce, ack=$isn+1, window=8760)/Raw(load="x"*100)
      a: expect within 1s length 54 IP(src=$b)/TCP(flags="A", seq=$isn+1, ack=0x32)
      a: send IP(src=$a, dst=$b)/TCP(sport=1025, dport=2049, flags="R", seq=0x32)
      """#)

  private static let tcpUrgent = BuiltInScenario(
    name: "tcp-urgent",
    text: #"""
      # One urgent octet, and the two readings of the pointer to it.
      #
      # A segment with URG says that somewhere in the stream, up to the urgent pointer, there is something that should
      # be read soon. It goes in the same stream under the same numbers: TCP has no second queue for it. The pointer is
      # counted from the segment's sequence number. What it points at has two readings:
      #
      #   BSD, Linux, and the standard since RFC 6093 (RFC 9293 §3.8.5): at the octet behind the last urgent one
      #   RFC 1122 §4.2.2.4: at the last urgent octet itself
      #
      # So a single octet "!" at the segment's start is urgent by the pointer 1 in the first reading, by 0 in the other.
      lab lan4

      b: start peer: sonde talk --listen 2048
        | accept
        | wait urgent
        | urecv
        | wait peer-closed
        | close
        | wait closed
      wait within 10s until output(peer) contains "LISTEN"
      a: start client: sonde talk $b 2048
        | connect
        | usend "!"
        | wait acknowledged
        | wait 500ms
        | write "?" flags="PAU" urgptr=0
        | wait acknowledged
        | wait 500ms
        | close
        | wait closed

      a: expect out within 5s IP(dst=$b)/TCP(flags="S", seq=$isn)
      a: expect within 1s IP(src=$b)/TCP(flags="SA", ack=$isn+1)

      # As BSD and Linux mean it: URG and ACK are set, and the pointer is 1.
      a: expect out within 1s IP(dst=$b)/TCP(flags="PAU", seq=$isn+1, urgptr=1)/"!"
      a: expect within 1s IP(src=$b)/TCP(flags="A", ack=$isn+2)

      # As RFC 1122 means it: the pointer is 0. Who reads it the other way finds its urgent data one octet early; that
      # is why nobody should use it (RFC 6093 §5).
      a: expect out within 2s IP(dst=$b)/TCP(flags="PAU", seq=$isn+2, urgptr=0)/"?"
      a: expect within 1s IP(src=$b)/TCP(flags="A", ack=$isn+3)

      # The octet that was urgent is known as such at the other end.
      wait within 10s for client
      check status == 0
      wait within 10s for peer
      check output contains "urgent"
      check output contains "!"
      """#)

  private static let tcpSegments = BuiltInScenario(
    name: "tcp-seg4600",
    text: #"""
      # 4600 octets over a link that carries 1500: TCP cuts them itself, and IP has nothing to fragment.
      #
      # The SYNs have told each side how much fits: a maximum segment size of 1460, which is 1500 less 20 for IP and 20
      # for TCP. So there are three full segments and a rest of 4600 - 3 * 1460 = 220:
      #
      #   data            1460  1460  1460   220
      #   total length    1500  1500  1500   260     (not 220: the two headers count)
      #
      # Timestamps (RFC 7323) take 12 more octets of every header: then 1448 1448 1448 256 is carried.
      lab lan4

      b: start server: sonde serve discard:2048
      wait within 10s until output(server) contains "is ready"

      a: start client: sonde talk --no-timestamps --source-port 1024 $b 2048
        | connect
        | write "x"*4600
        | wait acknowledged
        | close
        | wait closed
      b: expect within 5s IP(src=$a)/TCP(flags="S", seq=$isn)
      b: expect out within 1s IP(dst=$a)/TCP(flags="SA", ack=$isn+1)
      b: expect within 2s length 1514 IP(src=$a, len=1500, flags="DF", frag=0)/TCP(seq=$isn+1)/Raw(load="x"*1460)
      b: expect within 1s length 1514 IP(src=$a, len=1500, flags="DF", frag=0)/TCP(seq=$isn+1461)/Raw(load="x"*1460)
      b: expect within 1s length 1514 IP(src=$a, len=1500, flags="DF", frag=0)/TCP(seq=$isn+2921)/Raw(load="x"*1460)
      b: expect within 1s length 274 IP(src=$a, len=260, flags="DF", frag=0)/TCP(flags="PA", seq=$isn+4381)/Raw(load="x"*220)
      b: expect out within 1s IP(dst=$a)/TCP(ack=$isn+4601)
      wait within 10s for client
      check status == 0

      # The same with timestamps.
      a: start client2: sonde talk $b 2048
        | connect
        | write "x"*4600
        | wait acknowledged
        | close
        | wait closed
      b: expect within 5s IP(src=$a)/TCP(flags="S", seq=$second)
      b: expect within 2s length 1514 IP(src=$a, len=1500, flags="DF", frag=0)/TCP(dataofs=8, seq=$second+1)/Raw(load="x"*1448)
      b: expect within 1s length 1514 IP(src=$a, len=1500, flags="DF", frag=0)/TCP(dataofs=8, seq=$second+1449)/Raw(load="x"*1448)
      b: expect within 1s length 1514 IP(src=$a, len=1500, flags="DF", frag=0)/TCP(dataofs=8, seq=$second+2897)/Raw(load="x"*1448)
      b: expect within 1s length 322 IP(src=$a, len=308, flags="DF", frag=0)/TCP(dataofs=8, flags="PA", seq=$second+4345)/Raw(load="x"*256)
      wait within 10s for client2
      check status == 0
      check count(b, IP(flags="MF")) == 0
      """#)

  private static let telnetLike = BuiltInScenario(
    name: "telnet-like",
    text: #"""
      # A character at a time, as a terminal sends it: one segment and one acknowledgment for each.
      #
      # Who types wants to see each character at once, so each is pushed (PSH) in a segment of its own: 41 octets of IP
      # for one of data, and 40 more for its acknowledgment. Nagle's algorithm (RFC 9293 §3.7.4) would gather what is
      # typed until the one before is acknowledged; terminals turn it off.
      lab lan4

      b: start server: sonde serve discard:23
      wait within 10s until output(server) contains "is ready"

      let isn = 1000
      a: send IP(src=$a, dst=$b)/TCP(sport=1024, dport=23, flags="S", seq=$isn, window=8760, options=[("MSS", 1460)])
      a: expect within 1s IP(src=$b)/TCP(sport=23, dport=1024, flags="SA", seq=$his, ack=$isn+1)
      a: send IP(src=$a, dst=$b)/TCP(sport=1024, dport=23, flags="A", seq=$isn+1, ack=$his+1, window=8760)

      repeat 5 as $n
        a: send IP(src=$a, dst=$b)/TCP(sport=1024, dport=23, flags="PA", seq=$isn+$n, ack=$his+1, window=8760)/"x"
        a: expect within 1s length 54 IP(src=$b, len=40)/TCP(sport=23, dport=1024, flags="A", seq=$his+1, ack=$isn+$n+1)
        wait 100ms
      end
      check count(b, IP(src=$a, len=41)/TCP(flags="PA", dport=23)) == 5
      check count(b, IP(dst=$a, len=40)/TCP(flags="A", sport=23)) == 5
      a: send IP(src=$a, dst=$b)/TCP(sport=1024, dport=23, flags="R", seq=$isn+6)
      """#)

  private static let tcpZeroWindow = BuiltInScenario(
    name: "tcp-zero-window",
    text: #"""
      # 40,000 octets to a reader that does not read: the window closes, and opens again.
      #
      # Each acknowledgment says how many octets more the receiver has room for, its window. Nobody reads at b, so the
      # window shrinks with what comes, down to 0: then a must wait. As the segment that opens the window again might be
      # lost, a asks from time to time, by a segment of one octet (a zero-window probe, RFC 9293 §3.8.6.1); as long as
      # nothing is read, each is acknowledged with the window 0. Both ends are spoken by sonde.
      lab lan4

      b: start reader: sonde talk --listen 2048 --no-read --window 8192 --wscale none --no-timestamps
        | accept
        | wait 2500ms
        | read 40000
        | wait peer-closed
        | close
        | wait closed
      wait within 10s until output(reader) contains "LISTEN"
      a: start writer: sonde talk --no-timestamps --wscale none $b 2048
        | connect
        | write "x"*40000
        | wait acknowledged
        | close
        | wait closed
      a: expect out within 5s IP(dst=$b)/TCP(flags="S", seq=$isn)
      a: expect within 1s IP(src=$b)/TCP(flags="SA", ack=$isn+1, window=8192)

      # 8192 octets have come: the window is closed.
      a: expect within 1s IP(src=$b)/TCP(flags="A", ack=$isn+8193, window=0)

      # The probes, each later than the one before, and their acknowledgments.
      a: expect out within 1s length 55 IP(dst=$b)/TCP(seq=$isn+8193)/"x"
      a: expect within 500ms IP(src=$b)/TCP(flags="A", ack=$isn+8193, window=0)
      a: expect out within 1s length 55 IP(dst=$b)/TCP(seq=$isn+8193)/"x"
      a: expect within 500ms IP(src=$b)/TCP(flags="A", ack=$isn+8193, window=0)

      # b's program reads. A window update: the same acknowledgment, another window.
      a: expect within 5s IP(src=$b)/TCP(flags="A", ack=[$isn+8193, $isn+8194], window=(1460, 8192))

      # And data again, to the last octet.
      a: expect out within 5s length 1514 IP(dst=$b)/TCP(ack=$_)
      wait within 20s for writer
      check status == 0
      wait within 20s for reader
      check status == 0
      """#)

  private static let tcpUnplugged = BuiltInScenario(
    name: "tcp-unplugged",
    text: #"""
      # Writing to a station that is gone: again, and again later, and then ARP asks whether anybody is there.
      #
      # TCP sends again what is not acknowledged, each time after twice the time (RFC 6298 §5.5): 0.2, 0.4, 0.8, 1.6 s.
      # For that it needs nobody's help. Meanwhile the entry of the ARP table grows old, and the kernel asks for the
      # card again: first the old one, by a unicast request, then everybody.
      #
      # The station 195.0.0.9 is played by d, until it plays no more: that is the unplugged cable.
      lab
        network lan
          a.eth0 195.0.0.4/24 mac 00:e0:29:2b:78:e9
          d.eth0 195.0.0.1/24 mac 00:b0:d0:5c:5a:d1
        # Entries grow old after 30 seconds or so; a second is enough for this lesson.
        setting a ipv4/neigh/eth0/base_reachable_time_ms 1000
        setting a ipv4/neigh/eth0/delay_first_probe_time 1
        setting a ipv4/neigh/eth0/ucast_solicit 1

      a: start writer: sonde talk --no-timestamps -W 30 195.0.0.9 2048
        | connect
        | write "anybody there?"
        | wait acknowledged
      d: expect within 5s Ether(src=$a.mac)/ARP(op=1, psrc=$a, pdst="195.0.0.9")
      d: send Ether(dst=$a.mac, src=$d.mac)/ARP(op=2, hwsrc=$d.mac, psrc="195.0.0.9", hwdst=$a.mac, pdst=$a)/Padding("\0"*18)
      d: expect within 2s Ether(dst=$d.mac)/IP(src=$a, dst="195.0.0.9")/TCP(sport=$port, dport=2048, flags="S", seq=$isn)
      d: send Ether(dst=$a.mac, src=$d.mac)/IP(src="195.0.0.9", dst=$a)/TCP(sport=2048, dport=$port, flags="SA", seq=5000, ack=$isn+1, window=8760, options=[("MSS", 1460)])
      d: expect within 1s IP(src=$a)/TCP(flags="A", seq=$isn+1, ack=5001)

      # The connection stands; the data comes; and from now on d is silent.
      d: expect within 1s length 68 IP(src=$a)/TCP(flags="PA", seq=$isn+1, ack=5001)/"anybody there?"
      d: expect within 100ms..400ms IP(src=$a)/TCP(flags="PA", seq=$isn+1, ack=5001)/"anybody there?"
      d: expect within 300ms..700ms IP(src=$a)/TCP(flags="PA", seq=$isn+1, ack=5001)/"anybody there?"
      d: expect within 600ms..1200ms IP(src=$a)/TCP(flags="PA", seq=$isn+1, ack=5001)/"anybody there?"

      # The kernel asks the card that it knew, and then all.
      d: expect within 10s Ether(dst=$d.mac, src=$a.mac)/ARP(op=1, psrc=$a, pdst="195.0.0.9")
      d: expect within 10s Ether(dst="ff:ff:ff:ff:ff:ff", src=$a.mac)/ARP(op=1, psrc=$a, pdst="195.0.0.9")
      d: expect within 2s Ether(dst="ff:ff:ff:ff:ff:ff", src=$a.mac)/ARP(op=1, psrc=$a, pdst="195.0.0.9")
      stop writer
      """#)
}
