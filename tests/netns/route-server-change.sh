#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A route server that changes, and that things happen to: commits that touch nobody else's session,
# an RPKI cache that comes, changes and dies, BIRD killed, a client that floods, one that sends
# garbage; and what is refused.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/exchange.sh"

site >"$work/ferrule.yaml"
start
ok "BIRD serves" until_true 20 served
ok "eleven sessions are up" until_true 60 established 11
ok "routes are there" until_true 20 three_has 44.1.0.0/16
rs() { birdc -s "$work/run/bird/bird.ctl" "$@"; }
# since when each session is up; what BIRD itself says
sessions() { rs show protocols | awk '$2 == "BGP" { print $1, $5, $6 }'; }
unchanged() { diff <(grep -v "$1" <<<"$before") <(sessions | grep -v "$1"); }

# ---- RPKI ----

ok "a VRP comes that makes a route Invalid" vrps ', {"prefix": "44.33.0.0/16", "maxLength": 16, "asn": "AS9", "ta": "test"}'
ok "it is withdrawn, without a commit" until_true 30 fails four_has 44.33.0.0/16
ok "and why says so" says "RPKI Invalid" ferrule route-server why 44.33.0.0/16
kill "$rtr" && wait "$rtr" 2>/dev/null
cache_is() { [ "$(rs show protocols r_1 | awk '$1 == "r_1" { print $7 }')" = "$1" ]; }
ok "the cache dies" until_true 40 fails cache_is Established
ok "what it said still counts" fails four_has 44.33.0.0/16
ok "and health says so" until_true 15 says "what was heard last counts for" ferrule route-server health
vrps
cache
ok "it comes again, with another word" until_true 120 four_has 44.33.0.0/16

# ---- what is registered ----

printf 'filter: [{name: other, action: drop, match: {protocol: tcp, destination-port: 23}}]\n' | cat <(site) - | ferrule load - && ferrule commit >/dev/null
ok "a prefix that is not registered is refused" fails four_has 44.1.1.0/24
registered "$others, \"44.1.1.0/24\""
ok "its file changes: it is taken, without a commit" until_true 30 four_has 44.1.1.0/24
registered ""
held() { ferrule route-server health | grep -F "3 of 14 registered prefixes are left"; }
ok "a list that shrinks is held, and health says so" until_true 30 held
ok "what was registered still is" four_has 44.1.1.0/24
ferrule set route-server client two description x
ok "a commit is refused for it" says "3 of 14 registered prefixes are left" ferrule commit
ferrule set route-server policy irr shrink 100 && ferrule commit >/dev/null
ok "until somebody says that it is right" until_true 20 fails four_has 44.1.1.0/24
registered "$others"
mv "$work/irr.json" "$work/irr.away"
stop
start
ok "the file is gone at a start: what was read last serves" until_true 20 served
sessions_of_one() { [ "$(session c_one_4 state)" = Established ] && four_has 44.1.0.0/16; }
ok "and nobody loses anything" until_true 20 sessions_of_one
echo '{"AS-ONE": {' >"$work/irr.json"
stop
start
ok "it is cut at a start: the same" until_true 20 served
ok "nobody loses anything" until_true 20 sessions_of_one
ok "and health says so" says "irr.json': line" ferrule route-server health
mv "$work/irr.away" "$work/irr.json"
site | ferrule load - && ferrule commit >/dev/null

# ---- commits ----

before=$(sessions)
site "    - {name: nine, asn: 1009, address: [$lan.19]}" | ferrule load - && ferrule commit >/dev/null
ok "a client more" eval 'sessions | grep -q c_nine_4'
ok "touches no session" unchanged c_nine
site | ferrule load - && ferrule commit >/dev/null
ok "one less, neither" unchanged c_nine
ok "two has a route of /24" until_true 10 four_has 44.2.10.0/24
ferrule set route-server client two prefix-length ipv4 8-23 && ferrule commit >/dev/null
ok "a client's own policy: its routes go" until_true 10 fails four_has 44.2.10.0/24
ok "with their reason" says "too long" ferrule route-server why 44.2.10.0/24
ferrule rollback 1 >/dev/null && ferrule commit >/dev/null
ok "a rollback brings them back" until_true 10 four_has 44.2.10.0/24
ok "and no session went down for it" unchanged c_nine
back() { state '."ferrule-route-server:route-server"."last-commit"' route-server | grep -F "an earlier configuration is back: 11 of 11 sessions"; }
ok "which is compared with what there was" until_true 60 back
ok "passwords are for BIRD alone" test "$(stat -c %a "$work/run/bird/bird.conf")" = 600

# ---- maintenance ----

ok "a client is taken down, and told why" ferrule route-server shutdown one --message "new switch at ten"
told() { member 11 show protocols all rs4 | grep "new switch at ten"; }
ok "it hears why" until_true 10 told
ok "the others stay" unchanged c_one
ferrule set route-server client two description "another word" && ferrule commit >/dev/null
down() { rs show protocols c_one_4 | grep -q "c_one_4 .* down"; }
ok "a commit of something else does not bring it back" down
ok "it comes back" ferrule route-server enable one
ok "with its routes" until_true 60 three_has 44.1.0.0/16
ferrule set route-server client four shutdown "moved away" && ferrule commit >/dev/null
heard() { gobgp neighbor "$lan.1" 2>&1 | grep -q "moved away" || grep -q "moved away" "$work/c/four.log"; }
ok "by the configuration, too" until_true 10 heard
ferrule rollback 1 >/dev/null && ferrule commit >/dev/null
ok "and back" until_true 60 four_has 44.2.10.0/24

# ---- faults ----

pid() { state '[.service[] | select(.role == "route-server") | .pid][0]' service; }
bird=$(pid)
all_up() { ! sessions | grep -v c_eight | grep -vq Established; }
until_true 60 all_up # the last commit may still be under way
before=$(sessions)
stop KILL
ok "the supervisor is killed: BIRD is not" kill -0 "$bird"
start
ok "it is adopted" until_true 10 test "$(pid)" = "$bird"
ok "ready" until_true 20 served
ok "and every session is as it was" unchanged c_eight

# one keeps what it has while the route server restarts (RFC 4724); an answer that does not come is none
watch_one() {
	while :; do
		case $(member 11 show route 44.33.0.0/16 2>&1) in
		*"not found"*) date +%T.%N ;;
		esac
		read -rt 0.1 <> <(:) || :
	done >"$work/gone"
}
ok "every session is up" until_true 60 established 11
ok "and one has what three announces" until_true 20 eval 'member 11 show route 44.33.0.0/16 | grep -q unicast'
killed=$(date +%T)
watch_one &
watcher=$!
pids+=("$watcher")
kill -9 "$bird"
ok "BIRD is killed: it comes back" until_true 30 eval '[ "$(pid)" != "$bird" ] && served'
ok "with its sessions" until_true 150 established 11
ok "and routes" until_true 90 four_has 44.33.0.0/16
kill "$watcher" && wait "$watcher" 2>/dev/null
ok "no route was lost where graceful restart is known" test ! -s "$work/gone"
[ ! -s "$work/gone" ] || { echo "# killed at $killed, gone at:"; sed 's/^/# /' "$work/gone" | head -5; sessions | sed 's/^/# /'; }

{
	echo "neighbor $lan.1 {"
	echo "  router-id $lan.18; local-address $lan.18; local-as 1008; peer-as 65000; hold-time 30;"
	echo "  family { ipv4 unicast; }"
	echo "  static {"
	for i in $(seq 60); do echo "    route 44.8.$i.0/24 next-hop $lan.18;"; done
	echo "  }"
	echo "}"
} >"$work/c/eight.conf"
exabgp_member eight 18
limited() { ferrule route-server health | grep c_eight_4 | grep -q "max-prefix: it is tried again"; }
ok "a client that floods is cut off" until_true 60 limited
ok "its routes are gone" eval '! four_has 44.8.1.0/24'
ok "it can be brought back by hand" ferrule route-server enable eight

cat >"$work/c/two.conf" <<-EXABGP
	neighbor $lan.1 {
	  router-id $lan.12; local-address $lan.12; local-as 1002; peer-as 65000; hold-time 30;
	  family { ipv4 unicast; }
	  static {
	    route 44.2.0.0/16 next-hop $lan.12;
	    route 44.2.20.0/24 next-hop $lan.12 attribute [ 0x08 0xc0 0x000102 ];
	    route 44.2.21.0/24 next-hop $lan.12 attribute [ 0x63 0xc0 0x000102 ];
	  }
	}
EXABGP
kill "$two"
wait "$two" 2>/dev/null
before=$(sessions)
exabgp_member two 12
ok "a client sends garbage: what is whole arrives" until_true 90 four_has 44.2.21.0/24
ok "what is not is withdrawn (RFC 7606), and why says so" until_true 10 says "Malformed COMMUNITY" ferrule route-server why 44.2.20.0/24
ok "and nobody's session goes down" unchanged "c_two\|c_eight"

# ---- what is refused ----

# refused TEXT CLIENT-LINE [SED]: in one line, and nothing changes
refused() {
	# a member that comes and goes by itself is none of this one's business
	before=$(sessions)
	site "    - {$2}" | sed "${3:-}" >"$work/bad.yaml"
	ferrule load "$work/bad.yaml" && ferrule commit >"$work/said" 2>&1 && return 1
	cat "$work/said"
	grep -qF -- "$1" "$work/said" && [ "$(wc -l <"$work/said")" -le 2 ] && unchanged c_eight
}
ok "two clients with one address" refused "is that of 'one', too" "name: x, asn: 1020, address: [$lan.11]"
ok "an address outside of the peering LAN" refused "outside of peering-lan" "name: x, asn: 1020, address: [192.0.2.9]"
ok "the own AS as a client" refused "the route server's own" "name: x, asn: 65000, address: [$lan.20]"
ok "an as-set that is not there" refused "has no 'AS-NOWHERE'" "name: x, asn: 1020, address: [$lan.20], as-set: [AS-NOWHERE], irr: {enforce: [prefix]}"
ok "an empty one never takes all" refused "an empty list is not taken" "name: x, asn: 1020, address: [$lan.20], as-set: [AS-EMPTY], irr: {enforce: [prefix]}"
ok "a password that is not there" refused "cannot be read" "name: x, asn: 1020, address: [$lan.20], password-file: $work/none.key"
chmod 644 "$work/six.key"
ok "a password that others can read" refused "chmod 600" "name: x, asn: 1020, address: [$lan.20]"
chmod 600 "$work/six.key"
ok "names that BIRD would not tell apart" refused "is that of" "name: x-y, asn: 1020, address: [$lan.20]}
    - {name: x_y, asn: 1021, address: [$lan.21]"
ok "more routes than memory" refused "lower max-prefix, or give it more memory" "name: x, asn: 1020, address: [$lan.20], max-prefix: {ipv4: 9000000}"
ok "lengths the wrong way around" refused "allowed is FROM-TO" "name: x, asn: 1020, address: [$lan.20], prefix-length: {ipv4: 24-8}"
ok "blackholes that nobody could authorise" refused "prefixes that are the sender's" "name: x, asn: 1020, address: [$lan.20], rpki: {reject: none}"
cp "$work/irr.json" "$work/irr.good"
sed -i 's/"44.99.0.0\/16"/44.99/' "$work/irr.json"
ok "IRR data that is cut" refused "irr.json': line 4" "name: x, asn: 1020, address: [$lan.20]"
cp "$work/irr.good" "$work/irr.json"
ok "after all of that it takes a good one" eval 'site | ferrule load - && ferrule commit'

# a program in BIRD's place that says it is an old one: Debian 12 has none
stop
printf '#!/bin/sh\necho "BIRD version 2.0.7" >&2\n' >"$work/old" && chmod 755 "$work/old"
under=(unshare -m sh -c "mount --bind $work/old /usr/sbin/bird && exec \"\$@\"" -)
site | sed '/^route-server:/,$d' >"$work/ferrule.yaml"
rm -rf "$work/state"/* && mkdir -p "$work/state"
start
old() { site | ferrule load - && ferrule commit 2>&1 | grep -F "found 'BIRD version 2.0.7', needed is BIRD 2.0.11 or later"; }
ok "BIRD older than needed is refused" old
finish
