"""Writes a capture of random packets, some whole, some broken: sums.py SEED COUNT LINKTYPE KINDS FILE.

KINDS are words between commas: tcp, udp, icmp, quote, sctp, igmp, extensions. The packets and their right checksums are Scapy's; what breaks them is done to their octets.
"""

import logging
import random
import struct
import sys

logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
from scapy.all import (  # noqa: E402
    ICMP, IP, TCP, UDP, Ether, ICMPv6DestUnreach, ICMPv6EchoRequest, ICMPv6ND_NS, IPv6, IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, SCTP, SCTPChunkData, SCTPChunkInit, Raw, IPOption_RR)
from scapy.contrib.igmp import IGMP  # noqa: E402

seed, count, link = (int(word) for word in sys.argv[1:4])
kinds, path = sys.argv[4].split(","), sys.argv[5]
segments = [kind for kind in kinds if kind != "extensions"]
dice = random.Random(seed)
# Scapy draws numbers of its own.
random.seed(seed)


def octets(most):
    return dice.randbytes(dice.choice([0, 1, 2, dice.randrange(most + 1), dice.randrange(most + 1)]))


def v4():
    return "198.51.100.%d" % dice.randrange(1, 255)


def v6():
    return "2001:db8::%x" % dice.randrange(1, 65536)


def segment(version):
    kind = dice.choice(segments)
    # Ports that no dissector of application data claims.
    ports = {"sport": dice.randrange(40000, 40900), "dport": dice.randrange(41000, 41900)}
    if kind == "tcp":
        options = dice.choice([[], [("MSS", 1460)], [("NOP", None), ("NOP", None), ("Timestamp", (7, 9))]])
        return TCP(seq=dice.getrandbits(32), flags=dice.choice(["S", "A", "PA", "RA"]), options=options,
                   window=dice.getrandbits(16), **ports) / Raw(octets(1200))
    if kind == "udp":
        return UDP(**ports) / Raw(octets(1200))
    if kind == "sctp":
        chunk = dice.choice([SCTPChunkInit(init_tag=dice.getrandbits(32)),
                             SCTPChunkData(data=dice.randbytes(4 * dice.randrange(1, 200)))])
        return SCTP(tag=dice.getrandbits(32), **ports) / chunk
    if kind == "igmp" and version == 4:
        return IGMP(type=dice.choice([0x11, 0x16, 0x17]), gaddr="239.1.2.%d" % dice.randrange(1, 255))
    if kind == "quote":
        if version == 4:
            inner = IP(src=v4(), dst=v4()) / UDP(**ports) / Raw(octets(100))
            return ICMP(type=3, code=3) / Raw(bytes(inner)[:dice.choice([28, 36, 200])])
        inner = IPv6(src=v6(), dst=v6()) / UDP(**ports) / Raw(octets(100))
        return ICMPv6DestUnreach(code=4) / Raw(bytes(inner)[:dice.choice([48, 60, 200])])
    if version == 4:
        return ICMP(type=dice.choice([0, 8]), id=dice.getrandbits(16), seq=1) / Raw(octets(1200))
    if dice.randrange(4) == 0:
        return ICMPv6ND_NS(tgt=v6())
    return ICMPv6EchoRequest(id=dice.getrandbits(16), seq=1, data=octets(1200))


def packet():
    if dice.randrange(2):
        options = [IPOption_RR(pointer=4, routers=["0.0.0.0"])] if dice.randrange(10) == 0 else []
        head = IP(src=v4(), dst=v4(), ttl=dice.randrange(1, 255), id=dice.getrandbits(16), options=options)
        if dice.randrange(12) == 0:
            head.flags, head.frag = dice.choice([("MF", 0), ("MF", 3), (0, 5)])
        return head, head / segment(4)
    head = IPv6(src=v6(), dst=v6(), hlim=dice.randrange(1, 255))
    if "extensions" not in kinds:
        return head, head / segment(6)
    extensions = dice.choice([None] * 8 + [
        IPv6ExtHdrDestOpt(), IPv6ExtHdrHopByHop(), IPv6ExtHdrRouting(addresses=[v6()], segleft=1),
        IPv6ExtHdrFragment(m=dice.randrange(2), offset=dice.choice([0, 4]), id=7)])
    return head, (head / extensions if extensions is not None else head) / segment(6)


def flip(data):
    place = dice.randrange(len(data))
    data[place] ^= 1 << dice.randrange(8)


def broken(data, at):
    """Breaks `data`, whose IP header starts at `at`; its captured and its original octets."""
    data = bytearray(data)
    version = data[at] >> 4
    whole = len(data)
    way = dice.choice(["whole"] * 8 + ["flip"] * 4 + ["flip behind", "cut", "length", "zero", "ones", "padded"])
    start = at + (4 * (data[at] & 15) if version == 4 else 40)
    if way == "flip" and len(data) > start + 4:
        # The first four octets behind the header name ports or types, which change what is read at all; its options
        # do not.
        place = dice.choice([*range(at + 20 if version == 4 else start, start), *range(start + 4, len(data))])
        data[place] ^= 1 << dice.randrange(8)
    elif way == "flip behind":
        data[at + 8 + dice.randrange(8)] ^= 1 << dice.randrange(8)
    elif way == "cut":
        data = data[:dice.randrange(at + 1, whole + 1)]
    elif way == "length":
        place = at + (2 if version == 4 else 4)
        length = dice.choice([0, whole - at + 9, dice.randrange(65536), max(0, whole - at - 50)])
        struct.pack_into("!H", data, place, length & 0xffff)
    elif way in ("zero", "ones"):
        number = data[at + (9 if version == 4 else 6)]
        offset = {6: 16, 17: 6, 1: 2, 58: 2, 2: 2, 132: 8}.get(number)
        if offset is not None and start + offset + 2 <= whole:
            struct.pack_into("!H", data, start + offset, 0 if way == "zero" else 0xffff)
    elif way == "padded":
        data += dice.randbytes(dice.randrange(1, 8))
        whole = len(data)
    return bytes(data), whole


with open(path, "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, link))
    for number in range(count):
        head, whole = packet()
        at = 0
        if link == 1:
            whole = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / whole
            at = 14
        data, length = broken(bytes(whole), at)
        file.write(struct.pack("<IIII", number, 0, len(data), length) + data)
