#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Link fault propagation: a side without carrier takes the other down, and it comes back; holds and
# graces; and neither a restart nor a dead supervisor leaves a port as it should not be.
. "$(dirname "$0")/lib.sh"

world
lfp() { config </dev/null; sed -i "s/electrical: eth1.*/electrical: eth1, link-fault-propagation: {$1}}/" "$work/ferrule.yaml"; }
lfp "enabled: true, hold-time: 0, start-up-grace: 1"
start
link() { ip -n "$1" -json link show "$2" | jq -r '.[0].operstate'; }
is() { [ "$(link "$1" "$2")" = "$3" ]; }
held() { [ "$(state ".wire.port[] | select(.name == \"$1\") | .held" wire)" = "$2" ]; }
ok "ports have a speed" test "$(state '[.port[].speed] | add > 0' port)" = true
ok "and errors, none" test "$(state '[.port[].errors.receive | tonumber] | add' port)" = 0
ok "both sides have carrier" eval 'is "$O" line UP && is "$S" uplink UP'

ip -n "$O" link set line down
ok "the optical side loses it: the electrical one, too" until_true 5 is "$S" uplink DOWN
ok "status says that it is held" held electrical true
ok "and shows it" says "held down" ferrule show wire port
ok "by itself, too" says "held down" ferrule show port electrical
ok "the log says why" grep -q "no carrier on the optical side: the link of the electrical side is taken down" "$work/log"
ip -n "$O" link set line up
ok "it comes back with it" until_true 5 is "$S" uplink UP
ok "and frames cross" until_true 5 ping_across
ok "the log says so" grep -q "carrier on the optical side is back" "$work/log"

ip -n "$S" link set uplink down
ok "the other way round" until_true 5 is "$O" line DOWN
ip -n "$S" link set uplink up
ok "and back" until_true 5 is "$O" line UP
ok "frames cross" until_true 5 ping_across

# ---- restarts ----

spawn "$S" ip -o monitor link dev uplink >"$work/flaps"
restart
restart KILL
ok "a restart is no flap" eval 'ping_across && ! grep -q DOWN "$work/flaps"'
ip -n "$O" link set line down
ok "held" until_true 5 is "$S" uplink DOWN
: >"$work/flaps"
restart
ok "by the next one, too" held electrical true
restart KILL
ok "and the one after a kill" eval 'held electrical true && is "$S" uplink DOWN && ! grep -q "state UP" "$work/flaps"'
ip -n "$O" link set line up
ok "which lets it go" until_true 5 is "$S" uplink UP

until_true 5 ping_across
ip -n "$O" link set line down
until_true 5 is "$S" uplink DOWN
stop KILL
ip -n "$O" link set line up
ok "no supervisor: it is let go all the same" until_true 15 is "$S" uplink UP
ok "and frames cross" until_true 5 ping_across
start

# ---- times, and none of it ----

ferrule set wire link-fault-propagation hold-time 60000 && ferrule commit >/dev/null
ip -n "$O" link set line down
ok "the fault is there" until_true 5 is "$M" eth0 DOWN
ip -n "$O" link set line up
ok "one that is shorter than the hold time is not passed on" eval 'is "$S" uplink UP && held electrical false'
ferrule set wire link-fault-propagation hold-time 0 && ferrule commit >/dev/null
ip -n "$O" link set line down
until_true 5 is "$S" uplink DOWN
ferrule set wire link-fault-propagation enabled false && ferrule commit >/dev/null
ok "switched off: what is held is let go" until_true 5 is "$S" uplink UP
ok "and a fault stays where it is" held electrical false
stop

# a start without carrier: no fault before the grace is over
lfp "enabled: true, hold-time: 0, start-up-grace: 600"
start
ok "a start without carrier is no fault yet" is "$S" uplink UP
stop
lfp "enabled: true, hold-time: 0, start-up-grace: 0"
start
ok "without grace it is" until_true 5 is "$S" uplink DOWN
stop
ferruled --stop-wire 2>/dev/null
ok "the wire taken down: the port is as it was" test ! -e "$work/run/held-eth1"
finish
