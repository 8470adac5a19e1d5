#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The role goes and comes again; and what is registered is away for a while.
. "$(dirname "$0")/lib.sh"

command -v bird >/dev/null || skip_all "no bird"
world
chmod 711 "$work"
base() { printf 'wire: {optical: eth0, electrical: eth1}\nhost-link: {ipv4: {method: static, address: [185.1.0.1/24]}}\n'; }
echo '{"AS1001": {"asn": [1001], "prefix": ["44.1.0.0/16"]}}' >"$work"/irr.json
with() { base; printf 'route-server: {asn: 65000, router-id: 185.1.0.1, address: [185.1.0.1], peering-lan: [185.1.0.0/24], policy: {irr: {source: file, file: %s, enforce: [prefix]}}, client: [{name: a, asn: 1001, address: [185.1.0.11]}]}\n' "$work/irr.json"; }
with >"$work"/ferrule.yaml
start
served() { [ "$(state '[.service[] | select(.role == "route-server") | .state] | join(" ")' service)" = ready ]; }
ok "serves" until_true 20 served
bird=$(state '[.service[] | select(.role == "route-server") | .pid][0]' service)
mv "$work/irr.json" "$work/away"
ok "gone is said" until_true 15 says "is gone" ferrule route-server health
mv "$work/away" "$work/irr.json"
ok "and no more when it is back" until_true 15 fails says "is gone" ferrule route-server health
base | ferrule load - && ferrule commit >/dev/null
ok "the role goes: BIRD ends" until_true 15 fails kill -0 "$bird"
ok "ferruled lives" ferrule status
ok "verbs say so" says "is not configured" ferrule route-server clients
with | ferrule load - && ferrule commit >/dev/null
ok "it comes again" until_true 20 served
finish
