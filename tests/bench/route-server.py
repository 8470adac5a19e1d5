#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Input of tests/bench/route-server: members, and what is registered for them.

route-server.py site CLIENTS PREFIXES FOLDER        ferrule.yaml and irr.json
"""
import ipaddress
import os
import sys

LAN = ipaddress.ip_network("10.64.0.0/16")


def address_of(client):
    return LAN[256 + client]


def asn_of(client):
    return 200000 + client


def prefixes_of(client, count):
    """/24s of 20.0.0.0 to 59.255.255.0, none of them in two lists of a small exchange."""
    base = 0x14000000 + client * count * 256 % 0x28000000
    for i in range(count):
        net = base + i * 256
        yield f"{net >> 24}.{net >> 16 & 255}.{net >> 8 & 255}.0/24"


def site(clients, prefixes, folder):
    with open(f"{folder}/irr.json", "w") as f:
        f.write("{\n")
        for c in range(clients + 1):
            listed = ",".join(f'"{p}"' for p in prefixes_of(c, prefixes))
            f.write(f'"AS-M{c}": {{"asn": [{asn_of(c)}], "prefix": [{listed}]}}{"," if c < clients else ""}\n')
        f.write("}\n")
    with open(f"{folder}/ferrule.yaml", "w") as f:
        f.write(f"""wire: {{optical: eth0, electrical: eth1}}
host-link: {{ipv4: {{method: static, address: [{LAN[1]}/16]}}, rate-limit: {{kbits: 0, packets: 0}}}}
route-server:
  asn: 65000
  router-id: {LAN[1]}
  address: [{LAN[1]}]
  peering-lan: [{LAN}]
  memory: 2000
  policy:
    irr: {{source: file, file: {folder}/irr.json, enforce: [origin, prefix]}}
    max-prefix: {{ipv4: {max(500, prefixes * 2)}}}
  client:
""")
        for c in range(clients):
            f.write(f"    - {{name: m{c}, asn: {asn_of(c)}, address: [{address_of(c)}], as-set: [AS-M{c}]}}\n")


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    {"site": site}[what](*[int(a) if a.isdigit() else a for a in rest])
