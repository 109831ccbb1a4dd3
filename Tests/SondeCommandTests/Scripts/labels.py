#!/usr/bin/env python3
"""A router's errors forged: to each packet that comes in by the interface named with its TTL at its end, time exceeded
with a label stack (RFC 4950) is sent from the address named. The checksum of the extensions is right, or wrong if a
third word says so. Prints a line when it listens, and ends by a signal."""
import socket
import struct
import sys

interface, address = sys.argv[1:3]
is_ipv6 = ":" in address
damage = 0x0101 if len(sys.argv) > 3 else 0


def checksum(octets):
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def entry(label, traffic_class, bottom, ttl):
    return struct.pack("!I", label << 12 | traffic_class << 9 | bottom << 8 | ttl)


stack = entry(16004, 1, 0, 1) + entry(24, 0, 1, 9)
extensions = struct.pack("!HH", 0x2000, 0) + struct.pack("!HBB", 4 + len(stack), 1, 1) + stack
extensions = extensions[:2] + struct.pack("!H", checksum(extensions) ^ damage) + extensions[4:]

tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x86DD if is_ipv6 else 0x0800))
tap.bind((interface, 0x86DD if is_ipv6 else 0x0800))
if is_ipv6:
    out = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
else:
    out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
out.bind((address, 0))
print("ready", flush=True)
while True:
    packet, sender = tap.recvfrom(65535)
    if sender[2] != socket.PACKET_HOST or packet[7 if is_ipv6 else 8] != 1:
        continue
    quote = packet[:128] + b"\0" * (128 - len(packet[:128]))
    if is_ipv6:
        # The kernel computes the checksum of what leaves by this socket.
        message = struct.pack("!BBHBBH", 3, 0, 0, 128 // 8, 0, 0) + quote + extensions
        out.sendto(message, (socket.inet_ntop(socket.AF_INET6, packet[8:24]), 0))
    else:
        message = struct.pack("!BBHBBH", 11, 0, 0, 0, 128 // 4, 0) + quote + extensions
        message = message[:2] + struct.pack("!H", checksum(message)) + message[4:]
        out.sendto(message, (socket.inet_ntop(socket.AF_INET, packet[12:16]), 0))
