#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# S4, I3: a machine without a wire is served, also as a hub; a wire comes and goes by commits; and a
# port that is the machine's own way out is not taken without a word for it.
. "$(dirname "$0")/../netns/lib.sh"

for need in wireguard-go wg nft; do command -v "$need" >/dev/null || skip_all "no $need"; done
world
# the box: its way out is wan, 198.18.0.1; the laptop is at the other end
ip -n "$M" link add wan type veth peer name far netns "$O"
ip -n "$M" addr add 198.18.0.1/24 dev wan && ip -n "$M" link set wan up
ip -n "$O" addr add 198.18.0.2/24 dev far && ip -n "$O" link set far up
in_o ethtool -K far tx off gro on >/dev/null 2>&1
ip -n "$M" route add default via 198.18.0.2
umask 077
wg genkey >"$work/laptop.key" && wg genkey >"$work/hub.key"
umask 022
cat >"$work/ferrule.yaml" <<YAML
system: {name: hub}
oob:
  address: [10.66.0.1/24]
  private-key-file: $work/hub.key
  listen-port: 51820
  peer: [{name: laptop, public-key: "$(wg pubkey <"$work/laptop.key")", allowed: [10.66.0.2/32]}]
YAML
start
ok "no wire: it starts and says how to make one" says "ferrule set wire optical" ferrule status
spawn "$O" env WG_PROCESS_FOREGROUND=1 wireguard-go -f "${id}l" 2>/dev/null
until_true 10 test -S "/run/wireguard/${id}l.sock"
wg set "${id}l" private-key "$work/laptop.key" peer "$(wg pubkey <"$work/hub.key")" endpoint 198.18.0.1:51820 allowed-ips 10.66.0.0/24
in_o ip addr add 10.66.0.2/24 dev "${id}l"
in_o ip link set "${id}l" up
ok "it is a hub" until_true 20 in_o ping -c 1 -W 1 10.66.0.1
no_wire() { ferrule set filter x match protocol icmp && ferrule commit; }
ok "a filter without a wire is refused" says "there is no wire" no_wire
ferrule discard >/dev/null
wire() { ferrule set wire optical "$1" && ferrule set wire electrical "$2" && ferrule commit "${@:3}"; }
ok "the port with the default route is refused" says "the default route of this machine leaves by wan" wire eth0 wan
ok "and the box is still reached" in_o ping -c 1 -W 1 198.18.0.1
ok "two others: a wire" says "is in force" wire eth0 eth1
ok "frames cross" until_true 5 ping_across 1
ok "kill -9 and a start: they do" eval 'restart KILL; ping_across 1'
ferrule delete wire >/dev/null
ok "a wire that goes, for the time being" says "rolls back in" ferrule commit --confirm 2s
ok "is gone" fails ping_across 1
ok "and comes back" until_true 15 ping_across 1
ferrule delete wire >/dev/null
ok "for good" eval 'ferrule commit; ! ping_across 1'
ok "no program, no host link, no promiscuous port is left" test "$(ip -n "$M" -o link | grep -c -e sfp0 -e xdp -e PROMISC)" = 0
ok "the hub did not notice" in_o ping -c 1 -W 1 10.66.0.1
ferrule set wire force true
ok "with force the way out is taken" says "is in force" wire eth0 wan
stop
sed -i '/^wire:/,/^[a-z]/{/^wire:/d;/^  /d}' "$work/ferrule.yaml"
start
ok "a file that lost its wire meanwhile: none is left" test "$(ip -n "$M" -o link | grep -c -e sfp0 -e xdp -e PROMISC)" = 0
finish
