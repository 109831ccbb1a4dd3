extension BuiltInScenario {
  static let tcpClosing = [tcpClose, tcpHalfClose, tcpDataAfterClose]

  private static let tcpClose = BuiltInScenario(
    name: "tcp-close",
    text: #"""
      # An orderly end: FIN and ACK, each side for itself.
      #
      # A connection is two streams. Each side ends its own by a FIN, which takes a number of the sequence like an octet
      # of data, and is acknowledged like one (RFC 9293 §3.6): FA, A, FA, A. A FIN goes with an ACK flag because every
      # segment behind the first does; it is not an answer.
      lab lan4

      # Both ends are spoken here: Linux puts its ACK and its own FIN into one segment where its program closes at once.
      b: hold tcp 2048
      let mine = 1000
      let his = 5000
      a: send IP(src=$a, dst=$b)/TCP(sport=1024, dport=2048, flags="S", seq=$mine, window=8760, options=[("MSS", 1460)])
      b: expect within 1s length 58 IP(src=$a)/TCP(sport=1024, dport=2048, flags="S", seq=$mine)
      b: send IP(src=$b, dst=$a)/TCP(sport=2048, dport=1024, flags="SA", seq=$his, ack=$mine+1, window=8760, options=[("MSS", 1460)])
      a: expect within 1s length 58 IP(src=$b)/TCP(flags="SA", seq=$his, ack=$mine+1)
      a: send IP(src=$a, dst=$b)/TCP(sport=1024, dport=2048, flags="A", seq=$mine+1, ack=$his+1, window=8760)
      b: expect within 1s length 54 IP(src=$a)/TCP(flags="A", seq=$mine+1, ack=$his+1)

      # a has no more to say. b's end knows (CLOSE-WAIT), and acknowledges the FIN: its number + 1.
      a: send IP(src=$a, dst=$b)/TCP(sport=1024, dport=2048, flags="FA", seq=$mine+1, ack=$his+1, window=8760)
      b: expect within 1s length 54 IP(src=$a)/TCP(flags="FA", seq=$mine+1, ack=$his+1)
      b: send IP(src=$b, dst=$a)/TCP(sport=2048, dport=1024, flags="A", seq=$his+1, ack=$mine+2, window=8760)
      a: expect within 1s length 54 IP(src=$b)/TCP(flags="A", seq=$his+1, ack=$mine+2)

      # Neither has b any more.
      b: send IP(src=$b, dst=$a)/TCP(sport=2048, dport=1024, flags="FA", seq=$his+1, ack=$mine+2, window=8760)
      a: expect within 1s length 54 IP(src=$b)/TCP(flags="FA", seq=$his+1, ack=$mine+2)
      a: send IP(src=$a, dst=$b)/TCP(sport=1024, dport=2048, flags="A", seq=$mine+2, ack=$his+2, window=8760)
      b: expect within 1s length 54 IP(src=$a)/TCP(flags="A", seq=$mine+2, ack=$his+2)
      check lengths(a, TCP()) == [58, 58, 54, 54, 54, 54, 54]

      # The other side first, and with b's kernel: the daytime service tells the time, and closes (RFC 867).
      b: start server: sonde serve daytime:13
      wait within 10s until output(server) contains "is ready"
      a: send IP(src=$a, dst=$b)/TCP(sport=1025, dport=13, flags="S", seq=7000, window=8760, options=[("MSS", 1460)])
      a: expect within 1s IP(src=$b)/TCP(sport=13, dport=1025, flags="SA", seq=$isn, ack=7001)
      a: send IP(src=$a, dst=$b)/TCP(sport=1025, dport=13, flags="A", seq=7001, ack=$isn+1, window=8760)
      a: expect within 1s IP(src=$b)/TCP(sport=13, dport=1025, flags="FA", seq=$fin, ack=7001) unless TCP(flags="R")
      a: send IP(src=$a, dst=$b)/TCP(sport=1025, dport=13, flags="A", seq=7001, ack=$fin+1, window=8760)
      a: send IP(src=$a, dst=$b)/TCP(sport=1025, dport=13, flags="FA", seq=7001, ack=$fin+1, window=8760)
      a: expect within 1s length 54 IP(src=$b)/TCP(sport=13, dport=1025, flags="A", seq=$fin+1, ack=7002) unless TCP(flags="R")
      """#)

  private static let tcpHalfClose = BuiltInScenario(
    name: "tcp-half-close",
    text: #"""
      # A half close: a says no more, and still listens.
      #
      # shutdown() for output sends FIN: the stream from a to b has ended. The one from b to a has not: b goes on
      # sending, and a acknowledges (RFC 9293 §3.6). "No more from me" is not "no more".
      lab lan4

      b: start peer: sonde talk --listen 2048
        | accept
        | wait peer-closed
        | wait 300ms
        | write "still here"
        | wait acknowledged
        | wait 300ms
        | close
        | wait closed
      wait within 10s until output(peer) contains "LISTEN"
      a: start client: sonde talk $b 2048
        | connect
        | shutdown out
        | read 10
        | wait closed
      a: expect out within 5s IP(dst=$b)/TCP(dport=2048, flags="S", seq=$isn)
      a: expect within 1s IP(src=$b)/TCP(flags="SA", seq=$his, ack=$isn+1)
      a: expect out within 1s length 66 IP(dst=$b)/TCP(flags="A", seq=$isn+1, ack=$his+1)

      # FIN, and its acknowledgment.
      a: expect out within 1s length 66 IP(dst=$b)/TCP(flags="FA", seq=$isn+1, ack=$his+1)
      a: expect within 1s length 66 IP(src=$b)/TCP(flags="A", seq=$his+1, ack=$isn+2)

      # Ten octets come the other way, on a connection that is half closed. They are data, and no closing.
      a: expect within 2s length 76 IP(src=$b)/TCP(flags="PA", seq=$his+1, ack=$isn+2)/"still here"
      a: expect out within 1s length 66 IP(dst=$b)/TCP(flags="A", seq=$isn+2, ack=$his+11)

      # Then b ends its side too.
      a: expect within 2s length 66 IP(src=$b)/TCP(flags="FA", seq=$his+11, ack=$isn+2)
      a: expect out within 1s length 66 IP(dst=$b)/TCP(flags="A", seq=$isn+2, ack=$his+12)
      wait within 10s for client
      check status == 0
      check output contains "still here"
      wait within 10s for peer
      check status == 0
      """#)

  private static let tcpDataAfterClose = BuiltInScenario(
    name: "tcp-data-after-close",
    text: #"""
      # Data to a peer that has closed: a RST, and nothing more.
      #
      # b's program has closed: nobody will ever read there. But to a the FIN only says that b sends no more, so a may
      # write. Its data (PSH and ACK, no SYN) is answered by RST (RFC 9293 §3.10.7.4), which ends the connection at once,
      # without SYN-ACK or anything else. A second write is refused by a's own TCP: nothing is sent.
      lab lan4

      # The daytime service tells the time, and closes.
      b: start server: sonde serve daytime:13
      wait within 10s until output(server) contains "is ready"
      a: start client: sonde talk $b 13
        | connect
        | wait peer-closed
        | wait 300ms
        | write "too late"
        | wait 500ms
        | write "again"
      a: expect out within 5s IP(dst=$b)/TCP(dport=13, flags="S", seq=$isn)
      a: expect within 1s IP(src=$b)/TCP(sport=13, flags="FA", seq=$fin, ack=$isn+1)
      a: expect out within 1s IP(dst=$b)/TCP(flags="A", seq=$isn+1, ack=$fin+1)

      # The first write is sent, and reset.
      a: expect out within 2s length 74 IP(dst=$b)/TCP(flags="PA", seq=$isn+1, ack=$fin+1)/"too late"
      a: expect within 1s length 54 IP(src=$b)/TCP(flags="R", seq=$fin+1, window=0) unless TCP(flags="SA")

      # The second is not sent.
      a: nothing within 1s out IP(dst=$b)/TCP()
      wait within 10s for client
      check status == 1
      """#)
}
