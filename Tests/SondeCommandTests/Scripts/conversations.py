"""Writes a pcap file of random TCP conversations over IPv4: conversations.py SEED PACKETS FILE.

Handshakes, data, segments sent again, overtaken or missing, duplicate acknowledgments, keep-alives, closed and
full windows, selective acknowledgments, ends and resets; sequence numbers cross the end of their range.
"""

import random
import struct
import sys

random.seed(int(sys.argv[1]))
now = 0


def checksum(octets):
    total = sum(struct.unpack("!%dH" % (len(octets) // 2), octets))
    total = (total >> 16) + (total & 0xFFFF)
    return ~((total >> 16) + total) & 0xFFFF


def emit(file, source, destination, segment):
    global now
    now += random.choice([10, 100, 1000, 5000, 30000, 300000])
    header = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(segment), 1, 0, 64, 6, 0, bytes(source), bytes(destination))
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    frame = b"\x02\0\0\0\0\2\x02\0\0\0\0\1\x08\0" + header + segment
    file.write(struct.pack("<IIII", 1700000000 + now // 1000000, now % 1000000, len(frame), len(frame)) + frame)


class Conversation:
    def __init__(self, file):
        self.file = file
        self.ends = [
            ([192, 0, 2, random.randrange(1, 20)], random.randrange(20000, 20040)),
            ([198, 51, 100, random.randrange(1, 4)], random.randrange(30000, 30003)),
        ]
        self.next = [random.choice([random.randrange(1, 2**32), 2**32 - random.randrange(1, 3000)]) for _ in "ab"]
        self.window = [random.randrange(1, 65536) for _ in "ab"]
        self.shift = [random.choice([None, 0, 2, 7, 14]) for _ in "ab"]
        self.sent = [[], []]
        self.step = 0 if random.random() < 0.7 else 3

    def send(self, side, flags, sequence=None, acknowledgment=None, data=b"", options=b"", window=None):
        source, destination = self.ends[side], self.ends[1 - side]
        sequence = self.next[side] if sequence is None else sequence
        acknowledgment = self.next[1 - side] if acknowledgment is None else acknowledgment
        options += b"\1" * (-len(options) % 4)
        words = (20 + len(options)) // 4
        window = self.window[side] if window is None else window
        segment = struct.pack(
            "!HHIIHHHH", source[1], destination[1], sequence % 2**32, acknowledgment % 2**32, words << 12 | flags,
            window, 0, 0)
        emit(self.file, source[0], destination[0], segment + options + data)

    def handshake(self):
        side = self.step & 1
        shift = self.shift[side]
        options = b"\x02\x04\x05\xb4" + (b"" if shift is None else b"\x03\x03" + bytes([shift]))
        if self.step == 2:
            self.send(0, 0x10)
        else:
            self.send(side, [2, 0x12][side], acknowledgment=None if side else 0, options=options)
            self.next[side] += 1
        self.step += 1

    def go(self):
        if self.step < 3:
            return self.handshake()
        side, kind, count = random.randrange(2), random.random(), random.choice([1, 1, 2, 10, 100, 1000])
        there = self.next[1 - side]
        if kind < 0.4:
            self.sent[side].append((self.next[side], count))
            self.send(side, 0x18, data=b"x" * count)
            self.next[side] += count
        elif kind < 0.5:
            self.send(side, 0x10)
        elif kind < 0.58 and self.sent[side]:
            sequence, count = random.choice(self.sent[side][-3:])
            self.send(side, 0x18, sequence, data=b"x" * count)
        elif kind < 0.63:
            self.next[side] += random.choice([1, 10, 500])
            self.send(side, 0x18, data=b"x" * count)
            self.next[side] += count
        elif kind < 0.68:
            self.send(side, 0x10, self.next[side] - 1, data=b"x" * random.randrange(2))
        elif kind < 0.73:
            self.window[side] = random.choice([0, 0, 1, 100, random.randrange(65536)])
            self.send(side, 0x10)
        elif kind < 0.77:
            self.send(side, 0x10, acknowledgment=there + random.choice([1, 100, 5000]))
        elif kind < 0.81:
            self.send(side, 0x10, acknowledgment=there - random.choice([1, 10, 100, 200]))
        elif kind < 0.86:
            acknowledgment = there - random.choice([0, 10, 100])
            for _ in range(3):
                self.send(side, 0x10, acknowledgment=acknowledgment)
        elif kind < 0.89:
            count = max(1, min(1400, self.window[1 - side]))
            self.send(side, 0x18, data=b"x" * count)
            self.next[side] += count
        elif kind < 0.91:
            self.send(side, 0x11)
            self.next[side] += 1
        elif kind < 0.925:
            self.send(side, 0x14, window=0)
        else:
            left = there + random.randrange(1000)
            edges = struct.pack("!II", left % 2**32, (left + 99) % 2**32)
            self.send(side, 0x10, options=b"\1\1\x05\x0a" + edges)


with open(sys.argv[3], "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    conversations = {}
    for _ in range(int(sys.argv[2])):
        if len(conversations) < 20:
            conversation = Conversation(file)
            conversation = conversations.setdefault(str(conversation.ends), conversation)
        else:
            conversation = random.choice(list(conversations.values()))
        conversation.go()
