#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# I7, I10: a file that a newer version wrote is a wire at a boot: what is not known is left out by
# name. A folder of modules that cannot be read is no empty one.
. "$(dirname "$0")/../netns/lib.sh"

world
chmod 711 "$work"
cat >"$work/ferrule.yaml" <<'EOF'
system: {name: sfp1, colour: blue}
wire: {optical: eth0, electrical: eth1, turbo: true}
telepathy: {with: everybody}
filter:
- {name: good, match: {protocol: udp}, action: drop}
- {name: none, match: {protocol: udp, tcp-flags: [syn]}, action: drop}
- {name: pings, match: {protocol: icmp}, action: pass}
- {name: new, match: {mood: grim}, action: drop}
- {name: newer, match: {protocol: tcp}, action: teleport}
EOF
start
ok "frames cross" until_true 20 in_o ping -c 1 -W 1 192.0.2.2
ok "what is known is in force" says "good" ferrule show filter
ok "what is not is named" says "telepathy" eval 'ferrule health; true'
ok "a key within the wire, too" says "turbo" eval 'ferrule health; true'
ok "an action that is none drops nothing" fails grep -q teleport <(ferrule --json show filter)
in_o ping -c 2 -W 1 192.0.2.2 >/dev/null
ok "an impossible match of an earlier version is left out" says "left out" ferrule show filter
packets() { ferrule --json show filter | jq -r ".filter[] | select(.name == \"$1\") | .packets"; }
ok "and counters are those of the filters that they stand beside" eval '[ "$(packets pings)" -ge 4 ] && [ "$(packets none)" = 0 ]'
ok "the file is as it was" grep -q "telepathy: {with: everybody}" "$work/ferrule.yaml"
ok "check refuses it, with its place" says "ferrule.yaml:2:" ferrule check "$work/ferrule.yaml"
stop KILL

# a folder of plugins that gives an error while it is read: not fewer roles, but a word
mkdir "$work/plugins"
cp "$build"/plugins/.libs/*.so "$work/plugins/"
printf 'wire: {optical: eth0, electrical: eth1}\n' >"$work/ferrule.yaml"
FERRULE_PLUGIN_DIR="$work/plugins/lan.so" timeout 10 "$build/ferrule" check "$work/ferrule.yaml" >"$work/out2" 2>&1
ok "a folder that is none is said" grep -qi "not a directory" "$work/out2"
finish
