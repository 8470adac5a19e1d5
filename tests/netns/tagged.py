#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A device in VLAN 100 with address 192.0.2.22, and a client of it, as frames.

tagged.py owner INTERFACE               speaks as the device twice a second, until it is ended
tagged.py client INTERFACE PORT         sends a SYN, and looks at every field of the answer
tagged.py untagged INTERFACE PORT       the same without a tag: nobody answers
"""
import sys

from scapy.all import ARP, IP, TCP, Dot1Q, Ether, conf, sendp, srp1

conf.verb = 0
verb, interface, *rest = sys.argv[1:]
OWNER, CLIENT = "02:00:00:00:22:22", "02:00:00:00:33:33"

if verb == "owner":
    sendp(Ether(src=OWNER, dst="ff:ff:ff:ff:ff:ff") / Dot1Q(vlan=100)
          / ARP(hwsrc=OWNER, psrc="192.0.2.22", pdst="192.0.2.1"), iface=interface, loop=1, inter=0.5)

tag = Dot1Q(vlan=100, prio=5) if verb == "client" else None
frame = Ether(src=CLIENT, dst=OWNER)
frame = frame / tag if tag else frame
frame /= IP(src="192.0.2.99", dst="192.0.2.22") / TCP(sport=34567, dport=int(rest[0]), seq=1000, flags="S")
answer = srp1(frame, iface=interface, timeout=3 if tag else 1)
if not tag:
    sys.exit(1 if answer is not None and TCP in answer and answer[TCP].flags == "SA" else 0)
if answer is None:
    sys.exit("no answer")
good = {
    "MACs": answer.src == OWNER and answer.dst == CLIENT,
    "tag": Dot1Q in answer and (answer[Dot1Q].vlan, answer[Dot1Q].prio) == (100, 5),
    "addresses": answer[IP].src == "192.0.2.22" and answer[IP].dst == "192.0.2.99",
    "ports": (answer[TCP].sport, answer[TCP].dport) == (int(rest[0]), 34567),
    "flags": answer[TCP].flags == "SA" and answer[TCP].ack == 1001,
}
print(*[what for what, is_good in good.items() if not is_good], answer.summary())
sys.exit(0 if all(good.values()) else 1)
