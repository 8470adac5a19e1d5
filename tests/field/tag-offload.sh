#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Neighbours that leave VLAN tags to their "hardware" (veth: tx-vlan-offload, its default): tagged
# frames cross as they are, filters see the tag, and copies carry it. A bridge in front of the port
# takes tags out of frames and keeps them beside.
. "$(dirname "$0")/../netns/lib.sh"

/usr/bin/python3 -c 'import scapy.all' 2>/dev/null || skip_all "no scapy"
world
config </dev/null
nsenter --net="/run/netns/$O" ethtool -K line txvlan on >/dev/null 2>&1
ip -n "$O" addr flush dev line
ip -n "$O" link add br0 type bridge && ip -n "$O" link set line master br0
ip -n "$O" link add inside type veth peer name host0
ip -n "$O" link set inside master br0
for i in br0 inside host0; do ip -n "$O" link set "$i" up; done

cat >"$work/tags.py" <<'PY'
import sys
from scapy.all import Dot1AD, Dot1Q, Ether, IP, Raw, UDP, rdpcap, sendp
def frame(*tags):
    f = Ether(src="02:00:00:00:00:aa", dst="ff:ff:ff:ff:ff:ff")
    for t in tags:
        f = f / t
    return bytes(f / IP(src="203.0.113.1", dst="203.0.113.2") / UDP(sport=4000, dport=4001) / Raw(b"tags" + b"." * 60))
frames = [frame(), frame(Dot1Q(vlan=100, prio=5)), frame(Dot1AD(vlan=7), Dot1Q(vlan=100)),
          frame(Dot1Q(vlan=0, prio=3)), frame(Dot1Q(vlan=4094), Dot1Q(vlan=1), Dot1Q(vlan=2))]
if sys.argv[1] == "send":
    sendp([Ether(f) for f in frames], iface=sys.argv[2], verbose=0)
else:
    seen = [bytes(p) for p in rdpcap(sys.argv[2]) if b"tags" in bytes(p)]
    wrong = [i for i, f in enumerate(frames) if f not in seen]
    print("wrong:", wrong, "of", len(seen))
    sys.exit(bool(wrong) or len(seen) != len(frames))
PY
# cross NETNS INTERFACE: what was sent arrives there
cross() {
	local pid
	spawn "$1" tcpdump -i "$2" -U -w "$work/far.pcap" udp port 4001 or vlan 2>"$work/far.err"
	pid=$spawned
	until_true 10 grep -q listening "$work/far.err"
	in_o /usr/bin/python3 "$work/tags.py" send host0
	until_true 10 /usr/bin/python3 "$work/tags.py" compare "$work/far.pcap"
	kill "$pid"
	wait "$pid" 2>/dev/null
	/usr/bin/python3 "$work/tags.py" compare "$work/far.pcap"
}
count() { state "[.filter[] | select(.name == \"$1\")][0].packets" filter; }

start
ok "the port is native" test "$(state '.wire.port[0].mode' wire)" = native
ok "the neighbour leaves tags to its hardware" grep -q 'on$' <(nsenter --net="/run/netns/$O" ethtool -k line | grep tx-vlan-offload)
ok "tagged frames cross as they are" cross "$S" uplink
ferrule set filter untagged match vlan none && ferrule set filter hundred match vlan 100 &&
	ferrule set filter double match inner-vlan 100 && ferrule set filter hundred copy true && ferrule commit >/dev/null
cross "$S" uplink >/dev/null
ok "a filter sees the tag" test "$(count hundred)" = 1
ok "and the inner one" test "$(count double)" = 1
restart KILL
ok "after a kill of the supervisor, too" cross "$S" uplink
ferrule set filter hundred action drop && ferrule commit >/dev/null
cross "$S" uplink >"$work/wrong"
ok "a filter drops by it" grep -x "wrong: \[1\] of 4" "$work/wrong"
finish
