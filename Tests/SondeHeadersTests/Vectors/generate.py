#!/usr/bin/python3
"""Writes the golden vectors beside it: bytes by Scapy or by hand, what they are by tshark.

    /usr/bin/python3 generate.py        (Scapy 2.5.0, tshark 4.0)

One file a protocol, one packet a line:

    HEX [cut] TSHARK-STATUSES # name | tshark's summary

Every packet starts with an IP header. The statuses are what tshark with checksum validation on says of
each checksum, as `layer:codes` with one code for each time the layer occurs, outermost first: 0 bad,
1 good, 2 unverified, 3 not present, 4 illegal; `-` where there is none. `cut` marks a capture that is
shorter than the packet on the wire. craft.txt holds `HEX # name | Scapy's notation` for stacks that the
tests build too. No byte here comes from the code under test.
"""
import os
import random
import struct
import subprocess
import tempfile

from scapy.all import (ICMP, IP, TCP, UDP, ICMPv6DestUnreach, ICMPv6EchoReply, ICMPv6EchoRequest,
                       ICMPv6PacketTooBig, ICMPv6ParamProblem, ICMPv6TimeExceeded, ICMPv6Unknown, IPOption,
                       IPOption_LSRR, IPOption_RR, IPOption_Router_Alert, IPOption_SSRR, IPOption_Timestamp,
                       IPv6, Padding, Raw, checksum, fragment, raw)

from scapy.contrib.icmp_extensions import ICMPExtensionHeader, ICMPExtensionMPLS
from scapy.contrib.mpls import MPLS

HERE = os.path.dirname(os.path.abspath(__file__))
A4, B4, R4 = "192.0.2.1", "198.51.100.7", "203.0.113.1"
A6, B6, R6 = "2001:db8::1", "2001:db8:7::7", "2001:db8:99::1"
random.seed(1)


def ip(**fields):
    return IP(**{"src": A4, "dst": B4, **fields})


def ip6(**fields):
    return IPv6(**{"src": A6, "dst": B6, **fields})


def patched(packet, *patches):
    """The packet's bytes with some octets overwritten: (offset, octets)."""
    octets = bytearray(raw(packet))
    for offset, new in patches:
        octets[offset:offset + len(new)] = new
    return bytes(octets)


def summed(octets, at=10, end=20):
    """The octets with a right checksum at `at` over the first `end`."""
    octets = bytearray(octets)
    octets[at:at + 2] = b"\0\0"
    octets[at:at + 2] = struct.pack("!H", checksum(bytes(octets[:end])))
    return bytes(octets)


def pseudo(octets, protocol, start=20):
    """The folded sum of the IPv4 pseudo-header alone: what software leaves to an offloading device."""
    total = ~checksum(octets[12:20] + struct.pack("!BBH", 0, protocol, len(octets) - start)) & 0xffff
    return struct.pack("!H", total)


def offload(packet, protocol, field):
    octets = bytearray(raw(packet))
    octets[20 + field:22 + field] = pseudo(bytes(octets), protocol)
    return bytes(octets)


def udp_with_sum(wanted):
    """A UDP datagram of ours whose checksum is `wanted`: its last word is searched for."""
    for word in range(0x10000):
        octets = raw(ip() / UDP(sport=4000, dport=4001, chksum=0) / struct.pack("!HH", 0x1234, word))
        total = checksum(octets[12:20] + struct.pack("!BBH", 0, 17, len(octets) - 20) + octets[20:])
        if (total or 0xffff) == wanted:
            return raw(ip() / UDP(sport=4000, dport=4001) / struct.pack("!HH", 0x1234, word))
    raise ValueError(wanted)


def whole(length):
    return bytes(i & 0xff for i in range(length))


def ipv4():
    yield "plain", ip() / UDP(sport=5000, dport=53) / b"plain"
    yield "empty", ip(proto=0)
    yield "no layer for the protocol", ip(proto=99) / b"opaque"
    yield "DSCP and ECN", ip(tos=0xb9, id=0xffff, flags="DF", ttl=255) / UDP() / b"x"
    yield "reserved flag", ip(flags=4) / UDP() / b"x"
    yield "record route", ip(options=[IPOption_RR(routers=["0.0.0.0"] * 3, pointer=4)]) / ICMP(id=1, seq=2)
    yield "timestamp", ip(options=[IPOption_Timestamp(flg=0, pointer=5, oflw=0, timestamp=0)]) / UDP() / b"t"
    yield "router alert", ip(proto=2, options=[IPOption_Router_Alert()]) / whole(8)
    yield "loose route", ip(options=[IPOption_LSRR(routers=[R4, "203.0.113.9"])]) / UDP(sport=9, dport=10) / b"lsrr"
    yield "strict route", ip(options=[IPOption_SSRR(routers=["203.0.113.9"])]) / TCP(sport=9, dport=10)
    used = raw(ip() / UDP(sport=9, dport=10) / b"used")[20:]
    route = raw(IPOption_LSRR(routers=[R4], pointer=8)) + b"\0"
    used = raw(IP(src=A4, dst=B4, ihl=7, len=28 + len(used), proto=17, options=[])) [:20] + route + used
    yield "loose route used up", summed(used, end=28)
    yield "unknown option", ip(options=[IPOption(b"\x9e\x05abc")]) / UDP() / b"o"
    yield "option padding", ip(options=[IPOption(b"\x01"), IPOption(b"\x94\x04\0\0"), IPOption(b"\x00")]) / UDP()
    body = raw(ip() / UDP())[20:]
    for name, area in [("option length 1", b"\x9e\x01\x01\x01"), ("option length beyond", b"\x9e\x09ab"),
                       ("option without length", b"\x01\x01\x01\x9e"), ("octets after the end", b"\0\xde\xad\xbe"),
                       ("forty octets", b"\x01" * 40)]:
        head = bytearray(raw(IP(src=A4, dst=B4, ihl=5 + len(area) // 4, len=20 + len(area) + len(body), proto=17)))
        yield name, summed(bytes(head[:20]) + area + body, end=20 + len(area))
    for index, part in enumerate(fragment(ip(id=77) / UDP(sport=7, dport=7) / whole(60), 32)):
        yield f"fragment {index}", part
    yield "wrong sum", ip(chksum=0xdead) / UDP() / b"x"
    yield "zero sum", ip(chksum=0) / UDP() / b"x"
    yield "total length 0", ip(len=0) / UDP() / b"x"
    yield "total length under the header", ip(len=19) / UDP(chksum=0x1234) / b"x"
    yield "total length beyond", ip(len=99) / UDP(chksum=0x1234) / b"x"
    yield "version 5", patched(ip(version=4) / UDP(), (0, b"\x55"))
    yield "header length 4", patched(ip() / UDP(), (0, b"\x44"))
    yield "in IPv4", ip() / IP(src=R4, dst=B4) / UDP() / b"in"
    yield "IPv6 in IPv4", ip() / ip6() / TCP()


def ipv6():
    yield "plain", ip6() / UDP(sport=5000, dport=53) / b"plain"
    yield "empty", ip6()
    yield "class and label", ip6(tc=0xb9, fl=0xabcde, hlim=1) / TCP()
    yield "no layer for the next header", ip6(nh=99) / b"opaque"
    yield "payload length short", ip6(plen=10) / UDP(len=10, chksum=0) / b"four"
    yield "payload length 0", ip6(plen=0) / UDP(chksum=7)
    yield "payload length beyond", ip6(plen=99) / UDP(chksum=7)
    yield "IPv4 in IPv6", ip6() / ip() / UDP() / b"in"


def icmp():
    yield "echo request", ip() / ICMP(id=0x1234, seq=1) / whole(56)
    yield "echo request, odd", ip() / ICMP(id=0xffff, seq=0xffff) / whole(57)
    yield "echo request, empty", ip() / ICMP()
    yield "echo reply", IP(src=B4, dst=A4) / ICMP(type=0, id=0x1234, seq=1) / whole(56)
    yield "echo reply of zeros", IP(src=B4, dst=A4) / ICMP(type=0, id=0, seq=0)
    yield "echo reply of zeros, sum 0", IP(src=B4, dst=A4) / ICMP(type=0, id=0, seq=0, chksum=0)
    yield "sum 0 sent as ffff", IP(src=B4, dst=A4) / ICMP(type=8, id=0xf7ff, seq=0, chksum=0xffff)
    yield "wrong sum", ip() / ICMP(id=1, seq=1, chksum=0xbeef) / b"x"
    yield "code 5", ip() / ICMP(code=5, id=1, seq=1)
    yield "timestamp request", ip() / ICMP(type=13, id=9, seq=8, ts_ori=1, ts_rx=2, ts_tx=3)
    yield "timestamp reply", IP(src=B4, dst=A4) / ICMP(type=14, id=9, seq=8, ts_ori=1, ts_rx=2, ts_tx=3)
    yield "timestamp cut", summed(raw(ip(len=34) / ICMP(type=13, chksum=0) / b"")[:28] + b"\0" * 6, at=10)
    yield "information request", ip() / ICMP(type=15, id=9, seq=8)
    yield "address mask request", ip() / ICMP(type=17, id=9, seq=8, addr_mask="255.255.255.0")
    yield "address mask reply", IP(src=B4, dst=A4) / ICMP(type=18, id=9, seq=8, addr_mask="255.255.255.0")
    yield "router solicitation", IP(src=A4, dst="224.0.0.2", ttl=1) / ICMP(type=10)
    yield "router advertisement", (IP(src=R4, dst="224.0.0.1", ttl=1) / ICMP(type=9, unused=0x0102_0708) /
                                   bytes.fromhex("cb00710100000000"))
    yield "nameless type", ip() / ICMP(type=77) / b"?"


QUOTED = [("UDP", lambda: ip(ttl=1) / UDP(sport=40000, dport=33434) / whole(32)),
          ("TCP", lambda: ip(ttl=1) / TCP(sport=40000, dport=443, seq=0xdeadbeef, options=[("MSS", 1460)])),
          ("ICMP", lambda: ip(ttl=1) / ICMP(id=0x1234, seq=7) / whole(32))]


def quote():
    errors = [("net unreachable", dict(type=3, code=0)), ("port unreachable", dict(type=3, code=3)),
              ("fragmentation needed", dict(type=3, code=4, nexthopmtu=1400)), ("source quench", dict(type=4)),
              ("redirect", dict(type=5, code=1, gw=R4)), ("time exceeded", dict(type=11, code=0)),
              ("parameter problem", dict(type=12, code=0, ptr=20)), ("unreachable 3/77", dict(type=3, code=77))]
    for name, fields in errors:
        for protocol, packet in QUOTED:
            yield f"{name}, {protocol}, 8 octets", IP(src=R4, dst=A4) / ICMP(**fields) / raw(packet())[:28]
            yield f"{name}, {protocol}, whole", IP(src=R4, dst=A4) / ICMP(**fields) / raw(packet())
    for cut in [0, 1, 19, 20, 22, 24, 27]:
        yield f"cut at {cut}", IP(src=R4, dst=A4) / ICMP(type=11) / raw(QUOTED[1][1]())[:cut]
    options = raw(ip(options=[IPOption_RR(routers=["0.0.0.0"] * 3)]) / UDP(sport=40000, dport=33434) / whole(8))
    yield "IP options in the quote", IP(src=R4, dst=A4) / ICMP(type=11) / options[:44]
    yield "no IP in the quote", IP(src=R4, dst=A4) / ICMP(type=3, code=1) / whole(28)
    inner = raw(IP(src=A4, dst=R4) / ICMP(type=3, code=3) / raw(QUOTED[0][1]())[:28])
    yield "error in an error", IP(src=R4, dst=A4) / ICMP(type=3, code=1) / inner
    yield "wrong sum inside", IP(src=R4, dst=A4) / ICMP(type=11) / raw(ip(chksum=1) / UDP(chksum=2) / b"data")
    for name, message in [("no route", ICMPv6DestUnreach(code=0)), ("port", ICMPv6DestUnreach(code=4)),
                          ("too big", ICMPv6PacketTooBig(mtu=1280)), ("hop limit", ICMPv6TimeExceeded()),
                          ("parameter", ICMPv6ParamProblem(code=1, ptr=6))]:
        whole6 = raw(ip6(hlim=1) / UDP(sport=40000, dport=33434) / whole(32))
        yield f"ICMPv6 {name}, 8 octets", IPv6(src=R6, dst=A6) / message / whole6[:48]
        yield f"ICMPv6 {name}, whole", IPv6(src=R6, dst=A6) / message / whole6
    yield from extended()


def extended():
    """Errors with an MPLS label stack as extension (RFC 4884, RFC 4950), and what nearly is one."""
    objects = ICMPExtensionHeader() / ICMPExtensionMPLS(stack=[MPLS(label=1000, ttl=1)])
    # Scapy sums the extension header alone; RFC 4884 §7 has the whole structure summed.
    right = summed(raw(objects), at=2, end=len(objects))
    wrong, unsummed, other = bytearray(right), bytearray(right), bytearray(right)
    wrong[3] ^= 1
    unsummed[2:4] = b"\0\0"
    other[0] = 0x10
    near = [("wrong sum", wrong), ("no sum", unsummed), ("version 1", summed(other, at=2, end=len(other))),
            ("sum of the header alone", raw(objects)), ("no object", b"\x20\0\xdf\xff")]
    long4, short4 = raw(ip(ttl=1) / UDP(sport=40000, dport=33434) / whole(300)), raw(QUOTED[0][1]())
    long6 = raw(ip6(hlim=1) / UDP(sport=40000, dport=33434) / whole(300))
    outer4, outer6 = IP(src=R4, dst=A4), IPv6(src=R6, dst=A6)
    for kind in [3, 11, 12]:
        yield f"extended, type {kind}", outer4 / ICMP(type=kind, length=32) / long4[:128] / right
    yield "extended, padded", outer4 / ICMP(type=11, length=32) / short4.ljust(128, b"\0") / right
    yield "extended, 160 octets", outer4 / ICMP(type=11, length=40) / long4[:160] / right
    yield "extended, wrong sum but a length", outer4 / ICMP(type=11, length=32) / long4[:128] / bytes(wrong)
    yield "extended, no length", outer4 / ICMP(type=11) / long4[:128] / right
    yield "extended, no length, padded", outer4 / ICMP(type=11) / short4.ljust(128, b"\0") / right
    yield "not extended, length beyond", outer4 / ICMP(type=11, length=200) / long4[:128] / right
    yield "not extended, length too small", outer4 / ICMP(type=11, length=31) / long4[:128] / right
    yield "not extended, redirect", outer4 / ICMP(type=5, gw="0.32.0.0") / long4[:128] / right
    for name, octets in near:
        yield f"not extended, {name}", outer4 / ICMP(type=11) / long4[:128] / bytes(octets)
    yield "not extended, elsewhere", outer4 / ICMP(type=11) / long4[:132] / right
    yield "extended, ICMPv6 type 1", outer6 / ICMPv6DestUnreach(length=16) / long6[:128] / right
    yield "extended, ICMPv6 type 3", outer6 / ICMPv6TimeExceeded(length=16) / long6[:128] / right
    yield "extended, ICMPv6, 136 octets", outer6 / ICMPv6TimeExceeded(length=17) / long6[:136] / right
    yield "extended, ICMPv6, no length", outer6 / ICMPv6TimeExceeded() / long6[:128] / right
    yield "not extended, ICMPv6, wrong sum", outer6 / ICMPv6TimeExceeded() / long6[:128] / bytes(wrong)
    yield "not extended, ICMPv6, length beyond", outer6 / ICMPv6TimeExceeded(length=32) / long6[:128] / right
    yield "not extended, ICMPv6 too big", outer6 / ICMPv6PacketTooBig(mtu=0x10000500) / long6[:128] / right


def icmpv6():
    yield "echo request", ip6() / ICMPv6EchoRequest(id=0x1234, seq=1, data=whole(56))
    yield "echo request, odd", ip6() / ICMPv6EchoRequest(id=0xffff, seq=0xffff, data=whole(57))
    yield "echo reply", IPv6(src=B6, dst=A6) / ICMPv6EchoReply(id=0x1234, seq=1, data=whole(56))
    yield "wrong sum", ip6() / ICMPv6EchoRequest(id=1, seq=1, cksum=0xbeef)
    yield "zero sum", ip6() / ICMPv6EchoRequest(id=1, seq=1, cksum=0)
    yield "nameless error type", IPv6(src=R6, dst=A6) / ICMPv6Unknown(type=99, code=1, msgbody=b"\0\0\0\0") / raw(
        ip6() / UDP())
    yield "nameless informational type", ip6() / ICMPv6Unknown(type=250, code=0, msgbody=b"\0\0\0\0hello")


def udp():
    yield "plain", ip() / UDP(sport=1, dport=65535) / b"even"
    yield "odd", ip() / UDP(sport=1, dport=65535) / b"odd"
    yield "empty", ip() / UDP(sport=0, dport=0)
    yield "large and odd", ip() / UDP(sport=1024, dport=2048) / whole(1471)
    yield "no sum", ip() / UDP(chksum=0) / b"none"
    yield "zero sent as ffff", udp_with_sum(0xffff)
    yield "sum 1", udp_with_sum(1)
    yield "wrong sum", ip() / UDP(chksum=0xdead) / b"wrong"
    yield "offload", offload(ip() / UDP(sport=3, dport=4) / b"partial", 17, 6)
    yield "length short of the IP payload", ip() / UDP(len=12, chksum=0) / b"four and more"
    short = raw(ip(len=40) / UDP(sport=1, dport=2, len=12, chksum=0) / b"four" / b"surplus!")
    total = checksum(short[12:20] + struct.pack("!BBH", 0, 17, 12) + short[20:32])
    yield "length short, right sum", short[:26] + struct.pack("!H", total) + short[28:]
    yield "length beyond", ip() / UDP(len=99, chksum=0x1234) / b"x"
    yield "length 0", ip() / UDP(len=0, chksum=0x1234) / b"x"
    yield "length 7", ip() / UDP(len=7, chksum=0x1234) / b"x"
    yield "IPv6", ip6() / UDP(sport=1, dport=2) / b"odd"
    yield "IPv6, illegal zero", ip6() / UDP(chksum=0) / b"none"
    yield "IPv6, wrong sum", ip6() / UDP(chksum=1) / b"none"
    yield "header cut off", raw(ip(len=25, proto=17))[:20] + b"\0\x35\0\x35\0"
    yield "cut", raw(ip() / UDP() / whole(100))[:60]
    yield "fragment", ip(flags="MF") / UDP(len=200, chksum=0x1234) / whole(32)


def tcp():
    yield "SYN", ip() / TCP(sport=40000, dport=80, seq=1)
    yield "SYN and data", ip() / TCP(sport=40000, dport=80, seq=0xffffffff) / b"early"
    yield "SYN-ACK", IP(src=B4, dst=A4) / TCP(sport=80, dport=40000, flags="SA", seq=7, ack=2)
    yield "all flags", ip() / TCP(flags=0x1ff, reserved=7, window=1, urgptr=0xffff)
    yield "no flags", ip() / TCP(flags=0)
    yield "odd data", ip() / TCP(flags="PA", ack=1) / b"odd"
    options = [("MSS", 1460), ("WScale", 7), ("SAckOK", b""), ("SAck", (1, 2)), ("SAck", (1, 2, 3, 4)),
               ("Timestamp", (0x01020304, 0)), ("NOP", None), ("EOL", None), ("AltChkSum", (1, 2)),
               ("UTO", 30), (30, b"\x01\x02"), (254, b"\xab\xcd"), (253, b"")]
    for option in options:
        yield f"option {option[0]}", ip() / TCP(options=[option])
    yield "Linux's options", ip() / TCP(options=[("MSS", 1460), ("SAckOK", b""), ("Timestamp", (9, 0)), ("NOP", None),
                                                 ("WScale", 7)])
    area = [("MSS of length 3", b"\x02\x03\x05\x01"), ("window scale of length 4", b"\x03\x04\x01\x02"),
            ("SACK permitted of length 4", b"\x04\x04\0\0"), ("SACK of length 2", b"\x05\x02\x01\x01"),
            ("SACK of length 9", b"\x05\x09" + b"\x01" * 10), ("timestamp of length 2", b"\x08\x02\x01\x01"),
            ("length 0", b"\xfe\0\x01\x01"), ("length 1", b"\xfe\x01\x01\x01"), ("length beyond", b"\xfe\x09\x01\x01"),
            ("kind without length", b"\x01\x01\x01\x02"), ("octets after the end", b"\0\xde\xad\xbe"),
            ("forty octets", b"\xfe\x28" + b"\x55" * 38)]
    for name, octets in area:
        head = bytearray(raw(ip(len=40 + len(octets)) / TCP(chksum=0))) + octets
        head[32] = (5 + len(octets) // 4) << 4
        total = checksum(bytes(head[12:20]) + struct.pack("!BBH", 0, 6, len(head) - 20) + bytes(head[20:]))
        head[36:38] = struct.pack("!H", total)
        yield name, summed(bytes(head))
    yield "wrong sum", ip() / TCP(chksum=0xdead) / b"x"
    yield "zero sum", ip() / TCP(chksum=0) / b"x"
    yield "offload", offload(ip() / TCP(flags="PA") / b"partial", 6, 16)
    yield "data offset 4", ip() / TCP(dataofs=4, chksum=1)
    yield "data offset beyond", ip() / TCP(dataofs=15, chksum=1)
    yield "header cut", raw(ip() / TCP() / b"x")[:32]
    yield "data cut", raw(ip() / TCP() / whole(100))[:90]
    yield "first fragment", ip(flags="MF") / TCP(chksum=1) / whole(12)
    yield "IPv6", ip6() / TCP(sport=1, dport=2, options=[("MSS", 1440)]) / b"odd"
    yield "IPv6, wrong sum", ip6() / TCP(chksum=1)


def padding():
    yield "link padding", raw(ip() / TCP(flags="R")) + b"\0" * 6
    yield "padding behind UDP", raw(ip() / UDP(sport=1, dport=2) / b"odd") + b"\xff" * 15
    yield "padding behind IPv6", raw(ip6() / UDP() / b"odd") + b"\x55"


def plain():
    yield "one octet", ip(proto=253) / b"\0"
    yield "1471 octets", ip(proto=253) / whole(1471)
    yield "not IP", b"\x00\x01\x02"


FILES = {"ip": ipv4, "ipv6": ipv6, "icmp": icmp, "icmpv6": icmpv6, "udp": udp, "tcp": tcp, "quote": quote,
         "raw": plain, "padding": padding}
STATUSES = ["ip", "tcp", "udp", "icmp", "icmpv6", "igmp", "sctp"]
CUT = {"cut", "header cut", "data cut"}


def capture(packets, path, link=101):
    """A pcap of packets with one link type; 101 is raw IP."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, link))
        for name, octets in packets:
            wire = struct.unpack("!H", octets[2:4])[0] if name in CUT and link == 101 else len(octets)
            file.write(struct.pack("<IIII", 0, 0, len(octets), wire) + octets)


def tshark(path):
    fields = ["_ws.col.Source", "_ws.col.Destination", "_ws.col.Protocol", "_ws.col.Info"]
    fields += [f"{layer}.checksum.status" for layer in STATUSES]
    command = ["tshark", "-n", "-r", path, "-T", "fields", "-E", "separator=\t", "-o", "ip.defragment:FALSE"]
    # One packet at a time, and nothing above the layers tested.
    command += ["-o", "tcp.analyze_sequence_numbers:FALSE", "-o", "tcp.relative_sequence_numbers:FALSE"]
    for application in ["dns", "ftp-data", "echo", "mptcp"]:
        command += ["--disable-protocol", application]
    command += ["-o", "sctp.checksum:CRC 32c", "-o", "ipv6.defragment:FALSE"]
    for layer in ["ip", "tcp", "udp"]:
        command += ["-o", f"{layer}.check_checksum:TRUE"]
    for field in fields:
        command += ["-e", field]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[:-1]
    for line in lines:
        source, destination, protocol, info, *codes = line.split("\t")
        statuses = ";".join(f"{layer}:{code}" for layer, code in zip(STATUSES, codes) if code)
        yield statuses or "-", f"{source} → {destination} {protocol} {info}".strip()


def write(name, lines):
    with open(os.path.join(HERE, name + ".txt"), "w") as file:
        file.writelines(line + "\n" for line in lines)


def craft():
    """Stacks in Scapy's notation, which the tests build with this library's types."""
    q = 'IP(src="192.0.2.1",dst="198.51.100.7"'
    s = 'IPv6(src="2001:db8::1",dst="2001:db8:7::7"'
    return {
        "udp": f'{q})/UDP(sport=5000,dport=53)/b"hello"',
        "udp odd": f'{q})/UDP(sport=5000,dport=53)/b"odd"',
        "udp empty": f'{q})/UDP(sport=5000,dport=53)',
        "udp length": f'{q})/UDP(sport=1,dport=2,len=99)/b"hello"',
        "udp short length": f'{q})/UDP(sport=1,dport=2,len=9)/b"hello"',
        "udp checksum": f'{q})/UDP(sport=1,dport=2,chksum=0xdead)/b"hello"',
        "udp no checksum": f'{q})/UDP(sport=1,dport=2,chksum=0)/b"hello"',
        "udp alone": 'UDP(sport=1,dport=2)/b"hello"',
        "udp in udp": f'{q})/UDP(sport=1,dport=2)/UDP(sport=3,dport=4)/b"in"',
        "tcp": f'{q})/TCP(sport=40000,dport=443,seq=1,ack=2,flags="SA",window=3)/b"hello"',
        "tcp defaults": f'{q})/TCP()',
        "tcp data offset": f'{q})/TCP(dataofs=9)/b"hello"',
        "tcp data offset and options": f'{q})/TCP(dataofs=5,options=[("MSS",1460)])',
        "tcp checksum": f'{q})/TCP(chksum=0xbeef)',
        "tcp reserved": f'{q})/TCP(reserved=5,flags=0x1ff,urgptr=7)',
        "tcp options": f'{q})/TCP(options=[("MSS",1460),("SAckOK",b""),("Timestamp",(9,8)),("NOP",None),("WScale",7)])',
        "tcp padded options": f'{q})/TCP(options=[("WScale",7)])',
        "tcp sack": f'{q})/TCP(flags="A",options=[("NOP",None),("NOP",None),("SAck",(1,2,3,4))])',
        "tcp unknown option": f'{q})/TCP(options=[(254,b"abc")])',
        "tcp alone": 'TCP()',
        "total length over": f'{q},len=99)/TCP()/b"hello"',
        "total length under": f'{q},len=41)/TCP()/b"hello"',
        "total length 0": f'{q},len=0)/UDP(sport=1,dport=2)/b"hello"',
        "total length and header length": f'{q},len=50,ihl=6)/UDP(sport=1,dport=2)/b"hello"',
        "header length": f'{q},ihl=15)/UDP(sport=1,dport=2)/b"hello"',
        "ip checksum": f'{q},chksum=0x1234)/UDP(sport=1,dport=2)',
        "version": f'{q},version=7)/UDP(sport=1,dport=2)',
        "protocol": f'{q},proto=99)/UDP(sport=1,dport=2)/b"x"',
        "raw": f'{q})/b"raw"',
        "ip alone": f'{q})',
        "ip fields": f'{q},tos=0xb9,id=0xabcd,flags=5,frag=0x1fff,ttl=0)/b"x"',
        "router alert": f'{q},options=[IPOption_Router_Alert()])/UDP(sport=1,dport=2)',
        "padded ip options": f'{q},options=[IPOption(b"\\x01")])/TCP()',
        "loose route": f'{q},options=[IPOption_LSRR(routers=["203.0.113.1","203.0.113.9"])])/UDP(sport=1,dport=2)',
        "options and total length": f'{q},len=60,options=[IPOption_Router_Alert()])/UDP(sport=1,dport=2)/b"x"',
        "echo": f'{q})/ICMP(id=0x1234,seq=7)/b"hello"',
        "echo checksum": f'{q})/ICMP(id=0x1234,seq=7,chksum=1)/b"hello"',
        "echo reply": f'{q})/ICMP(type=0,id=1,seq=2)/b"odd"',
        "timestamp": f'{q})/ICMP(type=13,id=1,seq=2,ts_ori=3,ts_rx=4,ts_tx=5)',
        "fragmentation needed": f'{q})/ICMP(type=3,code=4,nexthopmtu=1400)',
        "redirect": f'{q})/ICMP(type=5,code=1,gw="203.0.113.1")',
        "parameter problem": f'{q})/ICMP(type=12,ptr=20)',
        "port unreachable": (f'{q})/ICMP(type=3,code=3)/IPerror(src="198.51.100.7",dst="192.0.2.1")/'
                             'UDPerror(sport=5,dport=6)/b"data"'),
        "ipv6 udp": f'{s})/UDP(sport=1,dport=2)/b"hello"',
        "ipv6 tcp": f'{s})/TCP(options=[("MSS",1440)])/b"odd"',
        "ipv6 payload length": f'{s},plen=99)/UDP(sport=1,dport=2)/b"hello"',
        "ipv6 payload length, tcp": f'{s},plen=3)/TCP()/b"hello"',
        "ipv6 fields": f'{s},tc=0xb9,fl=0xabcde,hlim=1,nh=99,version=5)/b"x"',
        "ipv6 alone": f'{s})',
        "ipv6 echo": f'{s})/ICMPv6EchoRequest(id=0x1234,seq=7,data=b"hello")',
        "ipv6 echo checksum": f'{s})/ICMPv6EchoRequest(id=0x1234,seq=7,cksum=2,data=b"hello")',
        "ipv6 too big": f'{s})/ICMPv6PacketTooBig(mtu=1280)',
        "ipv4 in ipv4": f'{q})/IP(src="203.0.113.1",dst="203.0.113.9")/UDP(sport=1,dport=2)/b"in"',
        "ipv6 in ipv4": f'{q})/{s})/TCP()',
    }


def write_files(files):
    """One file for each name, of the packets that its function yields."""
    for name, packets in files.items():
        packets = [(title, raw(packet)) for title, packet in packets()]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "vectors.pcap")
            capture(packets, path)
            answers = list(tshark(path))
        assert len(answers) == len(packets), name
        write(name, [f"{octets.hex()} {'cut ' if title in CUT else ''}{statuses} # {title} | {summary}"
                     for (title, octets), (statuses, summary) in zip(packets, answers)])


def main():
    write_files(FILES)
    import scapy.all as scapy
    write("craft", [f"{raw(eval(text, vars(scapy))).hex()} # {title} | {text}" for title, text in craft().items()])


if __name__ == "__main__":
    main()
