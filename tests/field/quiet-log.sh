#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# S15: our own probe of sshd is no event in the log of the role; somebody else's connection is one.
. "$(dirname "$0")/../netns/lib.sh"

for need in wireguard-go wg nft sshd; do command -v "$need" >/dev/null || [ -x "/usr/sbin/$need" ] || skip_all "no $need"; done
world
wg genkey >"$work/hub.key"
key=$(wg genkey | wg pubkey)
config <<<"oob: {address: [10.66.0.2/32], listen-port: 51820, peer: [{name: a, public-key: '$key', allowed: [10.66.0.0/24]}], ssh: {}}"
start
ready() { test "$(state '.service[] | select(.name == "sshd") | .state' service)" = ready; }
ok "sshd serves" until_true 30 ready
serving() { test "$(state '.service[] | select(.name == "sshd") | .serving' service)" -ge 7; }
until_true 20 serving # three probes
ok "probes leave nothing in the log" fails says "kex_exchange" ferrule log oob
ok "nor who made them" fails says "Connection closed by 10.66.0.2" ferrule log oob
pid=$(state '.service[] | select(.name == "sshd") | .pid' service)
ok "sshd is asked all the same" ready
kill -STOP "$pid"
silent() { ! ready; }
ok "one that hangs is noticed" until_true 40 silent
kill -CONT "$pid" 2>/dev/null
finish
