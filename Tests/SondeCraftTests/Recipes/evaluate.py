#!/usr/bin/python3
"""Scapy's word on recipes.

Without arguments: reads lines of "HEX RECIPE", and prints those whose recipe makes other octets or
none, each with what it made; the last line says how many were read. With --make: reads recipes, and
prints golden lines, "HEX RECIPE".
"""
import logging
import socket
import sys

logging.getLogger("scapy").setLevel(logging.CRITICAL)
from scapy.all import *  # noqa: E402,F401,F403


def numeric_only(host, port=None, family=0, kind=0, protocol=0, flags=0, ask=socket.getaddrinfo):
    """Scapy takes an address that it cannot read for a name and asks for it: that is an error here."""
    return ask(host, port, family, kind, protocol, flags | socket.AI_NUMERICHOST)


socket.getaddrinfo = numeric_only
make = "--make" in sys.argv
count = 0
for line in sys.stdin:
    line = line.rstrip("\n")
    if make:
        print(bytes(eval(line)).hex() or "-", line)
        continue
    count += 1
    expected, recipe = line.split(" ", 1)
    try:
        made = bytes(eval(recipe)).hex() or "-"
    except Exception as error:
        made = "%s: %s" % (type(error).__name__, error)
    if made != expected:
        print("%s\n  %s\n  %s" % (recipe, expected, made))
if not make:
    print("evaluated %d" % count)
