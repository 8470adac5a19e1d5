#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What an exchange has already becomes our configuration: arouteserver's two files, and a member
# export of IX-F; and what is not carried over is named.
. "$(dirname "$0")/lib.sh"

world
chmod 711 "$work"
echo "wire: {optical: eth0, electrical: eth1}" >"$work/ferrule.yaml"
start

cat >"$work/general.yml" <<-YAML
	cfg:
	  rs_as: 64500
	  router_id: "192.0.2.1"
	  passive: True
	  path_hiding: False
	  filtering:
	    next_hop: {policy: "strict"}
	    ipv4_pref_len: {min: 9, max: 23}
	    max_as_path_len: 30
	    never_via_route_servers: {asns: [64999, 64998], peering_db: True}
	    irrdb: {enforce_origin_in_as_set: False, enforce_prefix_in_as_set: True, allow_longer_prefixes: True}
	    rpki_bgp_origin_validation: {enabled: True, reject_invalid: True}
	    max_prefix: {action: "warning", general_limit_ipv4: 1000, general_limit_ipv6: 200}
	    global_black_list_pref: [{prefix: "198.51.100.0", length: 24}]
	  blackhole_filtering: {policy_ipv4: "rewrite-next-hop", rewrite_next_hop_ipv4: "192.0.2.66"}
	  rtt_thresholds: [5, 10]
YAML
cat >"$work/clients.yml" <<-YAML
	asns:
	  AS64502: {as_sets: ["RIPE::AS-TWO", "AS-TWO-B"]}
	clients:
	  - asn: 64501
	    ip: ["192.0.2.11", "2001:db8::11"]
	    description: 'first "member"'
	    cfg: {filtering: {irrdb: {as_sets: ["AS-ONE"]}, max_prefix: {limit_ipv4: 50}}, blackhole_filtering: {announce_to_client: False}}
	  - asn: 64501
	    ip: 192.0.2.12
	    passive: False
	    password: "x"
	  - asn: 64502
	    ip: "192.0.2.13"
YAML
ok "arouteserver's files are read" eval 'ferrule route-server import "$work/general.yml" "$work/clients.yml" >"$work/rs.yaml"'
has() { grep -F -- "$1" "$work/rs.yaml"; }
ok "the AS" has "asn: 64500"
ok "the next hop" has "next-hop: strict"
ok "lengths" has "prefix-length: {ipv4: 9-23}"
ok "path hiding" has "path-hiding: none"
ok "networks never to be reached so" has "never-via-route-servers: [64999, 64998]"
ok "what is enforced" has "enforce: [prefix], more-specifics: true"
ok "limits" has "max-prefix: {ipv4: 1000, ipv6: 200, action: warn}"
ok "blackholes" has "blackhole: {communities: [rfc7999], ipv4: 192.0.2.66}"
ok "a member" has 'name: as64501-1, asn: 64501, address: ["192.0.2.11", "2001:db8::11"], description: "first member", as-set: [AS-ONE], max-prefix: {ipv4: 50}, passive: true, blackhole: {receive: false}'
ok "its second router, which is not passive" has 'name: as64501-2, asn: 64501, address: ["192.0.2.12"]}'
ok "as-sets by AS" has "as-set: [AS-TWO, AS-TWO-B]"
ok "what is denied" has 'deny-prefix: ["198.51.100.0/24"]'
ok "what is left is named" has "not carried over: cfg: filtering.never_via_route_servers.peering_db"
ok "all of it" has "not carried over: cfg: rtt_thresholds"
ok "of members, too" has "not carried over: client of AS 64501: password"
ok "the cache is to be filled in" has "fill in: policy/rpki/cache"
complete() {
	sed -i 's|address: \[\] # fill in.*|address: [192.0.2.1, "2001:db8::1"]|; s|peering-lan: \[\] # fill in.*|peering-lan: [192.0.2.0/24, "2001:db8::/64"]|; s|: # fill in|: 192.0.2.1|' "$work/rs.yaml"
	echo "wire: {optical: eth0, electrical: eth1}" >>"$work/rs.yaml"
	ferrule check "$work/rs.yaml"
}
ok "with addresses it is a configuration" complete

cat >"$work/ixf.json" <<-JSON
	{"version": "1.0", "timestamp": "2026-01-01T00:00:00Z",
	 "ixp_list": [{"shortname": "X", "ixp_id": 1, "vlan": [{"id": 0, "ipv4": {"prefix": "192.0.2.0", "mask_length": 24}}]}],
	 "member_list": [
	  {"asnum": 64501, "name": "Member One", "connection_list": [
	    {"ixp_id": 1, "state": "active", "vlan_list": [
	      {"vlan_id": 0, "ipv4": {"address": "192.0.2.11", "as_macro": "AS-ONE", "max_prefix": 42, "routeserver": true},
	                     "ipv6": {"address": "2001:db8::11", "as_macro": "AS-ONE-6", "routeserver": true}}]}]},
	  {"asnum": 64502, "name": "Not at the route server", "connection_list": [
	    {"vlan_list": [{"ipv4": {"address": "192.0.2.12", "routeserver": false}}]}]}
	]}
JSON
ok "a member export" eval 'ferrule route-server import "$work/ixf.json" >"$work/rs.yaml"'
ok "its member" has 'name: as64501-1, asn: 64501, address: ["192.0.2.11", "2001:db8::11"], description: "Member One", as-set: [AS-ONE, AS-ONE-6], max-prefix: {ipv4: 42}'
ok "who is no client is none" fails has 64502
sed -i 's|asn: # fill in|asn: 64500|' "$work/rs.yaml"
ok "and it is a configuration" complete

ok "a file that is not there" says "cannot be read: No such file" ferrule route-server import "$work/none"
ok "one that is none of them" says "allowed are arouteserver's" ferrule route-server import "$work/ferrule.yaml"
echo '{"member_list": [' >"$work/cut.json"
ok "one that is cut, with its line" says "line " ferrule route-server import "$work/cut.json"
ok "a path from here" eval '(cd "$work" && ferrule route-server import ./general.yml clients.yml) | grep "asn: 64500"'
ok "none" says "one to eight files" ferrule route-server import
finish
