#!/usr/bin/env python3
"""Talks to services.py at each address: traffic.py ADDRESS…: a UDP echo, and a TCP connection that carries data."""
import socket
import sys

for address in sys.argv[1:]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as datagram:
        datagram.settimeout(10)
        for size in (0, 1, 1200):
            datagram.sendto(b"u" * size, (address, 7071))
            assert datagram.recv(65535) == b"u" * size
    with socket.socket(family, socket.SOCK_STREAM) as stream:
        stream.settimeout(10)
        stream.connect((address, 7070))
        stream.sendall(b"t" * 30001)
