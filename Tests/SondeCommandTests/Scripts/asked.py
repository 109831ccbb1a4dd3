#!/usr/bin/env python3
"""Counts what captures on Ethernet hold: `PACKETS DIFFERENT`, where those are the same that go to one address and port,
and then the addresses in order if they are few. Reads whole files fast, IPv4 TCP, UDP and ICMP, and of them only those
to the blocks of the first argument, between commas."""
import ipaddress
import struct
import sys

blocks = [ipaddress.ip_network(word) for word in sys.argv[1].split(",")]
ranges = [(int(block.network_address), int(block.broadcast_address)) for block in blocks]
packets, asked = 0, set()
for path in sys.argv[2:]:
    with open(path, "rb") as file:
        data = file.read()
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<"}[data[:4]]
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack_from(order + "I", data, at + 8)[0]
        frame = data[at + 16:at + 16 + length]
        at += 16 + length
        if frame[12:14] != b"\x08\x00":
            continue
        header = 14 + (frame[14] & 15) * 4
        address = int.from_bytes(frame[30:34], "big")
        if not any(first <= address <= last for first, last in ranges):
            continue
        port = 0 if frame[23] == 1 else int.from_bytes(frame[header + 2:header + 4], "big")
        packets += 1
        asked.add((address, port))
addresses = sorted({address for address, _ in asked})
print(packets, len(asked))
if len(addresses) <= 64:
    print(*map(ipaddress.IPv4Address, addresses))
