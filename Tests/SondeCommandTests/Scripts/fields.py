"""Compares the fields that `sonde decode --json` gives with those that tshark gives: fields.py SONDE FILE...

Prints what differs, then how many were compared; ends with status 1 if any differs, or none was there.
"""

import json
import subprocess
import sys


def number(text):
    return int(text, 0)


# Of each layer: our field, tshark's, and how tshark's text becomes our value.
LAYERS = {
    "ether": [("dst", "eth.dst", str), ("src", "eth.src", str), ("type", "eth.type", number)],
    "ip": [
        ("version", "ip.version", number), ("ihl", "ip.hdr_len", lambda text: int(text) // 4),
        ("tos", "ip.dsfield", number), ("len", "ip.len", number), ("id", "ip.id", number),
        ("flags", "ip.flags", number), ("frag", "ip.frag_offset", number), ("ttl", "ip.ttl", number),
        ("proto", "ip.proto", number), ("chksum", "ip.checksum", number), ("src", "ip.src", str),
        ("dst", "ip.dst", str),
    ],
    "ipv6": [
        ("plen", "ipv6.plen", number), ("nh", "ipv6.nxt", number), ("hlim", "ipv6.hlim", number),
        ("fl", "ipv6.flow", number), ("tc", "ipv6.tclass", number), ("src", "ipv6.src", str), ("dst", "ipv6.dst", str),
    ],
    "tcp": [
        ("sport", "tcp.srcport", number), ("dport", "tcp.dstport", number), ("seq", "tcp.seq_raw", number),
        ("ack", "tcp.ack_raw", number), ("dataofs", "tcp.hdr_len", lambda text: int(text) // 4),
        ("flags", "tcp.flags", lambda text: number(text) & 0x1FF), ("window", "tcp.window_size_value", number),
        ("chksum", "tcp.checksum", number), ("urgptr", "tcp.urgent_pointer", number),
    ],
    "udp": [
        ("sport", "udp.srcport", number), ("dport", "udp.dstport", number), ("len", "udp.length", number),
        ("chksum", "udp.checksum", number),
    ],
    "icmp": [("type", "icmp.type", number), ("code", "icmp.code", number), ("chksum", "icmp.checksum", number)],
    "arp": [
        ("op", "arp.opcode", number), ("psrc", "arp.src.proto_ipv4", str), ("pdst", "arp.dst.proto_ipv4", str),
        ("hwsrc", "arp.src.hw_mac", str), ("hwdst", "arp.dst.hw_mac", str),
    ],
}
COLUMNS = [column for fields in LAYERS.values() for _, column, _ in fields]


def output(*command):
    return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()


compared = different = 0
for path in sys.argv[2:]:
    asked = [word for column in COLUMNS for word in ("-e", column)]
    theirs = output(
        "tshark", "-n", "-o", "ip.defragment:FALSE", "-r", path, "-T", "fields", "-E", "occurrence=f", *asked)
    for line, packet in zip(theirs, map(json.loads, output(sys.argv[1], "decode", "--json", path))):
        values = dict(zip(COLUMNS, line.split("\t")))
        seen = set()
        for layer in packet["layers"]:
            if layer["name"] in seen or "quoted" in layer:
                continue
            seen.add(layer["name"])
            for name, column, convert in LAYERS.get(layer["name"], []):
                if not values.get(column):
                    continue
                compared += 1
                if convert(values[column]) != layer["fields"].get(name):
                    different += 1
                    print(path, packet["frame"], layer["name"], name, values[column], layer["fields"].get(name))
print(compared, "fields compared,", different, "differ")
sys.exit(1 if different or not compared else 0)
