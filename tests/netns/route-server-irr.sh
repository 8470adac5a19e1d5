#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is registered for members, asked of an IRR database by bgpq4.
. "$(dirname "$0")/lib.sh"

command -v bgpq4 >/dev/null || skip_all "no bgpq4"
sessions=(10.64.1.0,1301 10.64.1.1,1302)
. "$(dirname "$0")/members.sh"
cat >"$work/sends.table" <<-TABLE
	1301||20.0.0.0/24 20.0.1.0/24
	1301 1303||20.0.3.0/24
	1301 9999||20.0.0.0/24
TABLE
# registered PREFIX...: for AS1301, in the database
registered() {
	jq -n '{"AS-ONE": ["AS1301", "AS-BELOW"], "AS-BELOW": ["AS1303"], "AS1303": ["20.0.3.0/24", "2a0e:3::/32"], "AS1301": $ARGS.positional, "AS1302": ["20.2.0.0/24"]}' --args "$@" >"$work/irr.new"
	mv "$work/irr.new" "$work/irr.db"
}
many=$(for i in $(seq 20 40); do echo "20.1.$i.0/24"; done)
# shellcheck disable=SC2086
registered 20.0.0.0/24 $many
database() {
	spawn "$M" python3 "$here/irrd.py" 4343 "$work/irr.db" >>"$work/irrd.log" 2>&1
	irrd=$spawned
	until_true 10 in_m bash -c 'exec 3<>/dev/tcp/127.0.0.1/4343'
}
site() {
	module
	cat <<-YAML
		  policy: {irr: {source: bgpq4, server: "127.0.0.1:4343", databases: "TEST", enforce: [origin, prefix]}}
		  client:
		    - {name: sends, asn: 1301, address: [10.64.1.0], as-set: [AS-ONE]}
		    - {name: takes, asn: 1302, address: [10.64.1.1]}
		    ${1:-}
	YAML
}
site | sed '/^route-server:/,$d' >"$work/ferrule.yaml"
start
site | ferrule load -
ok "without the database, nothing is known: the commit is refused" says "bgpq4: AS-ONE of 127.0.0.1:4343" ferrule commit
ok "in one line" test "$(ferrule commit 2>&1 | wc -l)" -le 2
database
ok "with it, it is taken" ferrule commit
ok "BIRD serves" until_true 20 served
spawn "$S" python3 "$here/speaker.py" --status "$work/status" 10.64.0.1 "${sessions[0]},$work/sends.table" "${sessions[1]},$work/none.table"
ok "of a set in the set: what is registered passes" until_true 60 passes 20.0.3.0/24
ok "what is not does not" fails passes 20.0.1.0/24
ok "nor an origin that is not" fails passes 20.0.0.0/24
ok "the database was asked for that source" grep -q "!sTEST" "$work/irrd.log"
ok "nobody but root reads on in what it said" test "$(stat -c %a "$work/state/route-server/irr.fetched")" = 640

site '- {name: more, asn: 1304, address: [10.64.1.4], as-set: [AS-NOWHERE]}' | ferrule load -
ok "a set that there is not: refused" says "AS-NOWHERE of 127.0.0.1:4343: nothing is registered for it" ferrule commit
ok "which leaves no trouble behind" until_true 20 says "all is well" ferrule route-server health
site | ferrule load -
# shellcheck disable=SC2086
registered 20.0.0.0/24 20.0.1.0/24 $many
ok "the database has more: it is asked" ferrule route-server fetch
ok "and it is used, without a commit" until_true 60 passes 20.0.1.0/24
registered 20.0.0.0/24
ferrule route-server fetch >/dev/null
held() { ferrule route-server health | grep -F "of 25 registered prefixes are left"; }
ok "it shrinks: that is held" until_true 60 held
ok "what was registered still is" passes 20.0.1.0/24
# shellcheck disable=SC2086
registered 20.0.0.0/24 20.0.1.0/24 $many
ferrule route-server fetch >/dev/null
ok "it is as it was: all is well" until_true 60 says "all is well" ferrule route-server health
kill "$irrd" && wait "$irrd" 2>/dev/null
ferrule route-server fetch >/dev/null
ok "the database is gone: health says so" until_true 60 says "127.0.0.1:4343" ferrule route-server health
ok "what it said serves" passes 20.0.1.0/24
ferrule set route-server client sends description x
ok "a commit that needs nothing new asks nobody" ferrule commit
stop
start
ok "it serves at a start, too" until_true 20 served
ok "with all of it" until_true 60 passes 20.0.1.0/24
finish
