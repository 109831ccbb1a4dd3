"""A host whose ARP and neighbour discovery are spoken by this script, on one interface.

usage: neighbour.py INTERFACE RULE...

A rule is ADDRESS=MAC[,MAC...][@DELAY_MS][+HOW]: who asks for ADDRESS is told each MAC, after a delay.
HOW is one of
  plain      an answer as it should be (the default)
  source     the frame comes from another link address than the ARP sender
  request    a request in place of the reply
  target     the answer is for another protocol address
  sender     the answer tells of another protocol address
  short      the answer is cut after 20 octets of ARP
  probe      a probe for the same address, as by a host that wants it too
  defend     an announcement of the address
Ends with SIGTERM.
"""

import heapq
import ipaddress
import socket
import struct
import sys
import time


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def arp(operation, sender_mac, sender, target_mac, target):
    return struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation) + sender_mac + sender + target_mac + target


def icmpv6(source, destination, message):
    pseudo = source + destination + struct.pack("!II", len(message), 58)
    sum_ = checksum(pseudo + message)
    message = message[:2] + struct.pack("!H", sum_) + message[4:]
    return struct.pack("!IHBB", 6 << 28, len(message), 58, 255) + source + destination + message


def solicited_node(address):
    return ipaddress.ip_address("ff02::1:ff00:0").packed[:13] + address[13:]


def answers(frame, rules):
    """What the rules say to a frame: (delay, frame) pairs."""
    kind = frame[12:14]
    if kind == b"\x08\x06":
        operation, asker_mac, asker, asked = (
            struct.unpack("!H", frame[20:22])[0], frame[22:28], frame[28:32], frame[38:42])
        if operation != 1 or asker == asked and rules.get(asked, (0, 0, ""))[2] != "defend":
            return
    elif kind == b"\x86\xdd" and frame[20] == 58 and frame[54] == 135:
        asker_mac, asker, asked = frame[6:12], frame[22:38], frame[62:78]
    else:
        return
    if asked not in rules:
        return
    macs, delay, how = rules[asked]
    if asker_mac in macs:
        return
    for own in macs:
        link, sender, target, operation, to = own, asked, asker, 2, asker_mac
        if len(asked) == 4:
            if how == "source":
                link = mac("02:00:00:00:bb:bb")
            elif how == "request":
                operation = 1
            elif how == "target":
                target = bytes([192, 0, 2, 77])
            elif how == "sender":
                sender = asked[:3] + bytes([asked[3] ^ 0x80])
            elif how == "probe":
                operation, sender, target, to = 1, bytes(4), asked, b"\xff" * 6
            elif how == "defend":
                operation, target, to = 1, asked, b"\xff" * 6
            body = arp(operation, own, sender, asker_mac if operation == 2 else bytes(6), target)
            if how == "short":
                body = body[:20]
            yield delay, to + link + kind + body
        elif how == "probe":
            group = solicited_node(asked)
            message = b"\x87\0\0\0" + bytes(4) + asked
            yield delay, b"\x33\x33" + group[12:] + own + kind + icmpv6(bytes(16), group, message)
        else:
            any_ = asker == bytes(16)
            target = ipaddress.ip_address("ff02::1").packed if any_ else asker
            to = b"\x33\x33\0\0\0\1" if any_ else asker_mac
            message = b"\x88\0\0\0" + struct.pack("!I", 0x20000000 if any_ else 0x60000000) + asked + b"\x02\x01" + own
            yield delay, to + own + kind + icmpv6(asked, target, message)


def main():
    interface, rules = sys.argv[1], {}
    for rule in sys.argv[2:]:
        address, rest = rule.split("=", 1)
        rest, _, how = rest.partition("+")
        macs, _, delay = rest.partition("@")
        rules[ipaddress.ip_address(address).packed] = (
            [mac(text) for text in macs.split(",")], float(delay or 0) / 1000, how or "plain")
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    link.bind((interface, 3))
    # Frames to made-up link addresses too (PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC).
    link.setsockopt(263, 1, struct.pack("IHH8s", socket.if_nametoindex(interface), 1, 0, b""))
    print("ready", flush=True)
    due = []
    while True:
        now = time.monotonic()
        while due and due[0][0] <= now:
            link.send(heapq.heappop(due)[2])
        link.settimeout(max(0.0005, due[0][0] - now) if due else None)
        try:
            frame, address = link.recvfrom(2048)
        except TimeoutError:
            continue
        if address[2] == 4:
            continue
        for delay, answer in answers(frame, rules):
            if delay == 0:
                link.send(answer)
            else:
                heapq.heappush(due, (time.monotonic() + delay, time.monotonic_ns(), answer))


main()
