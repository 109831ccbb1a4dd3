extension BuiltInScenario {
  static let tcpOpening = [tcpHandshake, tcpClosed, listenList, twoServers, manyClients]

  private static let tcpHandshake = BuiltInScenario(
    name: "tcp-handshake",
    text: #"""
      # A TCP connection is opened by three packets: SYN, SYN-ACK, ACK.
      #
      # Each side draws an initial sequence number (ISN) and tells the other; each acknowledges the other's, as the
      # number that it expects next: ISN + 1, for a SYN takes a number of the sequence, as an octet of data does
      # (RFC 9293 §3.5). Three packets, and no more, open a connection.
      lab lan4

      b: start server: sonde serve echo:2048
      wait within 10s until output(server) contains "is ready"

      # SYN: our numbers begin at 4242128594, and we take segments of 1460 octets (1500 less two headers of 20).
      let mine = 4242128594
      a: send IP(src=$a, dst=$b)/TCP(sport=1024, dport=2048, flags="S", seq=$mine, ack=0, window=8760, options=[("MSS", 1460)])

      # SYN-ACK: b's number, and ours + 1. It is b's kernel that answers, as soon as the program has called listen():
      # before any accept(), which only takes a connection that stands already.
      a: expect within 1s length 58 IP(src=$b, dst=$a)/TCP(sport=2048, dport=1024, flags="SA", seq=$isn, ack=$mine+1, options=[("MSS", 1460)])

      # ACK: b's number + 1. Now both know that both know.
      a: send IP(src=$a, dst=$b)/TCP(sport=1024, dport=2048, flags="A", seq=4242128595, ack=$isn+1, window=8760)
      b: expect within 1s length 54 IP(src=$a)/TCP(flags="A", seq=4242128595, ack=$isn+1)

      # Nothing more is needed, and a connection without data is silent.
      a: nothing within 300ms IP(src=$b)/TCP()

      # It does stand: five octets are acknowledged (ISN + 1 + 5).
      a: send IP(src=$a, dst=$b)/TCP(sport=1024, dport=2048, flags="PA", seq=4242128595, ack=$isn+1, window=8760)/"hello"
      a: expect within 1s IP(src=$b)/TCP(flags="A", seq=$isn+1, ack=4242128600)
      a: send IP(src=$a, dst=$b)/TCP(sport=1024, dport=2048, flags="R", seq=4242128600, window=0)
      """#)

  private static let tcpClosed = BuiltInScenario(
    name: "tcp-closed",
    text: #"""
      # A SYN to a port where nobody listens: reset.
      #
      # b has no connection to answer for, so it answers by RST (RFC 9293 §3.5.2). As our SYN acknowledged nothing, the
      # RST has the sequence number 0 and acknowledges all that we sent: ISN + 1. That number is what makes it
      # believable; anybody can send a RST.
      lab lan4

      a: send IP(src=$a, dst=$b)/TCP(sport=1025, dport=2049, flags="S", seq=4242128594, window=8760, options=[("MSS", 1460)])
      a: expect within 1s length 54 IP(src=$b, dst=$a)/TCP(sport=2049, dport=1025, flags="RA", seq=0, ack=4242128595, window=0) unless TCP(flags="SA")

      # That is what "closed" means for TCP.
      a: run sonde probe -p 2049 $b
      check status == 0
      check output contains "2049/tcp closed"

      # A segment with ACK is reset with the number that it acknowledges, and without ACK in the RST.
      a: send IP(src=$a, dst=$b)/TCP(sport=1025, dport=2049, flags="A", seq=77, ack=502886625, window=8760)
      a: expect within 1s length 54 IP(src=$b, dst=$a)/TCP(sport=2049, dport=1025, flags="R", seq=502886625, ack=0, window=0)
      """#)

  private static let listenList = BuiltInScenario(
    name: "listen-list",
    text: #"""
      # Who listens: ports 7 and 1234 answer SYN-ACK, all others RST.
      #
      # `netstat -paunt` lists the ports of one's own station. From outside the same list is found by asking: a port
      # where a program listens answers a SYN by SYN-ACK, any other by RST.
      lab lan4

      b: start echo: sonde serve echo:7
      b: start welcome: sonde serve welcome:1234
      wait within 10s until output(echo) contains "is ready"
      wait within 10s until output(welcome) contains "is ready"

      a: send IP(src=$a, dst=$b)/TCP(sport=1031, dport=7, flags="S", seq=1000)
      a: expect within 1s IP(src=$b)/TCP(sport=7, dport=1031, flags="SA", ack=1001)
      a: send IP(src=$a, dst=$b)/TCP(sport=1031, dport=7, flags="R", seq=1001)
      a: send IP(src=$a, dst=$b)/TCP(sport=1032, dport=1234, flags="S", seq=2000)
      a: expect within 1s IP(src=$b)/TCP(sport=1234, dport=1032, flags="SA", ack=2001)
      a: send IP(src=$a, dst=$b)/TCP(sport=1032, dport=1234, flags="R", seq=2001)
      a: send IP(src=$a, dst=$b)/TCP(sport=1033, dport=[8, 80, 1233, 1235], flags="S", seq=3000)
      a: expect within 1s IP(src=$b)/TCP(sport=8, dport=1033, flags="RA", seq=0, ack=3001, window=0)
      a: expect within 1s IP(src=$b)/TCP(sport=80, dport=1033, flags="RA", seq=0, ack=3001, window=0)
      a: expect within 1s IP(src=$b)/TCP(sport=1233, dport=1033, flags="RA", seq=0, ack=3001, window=0)
      a: expect within 1s IP(src=$b)/TCP(sport=1235, dport=1033, flags="RA", seq=0, ack=3001, window=0)

      # The first 2000 ports at once.
      a: run within 30s sonde probe -p 1-2000 --open $b
      check status == 0
      check output contains "7/tcp"
      check output contains "1234/tcp"
      check output contains "2000 ports: 1998 closed, 2 open"
      """#)

  private static let twoServers = BuiltInScenario(
    name: "two-servers",
    text: #"""
      # Two servers on one station: two ports; the same port twice is refused.
      #
      # A port is how TCP tells one program of a station from another (RFC 9293 §3.1). Each server has its own; bind()
      # refuses one that another has.
      lab lan4

      b: start first: sonde serve echo:7
      b: start second: sonde serve welcome:1234
      wait within 10s until output(first) contains "is ready"
      wait within 10s until output(second) contains "is ready"

      a: send IP(src=$a, dst=$b)/TCP(sport=1041, dport=7, flags="S", seq=1000)
      a: expect within 1s IP(src=$b)/TCP(sport=7, dport=1041, flags="SA", ack=1001)
      a: send IP(src=$a, dst=$b)/TCP(sport=1042, dport=1234, flags="S", seq=2000)
      a: expect within 1s IP(src=$b)/TCP(sport=1234, dport=1042, flags="SA", ack=2001)
      a: send IP(src=$a, dst=$b)/TCP(sport=1041, dport=7, flags="R", seq=1001)
      a: send IP(src=$a, dst=$b)/TCP(sport=1042, dport=1234, flags="R", seq=2001)

      # A third server for port 7 cannot begin.
      b: run within 10s sonde serve discard:7
      check status == 2
      check errors contains "7"
      check errors contains "in use"
      """#)

  private static let manyClients = BuiltInScenario(
    name: "many-clients",
    text: #"""
      # One server, three clients: connections are told apart by four numbers.
      #
      # The server has one port for all of them. What makes a connection is the pair of ends: both addresses and both
      # ports (RFC 9293 §3.4). So two clients on one station differ by their ports, and two with the same port by their
      # addresses.
      lab lan4

      b: start server: sonde serve echo:7
      wait within 10s until output(server) contains "is ready"

      a: send IP(src=$a, dst=$b)/TCP(sport=40001, dport=7, flags="S", seq=1000, window=8760)
      a: expect within 1s IP(src=$b, dst=$a)/TCP(sport=7, dport=40001, flags="SA", seq=$one, ack=1001)
      a: send IP(src=$a, dst=$b)/TCP(sport=40001, dport=7, flags="A", seq=1001, ack=$one+1, window=8760)
      a: send IP(src=$a, dst=$b)/TCP(sport=40002, dport=7, flags="S", seq=2000, window=8760)
      a: expect within 1s IP(src=$b, dst=$a)/TCP(sport=7, dport=40002, flags="SA", seq=$two, ack=2001)
      a: send IP(src=$a, dst=$b)/TCP(sport=40002, dport=7, flags="A", seq=2001, ack=$two+1, window=8760)
      c: send IP(src=$c, dst=$b)/TCP(sport=40001, dport=7, flags="S", seq=3000, window=8760)
      c: expect within 1s IP(src=$b, dst=$c)/TCP(sport=7, dport=40001, flags="SA", seq=$three, ack=3001)
      c: send IP(src=$c, dst=$b)/TCP(sport=40001, dport=7, flags="A", seq=3001, ack=$three+1, window=8760)

      # Each sends something else, and gets its own back.
      a: send IP(src=$a, dst=$b)/TCP(sport=40001, dport=7, flags="PA", seq=1001, ack=$one+1, window=8760)/"one"
      a: expect within 1s IP(src=$b)/TCP(sport=7, dport=40001, flags="PA", seq=$one+1, ack=1004)/"one"
      a: send IP(src=$a, dst=$b)/TCP(sport=40001, dport=7, flags="A", seq=1004, ack=$one+4, window=8760)
      a: send IP(src=$a, dst=$b)/TCP(sport=40002, dport=7, flags="PA", seq=2001, ack=$two+1, window=8760)/"second"
      a: expect within 1s IP(src=$b)/TCP(sport=7, dport=40002, flags="PA", seq=$two+1, ack=2007)/"second"
      a: send IP(src=$a, dst=$b)/TCP(sport=40002, dport=7, flags="A", seq=2007, ack=$two+7, window=8760)
      c: send IP(src=$c, dst=$b)/TCP(sport=40001, dport=7, flags="PA", seq=3001, ack=$three+1, window=8760)/"number three"
      c: expect within 1s IP(src=$b)/TCP(sport=7, dport=40001, flags="PA", seq=$three+1, ack=3013)/"number three"
      c: send IP(src=$c, dst=$b)/TCP(sport=40001, dport=7, flags="A", seq=3013, ack=$three+13, window=8760)

      # One of them goes away; the others do not notice.
      a: send IP(src=$a, dst=$b)/TCP(sport=40001, dport=7, flags="R", seq=1004)
      a: send IP(src=$a, dst=$b)/TCP(sport=40002, dport=7, flags="PA", seq=2007, ack=$two+7, window=8760)/"more"
      a: expect within 1s IP(src=$b)/TCP(sport=7, dport=40002, flags="PA", seq=$two+7, ack=2011)/"more"
      a: send IP(src=$a, dst=$b)/TCP(sport=40002, dport=7, flags="R", seq=2011)
      c: send IP(src=$c, dst=$b)/TCP(sport=40001, dport=7, flags="R", seq=3013)
      stop server
      """#)
}
