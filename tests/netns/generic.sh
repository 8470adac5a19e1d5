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
stop && ferruled --stop-wire 2>/dev/null

# one port with native XDP, one without: a native program could not send to the other
ip -n "$M" link add br0 type bridge && ip -n "$M" link set br0 up
ip -n "$M" link set eth1 master br0 && ip -n "$M" link set eth1 up
sed -i 's/electrical: eth1, xdp-mode: generic/electrical: br0/' "$work/ferrule.yaml"
start
ok "a port without native XDP: all are generic" test "$(state '[.wire.port[].mode] | unique | join(" ")' wire)" = generic
ok "and frames cross, both ways" ping_across
ok "xdp-mode cannot change under the wire" says "cannot be changed under a running wire" eval 'ferrule set wire xdp-mode native && ferrule commit'
finish
