#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A driver without native XDP: the same wire in generic mode.
. "$(dirname "$0")/lib.sh"

world
config <<'YAML'
filter: [{name: all, copy: true}]
YAML
sed -i 's/electrical: eth1/electrical: eth1, xdp-mode: generic/' "$work/ferrule.yaml"
start
ok "generic mode, and status says so" test "$(state '.wire.port[0].mode' wire)" = generic
ok "every kind crosses" python3 "$top/tests/netns/frames.py" "$O" line "$S" uplink 1500
ok "ping" ping_across
spawn "$M" tcpdump -i sfp0 -U -w "$work/host.pcap" 2>"$work/host.err"
until_true 10 grep -q listening "$work/host.err"
ping_across >/dev/null
copied() { [ "$(tcpdump -nr "$work/host.pcap" icmp 2>/dev/null | wc -l)" -ge 6 ]; }
ok "copies are made" until_true 5 copied

# frames that become something else
ferrule load - <<YAML
wire: {optical: eth0, electrical: eth1, xdp-mode: generic}
host-link: {ipv4: {method: static, address: [192.0.2.3/24]}}
erspan:
  - {name: two, destination: 192.0.2.2, version: 2, session-id: 3, ttl: 33, dscp: 10}
  - {name: three, destination: 192.0.2.1, version: 3, session-id: 4, hardware-id: 9, ttl: 33, dscp: 10}
filter:
  - {name: all, match: {source: 203.0.113.0/24, protocol: udp}, mirror: [two, three], copy: true}
  - {name: no-such, match: {protocol: tcp, destination-port: 9999, reverse: true}, action: reset}
YAML
ferrule commit >/dev/null
reached() { [ "$(state '[.erspan[] | select(.state == "reachable")] | length' erspan)" = 2 ]; }
ok "collectors on both sides" until_true 20 reached
if command -v tshark >/dev/null && /usr/bin/python3 -c 'import scapy.contrib.erspan' 2>/dev/null; then
	erspan() { /usr/bin/python3 "$top/tests/netns/erspan.py" "$@"; }
	erspan capture "$O" line "$S" uplink "$work/two.pcap" small
	erspan check "$work/two.pcap" two=192.0.2.2,2,3,0,1464,0 >"$work/read"
	ok "ERSPAN as scapy reads it" grep -x "two scapy good" "$work/read"
	ok "and tshark" grep -x "two tshark good" "$work/read"
	/usr/bin/python3 "$top/tests/netns/reset.py" "$O" line "$S" uplink >"$work/resets"
	ok "resets" test "$(grep -c 'good$' "$work/resets")" = 72
fi
ok "both got the same" test "$(state '.erspan[0].packets' erspan)" = "$(state '.erspan[1].packets' erspan)"
stop && ferruled --stop-wire 2>/dev/null
config <<'YAML'
filter: [{name: all, copy: true}]
YAML
sed -i 's/electrical: eth1/electrical: eth1, xdp-mode: generic/' "$work/ferrule.yaml"

# one port with native XDP, one without: a native program could not send to the other
ip -n "$M" link add br0 type bridge && ip -n "$M" link set br0 up
ip -n "$M" link set eth1 master br0 && ip -n "$M" link set eth1 up
sed -i 's/electrical: eth1, xdp-mode: generic/electrical: br0/' "$work/ferrule.yaml"
start
ok "a port without native XDP: all are generic" test "$(state '[.wire.port[].mode] | unique | join(" ")' wire)" = generic
ok "and frames cross, both ways" ping_across
ok "xdp-mode cannot change under the wire" says "cannot be changed under a running wire" eval 'ferrule set wire xdp-mode native && ferrule commit'
finish
