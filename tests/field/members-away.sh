#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# R7, R10: routes of a member that is away are kept for a bounded time, whatever it asks for, and
# health says so; a router without any capability is told what it needs.
. "$(dirname "$0")/../netns/lib.sh"

sessions=(10.64.1.0,64500 10.64.1.1,64501)
. "$(dirname "$0")/../netns/members.sh"
echo "64500||31.0.0.0/16" >"$work/sends.table"
echo "64501||32.0.0.0/16" >"$work/bare.table"
{
	module
	cat <<-YAML
		  policy: {graceful-restart-time: 10, transit-free: false}
		  client:
		    - {name: away, asn: 64500, address: [10.64.1.0]}
		    - {name: old, asn: 64501, address: [10.64.1.1]}
	YAML
} >"$work/ferrule.yaml"
start
ok "BIRD serves" until_true 20 served
speak() { spawn "$S" python3 "$here/speaker.py" "$@"; }
speak --restart 4095 10.64.0.1 "${sessions[0]},$work/sends.table"
member=$spawned
ok "a member's route is there" until_true 60 passes 31.0.0.0/16
kill -9 "$member" && wait "$member" 2>/dev/null
ok "it is kept when the member dies" passes 31.0.0.0/16
ok "health says so" until_true 15 says "its routes are kept for a while" ferrule route-server health
ok "for a bounded time" until_true 60 fails passes 31.0.0.0/16
ok "not for the 4095 s that it asked for" says "its routes are dropped" cat "$work/log"
speak --restart 4095 10.64.0.1 "${sessions[0]},$work/sends.table"
ok "and it comes again" until_true 60 passes 31.0.0.0/16
speak --bare 10.64.0.1 "${sessions[1]},$work/bare.table"
ok "a router without capabilities is told what it needs" until_true 60 says "needs 'roles: false' here" ferrule route-server health
ferrule set route-server client old roles false >/dev/null && ferrule commit >/dev/null
kill "$spawned"; wait "$spawned" 2>/dev/null
speak --bare 10.64.0.1 "${sessions[1]},$work/bare.table"
ok "with that it is a member" until_true 90 passes 32.0.0.0/16
finish
