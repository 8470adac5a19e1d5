#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What operators of exchanges ask for: lists of what is never and what is always taken, a ROA in
# place of a route object, communities of an earlier route server, bounds from PeeringDB.
. "$(dirname "$0")/../netns/lib.sh"

command -v stayrtr >/dev/null || skip_all "no stayrtr"
sessions=(10.64.1.0,1001 10.64.1.1,1002 10.64.1.2,1003)
. "$(dirname "$0")/../netns/members.sh"
cat >"$work/sends.table" <<-TABLE
	1001||44.0.0.0/24 44.0.1.0/24 44.0.2.0/24 44.9.0.0/24 45.1.0.0/24 45.2.0.0/24
	1001 2001||45.3.0.0/24
	1001 2002||45.4.0.0/24
	1001|64999:1002|46.1.0.0/24
	1001|7:7|46.2.0.0/24
	1001|64998:1|46.3.0.0/24
TABLE
cat >"$work/irr.json" <<-'JSON'
	{"AS-SENDS": {"asn": [1001], "prefix": ["44.0.0.0/24", "44.9.0.0/24", "46.1.0.0/24", "46.2.0.0/24", "46.3.0.0/24", "45.4.0.0/24"]}}
JSON
jq -n '{metadata: {buildtime: "2026-01-01T00:00:00Z"}, roas: [
	{prefix: "44.0.1.0/24", maxLength: 24, asn: "AS1001", ta: "t"}, {prefix: "44.0.2.0/24", maxLength: 24, asn: "AS9", ta: "t"}]}' >"$work/vrps.json"
spawn "$M" stayrtr -bind 127.0.0.1:3323 -cache "$work/vrps.json" -checktime=false -refresh 1 -metrics.addr "" >>"$work/rtr.log" 2>&1
peeringdb() { jq -n "{data: [{asn: 1001, info_prefixes4: $1, info_prefixes6: 0, name: \"x\", poc: {a: 1}}, {asn: 1003, info_prefixes4: 50, info_prefixes6: 7}]}" >"$work/pdb.new" && mv "$work/pdb.new" "$work/pdb.json"; }
peeringdb 1000
site() { # ROA
	module
	cat <<-YAML
		  communities:
		    - {value: '64999:peer', means: not-to}
		    - {value: '7:7', means: nobody}
		    - {value: '64998:1', means: prepend-2}
		    - {value: '64997:5:peer', means: to}
		  policy:
		    deny-prefix: [44.9.0.0/16]
		    rpki: {cache: [{address: 127.0.0.1, port: 3323}], hold: 600}
		    irr: {source: file, file: $work/irr.json}
		    max-prefix: {peeringdb: {file: $work/pdb.json, margin-percent: 10, margin-routes: 5}}
		  client:
		    - name: sends
		      asn: 1001
		      address: [10.64.1.0]
		      as-set: [AS-SENDS]
		      irr: {enforce: [origin, prefix], roa-as-route-object: ${1:-true}, accept-prefix: [45.1.0.0/16, 45.3.0.0/24], accept-origin: [2001]}
		    - {name: takes, asn: 1002, address: [10.64.1.1]}
		    - {name: own, asn: 1003, address: [10.64.1.2], max-prefix: {ipv4: 7}}
	YAML
}
site >"$work/ferrule.yaml"
ok "it is valid" says "valid" ferrule check "$work/ferrule.yaml"
start
ok "BIRD serves" until_true 20 served
ok "the cache is heard" until_true 60 eval 'rs show protocols r_1 | grep -q Established'
spawn "$S" python3 "$here/speaker.py" 10.64.0.1 "${sessions[0]},$work/sends.table" "${sessions[1]},$work/none.table"
ok "what is registered passes" until_true 60 passes 44.0.0.0/24
ok "what has a ROA, too" until_true 20 passes 44.0.1.0/24
ok "not with another's" fails passes 44.0.2.0/24
ok "what is denied does not, though it is registered" says "one that the exchange denies [65000:1101:106]" ferrule route-server why 44.9.0.0/24
ok "what is always taken passes" until_true 20 passes 45.1.0.0/24
ok "its neighbour does not" fails passes 45.2.0.0/24
ok "with an origin that is always taken" until_true 20 passes 45.3.0.0/24
ok "another origin is not" says "the origin AS is not in" ferrule route-server why 45.4.0.0/24
ok "not to a client, by another community" until_true 20 says "not to this client" ferrule route-server why 46.1.0.0/24 --to takes
ok "it is there for others" passes 46.1.0.0/24
ok "to nobody, by another community" until_true 20 says "to nobody but those" ferrule route-server why 46.2.0.0/24 --to takes
exported() { rs show route all 46.3.0.0/24 export c_takes_4; }
ok "prepended by another community" until_true 20 eval 'exported | grep -q "1001 1001 1001"'
ok "which goes no further" fails eval 'exported | grep -q "64998,1"'
ok "clients say how old they are" eval '[ "$(ferrule --json route-server clients | jq -r ".. | .age? // empty")" -le 7 ]'
limit() { rs show protocols all "$1" | awk '/Receive limit/ { print $3; exit }'; }
ok "a bound from PeeringDB: with its margin" test "$(limit c_sends_4)" = 1105
ok "one's own counts more" test "$(limit c_own_4)" = 7
ok "who is not there has that of all" test "$(limit c_takes_4)" = 500
peeringdb 2000
ok "the file is read again when it changes" until_true 30 eval '[ "$(limit c_sends_4)" = 2205 ]'
ok "and no session is reset" eval 'rs show protocols c_sends_4 | grep -q Established'
echo '{"data": [' >"$work/pdb.json"
ok "a file that is cut is held" until_true 30 grep -q "that is no whole JSON" "$work/log"
ok "what was read before counts" test "$(limit c_sends_4)" = 2205
peeringdb 2000
refused() { site | sed "$2" >"$work/bad.yaml" && says "$1" ferrule check "$work/bad.yaml"; }
ok "ROAs without origins" refused "roa-as-route-object needs" 's/\[origin, prefix\]/[prefix]/'
ok "a community that says of nobody" refused "ends in ':peer'" "s/'64999:peer'/'64999:1'/"
ok "well-known ones" refused "well-known" "s/'64999:peer'/'65535:peer'/"
ok "one that does not fit" refused "do not fit" "s/'7:7'/'7:70000'/"
ok "a prefix that is none" refused "allowed is a prefix" "s,44.9.0.0/16,44.9.0.0/36,"
finish
