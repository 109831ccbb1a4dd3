"""A host whose echo replies are sent by this script: late, many, or out of order.

usage: echoer.py INTERFACE HOW...

HOW is one of
  late=MS       each reply so many milliseconds after its request
  copies=N      each reply N times
  backwards=N   of N requests the last is answered first
The kernel of the host must not answer. Ends with SIGTERM.
"""

import heapq
import socket
import struct
import sys
import time


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def reply(frame):
    """The answer to an echo request; None to any other frame."""
    link = frame[6:12] + frame[:6] + frame[12:14]
    if frame[12:14] == b"\x08\x00" and frame[23] == 1 and frame[34] == 8:
        length = struct.unpack("!H", frame[16:18])[0]
        message = bytes(4) + frame[38 : 14 + length]
        message = message[:2] + struct.pack("!H", checksum(message)) + message[4:]
        header = frame[14:24] + b"\0\0" + frame[30:34] + frame[26:30]
        header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
        return link + header + message
    if frame[12:14] == b"\x86\xdd" and frame[20] == 58 and frame[54] == 128:
        length = struct.unpack("!H", frame[18:20])[0]
        source, destination = frame[38:54], frame[22:38]
        message = b"\x81\0\0\0" + frame[58 : 54 + length]
        sum_ = checksum(source + destination + struct.pack("!II", len(message), 58) + message)
        return link + frame[14:22] + source + destination + message[:2] + struct.pack("!H", sum_) + message[4:]
    return None


def main():
    options = dict(word.split("=") for word in sys.argv[2:])
    late, copies, backwards = (int(options.get(key, usual)) for key, usual in (
        ("late", 0), ("copies", 1), ("backwards", 1)))
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    link.bind((sys.argv[1], 3))
    print("ready", flush=True)
    due, held, count = [], [], 0
    while True:
        now = time.monotonic()
        while due and due[0][0] <= now:
            link.send(heapq.heappop(due)[2])
        link.settimeout(max(0.0005, due[0][0] - now) if due else None)
        try:
            frame, address = link.recvfrom(2048)
        except TimeoutError:
            continue
        answer = None if address[2] == 4 else reply(frame)
        if answer is None:
            continue
        held.append(answer)
        if len(held) < backwards:
            continue
        for answer in reversed(held):
            for _ in range(copies):
                count += 1
                heapq.heappush(due, (time.monotonic() + late / 1000, count, answer))
        held = []


main()
