#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Under a running load no frame is lost by kill -9, restart, commits, and a new program over the
# old one. Shown by counting.
. "$(dirname "$0")/lib.sh"

world
config <<'YAML'
filter: [{name: counted, match: {ether-type: "0x88b7"}}]
YAML
start

load_begin() {
	rm -f "$work/stop"
	python3 "$top/tests/netns/load.py" "$O" line "$S" uplink 60 "$work/stop" >"$work/load" 2>&1 &
	load=$!
	ok "the load runs" until_true 10 counting "$(state '.filter[0].packets' filter)"
}
load_end() {
	touch "$work/stop"
	wait "$load" # fails where a frame was lost, came twice or out of order
	local code=$?
	cat "$work/load"
	grep -q "lost 0 reordered 0" "$work/load" && return $code
}
counting() { [ "$(state '.filter[0].packets' filter)" -gt "$1" ]; }
program() { ip -n "$M" -j link show eth0 | jq .[0].xdp.prog.id; }

load_begin
before=$(program)
stop KILL
start
restart
ok "kill -9, start, stop, start: nothing lost" load_end
ok "the program was replaced under the frames" test "$before" != "$(program)"
ok "the wire was adopted" test "$(state .wire.adopted wire)" = true

load_begin
for i in 1 2 3 4 5 6 7 8 9 10; do
	ferrule set filter "other-$i" match destination-port "$i" >/dev/null
	ferrule set filter "other-$i" action drop
	ferrule commit >/dev/null
done
ferrule rollback 5 >/dev/null
ok "ten commits and a roll-back: nothing lost" load_end
ok "the filters are there" test "$(state '.filter | length' filter)" = 6

load_begin
now=$(state '.filter[0].packets' filter)
stop KILL
ok "without a supervisor frames cross" ping_across
start
ok "the counters went on" until_true 5 counting "$now"
ok "nothing lost meanwhile" load_end
finish
