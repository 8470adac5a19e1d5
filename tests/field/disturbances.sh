#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# R3, W15: `diff`, `plan` and `commit` say what a commit does to those who are served, before it
# does: sessions of the route server that BIRD resets (each kind of change, compared with what BIRD
# does), and addresses that go. What resets many is asked for.
. "$(dirname "$0")/../netns/lib.sh"

sessions=(10.64.1.0,64500 10.64.1.1,64501 10.64.1.2,64502 10.64.1.3,64503)
. "$(dirname "$0")/../netns/members.sh"
client() { echo "    - {name: m$1, asn: 6450$1, address: [10.64.1.$1]${2:-}}"; }
{
	module
	for i in 0 1 2 3; do
		[ "$i" = 0 ] && echo "  client:"
		client "$i" "$([ "$i" = 1 ] && echo ", password-file: $work/key")"
	done
} >"$work/ferrule.yaml"
echo secret >"$work/key" && chmod 600 "$work/key"
start
ok "BIRD serves" until_true 20 served
# one each: a process of BIRD has one session to an address
for i in 0 1 2 3; do
	cat >"$work/m$i.conf" <<-BIRD
		router id 10.64.1.$i;
		protocol device { }
		protocol bgp m { local 10.64.1.$i as 6450$i; neighbor 10.64.0.1 as 65000; strict bind on;
			connect retry time 2; connect delay time 1; error wait time 1, 2;
			local role rs_client; password "secret"; ipv4 { import all; export none; }; }
	BIRD
	[ "$i" = 1 ] || sed -i 's/password "secret"; //' "$work/m$i.conf"
	spawn "$S" bird -f -c "$work/m$i.conf" -s "$work/m$i.ctl" >/dev/null 2>&1
done
# since: of each established session, as BIRD has it now
since_all() { rs show protocols | awk '$1 ~ /^c_/ { print $1, /Established/ ? $5 " " $6 : "away" }'; }
up() { [ "$(since_all | grep -vc away)" = 4 ] && [ "$(ferrule --json route-server clients | jq '[."ferrule-route-server:route-server".client[] | select(.state == "Established")] | length')" = 4 ]; }
ok "four members" until_true 90 up

# when BIRD read its configuration, in one go with what it resets
read_last() { rs show status | grep "Last reconfiguration"; }

# resets WHAT EXPECTED SET...: the count that is told, and what BIRD does
came_back=true
resets() {
	local what=$1 expected=$2 before read_at told=0 done
	shift 2
	ferrule "$@" >/dev/null || return
	told=$(ferrule diff | sed -n 's/^# route-server: resets \([0-9]*\) of 4 sessions: .*/\1/p')
	before=$(since_all)
	read_at=$(read_last)
	ferrule commit --no-confirm >"$work/answer" || return
	until_true 10 eval '[ "$(read_last)" != "$read_at" ]'
	done=$(diff <(echo "$before") <(since_all) | grep -c '^<')
	ok "$what: ${told:-0} are told, $done are reset" test "${told:-0}/$done" = "$expected/$expected"
	[ "$came_back" = false ] || until_true 60 up || { echo "# not all members came back"; rs show protocols | sed "s,^,# ,"; }
}

ferrule set route-server policy add-path true
ok "diff says it" says "# route-server: resets 4 of 4 sessions: add-path changed" ferrule diff
ok "plan says it, and that it could be" eval 'says "# route-server: resets 4 of 4" ferrule plan && says "can be committed" ferrule plan'
ok "nothing has come of that" test "$(rs show protocols all c_m0_4 | grep -c 'Add-path\|ADD-PATH')" = 0
ok "commit asks" says "resets 4 of 4 sessions: add-path changed; with --confirm 5" ferrule commit
ferrule discard
ok "a commit of one that resets many in JSON" test "$(ferrule set route-server policy add-path true && ferrule --json diff | jq -r '.note[0]')" = "route-server: resets 4 of 4 sessions: add-path changed"
ferrule discard

resets "add-path" 4 set route-server policy add-path true
resets "roles" 4 set route-server policy roles false
resets "router-id" 4 set route-server router-id 10.64.0.9
resets "path-hiding" 4 set route-server policy path-hiding none
resets "an import table" 1 set route-server client m0 import-table drop
resets "hold-time" 4 set route-server policy hold-time 90
resets "a description" 0 set route-server client m2 description other
resets "a limit" 0 set route-server client m2 max-prefix ipv4 77
resets "bogons" 0 set route-server policy bogons false
resets "rejected routes kept" 0 set route-server policy reject-cause false
resets "memory" 0 set route-server memory 300
came_back=false # these two need the member's own
resets "gtsm" 1 set route-server client m2 gtsm true
ferrule set route-server client m2 gtsm false && ferrule commit --no-confirm >/dev/null
until_true 60 up
resets "a password" 1 delete route-server client m1 password-file
ferrule set route-server client m1 password-file "$work/key" && ferrule commit --no-confirm >/dev/null
until_true 60 up
came_back=true
ok "a client that is not whole yet, and diff" eval 'ferrule set route-server client m9 asn 64509 && ferrule diff && ferrule discard'
ok "one of four is no share" eval 'ferrule set route-server client m3 passive true && ferrule commit'
until_true 90 up
ferrule delete route-server client m0 && ferrule delete route-server client m1
ok "members that go are told" says "# route-server: ends 2 of 4 sessions" ferrule diff
ok "and asked for" fails ferrule commit
ferrule set route-server reset-share 60
ferrule discard
ferrule set route-server reset-share 60 && ferrule commit >/dev/null
ferrule delete route-server client m0 && ferrule delete route-server client m1
ok "a larger share, and nobody is asked" ferrule commit
ok "and back, which resets nobody" ferrule rollback 1

# a plan of other ports touches none
in_m ip link add spare0 type veth peer name spare1
ferrule set wire electrical spare0
ok "a plan of another port" says "leaves eth1 for spare0" ferrule plan
ok "leaves that port alone" test "$(in_m cat /proc/sys/net/ipv6/conf/spare0/disable_ipv6; in_m ip -d link show spare0 | grep -c 'promiscuity 1')" = "0
0"
ferrule discard

# the host link, and the wire
ferrule set host-link ipv4 address 10.64.0.2/16
ferrule delete host-link ipv4 address 10.64.0.1/16
ok "an address that goes" says "# host-address: takes away 10.64.0.1/16" ferrule diff
ferrule discard
ferrule delete route-server && ferrule delete wire && ferrule delete host-link
ok "a wire that goes" says "# wire: no frame crosses any more" ferrule diff
finish
