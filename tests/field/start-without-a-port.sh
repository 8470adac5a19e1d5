#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A port that is missing, or somebody else's, costs no supervisor: `status` says which, and the wire
# is there once the port is. A commit of something else goes on meanwhile.
. "$(dirname "$0")/../netns/lib.sh"

world
config </dev/null
fresh() {
	stop
	in_m "$build/ferruled" --no-syslog --run-dir "$work/run" --stop-wire 2>/dev/null
	rm -rf "$work/state" "$work/run"
	mkdir -p "$work/state"
}
ip -n "$M" link set eth1 name eth9
start
ok "no port: it starts and says which" says "there is no interface 'eth1'; here are eth0, eth9" ferrule status
ok "a commit of something else goes on" eval 'ferrule set system name sfp2 && ferrule commit'
ip -n "$M" link set eth9 name eth1
ok "the port is there: frames cross" until_true 10 ping_across 1
ok "nothing is left out" fails says "left out" ferrule status
fresh
ip -n "$M" link add br0 type bridge && ip -n "$M" link set eth1 master br0
start
ok "a port in a bridge: it starts and says so" says "interface 'eth1' belongs to 'br0'" ferrule status
ip -n "$M" link del br0
ok "out of the bridge: frames cross" until_true 10 ping_across 1
ferrule set filter no-ping match protocol icmp && ferrule set filter no-ping action drop
ferrule commit --confirm 2s >/dev/null
ip -n "$M" link set eth1 name eth9
ok "a commit that comes back without a port does so" until_true 15 says "not confirmed in time" ferrule status
ip -n "$M" link set eth9 name eth1
ok "also in the engine, once the port is there" until_true 15 ping_across 1
finish
