#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# I8: a system without /etc/protocols and /etc/services (Debian's package netbase): the rules of the
# tunnel, of diverted frames and of the site come into force all the same.
. "$(dirname "$0")/../netns/lib.sh"

for need in wireguard-go wg nft dnsmasq; do command -v "$need" >/dev/null || skip_all "no $need"; done
world
chmod 711 "$work"
(umask 077 && wg genkey >"$work/module.key")
config <<YAML
host-link: {ipv4: {method: static, address: [192.0.2.5/24]}}
filter:
  - {name: dns, match: {protocol: [udp, tcp], destination-port: 53}, action: divert, to-port: 5353}
lan: {dns: {domain: site.example}}
oob:
  address: [10.66.0.2/32]
  private-key-file: $work/module.key
  hub: [{name: a, endpoint: "192.0.2.1:51821", public-key: "$(wg genkey | wg pubkey)", allowed: [10.66.0.0/24]}]
  own: {tcp: [8080]}
YAML
under=(unshare -m sh -c 'mount --bind /dev/null /etc/protocols && mount --bind /dev/null /etc/services && exec "$@"' sh)
start
for table in ferrule-guest ferrule-lan ferrule-oob; do
	ok "rules of $table" until_true 20 in_m nft list table inet "$table"
done
ok "the tunnel lets in what it should" until_true 10 says "tcp dport 8080 accept" in_m nft -n list table inet ferrule-oob
ok "nothing is refused" fails says "do not take the rules" cat "$work/log"
finish
