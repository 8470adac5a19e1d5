#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# R2, R8, R9, R13: what BIRD does behind the policy is said: a route that an UPDATE has no room for, a
# leak that is over, routes beyond a limit that ends nothing, and whose attribute it may be that
# another member's router ends its session for.
. "$(dirname "$0")/../netns/lib.sh"

sessions=(10.64.1.0,64500 10.64.1.1,64501 10.64.1.2,64502)
. "$(dirname "$0")/../netns/members.sh"
[ -x /usr/lib/frr/bgpd ] || skip_all "no FRR"
{
	module
	cat <<-YAML
		  policy: {transit-free: false}
		  client:
		    - {name: bad, asn: 64500, address: [10.64.1.0]}
		    - {name: frr, asn: 64501, address: [10.64.1.1]}
		    - {name: many, asn: 64502, address: [10.64.1.2], max-prefix: {ipv4: 3, action: block}}
	YAML
} >"$work/ferrule.yaml"
# 1,010 communities: 4,085 octets as sent, and more than 4,096 with OTC (RFC 9234)
echo "64500|$(for i in $(seq 1010); do echo -n "64500:$i "; done)|30.10.0.0/16" >"$work/bad.table"
for i in 1 2 3 4 5; do echo "64502||32.$i.0.0/16"; done >"$work/many.table"
start
ok "BIRD serves" until_true 20 served
speak() { spawn "$S" python3 "$here/speaker.py" 10.64.0.1 "$@"; }
# a member of that address, with that table: bad|many
member() { speak "${sessions[$1]},$work/$2.table"; }
cat >"$work/frr.conf" <<-FRR
	router bgp 64501
	 bgp router-id 10.64.1.1
	 no bgp ebgp-requires-policy
	 no bgp enforce-first-as
	 neighbor 10.64.0.1 remote-as 65000
	 neighbor 10.64.0.1 update-source 10.64.1.1
	 neighbor 10.64.0.1 timers connect 3
	 neighbor 10.64.0.1 prefix-list none out
	ip prefix-list none deny any
FRR
mkdir "$work/frr"
spawn "$S" /usr/lib/frr/bgpd -f "$work/frr.conf" -i "$work/frr/pid" -z "$work/frr/zserv" -n -S -P 0 -p 0 \
	-l 10.64.1.1 --vty_socket "$work/frr" -u root -g root >"$work/frr.log" 2>&1
frr() { vtysh --vty_socket "$work/frr" -c "$1" 2>/dev/null; }
member 0 bad
bad=$spawned
member 2 many
why() { ferrule route-server why "$@"; }

# too long for an UPDATE
ok "the long route is taken" until_true 60 passes 30.10.0.0/16
ok "FRR is a member" until_true 60 eval 'rs show protocols | grep -q "c_frr_4.*Established"'
ok "FRR has not got it" fails eval 'frr "show bgp ipv4 unicast 30.10.0.0/16" | grep -q 64500:1'
ok "why says so" until_true 20 says "frr does not have it: not sent: Attribute list too long: an UPDATE has room for 4,096 octets" why 30.10.0.0/16 --to frr
ok "and routes --to" says "not sent: Attribute list too long" ferrule route-server routes --to frr
ok "and health" says "30.10.0.0/16, perhaps with others, was not sent to it" ferrule route-server health
ok "what it has it has" until_true 20 says "frr has it, from many" why 32.1.0.0/16 --to frr

# beyond a limit that ends nothing
ok "routes beyond the limit are blocked, and health says so" until_true 20 says "its 3 IPv4 routes are reached: what it sends beyond is blocked" ferrule route-server health
ok "why says who may be blocked" says "at their max-prefix, and perhaps blocked: many" why 32.5.0.0/16

# a leak (OTC of a peer that is not a route server's client), and then none
again() { # TABLE TEXT: the member begins anew with that
	kill "$bad" && wait "$bad" 2>/dev/null
	echo "$2" >"$work/$1.table"
	member 0 "$1"
	bad=$spawned
}
again leak "64500||30.70.0.0/16|C023040000FC00"
ok "a leak is refused" until_true 90 says "Route leak detected" why 30.70.0.0/16
ok "as what was heard last" says "what was heard of it last was refused" why 30.70.0.0/16
again good "64500||30.70.0.0/16"
ok "then it is taken" until_true 90 passes 30.70.0.0/16
ok "the leak is over" says "it is taken from 1, and refused from 0" why 30.70.0.0/16

# an attribute that another make cannot read
again strange "64500||31.0.0.0/16|C01703000100"
ok "FRR ends its session for an attribute that BIRD passes on" until_true 90 eval 'rs show protocols | grep -q "c_frr_4.*Received: Invalid network field"'
ok "health names the attribute and its sender" until_true 40 says "what it cannot read may be attribute 23 of 31.0.0.0/16 from bad" ferrule route-server health
ok "and so does the log" says "attribute 23 of 31.0.0.0/16 from bad, which BIRD does not know and passes on" cat "$work/log"
finish
