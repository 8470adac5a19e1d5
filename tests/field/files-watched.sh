#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# S12: a file that the configuration names is read again when it changes, or when somebody asks; one
# that is broken meanwhile changes nothing, and the daemon stays.
. "$(dirname "$0")/../netns/lib.sh"

for need in dnsmasq dig; do command -v "$need" >/dev/null || skip_all "no $need"; done
world
chmod 755 "$work" && mkdir -p "$work/block" && echo one.example >"$work/block/ads"
spawn "$S" dnsmasq --keep-in-foreground --conf-file=/dev/null --no-hosts --no-resolv --interface=uplink \
	--bind-interfaces --address=/example/9.9.9.80 --pid-file=
config <<YAML
host-link: {ipv4: {method: static, address: [192.0.2.5/24]}}
lan: {dns: {upstream: [192.0.2.2], block-root: $work/block, block-list: [ads]}}
YAML
start
blocked() { in_s dig +tries=1 +time=1 @192.0.2.5 "$1" | grep -q NXDOMAIN; }
named() { test "$(in_s dig +short +tries=1 +time=1 @192.0.2.5 "$1")" = 9.9.9.80; }
pid() { state '.service[] | select(.name == "dnsmasq") | .pid' service; }
ok "a name of the list does not exist" until_true 20 blocked one.example
ok "another one does" until_true 20 named two.example
before=$(pid)
echo two.example >>"$work/block/ads"
ok "one more in the file: blocked without a commit" until_true 20 blocked two.example
ok "the daemon is the same" test "$(pid)" = "$before"
ok "the log says what was read" says "ads has changed" ferrule log
mv "$work/block/ads" "$work/block/away"
ok "a list that is gone is said" until_true 20 says "what was read before stays in force" ferrule log
ok "and stays in force" blocked two.example
ok "asked for by hand, with a word" says "cannot be read" ferrule lan reload
mv "$work/block/away" "$work/block/ads"
ok "it is there again" until_true 20 says "were read again" ferrule lan reload
echo three.example >>"$work/block/ads"
ok "by hand at once, with what it did" says "ads has changed, and was read again" ferrule lan reload
ok "in force" until_true 5 blocked three.example
ok "a role that is not configured" says "ntp is not configured" ferrule ntp reload
finish
