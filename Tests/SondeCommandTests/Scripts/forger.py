#!/usr/bin/env python3
"""Answers as an enemy would: hears what reaches an interface and sends packets that look like answers and
are none, at last the true one. Usage: forger.py INTERFACE tcp|udp|icmp. The kernel must be kept from
answering by itself. Prints a line when it listens, and ends by a signal."""
import socket
import struct
import sys

interface, kind = sys.argv[1:3]
NUMBER = {"tcp": 6, "udp": 17}


def total(data):
    if len(data) % 2:
        data += b"\0"
    value = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while value >> 16:
        value = (value & 0xFFFF) + (value >> 16)
    return ~value & 0xFFFF


ear = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
ear.bind((interface, 0))
print("ready", flush=True)


class Packet:
    """A packet that came, from its IP header on."""

    def __init__(self, data):
        self.version = data[0] >> 4
        if self.version == 4:
            self.number, self.source, self.target = data[9], data[12:16], data[16:20]
            self.inner = data[(data[0] & 15) * 4 : struct.unpack("!H", data[2:4])[0]]
        else:
            self.number, self.source, self.target = data[6], data[8:24], data[24:40]
            self.inner = data[40 : 40 + struct.unpack("!H", data[4:6])[0]]
        self.data = data

    def echoes(self):
        return self.number == (1 if self.version == 4 else 58) and self.inner[0] == (8 if self.version == 4 else 128)


def ip(asked, number, payload, source=None):
    source = source or asked.target
    if asked.version == 4:
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0, 64, number, 0, source, asked.source)
        return head[:10] + struct.pack("!H", total(head)) + head[12:] + payload
    return struct.pack("!IHBB16s16s", 6 << 28, len(payload), number, 64, source, asked.source) + payload


def summed(asked, number, payload, at, source=None, error=0):
    """The payload with its checksum at an offset, off by an error."""
    source = source or asked.target
    pseudo = b""
    if number in (6, 17, 58):
        pseudo = source + asked.source + struct.pack("!II", len(payload), number)
    value = (total(pseudo + payload) + error) & 0xFFFF
    return payload[:at] + struct.pack("!H", value) + payload[at + 2 :]


def other(address):
    return address[:-1] + bytes([address[-1] ^ 0x40])


def segment(asked, flags, ack, error=0, source=None, ports=(0, 0)):
    ours, theirs = struct.unpack("!HH", asked.inner[:4])
    text = struct.pack(
        "!HHIIBBHHH", (theirs + ports[0]) & 0xFFFF, (ours + ports[1]) & 0xFFFF, 0, ack & 0xFFFFFFFF, 0x50, flags, 0, 0, 0)
    return ip(asked, 6, summed(asked, 6, text, 16, source, error), source)


def tcp(asked):
    sequence = struct.unpack("!I", asked.inner[4:8])[0]
    yield segment(asked, 0x14, sequence + 77)
    yield segment(asked, 0x04, sequence + 1)
    yield segment(asked, 0x12, sequence + 2)
    yield segment(asked, 0x10, sequence + 1)
    yield segment(asked, 0x14, sequence + 1, error=1)
    yield segment(asked, 0x14, sequence + 1, ports=(1, 0))
    yield segment(asked, 0x14, sequence + 1, source=other(asked.target))
    yield unreachable(asked, asked.data, sequence=b"\xde\xad\xbe\xef")
    yield segment(asked, 0x12, sequence + 1)


def datagram(asked, error=0, source=None, ports=(0, 0)):
    ours, theirs = struct.unpack("!HH", asked.inner[:4])
    text = struct.pack("!HHHH", theirs + ports[0], ours + ports[1], 12, 0) + b"pong"
    return ip(asked, 17, summed(asked, 17, text, 6, source, error), source)


def udp(asked):
    yield datagram(asked, error=1)
    yield datagram(asked, ports=(1, 0))
    yield datagram(asked, source=other(asked.target))
    yield unreachable(asked, asked.data, port=9)
    yield datagram(asked)


def unreachable(asked, quote, sequence=None, port=None, cut=None):
    quote = bytearray(quote[: cut or 64])
    start = 20 if asked.version == 4 else 40
    if sequence:
        quote[start + 4 : start + 8] = sequence
    if port:
        quote[start + 2 : start + 4] = struct.pack("!H", port)
    if asked.version == 4:
        text = struct.pack("!BBHI", 3, 3, 0, 0) + bytes(quote)
        return ip(asked, 1, summed(asked, 1, text, 2))
    text = struct.pack("!BBHI", 1, 4, 0, 0) + bytes(quote)
    return ip(asked, 58, summed(asked, 58, text, 2))


def reply(asked, id=0, sequence=0, error=0, source=None, data=None):
    ours, number = struct.unpack("!HH", asked.inner[4:8])
    numbers = struct.pack("!HH", ours ^ id, number ^ sequence)
    text = (b"\0" if asked.version == 4 else b"\x81") + b"\0\0\0" + numbers + (data or asked.inner[8:])
    layer = 1 if asked.version == 4 else 58
    return ip(asked, layer, summed(asked, layer, text, 2, source, error), source)


def icmp(asked):
    yield reply(asked, id=1)
    yield reply(asked, sequence=0x100)
    yield reply(asked, error=1)
    yield reply(asked, source=other(asked.target))
    yield unreachable(asked, asked.data, cut=24 if asked.version == 4 else 44)
    yield reply(asked)
    yield reply(asked)
    yield reply(asked, data=b"altered" + asked.inner[15:])


doors = {}
while True:
    frame, place = ear.recvfrom(65535)
    if place[2] == socket.PACKET_OUTGOING or frame[12:14] not in (b"\x08\x00", b"\x86\xdd"):
        continue
    asked = Packet(frame[14:])
    if kind == "icmp" and not asked.echoes() or kind != "icmp" and asked.number != NUMBER[kind]:
        continue
    if kind == "tcp" and asked.inner[13] != 2:
        continue  # the prober's kernel resets what it did not ask for
    # Sent back at the link layer, so that neither routing nor a firewall has a say.
    for answer in {"tcp": tcp, "udp": udp, "icmp": icmp}[kind](asked):
        ear.send(frame[6:12] + frame[:6] + frame[12:14] + answer)
