#!/usr/bin/python3
"""Random Ethernet frames, whole and damaged, in a capture file.

random_capture.py SEED COUNT FILE writes a pcap of COUNT frames. The second of a frame's time is its
number, from 1; the microsecond says what was done to it: 0 nothing, 1 cut short somewhere, 2 bits
flipped, 3 lengths, types and sums set at random, 4 octets put in place of others.
"""
import struct
import sys

from random_commands import *  # noqa: F401,F403
from random_commands import EXTENSIONS, Maker

WHOLE, CUT, FLIPPED, LYING, OVERWRITTEN = range(5)
PORTS = [1, 9, 4999, 40000, 50001, 65000]


class Plain(Maker):
    """Packets that keep to the rules: what a stack might send, and every dissector should name."""

    def __init__(self, seed):
        super().__init__(seed, plain=True)

    def body(self):
        return Raw(load=bytes([0xEE]) + self.octets(self.r.choice([8, 40, 300]))) if self.chance(0.7) else None

    def ports(self, cls):
        layer = self.layer(cls)
        layer.sport, layer.dport = self.r.choice(PORTS), self.r.choice(PORTS)
        return layer

    def segment(self, kind=None):
        cls = kind or self.r.choice([UDP, TCP, SCTP])
        layer = self.ports(cls)
        if isinstance(layer, TCP):
            layer.reserved, layer.urgptr = 0, 0
            layer.flags = self.r.choice(["S", "SA", "A", "PA", "FA", "R", "RA"])
            known = [("MSS", 1460), ("WScale", 7), ("SAckOK", b""), ("Timestamp", (1, 2)), ("NOP", None)]
            layer.options = [self.r.choice(known) for _ in range(self.r.randrange(4))]
            # Data beside SYN, FIN or RST is named by no dissector: only what carries data has any.
            return self.join(layer, self.body()) if layer.flags in ("A", "PA") else layer
        return layer if isinstance(layer, SCTP) else self.join(layer, self.body())

    def inner4(self):
        below = self.layer(IP)
        below.flags, below.frag = self.r.choice([0, 2]), 0
        below.options = self.r.choice([[], [], [IPOption_NOP(), IPOption_RR(routers=[self.ipv4()] * 2)],
                                       [IPOption_Router_Alert()]])
        return below

    def inner6(self, most=3):
        below = self.layer(IPv6)
        for cls in EXTENSIONS:
            if most and self.chance(0.15):
                header = self.layer(cls)
                if cls is IPv6ExtHdrFragment:
                    header.offset, header.m, header.res1, header.res2 = 0, 0, 0, 0
                if cls is IPv6ExtHdrRouting:
                    header.type, header.addresses, header.segleft = 2, [self.ipv6()], 1
                if cls is IPv6ExtHdrSegmentRouting:
                    header.addresses, header.tlv_objects = [self.ipv6(), self.ipv6()], []
                if cls in (IPv6ExtHdrHopByHop, IPv6ExtHdrDestOpt):
                    header.options = [self.r.choice([PadN(optdata=b"\0\0"), RouterAlert(value=0)])]
                below, most = below / header, most - 1
        return below

    def frame4(self):
        kind = self.r.randrange(6)
        if kind < 3:
            return self.inner4() / self.segment()
        if kind == 3:
            message = ICMP(type=self.r.choice([0, 8]), id=self.number(16), seq=self.number(16))
            return self.join(self.inner4(), message, self.body())
        if kind == 4:
            error = ICMP(type=self.r.choice([3, 11]), code=0)
            return self.inner4() / error / self.inner4() / self.segment(self.r.choice([UDP, TCP]))
        return self.inner4() / self.r.choice([self.frame4, self.frame6])()

    def frame6(self):
        kind = self.r.randrange(7)
        if kind < 3:
            return self.inner6() / self.segment()
        if kind == 3:
            cls = self.r.choice([ICMPv6EchoRequest, ICMPv6EchoReply])
            return self.inner6() / cls(id=self.number(16), seq=self.number(16), data=self.octets(20))
        if kind == 4:
            message = self.layer(self.r.choice([ICMPv6ND_RS, ICMPv6ND_RA, ICMPv6ND_NS, ICMPv6ND_NA]))
            message.code = 0
            options = [self.r.choice([ICMPv6NDOptSrcLLAddr(lladdr=self.mac()), ICMPv6NDOptMTU(mtu=1500),
                                      ICMPv6NDOptDstLLAddr(lladdr=self.mac()),
                                      ICMPv6NDOptPrefixInfo(prefix="2001:db8::"),
                                      ICMPv6NDOptRDNSS(dns=[self.ipv6()])]) for _ in range(self.r.randrange(4))]
            return self.join(self.inner6(0), message, *options)
        if kind == 5:
            error = self.layer(self.r.choice([ICMPv6DestUnreach, ICMPv6PacketTooBig, ICMPv6TimeExceeded]))
            error.code, error.length = 0, 0
            return self.inner6() / error / self.inner6(1) / self.segment(self.r.choice([UDP, TCP]))
        return self.inner6() / self.r.choice([self.frame4, self.frame6])()

    def frame(self):
        link = [self.layer(Ether)] + [self.layer(Dot1Q) for _ in range(self.r.choice([0, 0, 0, 1, 2]))]
        for layer in link:
            layer.delfieldval("type")
        if self.chance(0.1):
            arp = ARP(op=self.r.choice([1, 2]), hwsrc=self.mac(), psrc=self.ipv4(), hwdst=self.mac(), pdst=self.ipv4())
            return self.join(*link, arp)
        return self.join(*link, self.r.choice([self.frame4, self.frame6])())


def damaged(maker, octets, kind):
    octets = bytearray(octets)
    if kind == CUT:
        return octets[: maker.r.randint(1, len(octets) - 1)]
    for _ in range(maker.r.choice([1, 1, 2, 8])):
        at = maker.r.randrange(len(octets))
        if kind == FLIPPED:
            octets[at] ^= 1 << maker.r.randrange(8)
        else:
            octets[at : at + 4] = maker.octets(4, 1)
    return octets


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    plain, wild = Plain(seed), Maker(seed + 1)
    with open(sys.argv[3], "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        number = 0
        while number < count:
            kind = wild.r.choice([WHOLE, WHOLE, WHOLE, CUT, FLIPPED, LYING, LYING, OVERWRITTEN])
            try:
                packet = wild.packet() if kind == LYING else plain.frame()
                if not isinstance(packet, Ether):
                    packet = wild.layer(Ether) / packet
                octets = raw(packet)
            except Exception:
                continue
            if kind not in (WHOLE, LYING):
                octets = damaged(wild, octets, kind)
            number += 1
            file.write(struct.pack("<IIII", number, kind, len(octets), len(octets)) + bytes(octets))


main()
