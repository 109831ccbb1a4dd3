#!/usr/bin/python3
"""Whether the recipes that sonde prints for captures are the packets.

recipes.py SONDE RECIPES [--whole] FILE…, where RECIPES is the folder of layers.py: Scapy evaluates every recipe to the
octets of its frame, and the recipe of a frame that nobody damaged has the layers that tshark names, with `Raw` only for
what neither knows. Nobody damaged those that random_capture.py says, with --whole all. Prints what differs, and last how many frames were compared; the status is 1 if anything differs.
"""
import ast
import collections
import json
import logging
import socket
import subprocess
import sys

logging.getLogger("scapy").setLevel(logging.CRITICAL)
from scapy.all import *  # noqa: E402,F401,F403
from scapy.utils import RawPcapReader  # noqa: E402


def numeric_only(host, port=None, family=0, kind=0, protocol=0, flags=0, ask=socket.getaddrinfo):
    """Scapy takes an address that it cannot read for a name and asks for it: that is an error here."""
    return ask(host, port, family, kind, protocol, flags | socket.AI_NUMERICHOST)


socket.getaddrinfo = numeric_only


def made(recipe):
    try:
        return bytes(eval(recipe))
    except Exception as error:
        return "%s: %s" % (type(error).__name__, error)


def layers(recipe):
    """The names of a recipe's layers, outermost first."""
    tree, names = ast.parse(recipe, mode="eval").body, []
    while isinstance(tree, ast.BinOp):
        names.insert(0, tree.right.func.id)
        tree = tree.left
    return [tree.func.id] + names


def plain(names):
    """The layers as both sides can tell them."""
    # tshark tells no quoted layer from another and no cooked header from the other, has data behind an echo (which
    # Scapy takes for a field of it), and shows what no length counts as data or not at all.
    told = []
    for name in names:
        name = name.replace("error", "").replace("CookedLinuxV2", "CookedLinux")
        echo = told[-1:] in (["ICMPv6EchoRequest"], ["ICMPv6EchoReply"])
        if name != "Padding" and not (echo and name == "Raw"):
            told.append(name)
    return told


def main():
    sonde, recipes, counts, status = sys.argv[1], sys.argv[2], collections.Counter(), 0
    is_whole = "--whole" in sys.argv
    for path in [path for path in sys.argv[3:] if path != "--whole"]:
        printed = subprocess.run([sonde, "decode", "--recipe", path], capture_output=True, text=True, check=True)
        lines = printed.stdout.splitlines()
        frames = [octets for octets, _ in RawPcapReader(path)]
        run = subprocess.run([sys.executable, recipes + "/layers.py", path], capture_output=True, text=True, check=True)
        facts = [json.loads(line) for line in run.stdout.splitlines()]
        if not len(lines) == len(frames) == len(facts):
            sys.exit("%s: %d recipes, %d frames, tshark: %d" % (path, len(lines), len(frames), len(facts)))
        for number, (line, frame, fact) in enumerate(zip(lines, frames, facts), 1):
            octets = made(line)
            counts["evaluated"] += 1
            if octets != frame:
                print("%s %d: other octets\n  %s\n  %s\n  %s" % (path, number, line, frame.hex(),
                                                               octets if isinstance(octets, str) else octets.hex()))
                status = 1
            if not is_whole and fact["damage"] != "none" or fact["malformed"]:
                continue
            counts["named"] += 1
            ours, theirs = plain(layers(line)), plain(fact["layers"])
            if ours != theirs:
                print("%s %d: other layers\n  %s\n  sonde:  %s\n  tshark: %s %s" % (
                    path, number, line, "/".join(ours), "/".join(theirs), fact["protocols"]))
                status = 1
    print("evaluated %(evaluated)d, compared the layers of %(named)d" % counts)
    sys.exit(status)


main()
