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
import re
import struct
import subprocess
import tempfile

from scapy.all import (ICMP, IP, TCP, UDP, ICMPv6DestUnreach, ICMPv6EchoReply, ICMPv6EchoRequest,
                       ICMPv6PacketTooBig, ICMPv6ParamProblem, ICMPv6TimeExceeded, ICMPv6Unknown, IPOption,
                       IPOption_LSRR, IPOption_RR, IPOption_Router_Alert, IPOption_SSRR, IPOption_Timestamp,
                       IPv6, Padding, Raw, checksum, fragment, raw)

from scapy.layers.inet import (IPOption_Address_Extension, IPOption_EOL, IPOption_MTU_Probe, IPOption_NOP,
                               IPOption_MTU_Reply, IPOption_SDBM,
                               IPOption_Security, IPOption_Stream_Id, IPOption_Traceroute)
from scapy.layers.inet6 import (ICMPv6MLQuery, ICMPv6ND_INDAdv, ICMPv6ND_INDSol, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6ND_RA,
                                ICMPv6ND_RS, ICMPv6ND_Redirect, ICMPv6NDOptAdvInterval, ICMPv6NDOptDNSSL,
                                ICMPv6NDOptDstLLAddr, ICMPv6NDOptEFA, ICMPv6NDOptHAInfo, ICMPv6NDOptIPAddr,
                                ICMPv6NDOptLLA, ICMPv6NDOptMAP, ICMPv6NDOptMTU, ICMPv6NDOptNewRtrPrefix,
                                ICMPv6NDOptPrefixInfo, ICMPv6NDOptRDNSS, ICMPv6NDOptRedirectedHdr,
                                ICMPv6NDOptRouteInfo, ICMPv6NDOptShortcutLimit, ICMPv6NDOptSrcAddrList,
                                ICMPv6NDOptSrcLLAddr, ICMPv6NDOptTgtAddrList, ICMPv6NDOptUnknown)
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


def router_address():
    entries = bytes.fromhex("cb00710100000000 cb00710280000000")
    yield "two addresses", IP(src=R4, dst="224.0.0.1", ttl=1) / ICMP(type=9, unused=0x0202_0708) / entries
    yield "more addresses than counted", IP(src=R4, dst="224.0.0.1", ttl=1) / ICMP(type=9, unused=0x0102_0708) / entries
    yield "no address", IP(src=R4, dst="224.0.0.1", ttl=1) / ICMP(type=9, unused=0x0002_0708)
    yield "entries of three words", IP(src=R4, dst="224.0.0.1", ttl=1) / ICMP(type=9, unused=0x0103_0708) / whole(12)
    yield "address cut off", IP(src=R4, dst="224.0.0.1", ttl=1) / ICMP(type=9, unused=0x0202_0708) / entries[:12]


ND_OPTIONS = [
    ICMPv6NDOptSrcLLAddr(lladdr="02:00:00:00:00:01"), ICMPv6NDOptDstLLAddr(lladdr="02:00:00:00:00:02"),
    ICMPv6NDOptPrefixInfo(prefix="2001:db8:1::", prefixlen=64, R=1, validlifetime=86400), ICMPv6NDOptMTU(mtu=1400),
    ICMPv6NDOptRedirectedHdr(pkt=whole(48)), ICMPv6NDOptShortcutLimit(), ICMPv6NDOptAdvInterval(advint=4000),
    ICMPv6NDOptHAInfo(pref=3, lifetime=9), ICMPv6NDOptSrcAddrList(addrlist=[A6, B6]),
    ICMPv6NDOptTgtAddrList(addrlist=[A6]), ICMPv6NDOptIPAddr(addr=A6), ICMPv6NDOptNewRtrPrefix(prefix="2001:db8::"),
    ICMPv6NDOptLLA(lla="02:00:00:00:00:03"), ICMPv6NDOptMAP(addr=B6), ICMPv6NDOptRouteInfo(),
    ICMPv6NDOptRouteInfo(prefix="2001:db8:2::", len=2, plen=48, prf=3), ICMPv6NDOptRouteInfo(prefix=A6, plen=128),
    ICMPv6NDOptRDNSS(dns=[A6, B6], lifetime=600), ICMPv6NDOptEFA(res=1),
    ICMPv6NDOptDNSSL(searchlist=["example.com", "a.example"], lifetime=600),
    ICMPv6NDOptUnknown(type=14, len=1, data=b"nonce!"), ICMPv6NDOptUnknown(type=1, len=3, data=whole(22))]


def nd():
    outer = IPv6(src="fe80::1", dst="ff02::1")
    messages = [ICMPv6ND_RS(), ICMPv6ND_RA(chlim=64, M=1, O=1, prf=3, reachabletime=30000, retranstimer=1000),
                ICMPv6ND_NS(tgt=B6), ICMPv6ND_NA(tgt=B6, R=0, S=1), ICMPv6ND_Redirect(tgt="fe80::2", dst=B6),
                ICMPv6ND_INDSol(), ICMPv6ND_INDAdv()]
    for message in messages:
        yield f"{type(message).__name__}, alone", outer / message
        yield f"{type(message).__name__}, options", outer / message / ND_OPTIONS[0].copy() / ND_OPTIONS[3].copy()
    for option in ND_OPTIONS:
        yield f"{type(option).__name__}, {len(option)} octets", outer / ICMPv6ND_RA() / option.copy()
    yield "option of length 0", outer / ICMPv6ND_NS(tgt=B6) / ND_OPTIONS[0].copy() / ICMPv6NDOptUnknown(
        type=1, len=0, data=whole(6))
    yield "option beyond the message", outer / ICMPv6ND_NS(tgt=B6) / ICMPv6NDOptUnknown(type=1, len=2, data=whole(6))
    yield "one octet of an option", outer / ICMPv6ND_NS(tgt=B6) / b"\1"
    yield "solicitation without target", outer / ICMPv6Unknown(type=135, msgbody=whole(12))
    yield "search list without end", outer / ICMPv6ND_RA() / ICMPv6NDOptUnknown(
        type=31, len=2, data=b"\0\0\0\0\0\1\7example")
    yield "multicast listener query", IPv6(src="fe80::1") / ICMPv6MLQuery(mladdr="ff02::1234")
    yield "multicast router solicitation", IPv6(src="fe80::1", dst="ff02::2", hlim=1) / ICMPv6Unknown(type=152)
    yield "message of five octets", IPv6(src="fe80::1", dst="ff02::2", hlim=1) / ICMPv6Unknown(type=200, msgbody=b"x")


def structure(*objects):
    """An extension structure of class, type and octets, summed whole (RFC 4884 section 7)."""
    body = b"".join(struct.pack("!HBB", 4 + len(octets), number, kind) + octets for number, kind, octets in objects)
    return summed(b"\x20\0\0\0" + body, at=2, end=4 + len(body))


def address6(text):
    return raw(IPv6(src=text))[8:24]


LABELS = struct.pack("!II", 1000 << 12 | 5 << 9 | 1, 16 << 12 | 0x100 | 255)
OBJECTS = [("MPLS", (1, 1, LABELS)), ("MPLS of three octets", (1, 1, b"\0\1\2")),
           ("incoming index", (2, 0x08, struct.pack("!I", 7))),
           ("outgoing address and name", (2, 0x86, b"\0\1\0\0" + bytes([203, 0, 113, 1]) + b"\x08eth0\0\0\0")),
           ("all of next hop", (2, 0xcf, struct.pack("!IHH", 9, 2, 0) + address6(R6) + b"\x04lo\0" +
                                struct.pack("!I", 1500))),
           ("address of no family", (2, 0x04, b"\0\7\0\0abcd")), ("name beyond", (2, 0x02, b"\x09eth0123"[:4])),
           ("nameless class", (250, 3, b"opaque!!")), ("nothing in it", (250, 0, b""))]


def extensions():
    long4 = raw(ip(ttl=1) / UDP(sport=40000, dport=33434) / whole(300))
    outer = IP(src=R4, dst=A4) / ICMP(type=11, length=32) / long4[:128]
    for name, thing in OBJECTS:
        yield name, outer / structure(thing)
    yield "two objects", outer / structure(OBJECTS[0][1], OBJECTS[2][1])
    yield "no object", outer / structure()
    yield "no sum", outer / (b"\x20\0\0\0" + structure(OBJECTS[0][1])[4:])
    yield "wrong sum", outer / (b"\x20\0\x12\x34" + structure(OBJECTS[0][1])[4:])
    yield "version 1", outer / (b"\x10" + structure(OBJECTS[0][1])[1:])
    yield "object of length 3", outer / (b"\x20\0\0\0" + b"\0\3\1\1")
    yield "object beyond", outer / (b"\x20\0\0\0" + b"\0\x20\1\1\0\0")
    long6 = raw(ip6(hlim=1) / UDP(sport=40000, dport=33434) / whole(300))
    yield "ICMPv6", IPv6(src=R6, dst=A6) / ICMPv6TimeExceeded(length=16) / long6[:128] / structure(OBJECTS[0][1])


IDENTIFIED = [("by name", (3, 1, b"eth0")), ("by index", (3, 2, struct.pack("!I", 2))),
              ("by address", (3, 3, b"\0\1\4\0" + bytes([203, 0, 113, 1]))),
              ("by IPv6 address", (3, 3, b"\0\2\x10\0" + address6(R6)))]


def extended_echo():
    for name, thing in IDENTIFIED:
        yield name, ip() / ICMP(type=42, unused=0x1234_0701) / structure(thing)
        yield f"ICMPv6, {name}", ip6() / ICMPv6Unknown(type=160, msgbody=b"\x12\x34\7\1" + structure(thing))
    yield "reply", IP(src=B4, dst=A4) / ICMP(type=43, unused=0x1234_0706)
    yield "reply, code 2", IP(src=B4, dst=A4) / ICMP(type=43, code=2, unused=0x1234_0700)
    yield "ICMPv6 reply", IPv6(src=B6, dst=A6) / ICMPv6Unknown(type=161, msgbody=b"\x12\x34\7\x27")
    yield "without structure", ip() / ICMP(type=42, unused=0x1234_0701)


def ipv4_options():
    for option in [IPOption_Security(security=0xf135, compartment=1, handling_restrictions=2), IPOption_Stream_Id(
            security=9), IPOption_MTU_Probe(mtu=1400), IPOption_MTU_Reply(mtu=1400),
                   IPOption_Traceroute(optclass=2, id=1, outbound_hops=2, return_hops=3, originator_ip=R4),
                   IPOption_Traceroute(id=1), IPOption_Timestamp(flg=3, pointer=5, internet_address=R4, timestamp=7),
                   IPOption_Address_Extension(src_ext=R4, dst_ext=R4),
                   IPOption_SDBM(addresses=[R4]), IPOption_RR(routers=[R4, B4], pointer=8)]:
        yield f"{option.name}, {len(option)} octets", ip(options=[option]) / UDP(sport=1, dport=2) / b"x"
    areas = ["44140520000102030405060708090a0b0c0d0e0f", "82020101", "8804000000000000", "07060400cb000101",
             "440505000001010101", "9403000101010101", "9506cb007101950400cb0101", "0b020101", "0b05057800000000",
             "8307ff0101010101", "07040400", "12040000"]
    body = raw(ip() / UDP(sport=1, dport=2) / b"x")[20:]
    for octets in areas:
        area = bytes.fromhex(octets)
        area += bytes(-len(area) % 4)
        head = raw(IP(src=A4, dst=B4, ihl=5 + len(area) // 4, len=20 + len(area) + len(body), proto=17))[:20]
        yield f"area {octets}", summed(head + area + body, end=20 + len(area))


FILES = {"router-address": router_address, "nd-option": nd, "icmp-extensions": extensions,
         "icmp-extension-object": extended_echo, "ip-options": ipv4_options, "ip": ipv4, "ipv6": ipv6, "icmp": icmp, "icmpv6": icmpv6, "udp": udp, "tcp": tcp, "quote": quote,
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


def named():
    """Messages of every type, and of as many codes as some type has: only their names are of interest."""
    for kind in range(256):
        for code in range(19):
            # tshark takes every advertisement of code 0 or 16 for one of Mobile IP.
            if kind != 9 or code not in (0, 16):
                yield f"4 {kind} {code}", ip(proto=1) / (bytes([kind, code]) + bytes(26))
        for code in range(8):
            yield f"6 {kind} {code}", ip6(nh=58) / (bytes([kind, code]) + bytes(42))


VALUES = {"tgt": B6, "dst": B6, "prefix": B6, "addr": B6, "lladdr": "02:00:00:00:00:09", "lla": "02:00:00:00:00:09",
          "dns": [A6, B6], "addrlist": [A6], "searchlist": ["example.com", "a.example"], "data": b"data", "pkt": whole(19),
          "msgbody": b"message body", "gw": R4, "addr_mask": "255.255.255.0", "routers": [R4, B4], "addresses": [R4],
          "originator_ip": R4, "internet_address": R4, "src_ext": R4, "dst_ext": B4, "value": b"value",
          "transmission_control_code": b"ab"}


def notation():
    """What each field alone makes of one of Scapy's objects, without its checksum: `HEX # class field=value ...`."""
    def line(kind, given):
        fixed = {"chksum": 0} if kind is ICMP else {"cksum": 0} if "cksum" in [f.name for f in kind.fields_desc] else {}
        def text(value):
            if isinstance(value, bytes):
                return "x" + value.hex()
            return "[" + ",".join(value) + "]" if isinstance(value, list) else str(value)
        words = [kind.__name__] + [f"{name}={text(value)}" for name, value in given.items()]
        return f"{raw(kind(**given, **fixed)).hex()} # {' '.join(words)}"

    kinds = [ICMPv6Unknown, ICMPv6DestUnreach, ICMPv6PacketTooBig, ICMPv6TimeExceeded, ICMPv6ParamProblem,
             ICMPv6EchoRequest, ICMPv6EchoReply, ICMPv6ND_RS, ICMPv6ND_RA, ICMPv6ND_NS, ICMPv6ND_NA, ICMPv6ND_Redirect,
             ICMPv6ND_INDSol, ICMPv6ND_INDAdv] + sorted({type(option) for option in ND_OPTIONS}, key=lambda k: k.__name__)
    kinds += [IPOption_EOL, IPOption_NOP, IPOption_Security, IPOption_RR, IPOption_LSRR, IPOption_SSRR,
              IPOption_Stream_Id, IPOption_MTU_Probe, IPOption_MTU_Reply, IPOption_Traceroute, IPOption_Timestamp,
              IPOption_Address_Extension, IPOption_Router_Alert, IPOption_SDBM, IPOption]
    for kind in kinds:
        yield line(kind, {})
        for field in kind.fields_desc:
            if field.name in ("chksum", "cksum") or kind is ICMPv6NDOptRedirectedHdr and field.name == "res":
                continue
            yield line(kind, {field.name: VALUES.get(field.name, b"\1\2\3\4\5\6" if field.name == "res" and
                                                     "AddrList" in kind.__name__ else 1)})
    for kind in range(256):
        times = {"ts_ori": 1, "ts_rx": 2, "ts_tx": 3} if kind in (13, 14) else {}
        if kind > 44 and kind != 255:
            continue
        for name in ["", "code", "id", "seq", "gw", "ptr", "reserved", "length", "addr_mask", "nexthopmtu", "unused"]:
            # Scapy has a text of no octets for what it does not send.
            if name == "unused" and kind in (0, 3, 5, 8, 13, 14, 15, 16, 17, 18):
                continue
            given = {name: VALUES.get(name, 9)} if name else {}
            yield line(ICMP, {"type": kind, **given, **times})
    for units in [0, 1, 2, 3, 4]:
        yield line(ICMPv6NDOptRouteInfo, {"len": units, "prefix": B6})
    yield line(ICMPv6NDOptRouteInfo, {"prefix": B6})
    yield line(ICMPv6NDOptUnknown, {"type": 9, "len": 1, "data": b"abcdef"})
    yield line(ICMPv6NDOptUnknown, {"type": 9, "data": b"abcdef"})
    yield line(IPOption_Timestamp, {"flg": 0, "internet_address": R4, "timestamp": 7})
    yield line(IPOption_Timestamp, {"flg": 3, "oflw": 2, "length": 9})


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


def main():
    for name, packets in FILES.items():
        packets = [(title, raw(packet)) for title, packet in packets()]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "vectors.pcap")
            capture(packets, path)
            answers = list(tshark(path))
        assert len(answers) == len(packets), name
        write(name, [f"{octets.hex()} {'cut ' if title in CUT else ''}{statuses} # {title} | {summary}"
                     for (title, octets), (statuses, summary) in zip(packets, answers)])
    packets = [(title, raw(packet)) for title, packet in named()]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "names.pcap")
        capture(packets, path)
        infos = [info.split(" ICMP", 1)[1].lstrip("v6 ") for _, info in tshark(path)]
    lines, last = [], None
    for (title, _), info in zip(packets, infos):
        info = " ".join(info.split(" id=")[0].split())
        # Codes are named in turn: once one has no name, or the type has none, the others have none either.
        if "Malformed" not in info and last != (title.split()[:2], re.sub("[0-9]+", "", info)):
            lines.append(f"{title} | {info}")
        last = (title.split()[:2], re.sub("[0-9]+", "", info))
    write("names", lines)
    write("icmp-notation", notation())
    import scapy.all as scapy
    write("craft", [f"{raw(eval(text, vars(scapy))).hex()} # {title} | {text}" for title, text in craft().items()])


if __name__ == "__main__":
    main()
