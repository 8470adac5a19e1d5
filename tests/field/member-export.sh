#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# R4, R5: a member export as IXP Manager writes it: the same as-set in both families, two exchanges
# in one file, route servers among the members, limits that are none; `check` takes what comes out.
. "$(dirname "$0")/../netns/lib.sh"

world
chmod 711 "$work"
echo "wire: {optical: eth0, electrical: eth1}" >"$work/ferrule.yaml"
start
# member ASN TYPE IXP VLAN ADDRESS4 ADDRESS6 MORE4
member() {
	echo "{\"asnum\": $1, \"name\": \"Member $1\", \"member_type\": \"$2\", \"connection_list\": [{\"ixp_id\": $3, \"vlan_list\": [
	  {\"vlan_id\": $4, \"ipv4\": {\"address\": \"$5\", \"as_macro\": \"AS-M$1\" $7}, \"ipv6\": {\"address\": \"$6\", \"as_macro\": \"AS-M$1\"}}]}]}"
}
cat >"$work/ixf.json" <<JSON
{"version": "1.0", "ixp_list": [
  {"ixp_id": 1, "shortname": "One", "vlan": [{"id": 2, "name": "Peering LAN 1", "ipv4": {"prefix": "10.1.0.0", "mask_length": 24}, "ipv6": {"prefix": "2001:db8:1::", "mask_length": 64}}]},
  {"ixp_id": 2, "shortname": "Two", "vlan": [{"id": 3, "name": "Peering LAN 2", "ipv4": {"prefix": "10.2.0.0", "mask_length": 24}}]}],
 "member_list": [
  $(member 64500 routeserver 1 2 10.1.0.1 2001:db8:1::1 ""),
  $(member 64501 peering 1 2 10.1.0.11 2001:db8:1::11 ', "max_prefix": 100'),
  $(member 64502 peering 2 3 10.2.0.12 2001:db8:2::12 ""),
  $(member 64503 peering 1 2 10.1.0.13 2001:db8:1::13 ', "routeserver": 0'),
  $(member 64504 peering 1 2 10.1.0.14 2001:db8:1::14 ', "max_prefix": null'),
  $(member 64505 peering 1 2 10.1.0.15 2001:db8:1::15 ', "max_prefix": 1000000000'),
  $(member 64506 peering 1 2 10.1.0.16 2001:db8:1::16 "" | sed 's/AS-M64506/AS-A AS-B RIPE::AS-A/')]}
JSON
import() { ferrule route-server import "$work/ixf.json" "$@" >"$work/rs.yaml"; }
ok "it is imported" import
has() { grep -F -- "$1" "$work/rs.yaml"; }
lacks() { ! has "$1"; }
ok "the peering LAN stands in it" has 'peering-lan: ["10.1.0.0/24", "2001:db8:1::/64"]'
ok "the addresses of the route server, too" has 'address: ["10.1.0.1", "2001:db8:1::1"]'
ok "which is no client" lacks "asn: 64500"
ok "an as-set of both families once" has "as-set: [AS-M64501]"
ok "two in one text are two" has "as-set: [AS-A, AS-B, AS-M64506]"
ok "another exchange's members are left out" lacks "asn: 64502"
ok "by number and name" has "left out: 1 connections in other LANs than Peering LAN 1 (vlan 2 of IXP 1)"
ok "routeserver: 0 is no client in that family" has 'asn: 64503, address: ["2001:db8:1::13"]'
ok "a limit" has "max-prefix: {ipv4: 100}"
ok "none is said" has "AS 64504, max_prefix of IPv4: found 'null'"
ok "one that cannot be, too" has "AS 64505, max_prefix of IPv4: found '1000000000'"
complete() {
	sed -i 's|: # fill in$|: 64500|; s|router-id: 64500|router-id: 10.1.0.1|' "$work/rs.yaml"
	cat "$work/ferrule.yaml" >>"$work/rs.yaml"
	ferrule check "$work/rs.yaml"
}
ok "with an AS and a router-id it is valid" says valid complete
ok "the other LAN by its number" eval 'import --vlan 3 && has "asn: 64502" && lacks "asn: 64501"'
ok "a number that is none" says "found 'x', allowed is the id of a vlan" import --vlan x
finish
