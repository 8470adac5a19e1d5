#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ERSPAN: every version over IPv4 and IPv6, tagged and not, whole and cut, read by scapy and tshark;
# a collector that goes, comes, and is elsewhere; limits, loops, and what is refused.
. "$(dirname "$0")/lib.sh"

for need in tshark jq; do command -v "$need" >/dev/null || skip_all "no $need"; done
/usr/bin/python3 -c 'import scapy.contrib.erspan' 2>/dev/null || skip_all "no scapy"
world 2000
for n in $(seq 20 39); do
	ip -n "$S" addr add "192.0.2.$n/24" dev uplink
done
in_s sh -c 'echo 0 >/proc/sys/net/ipv6/conf/uplink/disable_ipv6'
for n in $(seq 20 39); do
	ip -n "$S" addr add "fd00::$n/64" dev uplink nodad
done
outer="ttl: 33, dscp: 10, mtu: 1500"
config <<YAML
host-link:
  ipv4: {method: static, address: [192.0.2.3/24]}
  ipv6: {method: static, address: ['fd00::3/64']}
erspan:
  - {name: one-4, destination: 192.0.2.21, version: 1, $outer}
  - {name: two-4, destination: 192.0.2.22, version: 2, session-id: 1023, $outer}
  - {name: three-4, destination: 192.0.2.23, version: 3, session-id: 7, hardware-id: 9, $outer}
  - {name: precise-4, destination: 192.0.2.24, version: 3, session-id: 8, hardware-id: 9, timestamp: 1588, $outer}
  - {name: one-6, destination: 'fd00::21', version: 1, $outer}
  - {name: two-6, destination: 'fd00::22', version: 2, session-id: 0, $outer}
  - {name: three-6, destination: 'fd00::23', version: 3, session-id: 512, hardware-id: 9, timestamp: 100ns, $outer}
  - {name: precise-6, destination: 'fd00::24', version: 3, session-id: 1, hardware-id: 9, timestamp: 1588, $outer}
  - {name: snap, destination: 192.0.2.25, version: 2, session-id: 5, snap-length: 100, $outer}
  - {name: fits, destination: 192.0.2.26, version: 2, session-id: 5, oversize: drop, $outer}
  - {name: pieces-4, destination: 192.0.2.27, version: 2, session-id: 5, oversize: fragment, $outer}
  - {name: pieces-5, destination: 192.0.2.27, version: 2, session-id: 6, oversize: fragment, $outer}
  - {name: pieces-6, destination: 'fd00::27', version: 3, session-id: 5, hardware-id: 9, oversize: fragment, ttl: 33, dscp: 10, mtu: 1280}
filter:
  - {name: all, match: {source: 203.0.113.0/24}, mirror: [one-4, two-4, three-4, precise-4, one-6, two-6, three-6, precise-6, snap, fits, pieces-4, pieces-5, pieces-6]}
  - {name: counted, match: {protocol: udp, destination-port: 7777}, mirror: [two-4]}
YAML
start
# the kernel notices within seconds that a neighbour is gone
in_m sh -c 'for v in 4 6; do echo 1000 >/proc/sys/net/ipv$v/neigh/sfp0/base_reachable_time_ms
	echo 1 >/proc/sys/net/ipv$v/neigh/sfp0/delay_first_probe_time; done'
reached() { [ "$(state '[.erspan[] | select(.state == "reachable")] | length' erspan)" = "$1" ]; }
ok "every collector is reached" until_true 20 reached 13
session() { state ".erspan[] | select(.name == \"$1\") | .\"$2\"" erspan; }

# ---- on the wire ----

sessions() {
	local side=$1
	echo "one-4=192.0.2.21,1,0,0,1476,$side" "two-4=192.0.2.22,2,1023,0,1464,$side" \
		"three-4=192.0.2.23,3,7,0,1460,$side" "precise-4=192.0.2.24,3,8,2,1452,$side" \
		"one-6=fd00::21,1,0,0,1456,$side" "two-6=fd00::22,2,0,0,1444,$side" \
		"three-6=fd00::23,3,512,1,1440,$side" "precise-6=fd00::24,3,1,2,1432,$side" \
		"snap=192.0.2.25,2,5,0,100,$side" "fits=192.0.2.26,2,5,0,1464,$side,drop" \
		"pieces-4=192.0.2.27,2,5,0,1464,$side,fragment" "pieces-5=192.0.2.27,2,6,0,1464,$side,fragment" "pieces-6=fd00::27,3,5,0,1240,$side,fragment"
}
erspan() { /usr/bin/python3 "$(dirname "$0")/erspan.py" "$@"; }
erspan capture "$O" line "$S" uplink "$work/all.pcap" 2>"$work/py.err"
read -ra all <<<"$(sessions 0)"
erspan check "$work/all.pcap" "${all[@]}" >"$work/read" 2>>"$work/py.err" || sed 's/^/# /' "$work/py.err"
for name in "${all[@]%%=*}"; do
	for reader in scapy tshark; do
		ok "$name as $reader reads it" grep -x "$name $reader good" "$work/read"
	done
done
grep -v "good$" "$work/read" | cut -c1-600 | sed 's/^/# /'
ok "what was cut is counted" test "$(session snap truncated)" = 7
ok "what was not sent is counted" test "$(session fits oversized)" = 5
ok "what was sent is counted" test "$(session two-4 packets)" = 10

looped=$(session two-4 looped)
in_o /usr/bin/python3 -c '
from scapy.all import Ether, GRE, IP, Raw, sendp
for proto in (0x88be, 0x22eb):
    sendp(Ether(dst="02:00:00:00:00:bb") / IP(src="203.0.113.1", dst="203.0.113.9") / GRE(proto=proto)
          / Raw(b"x" * 60), iface="line", verbose=False)
sendp(Ether(dst="02:00:00:00:00:bb") / IP(src="203.0.113.1", dst="192.0.2.21") / Raw(b"x" * 60), iface="line", verbose=False)'
ok "neither another module's ERSPAN, nor what goes to another session's collector, is mirrored" until_true 3 eval '[ "$(session two-4 looped)" = $((looped + 3)) ] && [ "$(session two-4 packets)" = 10 ]'

# ---- a collector that goes, comes, and is elsewhere ----

in_o ping -c 1 -W 1 192.0.2.22 >/dev/null
udp() { in_"${2:-o}" python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(int(sys.argv[1])):
    s.sendto(b"x" * 100, (sys.argv[2], 7777))' "$1" "${3:-192.0.2.2}"; }
sent() { session two-4 packets; }
gets() { local before; before=$(sent); udp 10 && until_true 3 eval "[ \$(sent) = $((before + 10)) ]"; }
ok "a filter sends what it matches" gets
stop KILL
spawn "$S" tcpdump -i uplink -U -w "$work/dead.pcap" proto gre and dst 192.0.2.22 2>"$work/tcpdump.err"
until_true 10 grep -q listening "$work/tcpdump.err"
udp 10
copies() { [ "$(tcpdump -nr "$work/$1" 2>/dev/null | wc -l)" = "$2" ]; }
ok "also while the supervisor is dead" until_true 5 copies dead.pcap 10
start
ok "and the next one goes on counting" until_true 5 eval '[ "$(sent)" -ge 30 ]'
ok "with its way known" until_true 10 reached 13

ip -n "$S" addr del 192.0.2.22/24 dev uplink
gone() { [ "$(session two-4 state)" = unreachable ]; }
ok "a collector that is gone is noticed" until_true 60 gone
ok "with the reason" says "192.0.2.22 does not answer" ferrule show erspan
ok "and health says so" says "erspan two-4" eval 'ferrule health; true'
before=$(sent)
udp 100
ok "and nothing is sent any more" test "$(sent)" = "$before"
ok "the log says it" grep -q "erspan: two-4: nothing is sent: 192.0.2.22 does not answer" "$work/log"
ip -n "$O" addr add 192.0.2.22/24 dev line
ok "it comes back, on the other side" until_true 30 eval '[ "$(session two-4 port)" = optical ]'
ok "and gets what is mirrored" gets
ok "its own traffic is not mirrored" eval 'before=$(sent); looped=$(session two-4 looped); udp 10 s 192.0.2.22
	until_true 3 eval "[ \$(session two-4 looped) -ge $((looped + 10)) ]" && [ "$(sent)" = "$before" ]'
ip -n "$M" route add 198.51.100.0/24 via 192.0.2.2
ip -n "$S" addr add 198.51.100.7/32 dev uplink
ferrule set erspan two-4 destination 198.51.100.7 && ferrule commit >/dev/null
ok "behind a gateway" until_true 20 eval '[ "$(session two-4 next-hop)" = 192.0.2.2 ]'
ok "it gets them, too" gets

# ---- bounds ----

ferrule set erspan two-4 rate-limit packets 10 && ferrule commit >/dev/null
limited=$(session two-4 limited)
udp 500
ok "a rate limit" until_true 3 eval '[ "$(session two-4 limited)" -ge $((limited + 400)) ]'
ok "the frames themselves cross" ping_across 20
ferrule delete erspan two-4 rate-limit packets && ferrule commit >/dev/null
ferrule set filter counted sample 10 && ferrule commit >/dev/null
before=$(sent)
udp 100
few() { [ "$(sent)" -ge $((before + 10)) ] && [ "$(sent)" -le $((before + 20)) ]; }
ok "one in ten" until_true 3 few
ferrule delete filter counted mirror && ferrule delete filter all mirror && ferrule commit >/dev/null
ok "a session that no filter names" test "$(session two-4 state)" = unused
ok "and nothing is left of its interfaces" fails ip -n "$M" link show sfp0-c
ferrule rollback 1 >/dev/null && ferrule delete filter counted sample && ferrule commit >/dev/null
ok "they come back" gets

# ---- what is refused ----

refused() { local want=$1; shift; "$@"; says "$want" ferrule commit; local result=$?; ferrule discard >/dev/null; return $result; }
ok "a session without route" refused "no route leads to 203.0.113.200" ferrule set erspan two-4 destination 203.0.113.200
ok "a snap length below a header" says "allowed is a number 64..16382" ferrule set erspan two-4 snap-length 20
ok "a session that there is not" refused "no ERSPAN session 'nic'; there is one-4" ferrule set filter counted mirror nic
ok "two of one number" refused "session 7 to this collector is 'two-4' already" eval 'ferrule set erspan two-4 destination 192.0.2.23; ferrule set erspan two-4 session-id 7'
ok "a group" refused "allowed is the IPv4 or IPv6 address of one collector" ferrule set erspan two-4 destination 224.0.0.5
ok "fragments that are forbidden" refused "forbids what 'oversize: fragment' asks for" ferrule set erspan pieces-4 dont-fragment true
ok "a reset of what is no TCP" refused "'reset' is for TCP alone" ferrule set filter counted action reset
finish
