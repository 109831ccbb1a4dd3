extension BuiltInScenario {
  static let icmp = [icmpEcho, icmpLimits, ping]

  private static let icmpEcho = BuiltInScenario(
    name: "icmp-echo",
    text: #"""
      # An echo request of eight octets, every one set by hand, and its checksum.
      #
      #   0800 f4fc 0101 0202        type 8, code 0; checksum; identifier 0x0101, sequence number 0x0202; no data
      #
      # ICMP is read in 16-bit words: four of them, not "octets 7, 8 and 9". The checksum (RFC 1071) is the complement
      # of the words' sum, with the checksum itself taken for 0:
      #
      #   0800 + 0000 + 0101 + 0202 = 0b03, and its complement is f4fc
      #   0000 + 0000 + 0101 + 0202 = 0303, and its complement is fcfc: the reply's, whose type is 0
      #
      # Who receives it sums everything, the checksum too: 0800 + f4fc + 0101 + 0202 = ffff, all ones: undamaged.
      lab lan4

      # The arithmetic first (`sonde checksum 0800 0000 0101 0202` shows it word by word): the request's sum,
      check 0x0800 + 0x0000 + 0x0101 + 0x0202 == 0x0b03
      check 0xffff - 0x0b03 == 0xf4fc

      # the reply's,
      check 0x0000 + 0x0000 + 0x0101 + 0x0202 == 0x0303
      check 0xffff - 0x0303 == 0xfcfc

      # and what who receives them finds.
      check 0x0800 + 0xf4fc + 0x0101 + 0x0202 == 0xffff
      check 0x0000 + 0xfcfc + 0x0101 + 0x0202 == 0xffff

      # Now on the cable. The sum is written by hand: a wrong one would be dropped, as icmp-limits shows.
      a: send IP(src=$a, dst=$b, ttl=64)/ICMP(type=8, code=0, chksum=0xf4fc, id=0x0101, seq=0x0202)
      b: expect within 1s IP(src=$a, dst=$b, len=28, proto=1)/ICMP(type=8, code=0, chksum=0xf4fc, id=0x0101, seq=0x0202)

      # b's kernel turns the message round (RFC 792): type 0, everything else as it was, a new checksum.
      a: expect within 1s IP(src=$b, dst=$a, len=28, proto=1)/ICMP(type=0, code=0, chksum=0xfcfc, id=0x0101, seq=0x0202)
      """#)

  private static let icmpLimits = BuiltInScenario(
    name: "icmp-limits",
    text: #"""
      # What the Internet checksum cannot see, and what it always sees.
      #
      # One message, 0800 f193 0101 0202 with the data 1234 5678 9abc 0000, is damaged in several ways; the checksum
      # stays f193. b's kernel answers what it takes for undamaged, and drops the rest without a word.
      lab lan4

      a: send IP(src=$a, dst=$b)/ICMP(type=8, code=0, chksum=0xf193, id=0x0101, seq=0x0202)/b"\x12\x34\x56\x78\x9a\xbc\x00\x00"
      a: expect within 1s IP(src=$b)/ICMP(type=0, code=0, chksum=0xf993, id=0x0101, seq=0x0202)/b"\x12\x34\x56\x78\x9a\xbc\x00\x00"

      # Unseen: two words have changed places. A sum does not know the order of what it sums (RFC 1071 §2).
      a: send IP(src=$a, dst=$b)/ICMP(type=8, code=0, chksum=0xf193, id=0x0101, seq=0x0202)/b"\x56\x78\x12\x34\x9a\xbc\x00\x00"
      a: expect within 1s IP(src=$b)/ICMP(type=0, id=0x0101, seq=0x0202)/b"\x56\x78\x12\x34\x9a\xbc\x00\x00"

      # Unseen: two flips in one column of bits, one up and one down (1234 to 1230, 5678 to 567c).
      a: send IP(src=$a, dst=$b)/ICMP(type=8, code=0, chksum=0xf193, id=0x0101, seq=0x0202)/b"\x12\x30\x56\x7c\x9a\xbc\x00\x00"
      a: expect within 1s IP(src=$b)/ICMP(type=0, id=0x0101, seq=0x0202)/b"\x12\x30\x56\x7c\x9a\xbc\x00\x00"

      # Unseen: 0000 has become ffff. In ones' complement both are zero. That is a burst of 16 bits.
      a: send IP(src=$a, dst=$b)/ICMP(type=8, code=0, chksum=0xf193, id=0x0101, seq=0x0202)/b"\x12\x34\x56\x78\x9a\xbc\xff\xff"
      a: expect within 1s IP(src=$b)/ICMP(type=0, id=0x0101, seq=0x0202)/b"\x12\x34\x56\x78\x9a\xbc\xff\xff"

      # Always seen: a single bit, wherever it is. Here are all sixteen of one word, the sequence number.
      a: send IP(src=$a, dst=$b)/ICMP(type=8, code=0, chksum=0xf193, id=0x0101, seq=[0x0203, 0x0200, 0x0206, 0x020a, 0x0212, 0x0222, 0x0242, 0x0282, 0x0302, 0x0002, 0x0602, 0x0a02, 0x1202, 0x2202, 0x4202, 0x8202])/b"\x12\x34\x56\x78\x9a\xbc\x00\x00"
      a: nothing within 300ms IP(src=$b)/ICMP(type=0)

      # Always seen: a burst of fewer than 16 bits, within a word (1234 to 6dcb, fifteen bits),
      a: send IP(src=$a, dst=$b)/ICMP(type=8, code=0, chksum=0xf193, id=0x0101, seq=0x0202)/b"\x6d\xcb\x56\x78\x9a\xbc\x00\x00"
      a: nothing within 300ms IP(src=$b)/ICMP(type=0)

      # or across two (1234 5678 to 12cb a878, fifteen bits). So the checksum is not "limited to one error": it sees
      # every single one, nearly all others (65534 of 65535 where errors are random), and is blind to the few above.
      a: send IP(src=$a, dst=$b)/ICMP(type=8, code=0, chksum=0xf193, id=0x0101, seq=0x0202)/b"\x12\xcb\xa8\x78\x9a\xbc\x00\x00"
      a: nothing within 300ms IP(src=$b)/ICMP(type=0)

      # b was there all the time: the undamaged message is answered again.
      a: send IP(src=$a, dst=$b)/ICMP(type=8, code=0, chksum=0xf193, id=0x0101, seq=0x0202)/b"\x12\x34\x56\x78\x9a\xbc\x00\x00"
      a: expect within 1s IP(src=$b)/ICMP(type=0, chksum=0xf993, id=0x0101, seq=0x0202)
      """#)

  private static let ping = BuiltInScenario(
    name: "ping",
    text: #"""
      # Ping: an echo request a second, numbered, and the time until each reply.
      #
      # The identifier tells this ping's replies from another's, the sequence number tells which request is answered;
      # a reply repeats both, and the data (RFC 792). Here both are set: 0x0101, and 0x0202 for the first.
      lab lan4

      # a and b get to know each other, so that no ARP stands before the first echo.
      a: run sonde ping -c 1 $b

      a: start pinger: sonde ping -c 3 -i 1 --id 0x0101 --seq 0x0202 $b
      a: expect out within 5s length 98 IP(src=$a, dst=$b, len=84)/ICMP(type=8, code=0, id=0x0101, seq=0x0202)
      a: expect within 500ms length 98 IP(src=$b, dst=$a, len=84)/ICMP(type=0, code=0, id=0x0101, seq=0x0202)

      # One second after the other, not a second after the reply.
      a: expect out within 0.7s..1.5s IP(dst=$b)/ICMP(type=8, id=0x0101, seq=0x0203)
      a: expect within 500ms IP(src=$b)/ICMP(type=0, id=0x0101, seq=0x0203)
      a: expect out within 0.7s..1.5s IP(dst=$b)/ICMP(type=8, id=0x0101, seq=0x0204)
      a: expect within 500ms IP(src=$b)/ICMP(type=0, id=0x0101, seq=0x0204)
      wait for pinger
      check status == 0
      check output contains "3 packets transmitted, 3 received, 0% packet loss"
      check count(a, ICMP(type=8, id=0x0101)) == 3
      check count(a, ICMP(type=0, id=0x0101)) == 3
      """#)
}
