#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An RPKI cache that dies, that comes back as another one, that lies; and BIRD that starts while
# there is none: what was Invalid stays out.
. "$(dirname "$0")/lib.sh"

command -v stayrtr >/dev/null || skip_all "no stayrtr"
sessions=(10.64.1.0,200000 10.64.1.1,200001)
. "$(dirname "$0")/members.sh"
cat >"$work/sends.table" <<-TABLE
	200000||20.0.0.0/24 20.0.1.0/24
	200000 20001||20.0.2.0/24
TABLE
# vrps LINE...: prefix, AS
vrps() {
	printf '%s\n' "$@" | jq -nR '{metadata: {buildtime: "2026-01-01T00:00:00Z"}, roas: [inputs | split(" ") | {prefix: .[0], maxLength: (.[0] | split("/")[1] | tonumber), asn: .[1], ta: "test"}]}' >"$work/vrps.new"
	mv "$work/vrps.new" "$work/vrps.json"
}
all=("20.0.0.0/24 AS200000" "20.0.2.0/24 AS9" "44.0.0.0/24 AS4" "44.0.1.0/24 AS4" "44.0.2.0/24 AS4" "2a0e:1::/32 AS4")
vrps "${all[@]}"
cache() {
	spawn "$M" stayrtr -bind 127.0.0.1:3323 -cache "$work/vrps.json" -checktime=false -refresh 1 -metrics.addr "" >>"$work/rtr.log" 2>&1
	rtr=$spawned
}
site() {
	module
	cat <<-YAML
		  policy: {rpki: {cache: [{address: 127.0.0.1, port: 3323}], hold: 600, expired: $1}}
		  client:
		    - {name: sends, asn: 200000, address: [10.64.1.0]}
		    - {name: takes, asn: 200001, address: [10.64.1.1]}
	YAML
}
cache
site keep >"$work/ferrule.yaml"
start
ok "BIRD serves" until_true 20 served
cache_is() { [ "$(rs show protocols r_1 | awk '$1 == "r_1" { print $7 }')" = "$1" ]; }
ok "the cache is heard" until_true 60 cache_is Established
spawn "$S" python3 "$here/speaker.py" --status "$work/status" 10.64.0.1 "${sessions[0]},$work/sends.table" "${sessions[1]},$work/none.table"
ok "what is Valid passes" until_true 60 passes 20.0.0.0/24
ok "and what nobody knows" until_true 20 passes 20.0.1.0/24
ok "what is Invalid does not" fails passes 20.0.2.0/24
kept() { [ "$(stat -c %s "$work/state/route-server/vrps.kept")" = $((24 * $1)) ]; }
ok "what the cache says is kept" until_true 60 kept 6
vrps_of() { [ "$(rs show route table fs_roa4 protocol "$1" | grep -c " AS")" = "$2" ]; }
ok "which does not count while there is a cache" vrps_of r_kept 0

# to somebody who asks and does not read
flood() {
	in_m python3 - <<-PY
		import socket, struct, time
		s = socket.create_connection(("127.82.10.1", 323))
		s.settimeout(0.2)
		query = struct.pack("!BBHII", 1, 1, 7, 12, 7)
		try:
		    for i in range(20000):
		        s.sendall(query * 100)
		except (socket.timeout, BrokenPipeError, ConnectionResetError):
		    pass
		for _ in range(8):  # more than there is room for
		    socket.create_connection(("127.82.10.1", 323)).sendall(b"\xff" * 64)
		g = socket.create_connection(("127.82.10.1", 323))
		g.sendall(struct.pack("!BBHI", 1, 2, 0, 8))
		got = g.recv(8)
		assert got[:2] == b"\x01\x03", got
	PY
}
ok "one who floods its server is not answered, others are" flood
ok "and the supervisor lives" says "all is well" ferrule route-server health

# from now on: has the Invalid one passed at any moment?
watch_it() {
	while :; do
		passes 20.0.2.0/24 && echo passed
		read -rt 0.05 <> <(:) || :
	done >"$work/passed" 2>/dev/null
}
watch_it &
watcher=$!
pids+=("$watcher")
kill "$rtr" && wait "$rtr" 2>/dev/null
ok "the cache dies: what was kept counts" until_true 60 vrps_of r_kept 5
ok "health says so" until_true 15 says "6 VRPs that were kept count on" ferrule route-server health
kill -9 "$(pid)"
ok "BIRD is killed: it comes back" until_true 60 passes 20.0.0.0/24
ok "and knows what was kept" until_true 30 vrps_of r_kept 5
stop KILL
start
ok "the supervisor, too" until_true 20 served
ok "it still counts" vrps_of r_kept 5
vrps "${all[@]}" "20.0.1.0/24 AS9"
cache
ok "the cache comes back as another one: it is heard" until_true 120 cache_is Established
ok "with what is new" until_true 30 fails passes 20.0.1.0/24
ok "what was kept is no more needed" until_true 60 vrps_of r_kept 0
ok "all is well" until_true 30 says "all is well" ferrule route-server health
kill "$watcher" && wait "$watcher" 2>/dev/null
ok "in all of that the Invalid one has never passed" test ! -s "$work/passed"
vrps "${all[0]}"
ok "it lies: one of seven is left" until_true 60 vrps_of r_1 1
ok "what was kept counts" until_true 60 vrps_of r_kept 5
ok "the Invalid one is out" until_true 10 fails passes 20.0.2.0/24
ok "and somebody is told" says "1 VRPs where 6 were kept" ferrule route-server health
ok "somebody says that it is right" ferrule route-server accept-rpki
ok "then it counts alone" until_true 30 passes 20.0.2.0/24
ok "and is what is kept" until_true 60 kept 1
vrps "${all[@]}"
ok "it has all of them again" until_true 60 fails passes 20.0.2.0/24
kept_again() { ferrule route-server accept-rpki; until_true 30 kept 6; }
ok "which are kept" kept_again

# ---- what is kept does not count for ever, where somebody wants that ----

site open | ferrule load - && ferrule commit >/dev/null
kill "$rtr" && wait "$rtr" 2>/dev/null
ok "the cache dies: what was kept counts" until_true 60 vrps_of r_kept 5
touch -d "-11 minutes" "$work/state/route-server/vrps.kept"
ok "for as long as it should" until_true 20 vrps_of r_kept 0
kill -9 "$(pid)"
ok "then nothing is Invalid any more" until_true 60 passes 20.0.2.0/24
finish
