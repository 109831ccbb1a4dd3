#!/usr/bin/python3
"""Recipes as hands write them, with all the packets that Scapy makes of each, in Scapy's order.

Prints JSON lines {"recipe": "…", "packets": ["hex", …]}, or {"recipe": "…", "error": "…"} for what Scapy
refuses. Sources are always given: Scapy would take them from the machine that it runs on.
"""
import json
import logging
import socket

logging.getLogger("scapy").setLevel(logging.CRITICAL)
from scapy.all import *  # noqa: E402,F401,F403


def numeric_only(host, port=None, family=0, kind=0, protocol=0, flags=0, ask=socket.getaddrinfo):
    return ask(host, port, family, kind, protocol, flags | socket.AI_NUMERICHOST)


socket.getaddrinfo = numeric_only

A = 'src="192.0.2.1"'
B = 'src="2001:db8::1"'
E = 'src="02:00:00:00:00:01", dst="02:00:00:00:00:02"'
RECIPES = f'''
IP({A}, dst="198.51.100.0/28")/TCP(dport=(1,64), flags="SA")
IP({A}, dst="198.51.100.7/30")/UDP()
IP({A}, dst=["198.51.100.1", "198.51.100.9"], ttl=(1,3))/TCP(dport=[22, 80, (443, 445)])
IP({A}, dst=["198.51.100.0/31", "198.51.100.9"])/ICMP()
IP({A}, dst=Net("198.51.100.0/30"))/ICMP()
IP({A}, dst=Net("198.51.100.1", "198.51.100.3"))/ICMP()
IP({A}, ttl=(1, 10, 3))/ICMP()
IP({A}, ttl=[1, 5], tos=[7, 8])/ICMP()
IP({A}, tos=[7, 8], ttl=[1, 5])/ICMP()
IP({A}, ttl=(5, 1))/ICMP()
IP(src=["192.0.2.1", "192.0.2.2"], dst=["198.51.100.1", "198.51.100.2"])/UDP(sport=[1, 2], dport=[3, 4])
TCP(sport=(1,2), dport=(5,6))
IPv6({B}, dst="2001:db8:1::/126")/UDP()
IPv6({B}, dst=Net6("2001:db8:1::/126"))/UDP()
IPv6({B}, dst=["2001:db8::2", "2001:db8::3"])/ICMPv6EchoRequest(id=[1, 2], data="x")
Ether({E})/Dot1Q(vlan=(1,3))/IP({A})/UDP(dport=[1, 2])
Ether(src="02:00:00:00:00:01", dst=["02:00:00:00:00:02", "02:00:00:00:00:03"], type=[1, 2])/b"x"
ARP(hwsrc="02:00:00:00:00:01", psrc="192.0.2.1", pdst="198.51.100.0/30")
ARP(hwsrc="02:00:00:00:00:01", psrc="192.0.2.1", pdst=["198.51.100.1", "198.51.100.2"])
ICMP(type=[3, 11], code=[0, 1])
ICMP(seq=(1, 3))/"ping"
ICMPv6ND_NS(tgt="2001:db8::/127")
Raw(load=[b"a", b"b"])
IP({A}, id=[1, 2], flags="DF")/"text"
IP({A}, proto="tcp")
IP({A}, proto="TCP")
IP({A}, flags="DF+MF")
IP({A}, flags=["DF", "MF"])
IP({A}, flags="evil")
TCP(flags=0x12)
TCP(flags="")
TCP(flags="FSRPAUECN")
TCP(flags=["S", "A"])
TCP(flags=(1, 3))
TCP(flags="s")
TCP(dport="https", sport="ssh")
UDP(dport="domain")
UDP(dport="nosuch")
TCP(nosuch=1)
TCP(dport=70000)
TCP(dport=-1)
ICMP(type="echo-request")
ICMP(type="dest-unreach", code="port-unreachable")
ICMP(type="time-exceeded")
ARP(op="is-at", hwsrc="02:00:00:00:00:01", psrc="192.0.2.1")
Ether({E}, type="ARP")
Dot1Q(type="IPv6")
IPv6({B}, nh="ICMPv6")
ICMPv6ND_RA(prf="High")
IP({A})/ICMP()/"hello"
IP({A})/b"\\x00\\xff"
IP({A})/('a' * 10)
IP({A})/"a"/"b"
"hello"/UDP()
b"\\x01\\x02"/UDP()
IP({A})/Raw("abc")
Raw(5)
IP({A}, dst="1.2.3")
IP({A}, dst="127.1")
IP({A}, dst="0x7f.1")
IP({A}, ttl=None)
IP({A}, len=None, chksum=None)/UDP(len=None)
IP({A}, tos=0o17, id=0x10, ttl=0b11)
IP({A}, options=IPOption_NOP())
IP({A}, options=[IPOption_RR(routers=["192.0.2.9", "0.0.0.0"]), IPOption_EOL()])/UDP()
IP({A}, options=b"\\x01\\x01")
IP({A}, ihl=-1)
TCP(options=[])
TCP(options=(("MSS", 1460),))
TCP(options=[("MSS", 1460), ("SAckOK", ""), ("Timestamp", (1, 0)), ("NOP", None), ("WScale", 7)])
TCP(options=[("SAckOK", None)])
TCP(options=[("Nonsense", 1), ("MSS", 1)])
TCP(options=[(2, 1460)])
TCP(options=[("AO", b"\\x01\\x02mac")])
IP({A})/UDP(dport=5353)
IPv6({B})/UDP(dport=5353)
Ether(src="2:0:0:0:0:1", dst="AA:BB:CC:DD:EE:FF")
Ether(src=b"\\x02\\0\\0\\0\\0\\1", dst="ff:ff:ff:ff:ff:ff")
'''


def main():
    for recipe in RECIPES.strip().splitlines():
        line = {"recipe": recipe}
        try:
            line["packets"] = [raw(one).hex() for one in eval(recipe)]
        except Exception as error:
            line["error"] = "%s: %s" % (type(error).__name__, str(error).split("\n")[0])
        print(json.dumps(line))


main()
