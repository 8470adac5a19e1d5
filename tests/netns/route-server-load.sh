#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A route server with work: a member that flaps a hundred times, a commit while a session converges,
# a table that is larger than what is gathered.
. "$(dirname "$0")/lib.sh"

sessions=(10.64.1.0,200000 10.64.1.1,200001 10.64.1.2,200002 10.64.1.3,200003)
. "$(dirname "$0")/members.sh"

# table NAME SECOND-OCTET COUNT ASN: so many /24s, ten of them for each path
table() {
	awk -v second="$2" -v count="$3" -v asn="$4" 'BEGIN {
		for (i = 0; i < count; i++) {
			at = second * 256 + i
			printf "%s%d.%d.%d.0/24", i % 10 ? " " : sprintf("%s%d %d|%d:%d|", i ? "\n" : "", asn, 20000 + i % 3000, 1000 + i % 500, i % 7), 20 + int(at / 65536), int(at / 256) % 256, at % 256
		}
		printf "\n" }' >"$work/$1.table"
}
table still 0 2000 200000
echo "200000 20001|0:65000|20.255.255.0/24" >>"$work/still.table"
table flaps 16 1000 200001
table large 32 150000 200002

site() {
	module
	cat <<-YAML
		  policy: {max-prefix: {ipv4: 3000}}
		  client:
		    - {name: still, asn: 200000, address: [10.64.1.0]}
		    - {name: flaps, asn: 200001, address: [10.64.1.1]}
		    - {name: large, asn: 200002, address: [10.64.1.2], max-prefix: {ipv4: 160000}}
		    - {name: none, asn: 200003, address: [10.64.1.3]}
		    ${1:-}
	YAML
}
site >"$work/ferrule.yaml"
start
ok "BIRD serves" until_true 20 served
# speak NAME OPTION... SESSION...: members in one process
speak() {
	spawn "$S" python3 "$here/speaker.py" --status "$work/$1.status" "${@:2}"
}
told() { jq -r "$2" "$work/$1.status" 2>/dev/null; }
is() { [ "$(told "$1" "$2")" = "${3:-true}" ]; }
exported() { rs show protocols all "$1" | awk '/Routes:/ { print $6 }'; }
sent() { [ "$(exported "$1")" = "$2" ]; }
since() { rs show protocols "$1" | awk -v name="$1" '$1 == name { print $5, $6 }'; }

speak steady 10.64.0.1 "${sessions[0]},$work/still.table" "${sessions[3]},$work/none.table"
ok "two members" until_true 60 is steady ".sent == 2"
ok "one has what the other announces" until_true 30 sent c_none_4 2000
memory() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }

# ---- flaps ----

bird=$(pid)
before="$(since c_still_4) $(since c_none_4)"
small=$(memory "$bird")
speak flaps --flap 100 10.64.0.1 "${sessions[1]},$work/flaps.table"
ok "a member comes and goes a hundred times" until_true 240 is flaps ".flaps == 0 and .sent == 1"
ok "in the end everybody has its routes" until_true 30 sent c_none_4 3000
ok "nobody else's session went down" test "$(since c_still_4) $(since c_none_4)" = "$before"
ok "BIRD is the same" test "$(pid)" = "$bird"
large=$(memory "$bird")
ok "it has not grown by it ($small to $large kB)" test $((large - small)) -lt 4096
well() { ! ferrule route-server health | grep -v c_large_4 | grep -q c_; }
ok "all is well" until_true 20 well

# ---- a commit while a session converges ----

speak large 10.64.0.1 "${sessions[2]},$work/large.table"
large_speaker=$spawned
some() { local now; now=$(rs show protocols all c_large_4 | awk '/Routes:/ { print $2 }'); [ "${now:-0}" -gt 0 ]; }
ok "a large table begins to come" until_true 60 some
site "- {name: more, asn: 200009, address: [10.64.1.9]}" | ferrule load - && ferrule commit >/dev/null
came=$(since c_large_4)
say "the commit came at $(rs show protocols all c_large_4 | awk '/Routes:/ { print $2 }') of 150000 routes"
ok "a client more, meanwhile" eval 'rs show protocols | grep -q c_more_4'
ok "all of it arrives" until_true 120 sent c_none_4 153000
ok "over the session that began" test "$(since c_large_4)" = "$came"
ok "and nobody else's went down" test "$(since c_still_4) $(since c_none_4)" = "$before"
site | ferrule load - && ferrule commit >/dev/null
ok "one less: nothing is lost" sent c_none_4 153000

# ---- a long answer ----

peak() { awk '/^VmHWM/ { print $2 }' "/proc/$daemon/status"; }
before=$(peak)
all() { ferrule route-server routes --all | wc -l; }
ok "all of the table, as lines" test "$(all)" = 153001
as_json() { ferrule --json route-server routes --all "$@" | jq '."ferrule-route-server:route-server".route | length'; }
ok "as JSON" test "$(as_json)" = 153001
ok "of one" test "$(as_json --from flaps)" = 1000
ok "what was sent to one" test "$(as_json --to none)" = 153000
ok "without it, a part, and how to have more" says "--all" ferrule route-server routes
ok "the supervisor keeps none of it ($before to $(peak) kB)" test $(($(peak) - before)) -lt 2048
# one that does not read
mkfifo "$work/slow"
"$build/ferrule" route-server routes --all >"$work/slow" &
slow=$!
pids+=("$slow")
exec 7<"$work/slow"
read -r first <&7
ok "a client that reads slowly gets its first line" grep -q "/24" <<<"$first"
ok "meanwhile others are answered" timeout 5 "$build/ferrule" route-server clients
ok "BIRD, too" timeout 5 birdc -s "$work/run/bird/bird.ctl" show status
ok "the rest comes when it reads" test "$(wc -l <&7)" = 153000
exec 7<&-
wait "$slow"
ferrule route-server routes --all 2>/dev/null | head -1 >"$work/left"
ok "one that leaves is no harm" ferrule route-server clients

# ---- birdwatcher's answers ----

watcher() { ferrule route-server birdwatcher "$1"; }
asked() {
	local said
	said=$(watcher "$1" | jq -r "$2")
	echo "$said"
	[ "$said" = "$3" ]
}
ok "/status" asked /status '.status.router_id, (.ttl | fromdate | . > 0), .api.result_from_cache' "$(printf '10.64.0.1\ntrue\nfalse')"
ok "/protocols/bgp" until_true 20 asked /protocols/bgp '.protocols.c_flaps_4 | .state, .neighbor_as, .channels.ipv4.routes_count.imported' "$(printf 'up\n200001\n1000')"
ok "/protocols/short" asked "/protocols/short?uncached=true" '.protocols | keys | length' 4
ok "/routes/protocol" asked /routes/protocol/c_flaps_4 '.routes | length, .[0].bgp.as_path[0], .[0].learnt_from' "$(printf '1000\n200001\n10.64.1.1')"
ok "/routes/peer" asked /routes/peer/10.64.1.1 '.routes | length' 1000
ok "/routes/export" asked /routes/export/c_none_4 '.routes | length' 153000
ok "/routes/noexport" asked /routes/noexport/c_none_4 '.routes | length, .[0].network, (.[0].bgp.large_communities[] | select(.[1] == 1102) | join(":"))' "$(printf '1\n20.255.255.0/24\n65000:1102:3')"
ok "/routes/table" asked /routes/table/master4 '.routes | length' 153001
ok "/route/net" asked /route/net/20.0.5.0/mask/24/table/master4 '.routes[0].network' 20.0.5.0/24
ok "/routes/prefix" asked "/routes/prefix?prefix=20.0.5.0/24" '.routes | length' 1
# their path begins with another AS, which is none of the Internet's
table flaps 16 1000 65551
kill "$large_speaker" && wait "$large_speaker" 2>/dev/null
speak refused 10.64.0.1 "10.64.1.2,200002,$work/flaps.table"
large_speaker=$spawned
ok "routes that are refused: /routes/filtered, with their causes" until_true 60 asked /routes/filtered/c_large_4 '.routes | length, (.[0].bgp.large_communities[] | select(.[1] == 1101) | join(":"))' "$(printf '1000\n65000:1101:7\n65000:1101:4')"
ok "/routes/table/filtered" asked /routes/table/master4/filtered '.routes | length' 1000
figure() { [ "$(state ".\"ferrule-route-server:route-server\".$1" route-server)" = "$2" ]; }
ok "figures: refused, by cause" until_true 30 figure 'rejected[] | select(.session == "c_large_4" and .cause == "65000:1101:7") | .routes' 1000
ok "for people" says "the path does not begin with the client's AS" ferrule show route-server
ok "and how long it took until all was told" until_true 30 eval 'state ".\"ferrule-route-server:route-server\".convergence" route-server | grep -E "^[0-9]+$"'
ok "an endpoint that there is not" says "allowed are /status" ferrule route-server birdwatcher /routes/protocol/none

# ---- what is down by hand stays down ----

is_down() { rs show protocols | awk '$1 == "c_none_4" { print $4 }' | grep -qx down; }
is_up() { rs show protocols | awk -v name="$1" '$1 == name { print $7 }' | grep -qx Established; }
ok "a client is taken down" ferrule route-server shutdown none
ok "it is down" until_true 5 is_down
kill -9 "$(pid)"
ok "BIRD is killed: the others come back" until_true 60 is_up c_still_4
ok "it stays down" is_down
stop
start
ok "the supervisor is started anew" until_true 20 served
ferrule set route-server client still description x && ferrule commit >/dev/null
ok "with a commit since: it stays down" is_down
ok "health says so" until_true 15 says "taken down by hand" ferrule route-server health
ok "until somebody enables it" ferrule route-server enable none
ok "it is up" until_true 30 is_up c_none_4

# ---- less memory than routes take ----

# each with attributes of its own: more than any estimate by their number
awk 'BEGIN {
	for (i = 0; i < 60000; i++) {
		printf "200002"
		for (n = 0; n < 28; n++) printf " %d", 8000 + (i * 7 + n * 1013) % 50000
		printf "|"
		for (n = 0; n < 60; n++) printf "%s%d:%d", n ? " " : "", 1000 + n, i % 60000
		printf "|30.%d.%d.0/24\n", int(i / 256), i % 256
	}
}' >"$work/fat.table"
site | sed 's/  asn: 65000/  memory: 48\n&/; s/ipv4: 160000/ipv4: 61000/' | ferrule load - && ferrule commit >/dev/null
before=$(since c_still_4)
bird=$(pid)
kill "$large_speaker" && wait "$large_speaker" 2>/dev/null
speak fat 10.64.0.1 "${sessions[2]},$work/fat.table"
short_of() { ferrule route-server health | grep c_large_4 | grep -q "max-prefix: it is tried again"; }
ok "a member whose routes are larger than they should be is cut off" until_true 60 short_of
ok "before the kernel ends BIRD" test "$(pid)" = "$bird"
ok "nobody else's session went down" test "$(since c_still_4)" = "$before"
# by BIRD's own account: what the C library gives back to the kernel differs
less() { rs show memory | awk '$1 == "Total:" { exit !($3 == "kB" || $2 < 10) }'; }
ok "and what its routes took is free for others" until_true 60 less
kill -9 "$bird"
ok "BIRD is killed: it comes back" until_true 60 is_up c_still_4
ok "and what was cut off is still tried again later" until_true 20 short_of
stop
start
ok "the supervisor is started anew" until_true 20 served
ok "and does not forget it either" until_true 20 short_of
finish
