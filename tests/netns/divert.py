#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A DNS query through VLAN tags, and what comes back. divert.py INTERFACE FAMILY TAG..."""
import sys

from scapy.all import (DNS, DNSQR, IP, UDP, Dot1Q, Ether, IPv6, conf, get_if_hwaddr, srp1)

conf.verb = 0
interface, family, tags = sys.argv[1], sys.argv[2], [int(t) for t in sys.argv[3:]]
peer = "02:00:00:00:00:99"
frame = Ether(src=get_if_hwaddr(interface), dst=peer)
for tag in tags:
    frame /= Dot1Q(vlan=tag, prio=3)
resolver = "203.0.113.53" if family == "4" else "2001:db8:99::53"
if family == "4":
    frame /= IP(src="10.9.8.7", dst=resolver)
else:
    frame /= IPv6(src="2001:db8:7::7", dst=resolver)
frame /= UDP(sport=40000 + len(tags), dport=53) / DNS(id=4711, rd=1, qd=DNSQR(qname="any.example"))
answer = srp1(frame, iface=interface, timeout=5, filter=None)
if answer is None:
    sys.exit("no answer")
layer = answer[IP] if family == "4" else answer[IPv6]
seen = []
at = answer.payload
while isinstance(at, Dot1Q):
    seen.append((at.vlan, at.prio))
    at = at.payload
good = {
    "from the resolver's MAC": answer.src == peer,
    "to ours": answer.dst == get_if_hwaddr(interface),
    "through the same tags": seen == [(t, 3) for t in tags],
    "from the resolver's address": layer.src == resolver,
    "from port 53": answer[UDP].sport == 53,
    "an answer to the question": answer[DNS].id == 4711 and answer[DNS].ancount == 1,
}
# scapy computes anew what is deleted
again = answer.copy()
del again[UDP].chksum
good["with a good checksum"] = Ether(bytes(again))[UDP].chksum == answer[UDP].chksum
for what, is_good in good.items():
    if not is_good:
        print("not", what, answer.summary())
sys.exit(0 if all(good.values()) else 1)
