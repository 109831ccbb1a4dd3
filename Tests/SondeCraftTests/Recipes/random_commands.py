#!/usr/bin/python3
"""Random packets as Scapy's command() writes them, with the octets that Scapy gives.

random_commands.py SEED COUNT prints COUNT JSON lines {"command": "…", "bytes": "hex"}: the same lines
for the same seed on every machine. Half are built from fields, half are what Scapy prints of a packet
that it has taken apart; in both, fields that Scapy computes are left out, right or wrong at random.
Every command is evaluated again and must give the same octets; how many did not goes to stderr.
"""
import json
import logging
import random
import re
import socket
import sys
import warnings

logging.getLogger("scapy").setLevel(logging.CRITICAL)
warnings.simplefilter("ignore")
from scapy.all import *  # noqa: E402,F401,F403
from scapy import fields  # noqa: E402



def numeric_only(host, port=None, family=0, kind=0, protocol=0, flags=0, ask=socket.getaddrinfo):
    """Scapy asks the resolver about octets that might be a name: no packet here is worth a query."""
    return ask(host, port, family, kind, protocol, flags | socket.AI_NUMERICHOST)


socket.getaddrinfo = numeric_only

OPTIONS_IP = [
    IPOption, IPOption_EOL, IPOption_NOP, IPOption_Security, IPOption_RR, IPOption_LSRR, IPOption_SSRR,
    IPOption_Stream_Id, IPOption_MTU_Probe, IPOption_MTU_Reply, IPOption_Traceroute,
    IPOption_Address_Extension, IPOption_Router_Alert, IPOption_SDBM, IPOption_Timestamp,
]
OPTIONS_IPV6 = [Pad1, PadN, RouterAlert, Jumbo, HAO, HBHOptUnknown]
TLVS = [
    IPv6ExtHdrSegmentRoutingTLV, IPv6ExtHdrSegmentRoutingTLVIngressNode,
    IPv6ExtHdrSegmentRoutingTLVEgressNode, IPv6ExtHdrSegmentRoutingTLVPad1,
    IPv6ExtHdrSegmentRoutingTLVPadN, IPv6ExtHdrSegmentRoutingTLVHMAC,
]
OPTIONS_ND = [
    ICMPv6NDOptAdvInterval, ICMPv6NDOptDNSSL, ICMPv6NDOptDstLLAddr, ICMPv6NDOptEFA, ICMPv6NDOptHAInfo,
    ICMPv6NDOptIPAddr, ICMPv6NDOptLLA, ICMPv6NDOptMAP, ICMPv6NDOptMTU, ICMPv6NDOptNewRtrPrefix,
    ICMPv6NDOptPrefixInfo, ICMPv6NDOptRDNSS, ICMPv6NDOptRedirectedHdr, ICMPv6NDOptRouteInfo,
    ICMPv6NDOptShortcutLimit, ICMPv6NDOptSrcAddrList, ICMPv6NDOptSrcLLAddr, ICMPv6NDOptTgtAddrList,
    ICMPv6NDOptUnknown,
]
ND = [ICMPv6ND_RS, ICMPv6ND_RA, ICMPv6ND_NS, ICMPv6ND_NA, ICMPv6ND_Redirect]
ERRORS_V6 = [ICMPv6DestUnreach, ICMPv6PacketTooBig, ICMPv6TimeExceeded, ICMPv6ParamProblem]
EXTENSIONS = [
    IPv6ExtHdrHopByHop, IPv6ExtHdrDestOpt, IPv6ExtHdrRouting, IPv6ExtHdrSegmentRouting, IPv6ExtHdrFragment,
]
QUOTES = [IPerror, IPerror6, ICMPerror, UDPerror, TCPerror]
MLD = [ICMPv6MLQuery, ICMPv6MLReport, ICMPv6MLDone, ICMPv6MLQuery2, ICMPv6MLReport2]
LAYERS = (
    [Ether, Dot1Q, ARP, IP, IPv6, ICMP, ICMPv6EchoRequest, ICMPv6EchoReply, UDP, TCP, SCTP, Raw, Padding]
    + EXTENSIONS + ERRORS_V6 + ND + OPTIONS_ND + QUOTES
)
EXTRAS = MLD + [ICMPv6Unknown]
KNOWN = {c.__name__ for c in LAYERS + EXTRAS + OPTIONS_IP + OPTIONS_IPV6 + TLVS + [ICMPv6MLDMultAddrRec]}

# What Scapy computes when the field is left out, and types that another layer's class stands for.
COMPUTED = {"len", "chksum", "cksum", "ihl", "dataofs", "plen", "nh", "proto", "optlen", "hwlen", "length",
            "segleft", "lastentry", "sources_number", "records_number", "auxdata_len"}
TYPES = {"type", "otype", "option", "optclass", "copy_flag", "version", "autopad"}
# What Scapy would take from the machine that it runs on.
MACHINE = {"Ether": {"src", "dst"}, "IP": {"src"}, "IPerror": {"src"}, "IPv6": {"src"}, "IPerror6": {"src"},
           "ARP": {"hwsrc", "psrc"}, "ICMP": {"ts_ori", "ts_rx", "ts_tx"},
           "ICMPerror": {"ts_ori", "ts_rx", "ts_tx"}}


class Maker:
    """Random layers and packets; `plain` makes only what keeps to the rules, every computed field left out."""

    def __init__(self, seed, plain=False):
        self.r = random.Random(seed)
        self.plain = plain

    def chance(self, share):
        return self.r.random() < share

    def number(self, bits):
        top = (1 << bits) - 1
        edges = [0, 1, top, top >> 1, (top >> 1) + 1, top - 1]
        return min(top, self.r.choice(edges)) if self.chance(0.3) else self.r.randint(0, top)

    def octets(self, most=40, least=0):
        kind = self.r.randrange(6)
        size = self.r.randint(least, max(most, least))
        if kind == 0:
            return bytes(self.r.choice(b"abcXYZ019 .,;/()[]{}=") for _ in range(size))
        if kind == 1:
            return bytes(self.r.choice(b"'\"\\\n\r\t\0\x07\x7f\x80\xff{%") for _ in range(size))
        if kind == 2:
            return bytes(self.r.choice(b"it's \\x00 'n'") for _ in range(size))
        if kind == 3 and most >= 256:
            return bytes(range(256))
        return bytes(self.r.randrange(256) for _ in range(size))

    def mac(self):
        edges = ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "33:33:00:00:00:01"]
        if self.chance(0.3):
            return self.r.choice(edges)
        return ":".join("%02x" % self.r.randrange(256) for _ in range(6))

    def ipv4(self):
        edges = ["0.0.0.0", "127.0.0.1", "255.255.255.255", "224.0.0.1", "192.0.2.1"]
        if self.chance(0.3):
            return self.r.choice(edges)
        return ".".join(str(self.r.randrange(256)) for _ in range(4))

    def ipv6(self):
        edges = ["::", "::1", "ff02::1", "fe80::1", "2001:db8::1", "::ffff:192.0.2.1", "2002:c000:201::",
                 "1:0:0:2:0:0:0:3", "0:0:1::", "::192.0.2.1", "64:ff9b::c000:201"]
        if self.chance(0.5):
            return self.r.choice(edges)
        return ":".join("%x" % self.r.choice([0, 0, 1, 0xFFFF, self.r.randrange(65536)]) for _ in range(8))

    def several(self, make, most=4):
        return [make() for _ in range(self.r.randint(0, most))]

    def tcp_option(self):
        r = self.r
        return r.choice([
            lambda: ("NOP", None), lambda: ("NOP", None), lambda: ("EOL", None), lambda: ("NOP", b""),
            lambda: ("MSS", self.number(16)), lambda: ("WScale", self.number(8)), lambda: ("SAckOK", b""),
            lambda: ("SAckOK", ""), lambda: ("SAck", tuple(self.number(32) for _ in range(r.choice([0, 2, 4, 6])))),
            lambda: ("Timestamp", (self.number(32), self.number(32))),
            lambda: ("TFO", (self.number(32), self.number(32))),
            lambda: ("AltChkSum", (self.number(8), self.number(16))), lambda: ("AltChkSumOpt", self.octets(5)),
            lambda: ("MD5", self.octets(16, 16)), lambda: ("MD5", self.octets(20)), lambda: ("UTO", self.number(16)),
            lambda: ("Mood", self.octets(4)), lambda: ("MSS", self.octets(3)), lambda: ("AO", self.octets(6)),
            lambda: (r.choice([254, 253, 34, 2, 3, 69, 255]), self.octets(8)), lambda: (0, b""), lambda: (1, b""),
            lambda: (253, "text"),
        ])()

    def name(self):
        label = lambda: "".join(self.r.choice("abcxyz019-") for _ in range(self.r.randint(1, 9)))  # noqa: E731
        return ".".join(label() for _ in range(self.r.randint(1, 4))) + self.r.choice(["", "."])

    def value(self, cls, field, chosen):
        """A random value that the field takes."""
        name = field.name
        inner = field
        while isinstance(inner, (fields.ConditionalField, fields.Emph)):
            inner = inner.fld
        if cls is ARP and name in ("hwsrc", "hwdst"):
            mac = chosen.get("hwtype", 1) == 1 and chosen.get("hwlen") in (None, 6)
            return self.mac() if mac and self.chance(0.9) else self.octets(9)
        if cls is ARP and name in ("psrc", "pdst"):
            kind = (chosen.get("ptype", 0x800), chosen.get("plen"))
            if kind in ((0x800, None), (0x800, 4)):
                return self.ipv4()
            if kind in ((0x86DD, None), (0x86DD, 16)):
                return self.ipv6()
            return self.octets(9)
        if name == "unused" and issubclass(cls, ICMP):
            kind = chosen.get("type", 8)
            if kind in (11, 12):
                return self.number(16)
            return b"" if kind in (0, 3, 5, 8, 13, 14, 15, 16, 17, 18) else self.number(32)
        if name == "searchlist":
            return self.several(self.name, 3)
        if isinstance(inner, fields.MACField):
            return self.mac()
        if isinstance(inner, fields.IPField):
            return self.ipv4()
        if isinstance(inner, fields.IP6Field):
            return self.ipv6()
        if name in ("addresses", "dns", "addrlist", "sources") and cls is not IPOption_SDBM:
            return self.several(self.ipv6)
        if name in ("routers", "addresses"):
            return self.several(self.ipv4)
        if name == "options" and issubclass(cls, IP):
            return self.several(self.ip_option, self.r.choice([1, 2, 3, 6]))
        if name == "options" and issubclass(cls, TCP):
            return self.several(self.tcp_option, self.r.choice([1, 3, 6]))
        if name == "options":
            return self.several(lambda: self.layer(self.r.choice(OPTIONS_IPV6)))
        if name == "tlv_objects":
            return self.several(lambda: self.layer(self.r.choice(TLVS)), 2)
        if name == "records":
            return self.several(lambda: self.layer(ICMPv6MLDMultAddrRec), 3)
        if name == "pkt":
            return self.r.choice([lambda: self.stack6(2), lambda: self.layer(Raw), lambda: self.octets(60)])()
        if isinstance(inner, fields.StrFixedLenField):
            size = inner.length_from(None)
            return self.octets(size, size) if self.chance(0.8) else self.octets(size + 3)
        if isinstance(inner, fields.StrField):
            return self.octets(self.r.choice([3, 8, 40, 256 if name in ("load", "data", "msgbody") else 40]))
        if isinstance(inner, fields._BitField):
            return self.number(inner.size)
        if isinstance(inner, fields.ThreeBytesField):
            return self.number(24)
        return self.number(8 * inner.sz)

    def ip_option(self):
        option = self.layer(self.r.choice(OPTIONS_IP))
        if isinstance(option, IPOption_Timestamp) and self.chance(0.5):
            option = option / Padding(load=self.octets(12))
        return option

    def layer(self, cls):
        """One layer or option, its fields random."""
        chosen = {}
        common = [0, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 30, 37, 38, 40, 42, 43, 253]
        for field in cls.fields_desc:
            name = field.name
            if name == "type" and issubclass(cls, ICMP):
                chosen[name] = self.r.choice(common) if self.chance(0.9) else self.number(8)
                continue
            if name == "type" and cls in (Ether, Dot1Q):
                if self.chance(0.15):
                    chosen[name] = self.r.choice([0, 46, 1500, 1501, 0x600, 0x800, 0x806, 0x86DD, 0x8100, 0xFFFF])
                continue
            if name == "ptype":
                chosen[name] = self.r.choice([0x800, 0x800, 0x800, 0x86DD, 0x86DD, self.number(16)])
                continue
            if name == "hwtype":
                chosen[name] = self.r.choice([1, 1, 1, 6, self.number(16)])
                continue
            machine = name in MACHINE.get(cls.__name__, ())
            if isinstance(field, fields.ConditionalField) and not field._evalcond(cls(**chosen)):
                continue
            if name in TYPES and self.plain:
                if cls is ICMPv6NDOptUnknown or cls is IPv6ExtHdrSegmentRoutingTLV:
                    chosen[name] = self.r.choice([99, 140, 200])
                elif cls is HBHOptUnknown:
                    chosen[name] = 0x1E
                elif cls is IPOption and name == "option":
                    chosen[name] = 30
                continue
            if name in TYPES:
                if self.chance(0.1) or cls is ICMPv6NDOptUnknown or cls is IPOption and self.chance(0.7):
                    if name != "autopad":
                        chosen[name] = self.value(cls, field, chosen)
                    else:
                        chosen[name] = self.r.randrange(2)
                continue
            fixed = name == "len" and field.default is not None
            if name in COMPUTED and (field.default is None or name in ("nh", "proto")) or fixed:
                if self.chance(0.2) and not self.plain:
                    sensible = self.r.choice([0, 1, 2, 4, 5, 6, 16, 20, 28, 40, 58])
                    bits = 8 if not isinstance(field, fields._BitField) else field.size
                    likely = self.chance(0.5)
                    chosen[name] = min(sensible, (1 << bits) - 1) if likely else self.value(cls, field, chosen)
                continue
            if not machine and self.chance(0.15):
                continue
            if name in ("sport", "dport") and self.chance(0.2):
                chosen[name] = self.r.choice([53, 80, 5353, 67, 0, 65535])
                continue
            chosen[name] = self.value(cls, field, chosen)
        return cls(**chosen)

    def payload(self):
        kind = self.r.randrange(6)
        if kind == 0:
            return None
        data = Raw(load=self.octets(self.r.choice([1, 8, 40, 300])))
        if kind == 1:
            return data / Padding(load=self.octets(20))
        return Padding(load=self.octets(20)) if kind == 2 else data

    def join(self, *layers):
        whole = None
        for one in layers:
            if one is not None:
                whole = one if whole is None else whole / one
        return whole

    def transport(self):
        return self.layer(self.r.choice([UDP, UDP, TCP, TCP, SCTP]))

    def stack4(self, depth):
        below = self.layer(IP)
        kind = self.r.randrange(10)
        if kind < 4 or depth == 0:
            return self.join(below, self.transport(), self.payload())
        if kind == 4:
            return self.join(below, self.layer(ICMP), self.payload())
        if kind == 5:
            return self.join(below, self.payload())
        if kind == 6:
            return self.join(below, self.layer(ICMP), self.quote4(depth - 1))
        if kind == 7:
            return below / self.stack4(depth - 1)
        if kind == 8:
            return below / self.stack6(depth - 1)
        return self.join(below, self.layer(ICMP), self.stack4(depth - 1))

    def quote4(self, depth):
        upper = self.layer(self.r.choice([TCPerror, UDPerror, ICMPerror, SCTP, Raw]))
        quoted = self.join(self.layer(IPerror), upper, self.payload())
        return self.layer(IPerror) / quoted if depth > 0 and self.chance(0.2) else quoted

    def stack6(self, depth):
        below = self.layer(IPv6)
        for _ in range(self.r.choice([0, 0, 0, 1, 1, 2, 4])):
            below = below / self.layer(self.r.choice(EXTENSIONS))
        kind = self.r.randrange(10)
        if kind < 3 or depth == 0:
            return self.join(below, self.transport(), self.payload())
        if kind == 3:
            echo = self.layer(self.r.choice([ICMPv6EchoRequest, ICMPv6EchoReply, ICMPv6Unknown] + MLD))
            return self.join(below, echo, self.payload() if self.chance(0.3) else None)
        if kind in (4, 5):
            options = [self.layer(self.r.choice(OPTIONS_ND)) for _ in range(self.r.randint(0, 4))]
            after = self.payload() if self.chance(0.2) else None
            return self.join(below, self.layer(self.r.choice(ND)), *options, after)
        if kind == 6:
            return self.join(below, self.layer(self.r.choice(ERRORS_V6)), self.quote6(depth - 1))
        if kind == 7:
            return below / self.stack6(depth - 1)
        if kind == 8:
            return below / self.stack4(depth - 1)
        return self.join(below, self.payload())

    def quote6(self, depth):
        below = self.layer(IPerror6)
        for _ in range(self.r.choice([0, 0, 1, 2])):
            below = below / self.layer(self.r.choice(EXTENSIONS))
        upper = self.layer(self.r.choice([TCPerror, UDPerror, ICMPv6EchoRequest, SCTP, UDP, TCP, Raw]))
        return self.join(below, upper, self.payload())

    def packet(self):
        whole = self.any_packet()
        if self.chance(0.04):
            self.let_sum_be_zero(whole)
        return whole

    def let_sum_be_zero(self, whole):
        """Chooses a source port for which the computed sum is zero: UDP's is then sent as ffff."""
        for layer in whole.iterpayloads():
            if isinstance(layer, (UDP, TCP)) and layer.chksum is None:
                at = 6 if isinstance(layer, UDP) else 16
                try:
                    found = int.from_bytes(layer.do_build()[at : at + 2], "big")
                except Exception:
                    return
                # In ones' complement a sum grows by what one of its words grows.
                port = layer.sport + found
                layer.sport = (port & 0xFFFF) + (port >> 16)
                return

    def any_packet(self):
        kind = self.r.randrange(20)
        if kind < 4:
            return self.join(*[self.layer(self.r.choice(LAYERS)) for _ in range(self.r.randint(1, 6))])
        if kind == 4:
            frame = [self.layer(Ether)] + [self.layer(Dot1Q) for _ in range(self.r.choice([0, 0, 1, 2]))]
            return self.join(*frame, self.layer(ARP), self.payload())
        if kind == 5:
            return self.layer(self.r.choice(LAYERS + EXTRAS))
        inner = self.r.choice([self.stack4, self.stack6])(self.r.choice([1, 2, 3]))
        if kind < 12:
            return inner
        tags = [self.layer(Dot1Q) for _ in range(self.r.choice([0, 0, 0, 1, 2, 3]))]
        return self.join(self.layer(Ether), *tags, inner)

    def long(self):
        """A packet whose line is up to 300 kB long: longer than any length field says."""
        load = Raw(load=bytes(self.r.randrange(256) for _ in range(self.r.randint(60000, 95000))))
        below = self.layer(self.r.choice([IP, IPv6]))
        upper = self.layer(self.r.choice([UDP, TCP, SCTP, ICMP]))
        if isinstance(upper, UDP):
            upper.len = self.number(16)
        if isinstance(below, IP):
            below.len = self.number(16)
        else:
            below.plen = self.number(16)
        return self.layer(Ether) / below / upper / load

    def retouched(self, packet):
        """What Scapy prints of its own octets taken apart; sometimes with computed fields left out or wrong."""
        try:
            apart = packet.__class__(raw(packet))
            if raw(eval(apart.command())) != raw(packet):
                return None
        except Exception:
            return None
        if self.chance(0.4):
            return apart.command()
        part = apart
        while not isinstance(part, NoPayload):
            for field in part.fields_desc:
                if isinstance(part, ARP) and field.name == "plen":
                    continue
                if field.name in COMPUTED and part.fields.get(field.name) is not None:
                    if self.chance(0.4):
                        part.delfieldval(field.name)
                    elif self.chance(0.1):
                        part.setfieldval(field.name, self.value(part.__class__, field, part.fields))
            part = part.payload
        return apart.command()


def main():
    maker = Maker(int(sys.argv[1]))
    count = int(sys.argv[2])
    made = {"unbuildable": 0, "not evaluable": 0, "other octets": 0, "foreign layer": 0}
    printed = 0
    while printed < count:
        try:
            packet = maker.long() if printed % 500 == 499 else maker.packet()
            command, octets = packet.command(), raw(packet)
        except Exception:
            made["unbuildable"] += 1
            continue
        if printed % 500 != 499 and maker.chance(0.5):
            command = maker.retouched(packet)
            if command is None:
                made["other octets"] += 1
                continue
            octets = None
        # A name in a byte string may look like a class; such a line is dropped as well.
        if not set(re.findall(r"\b([A-Z][A-Za-z0-9_]*)\(", command)) <= KNOWN:
            made["foreign layer"] += 1
            continue
        try:
            again = eval(command)
            twice = raw(again)
            if octets is None:
                command, octets = again.command(), twice
                twice = raw(eval(command))
        except Exception:
            made["not evaluable"] += 1
            continue
        if twice != octets:
            made["other octets"] += 1
            continue
        print(json.dumps({"command": command, "bytes": octets.hex()}))
        printed += 1
    print("dropped:", ", ".join("%d %s" % (n, why) for why, n in made.items()), file=sys.stderr)


if __name__ == "__main__":
    main()
