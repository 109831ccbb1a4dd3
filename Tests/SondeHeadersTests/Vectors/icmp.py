#!/usr/bin/python3
"""Writes the golden vectors of neighbour discovery, ICMP's extensions, IPv4's options, and of ICMP in recipes and
names, as generate.py does.

    /usr/bin/python3 icmp.py

icmp-notation.txt holds `HEX # class field=value ...`: what Scapy makes of each field alone, without a checksum.
names.txt holds `VERSION TYPE CODE | tshark's summary`.
"""
import os
import re
import struct
import tempfile

from scapy.all import (ICMP, IP, UDP, ICMPv6DestUnreach, ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6PacketTooBig,
                       ICMPv6ParamProblem, ICMPv6TimeExceeded, ICMPv6Unknown, IPOption, IPOption_LSRR, IPOption_RR,
                       IPOption_Router_Alert, IPOption_SSRR, IPOption_Timestamp, IPv6, raw)
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

from generate import A4, A6, B4, B6, R4, R6, capture, ip, ip6, summed, tshark, whole, write, write_files


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
         "icmp-extension-object": extended_echo, "ip-options": ipv4_options}


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


def main():
    write_files(FILES)
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


if __name__ == "__main__":
    main()
