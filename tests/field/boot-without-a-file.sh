#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# S2: after a reboot without a file that the configuration names, a role does what it can without
# it, `status` says what is left out, and it comes into force once the file is there.
. "$(dirname "$0")/../netns/lib.sh"

for need in dnsmasq lighttpd wireguard-go wg nft sshd; do
	command -v "$need" >/dev/null || [ -x "/usr/sbin/$need" ] || skip_all "no $need"
done
world
# sshd wants no folder on the way that others may write to
keys=/run/$id.keys
trap 'cleanup; rm -f "$keys" "$keys-away"' EXIT
mkdir -p "$work/boot/debian" "$work/oob" && chmod 755 "$work"
echo kernel >"$work/boot/debian/linux"
echo other >"$work/boot/other"
umask 077
wg genkey >"$work/hub.key" && wg genkey >"$work/module.key" && wg genpsk >"$work/psk-a"
umask 022
: >"$keys" && chmod 600 "$keys"
hub_key=$(wg pubkey <"$work/hub.key")
other_key=$(wg genkey | wg pubkey)
# hub b is there, at the optical side
spawn "$O" env WG_PROCESS_FOREGROUND=1 wireguard-go -f "${id}h" 2>/dev/null
until_true 10 test -S "/run/wireguard/${id}h.sock"
config <<YAML
host-link: {ipv4: {method: static, address: [192.0.2.5/24]}}
lan:
  dhcp:
    mode: server
    force: true
    range: 192.0.2.100-192.0.2.120
    host:
    - {name: one, mac: "02:00:00:00:00:10", address: 192.0.2.50, boot: debian}
  dns: {domain: site.example, record: [{name: printer, address: 192.0.2.9}]}
  boot: {root: $work/boot, default: debian, image: [{name: debian, kernel: debian/linux}, {name: other, kernel: other}]}
oob:
  address: [10.66.0.2/32]
  private-key-file: $work/module.key
  hub:
  - {name: a, endpoint: "192.0.2.1:51821", public-key: "$other_key", preshared-key-file: $work/psk-a, allowed: [10.66.0.0/24]}
  - {name: b, endpoint: "192.0.2.1:51820", public-key: "$hub_key"}
  ssh: {authorized-keys-file: $keys}
YAML
start
wg set "${id}h" private-key "$work/hub.key" listen-port 51820 peer "$(wg pubkey <"$work/module.key")" allowed-ips 10.66.0.2/32
in_o ip addr add 10.66.0.1/24 dev "${id}h"
in_o ip link set "${id}h" up
reached() { in_o ping -c 1 -W 1 10.66.0.2; }
named() { test "$(in_s dig +short +tries=1 +time=1 @192.0.2.5 printer.site.example)" = 192.0.2.9; }
serves() { in_s curl -sf -o "$work/got" "http://192.0.2.5/boot/$1"; }
ok "all of it works: the tunnel" until_true 30 reached
ok "names" until_true 20 named
ok "an image" until_true 20 serves debian/linux

mv "$work/boot/debian/linux" "$work/away"
mv "$work/psk-a" "$work/psk-away"
mv "$keys" "$keys-away"
power_off
start
ok "without three files: the tunnel by the other hub" until_true 30 reached
ok "names and addresses are served" until_true 20 named
ok "and the other image" until_true 20 serves other
ok "status names the image" says "left out, tried again: lan/boot/image[debian]" ferrule status
ok "the hub's key" says "left out, tried again: oob/hub[a]/preshared-key-file" ferrule status
ok "and the keys of ssh, without which it serves" says "left out, tried again: oob/ssh/authorized-keys-file" ferrule status
listens() { in_m ss -ltn | grep -q "10.66.0.2:22 "; }
ok "sshd listens" until_true 20 listens
ok "the configuration has all of it" says "debian/linux" ferrule config lan
ok "another commit goes on" eval 'ferrule set system name other && ferrule commit'

mv "$work/away" "$work/boot/debian/linux"
mv "$work/psk-away" "$work/psk-a"
mv "$keys-away" "$keys"
whole() { test "$(state '.commit["left-out"] // [] | length' commit)" = 0; }
ok "the files are back: nothing is left out any more" until_true 60 whole
ok "the image boots" until_true 20 serves debian/linux
ok "nothing was committed for it" test "$(ferrule --json history | jq '.entry | length')" = 2
finish
