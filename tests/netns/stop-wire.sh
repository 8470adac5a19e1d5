#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGTERM leaves the wire forwarding; --stop-wire leaves nothing; a port that comes back is taken in.
. "$(dirname "$0")/lib.sh"

world
config <<<"host-link: {ipv4: {method: static, address: [192.0.2.5/24]}}"
start
ok "frames cross" ping_across 1
module() { in_o ping -c 1 -W 1 192.0.2.5; }
ok "the module is reached" until_true 15 module
ok "it cannot be taken down under a supervisor" says "stop it" ferruled --stop-wire
stop
ok "ended by TERM: frames cross" ping_across 1
cp "$work/ferrule.yaml" "$work/good.yaml"
echo "wire: {optical: [" >"$work/ferrule.yaml"
start
ok "a file broken by hand: the last commit is in force" says "is in force instead" ferrule status
ok "and frames cross" ping_across 1
stop
cp "$work/good.yaml" "$work/ferrule.yaml"
ok "--stop-wire" ferruled --stop-wire
ok "nothing crosses" fails ping_across 1
ok "nothing is left" test "$(ip -n "$M" -o link | grep -c -e sfp0 -e xdp -e PROMISC)" = 0
ok "IPv6 of the port is as it was" test "$(in_m cat /proc/sys/net/ipv6/conf/eth0/disable_ipv6)" = 0
ok "a second time there is nothing to do" says "none was up" ferruled --stop-wire

start
ok "up again" until_true 5 ping_across 1
ip -n "$M" link del eth1
ok "a port is gone: status says so" until_true 5 eval '[ "$(state ".wire.forwarding" wire)" = false ]'
ip -n "$M" link add eth1 type veth peer name uplink netns "$S"
far_end "$S" uplink 192.0.2.2/24
in_o ip neigh flush dev line # the neighbour has another address now
ok "it comes back: frames cross again" until_true 10 ping_across 1
ok "and the module is reached" until_true 5 module
ip -n "$M" link set eth0 down
ok "a port set down is set up again" until_true 10 ping_across 1

ports() { printf 'wire: {optical: %s, electrical: %s}\nhost-link: {ipv4: {method: static, address: [192.0.2.5/24]}%s}\n' "$@"; }
ports eth1 eth0 "" | ferrule load - && ferrule commit >/dev/null
ok "the ports change places under the wire" eval 'ping_across 1 && test "$(state ".wire.port[0].interface" wire)" = eth1'
ok "and the module is reached" until_true 5 module
ports eth1 eth0 ", mac-address: '02:00:00:00:05:05'" | ferrule load - && ferrule commit >/dev/null
in_o ip neigh flush dev line
ok "another MAC address of the module: it is reached" until_true 25 module
ok "by that address" says 02:00:00:00:05:05 in_o ip neigh show 192.0.2.5
ip -n "$M" link add eth2 type veth peer name spare netns "$S"
ports eth1 eth2 "" | ferrule load - && ferrule commit >/dev/null
ok "another port: the old one is let go" eval '! ping_across 1 && ! ip -n "$M" -o link show eth0 | grep -q -e xdp -e PROMISC'
ferrule rollback >/dev/null
ok "and taken back by a roll-back" until_true 5 ping_across 1
elsewhere() { in_o "$build/ferruled" --no-syslog --run-dir "$work/run" --stop-wire; }
ip -n "$O" link add eth0 type veth peer name eth1 && ip -n "$O" link set eth0 up
stop
ok "from another network namespace it is refused" says "in another network namespace" elsewhere
ok "whose port of the same name stays as it was" eval 'ip -n "$O" -o link show eth0 | grep -q "[<,]UP"'
ok "and the wire goes on" ping_across 1
finish
