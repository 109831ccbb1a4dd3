#!/usr/bin/env python3
"""Listens on the TCP ports that it is given, on :: and so for IPv4 too. Prints a line when all are there, and ends by a
signal."""
import signal
import socket
import sys

sockets = [
    socket.create_server(("::", int(port)), family=socket.AF_INET6, dualstack_ipv6=True, backlog=256)
    for port in sys.argv[1:]
]
print("ready", flush=True)
signal.pause()
