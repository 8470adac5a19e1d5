#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# R6: what arouteserver's files say, and what arouteserver does where they say nothing, becomes the
# same here, or is said in a remark.
. "$(dirname "$0")/../netns/lib.sh"

world
chmod 711 "$work"
config </dev/null
start
# general TEXT [CLIENTS]: imported
general() {
	printf 'cfg:\n  rs_as: 64500\n  router_id: "192.0.2.1"\n%s\n' "$1" >"$work/general.yml"
	printf 'clients:\n%s\n' "${2:-  - {asn: 64501, ip: 192.0.2.11\}}" >"$work/clients.yml"
	ferrule route-server import "$work/general.yml" "$work/clients.yml" >"$work/rs.yaml" 2>"$work/err"
}
has() { grep -F -- "$1" "$work/rs.yaml"; }
whole() {
	sed -i 's|address: \[\] # fill in.*|address: [192.0.2.1]|; s|peering-lan: \[\] # fill in.*|peering-lan: [192.0.2.0/24]|' "$work/rs.yaml"
	echo "wire: {optical: eth0, electrical: eth1}" >>"$work/rs.yaml"
	ferrule check "$work/rs.yaml"
}

general ''
ok "no next hop policy is strict" has "next-hop: strict"
ok "no roles are none" has "roles: false"
ok "no graceful shutdown" has "graceful-shutdown: false"
ok "no add-path" has "add-path: false"
ok "path hiding is mitigated" has "path-hiding: mitigate"
ok "no transit-free networks" has "transit-free: false"
ok "no blackholes" fails has "blackhole: {"
ok "no action of max-prefix: nothing is enforced, and it is said" eval 'has "max-prefix: {action: warn}" && has "# max-prefix: no action"'
ok "and that is a configuration" whole

general '  filtering:
    transit_free:
      action: reject
      asns: >
        174,
        701, 1299
    never_via_route_servers: {asns: "2914, 3491"}
    reject_invalid_as_in_as_path: False
  blackhole_filtering: {announce_to_client: True}'
ok "numbers in one text, folded" has "transit-free-asn: [174, 701, 1299]"
ok "numbers in one text" has "never-via-route-servers: [2914, 3491]"
ok "prefixes are checked for bogons all the same" fails has "bogons: false"
ok "and it is said" has "# reject_invalid_as_in_as_path: False"
ok "blackholes without a policy are off" fails has "blackhole: {"
ok "and that is a configuration" whole

general '  filtering: {transit_free: {action: warning, asns: [174]}}
  blackhole_filtering: {policy_ipv6: rewrite-next-hop, rewrite_next_hop_ipv6: "2001:db8::66"}
  communities: {blackholing: {std: "65534:0"}, prefix_validated_via_rpki_roas: {std: "1:1"}}'
ok "transit-free as a warning takes them" has "transit-free: false"
ok "and it is said" has "# transit-free: action warning"
ok "blackholes of one family: said" has "# blackhole: policy_ipv4 is not set"
ok "communities are one line" test "$(grep -c "cfg: communities" "$work/rs.yaml")" = 1

general '' '  - asn: 64501
    ip: 192.0.2.11
    cfg:
      add_path: True
      filtering:
        irrdb: {enforce_origin_in_as_set: False, as_sets: [AS-ONE]}
        next_hop: {policy: authorized_addresses, authorized_addresses_list: [192.0.2.20, 192.0.2.21]}
        ipv4_pref_len: {min: 8, max: 25}
        max_prefix: {limit_ipv4: 42, action: shutdown}
        roles: {enabled: True}
      graceful_shutdown: {enabled: True}'
ok "a client's own" has 'max-prefix: {ipv4: 42, action: shutdown}, irr: {enforce: [prefix]}, next-hop: listed, next-hop-address: [192.0.2.20, 192.0.2.21], prefix-length: {ipv4: 8-25}, add-path: true, roles: true, graceful-shutdown: true}'
ok "all of it is used" fails has "not carried over: client"
ok "and that is a configuration" whole

general '' '  - &one
    asn: 64501
    ip: 192.0.2.11
    cfg: &shared {filtering: {next_hop: {policy: same-as}}}
  - asn: 64502
    ip: 192.0.2.12
    cfg:
      <<: *shared
      add_path: True'
ok "anchors and merge keys" has 'asn: 64502, address: ["192.0.2.12"], next-hop: same-as, add-path: true}'
# aliases that lead to each other: an end in bounded time
general "  custom_thing:
    a: &a [x, x, x, x, x, x, x, x, x]
    b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
    c: {x: *b, y: *b, z: *b}"
ok "aliases of aliases end" test -s "$work/rs.yaml"
general '  filtering:
    global_black_list_pref: [{prefix: "192.0.2.0", length: 24, comment: x}, {prefix: "2001:db8::", length: 32}]
    irrdb: {use_rpki_roas_as_route_objects: {enabled: True}}' '  - asn: 64501
    ip: 192.0.2.11
    cfg: {filtering: {black_list_pref: [{prefix: "198.51.100.0", length: 24}], irrdb: {white_list_pref: [{prefix: "203.0.113.0", length: 24}], white_list_asn: [65551, 65552]}}}'
ok "what nobody may announce" has 'deny-prefix: ["192.0.2.0/24", "2001:db8::/32"]'
ok "ROAs as route objects" has "roa-as-route-object: true"
ok "what a client may not" has ', deny-prefix: ["198.51.100.0/24"]'
ok "and may, whatever is registered" has 'irr: {accept-prefix: ["203.0.113.0/24"], accept-origin: [65551, 65552]}'
ok "none of it is left" fails grep "not carried over.*list" "$work/rs.yaml"
ok "and that is a configuration" whole
finish
