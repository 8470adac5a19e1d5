# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A route server at 10.64.0.1, and members that speak from one process of the switch (speaker.py), as
# "ADDRESS,AS" in the array `sessions`. Behind lib.sh.
here=$(dirname "${BASH_SOURCE[0]}")

for need in bird python3 jq; do command -v "$need" >/dev/null || skip_all "no $need"; done
world
chmod 711 "$work"
for session in "${sessions[@]}"; do ip -n "$S" addr add "${session%%,*}/16" dev uplink; done
: >"$work/none.table"

# module: what is the same for all, up to the policy
module() {
	cat <<-YAML
		wire: {optical: eth0, electrical: eth1}
		host-link: {ipv4: {method: static, address: [10.64.0.1/16]}, rate-limit: {kbits: 0, packets: 0}}
		route-server:
		  asn: 65000
		  router-id: 10.64.0.1
		  address: [10.64.0.1]
		  peering-lan: [10.64.0.0/16]
	YAML
}
rs() { birdc -s "$work/run/bird/bird.ctl" "$@"; }
pid() { state '[.service[] | select(.role == "route-server") | .pid][0]' service; }
served() { [ "$(state '[.service[] | select(.role == "route-server") | .state] | join(" ")' service)" = ready ]; }
passes() { rs show route "$1" | grep -q unicast; }
