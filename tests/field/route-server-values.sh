#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# R14: what BIRD would take, or refuse in its own words, and nobody could work with: one line each,
# from `check` on.
. "$(dirname "$0")/../netns/lib.sh"

refused() { # TEXT ROUTE-SERVER CLIENT
	cat >"$work/bad.yaml" <<-YAML
		wire: {optical: eth0, electrical: eth1}
		route-server:
		  asn: 65000
		  router-id: 10.64.0.1
		  address: [10.64.0.1]
		  peering-lan: [10.64.0.0/16]
		  client: [{name: one, asn: 64500, address: [10.64.1.0]$3}]
	YAML
	sed -i "$2" "$work/bad.yaml"
	ferrule check "$work/bad.yaml" >"$work/lines" 2>&1 && return 1
	cat "$work/lines"
	[ "$(wc -l <"$work/lines")" = 1 ] && grep -qF -- "$1" "$work/lines"
}
ok "the rest of it is good" fails refused "" "" ""
ok "an address outside of the LAN" refused "192.0.2.1 is outside of peering-lan" 's/address: \[10.64.0.1\]/address: [192.0.2.1]/' ""
ok "the whole Internet as a LAN" refused "a peering LAN is one network" 's,10.64.0.0/16,0.0.0.0/0,' ""
ok "a client at the network's address" refused "nobody's" 's/10.64.1.0/10.64.0.0/' ""
ok "at the broadcast address" refused "nobody's" 's/10.64.1.0/10.64.255.255/' ""
ok "at the route server's" refused "is the route server's own" 's/address: \[10.64.1.0\]/address: [10.64.0.1]/; s/router-id: 10.64.0.1/router-id: 10.64.0.9/' ""
ok "router-id 0.0.0.0" refused "0.0.0.0 is no identifier" 's/router-id: .*/router-id: 0.0.0.0/' ""
ok "router-id of a client" refused "is the address of client 'one'" 's/router-id: .*/router-id: 10.64.1.0/' ""
ok "AS_TRANS as one's own" refused "23456 is nobody's" 's/asn: 65000/asn: 23456/' ""
ok "AS_TRANS of a client" refused "23456 is nobody's" 's/asn: 64500/asn: 23456/' ""
ok "a community that does not fit" refused "found '99999:666'" 's/  client:/  policy: {rpki: {cache: [{address: 127.0.0.1, port: 3323}]}}\n  client:/' ", blackhole: {communities: ['99999:666']}"
ok "ASPA without a cache" refused "that needs policy/rpki/cache" 's/  client:/  policy: {aspa: {reject: invalid}}\n  client:/' ""

# R15: what was found, how long it may be, and whose it is
ok "a name of 41 letters" refused "1 to 40 characters, these are 41" "s/name: one/name: $(printf 'a%.0s' {1..41})/" ""
ok "a description of 65" refused "1 to 64 characters, these are 65" "" ", description: $(printf 'a%.0s' {1..65})"
ok "a member without an AS number" refused "client[one]/asn: asn is missing" 's/asn: 64500, //' ""
ok "one without an address" refused "client[one]/address: address is missing" 's/, address: \[10.64.1.0\]//' ""
ok "umlauts are no reason" fails refused "" "" ', description: "Müller & Söhne"'
finish
