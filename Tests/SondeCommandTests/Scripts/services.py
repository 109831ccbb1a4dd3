#!/usr/bin/env python3
"""Something to be found: TCP 7070 listens, UDP 7071 echoes, UDP 7072 hears and is silent; all on ::, so
for IPv4 too. Prints a line when all are there, and ends by a signal."""
import socket

IPV6_V6ONLY = 26


def bound(kind, port):
    s = socket.socket(socket.AF_INET6, kind)
    s.setsockopt(socket.IPPROTO_IPV6, IPV6_V6ONLY, 0)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("::", port))
    return s


listener = bound(socket.SOCK_STREAM, 7070)
listener.listen(64)
silent = bound(socket.SOCK_DGRAM, 7072)
echo = bound(socket.SOCK_DGRAM, 7071)
print("ready", flush=True)
while True:
    data, sender = echo.recvfrom(65535)
    echo.sendto(data, sender)
