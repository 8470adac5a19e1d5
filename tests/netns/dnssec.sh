#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Signed names: validated, refused where they are forged, and their dates looked at only once the
# clock is known to be right.
. "$(dirname "$0")/lib.sh"

for need in dnsmasq knotd ldns-signzone chronyd; do
	command -v "$need" >/dev/null || skip_all "no $need"
done
world
chmod 711 "$work"
mkdir "$work/zones" && cd "$work/zones" || exit 1

# zone NAME [SIGNZONE-OPTION...]: signed, with a key of its own; its trust anchor is in NAME.ds
zone() {
	local key
	printf '$ORIGIN %s.\n$TTL 300\n@ SOA ns.%s. root.%s. 1 3600 600 86400 300\n@ NS ns\nns A 192.0.2.1\nwww A 11.22.33.44\n' "$1" "$1" "$1" >"$1.zone"
	key=$(ldns-keygen -a ECDSAP256SHA256 -k -r /dev/urandom "$1")
	ldns-key2ds -n -2 "$key.key" | awk '{ print $5, $6, $7, $8 }' >"$1.ds"
	ldns-signzone "${@:2}" -f "$1.signed" "$1.zone" "$key"
}
zone good.example
zone forged.example
zone late.example -i 20200101 -e 20200201
# another address under the same signature
sed -i '/^www\.forged\.example\.\?.*IN[[:space:]]*A[[:space:]]/s/11\.22\.33\.44/11.22.33.45/' forged.example.signed
anchor() { printf "'%s'" "$(cat "$1.ds")"; }
{
	printf 'server:\n  rundir: %s\n  listen: 192.0.2.1@53\n  user: root:root\n' "$work/zones"
	printf 'database:\n  storage: %s\nzone:\n' "$work/zones/db"
	for name in good forged late; do
		printf '  - domain: %s.example\n    file: %s/%s.example.signed\n' "$name" "$work/zones" "$name"
	done
} >knot.conf
spawn "$O" knotd -c "$work/zones/knot.conf" >/dev/null 2>&1
config <<YAML
host-link: {ipv4: {method: static, address: [192.0.2.5/24]}}
lan:
  dns:
    dnssec: true
    upstream: [192.0.2.1]
    forward:
      - {domain: good.example, server: 192.0.2.1, trust-anchor: [$(anchor good.example)]}
      - {domain: forged.example, server: 192.0.2.1, trust-anchor: [$(anchor forged.example)]}
      - {domain: late.example, server: 192.0.2.1, trust-anchor: [$(anchor late.example)]}
YAML
start
dig() { in_s dig +tries=1 +time=3 +dnssec @192.0.2.5 "$@"; }
validated() { dig "$1" | grep -q "flags:.* ad" && dig +short "$1" | grep -qx 11.22.33.44; }
refused() { dig "$1" | grep -q "status: SERVFAIL"; }
ok "a signed name: validated" until_true 20 validated www.good.example
ok "a name that is not there: proven" eval 'dig nobody.good.example | grep -q "status: NXDOMAIN" && dig nobody.good.example | grep -q "flags:.* ad"'
ok "a forged name: refused" refused www.forged.example
ok "a signature that is long over: refused" refused www.late.example
ok "a client may ask for it unchecked" eval 'dig +cd +short www.late.example | grep -qx 11.22.33.44'

# a clock that nobody has confirmed: dates say nothing, signatures do
stop
kill "$(cut -d' ' -f1 "$work/run/dnsmasq.process")"
until_true 10 fails kill -0 "$(cut -d' ' -f1 "$work/run/dnsmasq.process")"
echo $(($(date +%s) + 86400)) >"$work/state/clock"
echo "ntp: {server: [192.0.2.1], control-clock: false}" >>"$work/ferrule.yaml"
start
unchecked() { [ "$(state '."ferrule-lan:lan".dns."time-checked"' lan)" = false ]; }
ok "the clock is unknown, and known to be" until_true 20 unchecked
ok "dates do not count then" until_true 20 eval 'dig +short www.late.example | grep -qx 11.22.33.44'
ok "signatures do" refused www.forged.example
printf 'local stratum 3\nallow\npidfile %s\ncmdport 0\nbindcmdaddress /\n' "$work/upstream.pid" >"$work/upstream.conf"
spawn "$O" chronyd -d -x -U -u root -f "$work/upstream.conf" 2>>"$work/upstream.log"
ok "the first correct time: dates count from then on" until_true 60 refused www.late.example
ok "and status says so" until_true 5 fails unchecked
ok "a signed name all the while" validated www.good.example
ok "a trust anchor that is none is refused" says "a DS record's data" ferrule set lan dns forward good.example trust-anchor "1 2 3"
finish
