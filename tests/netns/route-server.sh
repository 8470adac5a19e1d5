#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A route server among real routers of five kinds: what must arrive arrives, with its next hop, path
# and communities; what must not, does not, and `why` says each of the reasons.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/exchange.sh"

site >"$work/ferrule.yaml"
start
ok "BIRD serves" until_true 20 served
ok "eleven sessions are up" until_true 60 established 11

# ---- what arrives ----

ok "a plain route arrives" until_true 20 three_has 44.1.0.0/16
ok "with the next hop of its sender" three_has 44.1.0.0/16 '.nexthops[0].ip' "$lan.11"
ok "and a path without the route server" three_has 44.1.0.0/16 '.aspath.string' 1001
ok "IPv6, too" three_has 2a0e:1::/32 '.aspath.string' 1001
ok "with its next hop" three_has 2a0e:1::/32 '[.nexthops[].ip] | any(. == "2001:7f8:1::11")' true
ok "MED passes" three_has 44.2.14.0/24 '.metric // .med' 77
ok "communities of others pass, well-known ones too" three_has 44.2.14.0/24 '.community.string' "1002:7 no-export"
ok "and large ones; ours do not" three_has 44.2.14.0/24 '.largeCommunity.string' 1002:1:1
ok "only to those it names" three_has 44.2.9.0/24
ok "and to no other" fails four_has 44.2.9.0/24
ok "not to one" fails four_has 44.2.0.0/16
ok "but to others" five_has 44.2.0.0/16
ok "prepended twice" three_has 44.2.10.0/24 '.aspath.string' "1002 1002 1002"
ok "a blackhole of the sender's own, with our next hop" three_has 44.2.12.7/32 '.nexthops[0].ip' "$lan.66"
ok "goes no further than that" three_has 44.2.12.7/32 '.community.string | contains("blackhole") and contains("no-export")'
ok "and not to who takes none" fails five_has 44.2.12.7/32
ok "path hiding: the best one is not for three, who gets the next" three_has 44.50.0.0/16 '.aspath.string' "1002 2002 2002"
ok "others get the best" eval 'openbgp show rib 44.50.0.0/16 | grep -q "1001 i"'
ok "ADD-PATH: both" eval '[ "$(member 16 show route 44.50.0.0/16 | grep -c unicast)" = 2 ]'
seven() { member 17 show route "$1" all; }
ok "RFC 8950: an IPv4 route over the IPv6 session" eval 'seven 44.1.0.0/16 | grep -q "BGP.next_hop: $lan.11"'
ok "and one with an IPv6 next hop to who takes that" eval 'member 16 show route 44.7.0.0/16 2>&1 | grep -q "not found"'
ok "a link-local next hop, which no filter sees, stays behind" eval 'member 11 show route 2a0e:7::/32 all | grep "BGP.next_hop: $lan6:17$"'
ok "RFC 9234: OTC is set" eval 'member 11 show route 44.2.10.0/24 all | grep -q "BGP.otc: 65000"'

# ---- what does not, and why ----

# causes PREFIX WANTED: those of `why`, by their numbers
causes() {
	[ "$(ferrule --json route-server why "$1" | jq -r '[.. | .why? // empty | scan(":1101:([0-9]+)")[0]] | join(" ")')" = "$2" ]
}
ok "too long" causes 44.2.1.0/25 1
ok "somebody else's next hop" causes 44.2.2.0/24 8
ok "a bogon in the path" causes 44.2.3.0/24 4
ok "transit-free" causes 44.2.4.0/24 14
ok "another first AS" causes 44.2.5.0/24 7
ok "a long path" causes 44.2.6.0/24 5
ok "an AS_SET" causes 44.2.7.0/24 101
ok "RPKI Invalid" causes 44.2.8.0/24 13
ok "somebody else's blackhole" causes 44.2.13.7/32 103
ok "the peering LAN" causes $lan.0/25 "104 1"
ok "a default route" causes 0.0.0.0/0 "3 2"
ok "all causes, not the first" causes 10.2.0.0/16 "8 4 3"
ok "not registered" causes 44.1.1.0/24 9
ok "IPv6: not registered and too long" causes 2a0e:1::/56 "1 9"
ok "IPv6: not global unicast" causes fd00:1::/32 "3 9"
ok "in words" says "the next hop is not the client's [65000:1101:8]" ferrule route-server why 10.2.0.0/16
none_of_them() { ! ferrule --json route-server routes | jq -r '.. | .prefix? // empty' | grep -E '^(44.2.[1-8].0|10|0|fd00|44.1.1)'; }
ok "none of them is in the table" none_of_them
refused_of_two() { [ "$(ferrule --json route-server routes --rejected --from two | jq '[.. | .route? // empty] | add | length')" = 12 ]; }
ok "which are refused" refused_of_two
# answer TEXT PREFIX...
answer() { ferrule --json route-server why "${@:2}" | jq -r '.. | .answer? // empty' | grep -F "$1"; }
ok "why not: its sender does not want it" answer "not to this client" 44.2.0.0/16 --to four
ok "why not: not named" answer "nobody but those" 44.2.9.0/24 --to four
ok "why not: takes no blackholes" answer "takes no blackholes" 44.2.12.7/32 --to five
ok "why not: an IPv6 next hop" answer "RFC 8950" 44.7.0.0/16 --to six
ok "why not: it is its own" answer "own" 44.6.0.0/16 --to six
ok "why not: nobody has it" answer "no client announces it" 44.98.0.0/16 --to six
ok "why not: refused" answer "refused from every client" 10.2.0.0/16 --to six
ok "why not: the session is down" answer "session is down" 44.1.0.0/16 --to eight
ok "it has it, and from whom" answer "three has it, from two" 44.50.0.0/16 --to three
ok "a leak, which no table has" says "Route leak detected" ferrule route-server why 44.6.0.0/16
ok "what a client was sent" says 44.33.0.0/16 ferrule route-server routes --to five
ok "a client that is none" says "allowed is the name or address of a client" ferrule route-server routes --from nobody
ok "a prefix that is none" says "allowed is" ferrule route-server why 44.2/16
finish
