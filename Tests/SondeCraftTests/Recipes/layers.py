#!/usr/bin/python3
"""The layers of each frame as tshark names them, and as a recipe would.

layers.py FILE prints one JSON line a frame: its number, the damage that random_capture.py did (by the
microsecond of its time), tshark's frame.protocols, and the classes of Scapy that these stand for.
"Raw" stands where octets follow that tshark leaves to no dissector or to an application's.
`malformed` says whether tshark stumbled; the layers of such a frame are a hint, not a claim.
"""
import json
import subprocess
import sys

DAMAGE = {0: "none", 1: "cut", 2: "flipped", 3: "lying", 4: "overwritten"}
LINKS = {"eth": "Ether", "vlan": "Dot1Q", "arp": "ARP", "sctp": "SCTP", "null": "Loopback", "sll": "CookedLinux"}
EXTENSIONS = {"ipv6.hopopts": "IPv6ExtHdrHopByHop", "ipv6.dstopts": "IPv6ExtHdrDestOpt",
              "ipv6.fraghdr": "IPv6ExtHdrFragment"}
ICMPV6 = {1: "ICMPv6DestUnreach", 2: "ICMPv6PacketTooBig", 3: "ICMPv6TimeExceeded", 4: "ICMPv6ParamProblem",
          128: "ICMPv6EchoRequest", 129: "ICMPv6EchoReply", 133: "ICMPv6ND_RS", 134: "ICMPv6ND_RA",
          135: "ICMPv6ND_NS", 136: "ICMPv6ND_NA", 137: "ICMPv6ND_Redirect"}
OPTIONS = {1: "SrcLLAddr", 2: "DstLLAddr", 3: "PrefixInfo", 4: "RedirectedHdr", 5: "MTU", 6: "ShortcutLimit",
           7: "AdvInterval", 8: "HAInfo", 9: "SrcAddrList", 10: "TgtAddrList", 17: "IPAddr", 18: "NewRtrPrefix",
           19: "LLA", 23: "MAP", 24: "RouteInfo", 25: "RDNSS", 26: "EFA", 31: "DNSSL"}
SILENT = {"raw", "ethertype", "_ws.malformed", "_ws.short", "_ws.unreassembled", "vssmonitoring", "icmpv6.opt"}
FIELDS = ["frame.number", "frame.time_epoch", "frame.protocols", "icmpv6.type", "icmpv6.opt.type",
          "ipv6.routing.type", "_ws.malformed", "_ws.short"]
# What tshark takes for sent again, by the numbers of segments before it, it hands to no dissector.
SETTINGS = ["ip.defragment:FALSE", "ipv6.defragment:FALSE", "tcp.desegment_tcp_streams:FALSE",
            "tcp.analyze_sequence_numbers:FALSE", "vlan.qinq_ethertype:0xffff"]
PROTOCOLS = ["eth", "ethertype", "vlan", "arp", "ip", "ipv6", "ipv6.hopopts", "ipv6.dstopts", "ipv6.fraghdr",
             "ipv6.routing", "icmp", "icmpv6", "tcp", "udp", "sctp", "data"]


def numbers(text):
    return [int(word, 0) for word in text.split(",") if word]


def layers(protocols, types, options, routes):
    named, quoted = [], False
    for protocol in protocols:
        if protocol in LINKS:
            named.append(LINKS[protocol])
        elif protocol in ("ip", "ipv6"):
            error = bool(named) and (named[-1] == "ICMP" or named[-1] in list(ICMPV6.values())[:4])
            quoted = quoted or error
            plain = "IP" if protocol == "ip" else "IPv6"
            named.append({"IP": "IPerror", "IPv6": "IPerror6"}[plain] if error else plain)
        elif protocol in ("tcp", "udp"):
            direct = any(name.startswith("IPerror") for name in named[-1:])
            named.append(protocol.upper() + ("error" if direct else ""))
        elif protocol == "icmp":
            named.append("ICMPerror" if named and named[-1] == "IPerror" else "ICMP")
        elif protocol in EXTENSIONS:
            named.append(EXTENSIONS[protocol])
        elif protocol.startswith("ipv6.routing"):
            kind = routes.pop(0) if routes else 0
            named.append("IPv6ExtHdrSegmentRouting" if kind == 4 else "IPv6ExtHdrRouting")
        elif protocol == "icmpv6":
            kind = types.pop(0) if types else None
            named.append(ICMPV6.get(kind, "Raw"))
            if kind in range(133, 138):
                while options:
                    known = OPTIONS.get(options.pop(0))
                    named.append("ICMPv6NDOpt" + known if known else "Raw")
        elif protocol not in SILENT and named[-1:] != ["Raw"] and named[-1:] != ["ICMPv6EchoRequest"] \
                and named[-1:] != ["ICMPv6EchoReply"]:
            named.append("Raw")
    return named


def main():
    command = ["tshark", "-r", sys.argv[1], "-T", "fields", "-n", "-E", "separator=/t", "-E", "aggregator=,"]
    for setting in SETTINGS:
        command += ["-o", setting]
    command += ["--disable-protocol", "ALL"] + [word for p in PROTOCOLS for word in ("--enable-protocol", p)]
    for field in FIELDS:
        command += ["-e", field]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        sys.exit(run.stderr)
    for line in run.stdout.splitlines():
        number, time, protocols, types, options, routes, malformed, short = line.split("\t")
        names = protocols.split(":")
        print(json.dumps({
            "frame": int(number), "damage": DAMAGE.get(round(float(time) % 1 * 1_000_000), "unknown"),
            "malformed": bool(malformed or short), "protocols": protocols,
            "layers": layers(names, numbers(types), numbers(options), numbers(routes)),
        }))


main()
