#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# S8: a network behind a hub, or of a peer, that the module is in itself is refused: all of the site
# would have been led into the tunnel.
. "$(dirname "$0")/../netns/lib.sh"

for need in wireguard-go wg nft; do command -v "$need" >/dev/null || skip_all "no $need"; done
world
key=$(wg genkey | wg pubkey)
config <<<'host-link: {ipv4: {method: static, address: [192.0.2.5/24]}}'
cp "$work/ferrule.yaml" "$work/base.yaml"
start
until_true 20 in_s ping -c 1 -W 1 192.0.2.5
commit() { # ALLOWED: a tunnel to a hub with it
	ferrule discard >/dev/null
	cp "$work/base.yaml" "$work/new.yaml"
	echo "oob: {address: [10.66.0.2/32], hub: [{name: a, endpoint: '192.0.2.1:51820', public-key: '$key', probe: 10.66.0.1, allowed: [$1]}]}" >>"$work/new.yaml"
	ferrule load "$work/new.yaml" >/dev/null && ferrule commit "${@:2}"
}
ok "the site's own network" says "192.0.2.0/24 overlaps 192.0.2.0/24, in which this module is itself (sfp0)" commit "10.66.0.0/24, 192.0.2.0/24"
ok "a part of it" says "192.0.2.128/25 overlaps" commit "10.66.0.0/24, 192.0.2.128/25"
ok "a larger one" says "192.0.0.0/16 overlaps" commit "10.66.0.0/24, 192.0.0.0/16"
ip -n "$M" link add usb0 type veth peer name usb && ip -n "$M" addr add 198.18.5.5/24 dev usb0 && ip -n "$M" link set usb0 up
ok "that of another interface" says "198.18.5.0/24, in which this module is itself (usb0)" commit "198.18.0.0/15"
ok "the module is still reached" in_s ping -c 1 -W 1 192.0.2.5
ok "one that is elsewhere is taken" says "is in force" commit "10.66.0.0/24, 203.0.113.0/24"
ok "and everything" says "is in force" commit "0.0.0.0/0"
ok "with which the site is still reached" in_s ping -c 1 -W 1 192.0.2.5
finish
