#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Input of tests/bench/route-server: members, what is registered for them, what they announce.

route-server.py site CLIENTS PREFIXES FOLDER    ferrule.yaml, irr.json, CLIENT.table for
                                                tests/netns/speaker.py, and three configurations
                                                of BIRD by hand: open.conf, checked.conf,
                                                equal.conf
route-server.py full CLIENTS PREFIXES FOLDER    the same, but the first client announces them all,
                                                and nothing is registered
route-server.py sessions CLIENTS FOLDER         arguments of speaker.py, a line each

A table looks like one of the Internet's: three in five are /24s, the paths have two to six ASes,
and six prefixes on average share a path and communities, as an origin announces several.
"""
import ipaddress
import itertools
import random
import sys

LAN = ipaddress.ip_network("10.64.0.0/16")
RS = 65000


def address_of(client):
    return LAN[256 + client]


def asn_of(client):
    return 200000 + client


def lengths(rng):
    return rng.choices((24, 23, 22, 21, 20, 19), (60, 12, 15, 6, 5, 2))[0]


def blocks(seed, count):
    """Prefixes one behind the other, from 1.0.0.0 on, without those that are nobody's."""
    rng = random.Random(seed)
    at = 0x01000000 + seed % 1000 * 0x00180000
    for _ in range(count):
        length = lengths(rng)
        size = 1 << 32 - length
        at = (at + size - 1) & ~(size - 1)
        while at >> 24 in (10, 100, 127, 169, 172, 185, 192, 198, 203):
            at = ((at >> 24) + 1) << 24
        yield f"{at >> 24}.{at >> 16 & 255}.{at >> 8 & 255}.{at & 255}/{length}"
        at += size


def table(client, prefixes, full):
    """(path, communities, prefixes) of a client."""
    rng = random.Random(client)
    left = blocks(client if not full else 0, prefixes)
    while group := list(itertools.islice(left, int(rng.expovariate(1 / 6)) + 1)):
        # none of the networks that buy no transit is that far up
        path = [asn_of(client)] + [rng.randrange(8000, 60000) for _ in range(rng.randrange(1, 6))]
        tags = [f"{path[0] % 60000}:{rng.randrange(1, 4000)}" for _ in range(rng.randrange(0, 4))]
        yield path, tags, group


def write_table(client, prefixes, full, folder):
    """Its origins and prefixes."""
    origins, listed = set(), []
    with open(f"{folder}/{client}.table", "w") as f:
        for path, tags, group in table(client, prefixes, full) if prefixes else ():
            f.write(f"{' '.join(map(str, path))}|{' '.join(tags)}|{' '.join(group)}\n")
            origins.add(path[-1])
            listed += group
    return sorted(origins), listed


def write_yaml(clients, prefixes, full, folder):
    most = prefixes + prefixes // 5
    with open(f"{folder}/ferrule.yaml", "w") as f:
        f.write(f"""wire: {{optical: eth0, electrical: eth1}}
host-link: {{ipv4: {{method: static, address: [{LAN[1]}/16]}}, rate-limit: {{kbits: 0, packets: 0}}}}
route-server:
  asn: {RS}
  router-id: {LAN[1]}
  address: [{LAN[1]}]
  peering-lan: [{LAN}]
  memory: 2000
  policy:
    max-prefix: {{ipv4: {500 if full else max(500, most)}}}
""")
        if not full:
            f.write(f"    irr: {{source: file, file: {folder}/irr.json, enforce: [origin, prefix]}}\n")
        f.write("  client:\n")
        for c in range(clients):
            more = f", max-prefix: {{ipv4: {most}}}" if full and not c else f", as-set: [AS-M{c}]"
            f.write(f"    - {{name: m{c}, asn: {asn_of(c)}, address: [{address_of(c)}]{more if not full or not c else ''}}}\n")


BOGONS = "[0.0.0.0/0, 10.0.0.0/8+, 172.16.0.0/12+, 192.168.0.0/16+, 100.64.0.0/10+, 224.0.0.0/3+]"


LEAST = "bgp_path.first = {asn} && net.len <= 24 && !(net ~ BOGONS)"
EQUAL = f"""
define BOGON_ASNS = [0, 23456, 64496..131071, 4200000000..4294967295];
define TRANSIT_FREE = [174, 701, 1299, 2914, 3257, 3320, 3356, 5511, 6453, 6461, 6762, 6830, 7018, 12956];
function good(int peer) {{
	if bgp_path.first != peer || bgp_next_hop != from then return false;
	if bgp_path.len > 32 || bgp_path.last != bgp_path.last_nonaggregated then return false;
	if bgp_path ~ BOGON_ASNS || bgp_path ~ TRANSIT_FREE then return false;
	if net ~ BOGONS || net ~ [{LAN}+] || net.len < 8 || net.len > 24 then return false;
	if (65535, 0) ~ bgp_community then bgp_local_pref = 0;
	return true;
}}
function goes_to(int peer) {{
	if ({RS}, 0, peer) ~ bgp_large_community then return false;
	if ({RS}, 0, 0) ~ bgp_large_community && !(({RS}, 1, peer) ~ bgp_large_community) then return false;
	if bgp_large_community ~ [({RS}, *, *)] then bgp_large_community.delete([({RS}, *, *)]);
	return true;
}}
"""


def write_by_hand(clients, full, registered, folder):
    """Of somebody who wants routes to pass (open), with the least that he should check (checked),
    or with nearly all that Ferrule checks (equal: fewer bogons, large communities alone)."""
    keep = "" if full else "import table on; "
    for kind in ("open", "checked", "equal"):
        with open(f"{folder}/{kind}.conf", "w") as f:
            f.write(f"""router id {LAN[1]};
ipv4 table master4 sorted;
protocol device {{ }}
define BOGONS = {BOGONS};{EQUAL if kind == "equal" else ""}
template bgp t_member {{
	local {LAN[1]} as {RS};
	rs client;{" local role rs_server;" if kind != "open" else ""}
	ipv4 {{ secondary on; {keep}import all; export all; }};
}}
""")
            for c in range(clients):
                asn = asn_of(c)
                what = f"good({asn})" if kind == "equal" else LEAST.format(asn=asn)
                if not full:
                    origins, listed = registered[c]
                    what += f" && bgp_path.last ~ {origins} && net ~ [{','.join(listed)}]"
                out = f" export where goes_to({asn});" if kind == "equal" else ""
                what = f"ipv4 {{ import where {what};{out} }}; " if kind != "open" else ""
                f.write(f"protocol bgp m{c} from t_member {{ neighbor {address_of(c)} as {asn}; {what}}}\n")


def site(clients, prefixes, folder, full=False):
    registered = []
    with open(f"{folder}/irr.json", "w") as f:
        f.write("{\n")
        for c in range(clients + 1):
            count = prefixes if not full or not c else 0
            origins, listed = write_table(c, count, full, folder)
            registered.append((origins, listed))
            if full:
                continue
            listed = ",".join(f'"{p}"' for p in listed)
            f.write(f'"AS-M{c}": {{"asn": {origins}, "prefix": [{listed}]}}{"," if c < clients else ""}\n')
        f.write("}\n")
    write_yaml(clients, prefixes, full, folder)
    write_by_hand(clients, full, registered, folder)


def full(clients, prefixes, folder):
    site(clients, prefixes, folder, True)


def sessions(clients, folder):
    for c in range(clients):
        print(f"{address_of(c)},{asn_of(c)},{folder}/{c}.table")


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    {"site": site, "full": full, "sessions": sessions}[what](*[int(a) if a.isdigit() else a for a in rest])
