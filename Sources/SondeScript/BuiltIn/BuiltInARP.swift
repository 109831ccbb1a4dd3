extension BuiltInScenario {
  static let arp = [arpRequest, arpReply, arpCounts, arpProxy, arpGratuitous, arpLearn]

  private static let arpRequest = BuiltInScenario(
    name: "arp-request",
    text: #"""
      # An ARP request: station a asks the whole Ethernet who has b's address.
      #
      # IP addresses mean nothing to an Ethernet card. Before a station can send an IP packet to a neighbour it asks for
      # the card that belongs to the address, by a question to everybody (RFC 826). The 42 octets, in hexadecimal:
      #
      #   ffffffffffff 00e0292b78e9 0806                Ethernet: to all, from a's card, EtherType ARP
      #   0001 0800 06 04                               hardware is Ethernet, protocol is IPv4, lengths 6 and 4
      #   0001                                          operation 1: a request
      #   00e0292b78e9 c3000004                         sender: a's card, 195.0.0.4
      #   ffffffffffff c3000002                         target: the card that is asked for, 195.0.0.2
      #
      # A request is no echo: there is no such thing as an "ARP echo request". And lengths are lengths: the data of an
      # Ethernet frame has between 46 and 1500 octets; these are not positions of bits. ARP's 28 octets are too few, so
      # 18 zeros fill the frame up to 60 octets. A real card does that by itself; a virtual cable carries shorter ones.
      lab lan4

      # As the stations of 2001 wrote it: the target's hardware address, which nobody knows yet, is all ones.
      a: send Ether(dst="ff:ff:ff:ff:ff:ff", src=$a.mac, type=0x0806)/ARP(hwtype=1, ptype=0x0800, hwlen=6, plen=4, op=1, hwsrc=$a.mac, psrc=$a, hwdst="ff:ff:ff:ff:ff:ff", pdst=$b)/Padding("\0"*18)

      # A broadcast reaches every card: the one that is meant,
      b: expect within 1s length 60 Ether(dst="ff:ff:ff:ff:ff:ff", src="00:e0:29:2b:78:e9", type=0x0806)/ARP(hwtype=1, ptype=0x0800, hwlen=6, plen=4, op=1, hwsrc="00:e0:29:2b:78:e9", psrc="195.0.0.4", hwdst="ff:ff:ff:ff:ff:ff", pdst="195.0.0.2")

      # and those that are not.
      c: expect within 1s length 60 Ether(dst="ff:ff:ff:ff:ff:ff")/ARP(op=1, pdst="195.0.0.2")
      d: expect within 1s length 60 Ether(dst="ff:ff:ff:ff:ff:ff")/ARP(op=1, pdst="195.0.0.2")

      # Only b answers, and to a alone.
      a: expect within 1s Ether(dst=$a.mac, src=$b.mac)/ARP(op=2, hwsrc=$b.mac, psrc=$b)

      # As today's systems write it: zeros for what is not known. RFC 826 leaves the field free, so that both are right,
      # and both are understood.
      a: send Ether(dst="ff:ff:ff:ff:ff:ff", src=$a.mac, type=0x0806)/ARP(op=1, hwsrc=$a.mac, psrc=$a, hwdst="00:00:00:00:00:00", pdst=$b)/Padding("\0"*18)
      b: expect within 1s length 60 Ether(dst="ff:ff:ff:ff:ff:ff")/ARP(op=1, psrc=$a, hwdst="00:00:00:00:00:00", pdst=$b)
      a: expect within 1s Ether(dst=$a.mac, src=$b.mac)/ARP(op=2, hwsrc=$b.mac, psrc=$b)

      # Nobody answers for an address that nobody has.
      a: send Ether(dst="ff:ff:ff:ff:ff:ff", src=$a.mac, type=0x0806)/ARP(op=1, hwsrc=$a.mac, psrc=$a, pdst="195.0.0.9")/Padding("\0"*18)
      a: nothing within 500ms ARP(op=2)
      """#)

  private static let arpReply = BuiltInScenario(
    name: "arp-reply",
    text: #"""
      # An ARP reply: b answers a's question, to a alone.
      #
      #   00e0292b78e9 00b0d05c5ac1 0806                Ethernet: to a's card, from b's card, EtherType ARP
      #   0001 0800 06 04 0002                          operation 2: a reply
      #   00b0d05c5ac1 c3000002                         sender: b's card, 195.0.0.2. This is the answer
      #   00e0292b78e9 c3000004                         target: a's card, 195.0.0.4, as the request had them
      #
      # The reply is unicast, not broadcast: b has learned from the request who asks (RFC 826), and nobody else needs
      # the answer.
      lab lan4

      a: send Ether(dst="ff:ff:ff:ff:ff:ff", src=$a.mac)/ARP(op=1, hwsrc=$a.mac, psrc=$a, pdst=$b)/Padding("\0"*18)

      # b's own kernel answers, within the millisecond; every field is what the table above says.
      a: expect within 1s Ether(dst="00:e0:29:2b:78:e9", src="00:b0:d0:5c:5a:c1", type=0x0806)/ARP(hwtype=1, ptype=0x0800, hwlen=6, plen=4, op=2, hwsrc="00:b0:d0:5c:5a:c1", psrc="195.0.0.2", hwdst="00:e0:29:2b:78:e9", pdst="195.0.0.4") unless Ether(dst="ff:ff:ff:ff:ff:ff")/ARP(op=2)

      # A switch that knows a's port sends the reply there only: c never sees it.
      c: nothing within 300ms ARP(op=2)
      """#)

  private static let arpCounts = BuiltInScenario(
    name: "arp-counts",
    text: #"""
      # How many packets one ping takes: 2, 4, or questions only.
      #
      # An answer of ARP is kept for a while, in a table (`arp -a` in 2001, `ip neigh` today). So the same ping takes
      # another number of packets each time, as the tables have it. All counts are over the first three seconds: five
      # seconds after it was used unconfirmed, Linux checks an entry by a unicast request of its own (RFC 4861 §7.3).
      lab lan4

      # No table has anything yet, so that a must ask first: request, reply, echo, echo reply. That is four. b asks
      # nothing before it replies: the request told it who a is.
      a: run sonde ping -c 1 $b
      check status == 0
      check count(a, ARP(), last 3s) == 2
      check count(a, ARP(op=1, psrc=$a, pdst=$b), last 3s) == 1
      check count(a, ICMP(), last 3s) == 2

      # Both know each other now: echo and echo reply, two packets. ARP's count has not moved.
      a: run sonde ping -c 1 $b
      check status == 0
      check count(a, ARP(), last 3s) == 2
      check count(a, ICMP(), last 3s) == 4

      # Nobody has 195.0.0.9 (a station that is switched off or unplugged looks the same): a asks three times, a second
      # apart, and no echo ever leaves. Then a's own kernel says "host unreachable" to its program. That message comes
      # from 195.0.0.4, which is a itself: no router, and nothing on the cable.
      a: run within 10s sonde ping -c 1 -W 5 195.0.0.9
      check status == 1
      check output contains "From 195.0.0.4"
      check output contains "Destination Host Unreachable"
      check count(a, ARP(op=1, psrc=$a, pdst="195.0.0.9")) == 3
      check count(a, ARP(op=2, psrc="195.0.0.9")) == 0
      check count(a, IP(dst="195.0.0.9")) == 0
      """#)

  private static let arpProxy = BuiltInScenario(
    name: "arp-proxy",
    text: #"""
      # Two answers to one question: c publishes an entry for b's address.
      #
      # `arp -s 195.0.0.2 MAC pub` made a station of 2001 answer for another one's address. That is how proxy ARP works
      # (RFC 1027), and also how traffic is stolen: ARP believes everybody. Today's Linux does not answer for an address
      # that lies on the same link, so c's answer is spoken here. Who asks must be told that there are two owners.
      lab lan4

      # a asks, listens for a second and a half, and hears all who answer.
      a: start asker: sonde arp -c 1 -W 1.5 $b

      # b itself answers, as its kernel does.
      a: expect within 5s Ether(dst=$a.mac, src=$b.mac)/ARP(op=2, hwsrc=$b.mac, psrc=$b, hwdst=$a.mac, pdst=$a)

      # So does c, which saw the same broadcast: with b's IP address, and with its own card.
      c: expect within 1s Ether(dst="ff:ff:ff:ff:ff:ff")/ARP(op=1, hwsrc=$who, psrc=$asker, pdst="195.0.0.2")
      c: send Ether(dst=$who, src=$c.mac)/ARP(op=2, hwsrc=$c.mac, psrc="195.0.0.2", hwdst=$who, pdst=$asker)/Padding("\0"*18)
      a: expect within 1s length 60 Ether(dst=$a.mac, src=$c.mac)/ARP(op=2, hwsrc=$c.mac, psrc="195.0.0.2", hwdst=$a.mac, pdst=$a)

      # Two different cards for one address: said to be a conflict, not two fine answers.
      wait for asker
      check status == 0
      check output contains "00:b0:d0:5c:5a:c1"
      check output contains $c.mac
      check output contains "conflict"
      """#)

  private static let arpGratuitous = BuiltInScenario(
    name: "arp-gratuitous",
    text: #"""
      # ARP that nobody asked for: an announcement, and the search for a duplicate.
      #
      # A station says who it is when its interface comes up or when an entry is published: a request that asks for its
      # own address (sender and target are the same). Nobody is to answer; tables are to be put right (RFC 5227 §3).
      lab lan4

      a: send Ether(dst="ff:ff:ff:ff:ff:ff", src=$a.mac)/ARP(op=1, hwsrc=$a.mac, psrc=$a, pdst=$a)/Padding("\0"*18)
      b: expect within 1s length 60 Ether(dst="ff:ff:ff:ff:ff:ff")/ARP(op=1, hwsrc=$a.mac, psrc=$a, pdst=$a)
      a: nothing within 500ms ARP(op=2)

      # Before it takes an address, a careful station asks whether somebody has it, with 0.0.0.0 as its own so that
      # nobody's table is spoiled by the question (RFC 5227 §2.1.1). Nobody has 195.0.0.9: silence, it may be taken.
      a: send Ether(dst="ff:ff:ff:ff:ff:ff", src=$a.mac)/ARP(op=1, hwsrc=$a.mac, psrc="0.0.0.0", pdst="195.0.0.9")/Padding("\0"*18)
      b: expect within 1s ARP(op=1, psrc="0.0.0.0", pdst="195.0.0.9")
      a: nothing within 500ms ARP(op=2)

      # b has 195.0.0.2, and says so: the address is in use. (`sonde arp -D 195.0.0.2` asks so, and ends with status 1.)
      a: send Ether(dst="ff:ff:ff:ff:ff:ff", src=$a.mac)/ARP(op=1, hwsrc=$a.mac, psrc="0.0.0.0", pdst=$b)/Padding("\0"*18)
      a: expect within 1s Ether(dst=$a.mac, src=$b.mac)/ARP(op=2, hwsrc=$b.mac, psrc=$b, hwdst=$a.mac, pdst="0.0.0.0")
      """#)

  private static let arpLearn = BuiltInScenario(
    name: "arp-learn",
    text: #"""
      # Who learns from a request: its target does, a bystander at most refreshes what it has.
      #
      # A request carries its sender's two addresses, and everybody hears it. RFC 826 says what to do with that: who has
      # an entry for the sender updates it (the "merge flag"), whoever it is; who is the target makes an entry even if
      # it had none. A bystander without an entry makes none. The Suns of 2001 did: there, after one request, the whole
      # Ethernet knew the asker.
      lab lan4

      # The target learns: a asks for b, and then b sends to a without asking back.
      a: send Ether(dst="ff:ff:ff:ff:ff:ff", src=$a.mac)/ARP(op=1, hwsrc=$a.mac, psrc=$a, pdst=$b)/Padding("\0"*18)
      a: expect within 1s Ether(dst=$a.mac)/ARP(op=2, psrc=$b)
      b: run sonde ping -c 1 $a
      check status == 0
      check count(b, ARP(op=1, psrc=$b), last 3s) == 0

      # The bystander d heard the same request and learned nothing: it must ask for a itself.
      d: run sonde ping -c 1 $a
      check status == 0
      check count(d, ARP(op=1, psrc=$d, pdst=$a), last 3s) == 1

      # c gets an entry for a by a ping of its own. (Linux takes no change of an entry that is less than a second old.)
      c: run sonde ping -c 1 $a
      check status == 0
      wait 1.2s

      # Then a gets another card, so to say, and asks for somebody else with it. c is a bystander, but has an entry:
      # it takes the new address over, and its next packet to a goes there.
      a: send Ether(dst="ff:ff:ff:ff:ff:ff", src="02:00:00:00:00:99")/ARP(op=1, hwsrc="02:00:00:00:00:99", psrc=$a, pdst="195.0.0.9")/Padding("\0"*18)
      c: expect within 1s Ether(src="02:00:00:00:00:99")/ARP(op=1, psrc=$a, pdst="195.0.0.9")
      c: start pinger: sonde ping -c 1 -W 0.2 $a
      c: expect out within 5s Ether(dst="02:00:00:00:00:99", src=$c.mac)/IP(src=$c, dst=$a)/ICMP(type=8)
      wait for pinger
      check status == 1

      # A Sun of 2001, spoken by this scenario at both ends: the bystander d hears a's question for b, and sends to a
      # at once, with no question of its own.
      a: send Ether(dst="ff:ff:ff:ff:ff:ff", src=$a.mac)/ARP(op=1, hwsrc=$a.mac, psrc=$a, hwdst="ff:ff:ff:ff:ff:ff", pdst=$b)/Padding("\0"*18)
      d: expect within 1s ARP(op=1, hwsrc=$card, psrc=$asker, hwdst="ff:ff:ff:ff:ff:ff", pdst=$b)
      d: send Ether(dst=$card, src=$d.mac)/IP(src=$d, dst=$asker)/ICMP(type=8, id=0x2001, seq=1)
      a: expect within 1s Ether(dst=$a.mac, src=$d.mac)/IP(src=$d, dst=$a)/ICMP(type=8, id=0x2001, seq=1)
      """#)
}
