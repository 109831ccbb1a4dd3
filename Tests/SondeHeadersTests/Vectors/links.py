#!/usr/bin/python3
"""Writes the golden vectors of link headers, ARP, IPv6's extension headers, SCTP and IGMP, as generate.py does.

    /usr/bin/python3 links.py

A word `link:N` before the statuses says which link type a packet begins with; without it, it is raw IP.
"""
import os
import struct
import tempfile

from scapy.all import (ARP, HAO, IP, SCTP, TCP, UDP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Dot3, Ether,
                       HBHOptUnknown, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting,
                       IPv6ExtHdrSegmentRouting, IPv6ExtHdrSegmentRoutingTLV, IPv6ExtHdrSegmentRoutingTLVPadN,
                       ICMPv6EchoRequest, IPOption_Router_Alert, Jumbo, Loopback, Pad1, PadN, Padding, Raw, RouterAlert,
                       raw)
from scapy.contrib.igmp import IGMP
from scapy.layers.sctp import SCTPChunkAbort, SCTPChunkInit, SCTPChunkInitAck

from generate import A4, A6, B4, B6, R6, capture, ip, ip6, patched, tshark, whole, write

OURS, THEIRS = "02:00:00:00:00:01", "02:00:00:00:00:02"
SEVENTH, EIGHTH = "2001:db8:7::1", "2001:db8:8::1"


def ether(**fields):
    return Ether(**{"src": OURS, "dst": THEIRS, **fields})


def arp(**fields):
    return ARP(**{"hwsrc": OURS, "psrc": A4, "pdst": B4, **fields})


def udp():
    return UDP(sport=40001, dport=40002) / b"data"


def ethernet():
    yield "IPv4", ether() / ip() / udp(), 1
    yield "IPv6", ether() / ip6() / udp(), 1
    yield "IPv4 and link padding", ether() / ip() / UDP() / Padding(bytes(18)), 1
    yield "unknown EtherType", ether(type=0x9000) / whole(46), 1
    yield "header alone", ether(type=0x88cc), 1
    yield "length", Dot3(src=OURS, dst="01:80:c2:00:00:00") / b"\x42\x42\x03\0\0\0" / Padding(bytes(40)), 1
    yield "length 0", ether(type=0) / whole(4), 1
    yield "length beyond", ether(type=100) / b"\xaa\xaa\x03", 1


def vlan():
    yield "one tag", ether() / Dot1Q(vlan=42, prio=5) / ip() / udp(), 1
    yield "drop eligible", ether() / Dot1Q(vlan=4095, id=1, prio=7) / ip6() / TCP(), 1
    yield "service tag", ether() / Dot1AD(vlan=7) / Dot1Q(vlan=8) / ip() / udp(), 1
    yield "customer tags", ether() / Dot1Q(vlan=1) / Dot1Q(vlan=2) / Dot1Q(vlan=3) / arp(), 1
    yield "length", ether() / Dot1Q(vlan=9, type=5) / b"\x42\x42\x03ab" / Padding(bytes(37)), 1
    yield "cooked", CookedLinux(lladdrtype=1) / Dot1Q(vlan=42) / ip() / udp(), 113


def arps():
    yield "request", ether(dst="ff:ff:ff:ff:ff:ff") / arp(), 1
    yield "reply", ether() / arp(op=2, hwdst=THEIRS) / Padding(bytes(18)), 1
    yield "probe", ether(dst="ff:ff:ff:ff:ff:ff") / arp(psrc="0.0.0.0"), 1
    yield "announcement", ether(dst="ff:ff:ff:ff:ff:ff") / arp(pdst=A4), 1
    yield "odd lengths", ether(type=0x806) / ARP(hwlen=3, plen=2, hwsrc=b"abc", psrc=b"ab", hwdst=b"def", pdst=b"cd"), 1
    yield "no lengths", ether(type=0x806) / ARP(hwlen=0, plen=0, hwsrc=b"", psrc=b"", hwdst=b"", pdst=b""), 1
    yield "IPv6", ether() / ARP(ptype=0x86dd, plen=16, hwsrc=OURS, psrc=A6, pdst=B6), 1
    yield "other hardware", ether(type=0x806) / ARP(hwtype=6, hwlen=6, hwsrc=b"abcdef", psrc=A4, hwdst=b"ghijkl"), 1
    yield "inverse", ether() / arp(op=8, hwdst=THEIRS, pdst="0.0.0.0"), 1
    yield "cut", raw(ether() / arp())[:30], 1
    yield "cooked", CookedLinux(lladdrtype=1, lladdrlen=6, src=b"\x02\0\0\0\0\1") / arp(), 113


def cooked():
    yield "IPv4", CookedLinux(lladdrtype=1, lladdrlen=6, src=b"\x02\0\0\0\0\1") / ip() / udp(), 113
    yield "IPv6 sent", CookedLinux(pkttype=4, lladdrtype=772, lladdrlen=6) / ip6() / TCP(), 113
    yield "802.2", CookedLinux(proto=4, lladdrtype=1) / b"\x42\x42\x03\0", 113
    yield "unknown protocol", CookedLinux(proto=0x9999, src=b"abcdefgh", lladdrlen=20) / b"x", 113


def cooked2():
    yield "IPv4", CookedLinuxV2(ifindex=3, lladdrtype=1, lladdrlen=6, src=b"\x02\0\0\0\0\1") / ip() / udp(), 276
    yield "IPv6 sent", CookedLinuxV2(ifindex=1, pkttype=4, lladdrtype=772) / ip6() / TCP(), 276
    yield "ARP", CookedLinuxV2(lladdrtype=1, lladdrlen=6, src=b"\x02\0\0\0\0\1") / arp(), 276
    yield "unknown protocol", CookedLinuxV2(proto=0x9999, reserved=7) / b"x", 276


def loopback():
    yield "IPv4, little-endian", Loopback() / ip() / udp(), 0
    for family in [24, 28, 30]:
        yield f"IPv6 as {family}", Loopback(type=family) / ip6() / udp(), 0
    yield "IPv4, big-endian", struct.pack("!I", 2) + raw(ip() / udp()), 0
    yield "network order", struct.pack("!I", 2) + raw(ip() / udp()), 108
    yield "IPv6, network order", struct.pack("!I", 28) + raw(ip6() / udp()), 108
    yield "unknown family", struct.pack("<I", 7) + b"osi", 0


def hop_by_hop():
    def with_options(*options, **fields):
        return ip6() / IPv6ExtHdrHopByHop(options=list(options), **fields) / udp()

    yield "no options", with_options()
    yield "router alert", with_options(RouterAlert(value=0))
    yield "jumbo payload", with_options(Jumbo(jumboplen=70000))
    yield "aligned", with_options(Pad1(), RouterAlert(value=1), Jumbo(jumboplen=5))
    yield "unknown", with_options(HBHOptUnknown(otype=0x1e, optdata=b"abcde"))
    yield "not aligned", with_options(Pad1(), RouterAlert(value=0), Pad1(), autopad=0)
    yield "padding that is not zero", with_options(PadN(optdata=b"secr"), autopad=0)
    yield "router alert of one octet", with_options(HBHOptUnknown(otype=5, optdata=b"a"))
    yield "option beyond", with_options(HBHOptUnknown(otype=0x1e, optlen=200, optdata=b"abcd"), autopad=0)
    yield "option without length", with_options(PadN(optdata=b"\0\0\0"), Pad1(otype=0x1e), autopad=0)
    yield "length beyond", ip6() / IPv6ExtHdrHopByHop(len=9) / udp()


def destination():
    yield "no options", ip6() / IPv6ExtHdrDestOpt() / udp()
    yield "home address", ip6() / IPv6ExtHdrDestOpt(options=[HAO(hoa=R6)]) / udp()
    yield "two headers", ip6() / IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / ICMPv6EchoRequest(id=1, seq=2)
    yield "before a route", ip6() / IPv6ExtHdrDestOpt() / IPv6ExtHdrRouting(addresses=[SEVENTH]) / udp()
    yield "nothing behind", ip6() / IPv6ExtHdrDestOpt()


def routing():
    def route(*addresses, **fields):
        return ip6() / IPv6ExtHdrRouting(addresses=list(addresses), **fields) / udp()

    def segments(*addresses, **fields):
        return ip6() / IPv6ExtHdrSegmentRouting(addresses=list(addresses), **fields) / udp()

    yield "type 0", route(SEVENTH, EIGHTH)
    yield "type 0, used up", route(SEVENTH, EIGHTH, segleft=0)
    yield "type 0, no addresses", route()
    yield "type 2", route(SEVENTH, type=2, segleft=1)
    yield "type 3", route(SEVENTH, type=3, segleft=0, reserved=0x12345678)
    yield "odd length", ip6(nh=43) / (b"\x11\x01\x00\x00" + whole(12)) / udp()
    yield "segments", segments(SEVENTH, EIGHTH)
    yield "segments, used up", segments(SEVENTH, EIGHTH, segleft=0, tag=9, oam=1)
    tlv = IPv6ExtHdrSegmentRoutingTLV
    objects = [tlv(type=9, len=3, value=b"abc"), tlv(type=124, len=1, value=b"x")]
    yield "segment objects", segments(SEVENTH, EIGHTH, tlv_objects=objects)
    yield "one segment", segments(SEVENTH, segleft=0)
    yield "one segment, segments left computed", segments(SEVENTH)
    yield "segment padding", segments(SEVENTH, EIGHTH, tlv_objects=[IPv6ExtHdrSegmentRoutingTLVPadN(padding=b"\0" * 6)])
    yield "segment HMAC", segments(SEVENTH, EIGHTH, hmac=1, tlv_objects=[tlv(type=5, len=38, value=whole(38))])
    yield "segment pad1", segments(SEVENTH, EIGHTH, tlv_objects=[Raw(bytes(8))])
    yield "last entry beyond", segments(SEVENTH, lastentry=9)
    yield "last entry before", segments(SEVENTH, EIGHTH, lastentry=0)


def fragments():
    yield "first", ip6() / IPv6ExtHdrFragment(id=0x12345678, m=1) / udp()
    yield "later", ip6() / IPv6ExtHdrFragment(id=0x12345678, offset=2, nh=17) / whole(16)
    yield "atomic", ip6() / IPv6ExtHdrFragment(id=1) / udp()
    yield "reserved bits", ip6() / IPv6ExtHdrFragment(id=1, res1=0xff, res2=3) / TCP()


def sctp():
    ports = {"sport": 40000, "dport": 5000}
    yield "INIT", ip() / SCTP(**ports) / SCTPChunkInit(init_tag=0x01020304)
    yield "INIT ACK", ip() / SCTP(**ports, tag=0x01020304) / SCTPChunkInitAck(init_tag=7)
    yield "ABORT", ip() / SCTP(**ports, tag=1) / SCTPChunkAbort(TCB=1)
    yield "common header alone", ip() / SCTP(**ports, tag=0xffffffff)
    yield "wrong sum", ip() / SCTP(**ports, chksum=0xdeadbeef) / SCTPChunkInit(init_tag=1)
    yield "IPv6", ip6() / SCTP(**ports) / SCTPChunkInit(init_tag=1)
    yield "cut off", ip(proto=132) / b"\x9c\x40\x13\x88\0\0\0\0"


def igmp():
    alert = {"dst": "224.0.0.1", "proto": 2, "ttl": 1, "options": [IPOption_Router_Alert()]}
    yield "query", ip(**alert) / IGMP(type=0x11, mrcode=100)
    yield "query of a group", ip(**alert) / IGMP(type=0x11, mrcode=10, gaddr="233.252.0.1")
    yield "version 1 report", ip(**alert) / IGMP(type=0x12, mrcode=0, gaddr="233.252.0.1")
    yield "report", ip(**alert) / IGMP(type=0x16, gaddr="233.252.0.1")
    yield "leave", ip(**alert) / IGMP(type=0x17, gaddr="233.252.0.1")
    yield "wrong sum", ip(**alert) / IGMP(type=0x16, gaddr="233.252.0.1", chksum=0x1234)
    version3 = bytes.fromhex("1164ebf6e9fc000102000001cb007101")
    yield "version 3 query", ip(**alert) / summed3(version3)
    yield "version 3 report", ip(**alert) / summed3(bytes.fromhex("220000000000000104000000e9fc0001"))


def summed3(octets):
    from scapy.all import checksum
    cleared = octets[:2] + b"\0\0" + octets[4:]
    return cleared[:2] + struct.pack("!H", checksum(cleared)) + cleared[4:]


FILES = {"ether": ethernet, "dot1q": vlan, "arp": arps, "cookedlinux": cooked, "cookedlinuxv2": cooked2,
         "loopback": loopback, "ipv6exthdrhopbyhop": hop_by_hop, "ipv6exthdrdestopt": destination,
         "ipv6exthdrrouting": routing, "ipv6exthdrfragment": fragments, "sctp": sctp, "igmp": igmp}


def notation():
    """Headers in Scapy's notation, which the tests make from the same fields."""
    hop, dest, tlv = "IPv6ExtHdrHopByHop", "IPv6ExtHdrDestOpt", "IPv6ExtHdrSegmentRoutingTLV"
    mac = 'hwsrc="02:00:00:00:00:01",psrc="192.0.2.1"'
    return [
        'Ether(src="02:00:00:00:00:01",dst="02:00:00:00:00:02")', "Dot1Q()", "Dot1Q(prio=7,id=1,vlan=4095,type=5)",
        f"ARP({mac})", f'ARP({mac},op="is-at")', 'ARP(hwlen=3,hwsrc=b"abc",hwdst=b"defg",psrc="192.0.2.1")',
        'ARP(hwsrc="02:00:00:00:00:01",plen=6,psrc=b"ab",pdst=b"cdefgh")',
        'ARP(hwsrc="02:00:00:00:00:01",ptype=34525,plen=16,psrc="2001:db8::1",pdst="2001:db8::2")',
        "CookedLinux()", 'CookedLinux(src=b"abcdefghij")', 'CookedLinux(src=b"abc",proto=2054)', "CookedLinuxV2()",
        'CookedLinuxV2(ifindex=3,src=b"abc",pkttype=4)', "Loopback()", "Loopback(type=30)",
        "SCTP()", "SCTP(sport=1,dport=2,tag=3)", "SCTP(chksum=3735928559)",
        f"{hop}()", f"{hop}(options=[RouterAlert()])", f"{hop}(options=[Pad1(),RouterAlert(value=0),Jumbo(jumboplen=5)])",
        f"{hop}(autopad=0,options=[RouterAlert(value=0)])", f"{hop}(len=3,options=[RouterAlert(otype=5,optlen=2,value=1)])",
        f'{hop}(autopad=0,options=[HBHOptUnknown(otype=30,optdata=b"abcdefghi")])', f"{hop}(options=[Pad1(otype=5)])",
        f'{hop}(options=[HBHOptUnknown(otype=30,optlen=9,optdata=b"abcd")])', f'{hop}(options=[PadN(optdata=b"ab")])',
        f"{hop}(options=[Jumbo(),Jumbo()])", f'{hop}(autopad=0,options=[PadN(otype=1,optlen=2,optdata=b"ab"),Raw(load=b"xyz")])',
        f'{dest}(options=[HAO(hoa="2001:db8::9")])', f'{dest}(nh=6,options=[Pad1(),HAO(hoa="2001:db8::9"),HAO()])',
        "IPv6ExtHdrRouting()", 'IPv6ExtHdrRouting(type=2,addresses=["2001:db8::1"])',
        'IPv6ExtHdrRouting(addresses=["2001:db8::1","2001:db8::2"],segleft=1,reserved=5,len=9)',
        "IPv6ExtHdrSegmentRouting()", 'IPv6ExtHdrSegmentRouting(addresses=["2001:db8::1","2001:db8::2"],tag=7,oam=1,unused2=5)',
        "IPv6ExtHdrSegmentRouting(addresses=[])", "IPv6ExtHdrSegmentRouting(lastentry=3,segleft=2)",
        *(f'IPv6ExtHdrSegmentRouting(tlv_objects=[{tlv}(type=9,len={n},value=b"{"abcdefgh"[:n]}")])' for n in range(9)),
        f'IPv6ExtHdrSegmentRouting(len=2,tlv_objects=[{tlv}(type=9,len=1,value=b"a")])',
        f'IPv6ExtHdrSegmentRouting(tlv_objects=[{tlv}PadN(),{tlv}Pad1(),{tlv}IngressNode(),{tlv}EgressNode(flags=3)])',
        f'IPv6ExtHdrSegmentRouting(tlv_objects=[{tlv}HMAC(D=1,hmackeyid=9,hmac=b"abcd")])',
        "IPv6ExtHdrFragment()", "IPv6ExtHdrFragment(id=5,m=1,offset=3,res1=1,res2=2)",
    ]


def line(title, packet, link=101):
    octets = raw(packet)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "vectors.pcap")
        capture([(title, octets)], path, link)
        statuses, summary = next(iter(tshark(path)))
    return f"{octets.hex()} {'' if link == 101 else f'link:{link} '}{statuses} # {title} | {summary}"


if __name__ == "__main__":
    for name, vectors in FILES.items():
        write(name, [line(*vector) for vector in vectors()])
    import scapy.all as scapy
    from scapy.layers import inet6
    names = {**vars(inet6), **vars(scapy)}
    write("linknotation", [f"{raw(eval(text, names)).hex()} # {text.split('(')[0]} | {text}" for text in notation()])
