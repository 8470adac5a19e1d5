#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A small module with all of its roles, and a full table: within 256 MB.
. "$(dirname "$0")/lib.sh"

for need in bird chronyd dnsmasq wireguard-go lighttpd; do command -v "$need" >/dev/null || skip_all "no $need"; done
world
chmod 711 "$work"
here=$(dirname "$0")
mkdir -p "$work/images" && echo '#!ipxe' >"$work/images/x.ipxe"
python3 "$here/../bench/route-server.py" full 3 1000000 "$work"
mapfile -t sessions < <(python3 "$here/../bench/route-server.py" sessions 3 "$work")
for session in "${sessions[@]}"; do ip -n "$S" addr add "${session%%,*}/16" dev uplink; done
hub=$(wg genkey | wg pubkey)
cat >>"$work/ferrule.yaml" <<-YAML
	ntp: {serve: [10.64.0.0/16], control-clock: false}
	lan:
	  dhcp: {mode: server, range: 10.64.9.1-10.64.9.99, force: true}
	  dns: {domain: site1.example, cache: 1000, record: [{name: nas, address: 10.64.0.7}]}
	  boot: {root: $work/images, image: [{name: x, file: x.ipxe}]}
	oob:
	  address: [10.66.0.2/32]
	  backend: userspace
	  uplinks: [sfp0]
	  hub: [{name: a, endpoint: "10.64.0.99:51820", public-key: "$hub", allowed: [10.66.0.0/24]}]
	filter: [{name: telnet, action: drop, match: {protocol: tcp, destination-port: 23}}]
YAML
start
states() { state '[.service[] | .state] | unique | join(" ")' service; }
serving() { [ "$(states)" = ready ] && [ "$(state '.service | length' service)" -ge 5 ]; }
ok "all roles serve" until_true 40 serving
state '.service[] | "# \(.name) \(.state)"' service
spawn "$S" python3 "$here/speaker.py" --together --status "$work/status" 10.64.0.1 "${sessions[@]}"
arrived() { [ "$(ferrule --json route-server clients | jq '[.. | .client? // empty | .[] | .received] | add')" = 1000000 ]; }
ok "1,000,000 routes from one member" until_true 180 arrived
exported() { [ "$(ferrule --json route-server clients | jq '[.. | .client? // empty | .[] | .exported] | add')" -gt 1990000 ]; }
ok "and on to the others" until_true 120 exported
sum=0
for pid in $daemon $(state '.service[].pid' service); do
	kb=$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")
	say "$(cat "/proc/$pid/comm") $((kb / 1024)) MB"
	sum=$((sum + kb))
done
ok "supervisor and all daemons: under 256 MB resident ($((sum / 1024)) MB)" test "$sum" -lt $((256 * 1024))
peak() { awk '/^VmHWM/ { print $2 }' "/proc/$daemon/status"; }
before=$(peak)
lines=$(ferrule route-server routes --all | wc -l)
ok "its table is passed on and not gathered ($lines lines; $before to $(peak) kB)" test "$lines" -gt 990000 -a $(($(peak) - before)) -lt 2048
session() { sed -n "/^protocol bgp c_$1_4 /,/^}/p" "$work/run/bird/bird.conf"; }
ok "who may send a full table has no import table" fails grep -q "import table" <(session m0)
ok "others have one" grep -q "import table" <(session m1)
ok "the wire is the wire" in_o ping -c 3 -i 0.2 -W 2 192.0.2.2
finish
