#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Addresses of the host link: DHCP, static, link-local, SLAAC; one that is in use is never taken.
. "$(dirname "$0")/lib.sh"

world
config </dev/null
start
address() { in_m ip -br addr show sfp0 | grep -q "$1"; }
commit() { printf 'wire: {optical: eth0, electrical: eth1}\nhost-link: {%s}\n' "$1" | ferrule load - && ferrule commit; }
mac=$(state '."host-link"."mac-address"' host-link)

commit "ipv4: {method: static, address: [192.0.2.5/24], gateway: 192.0.2.1}" >/dev/null
ok "static: probed and taken" until_true 15 address 192.0.2.5/24
ok "reached from both sides" eval 'in_o ping -c 1 -W 2 192.0.2.5 && in_s ping -c 1 -W 2 192.0.2.5'
ok "TCP with checksums" eval 'in_m timeout 5 nc -l 192.0.2.5 999 </dev/null & until_true 5 in_o nc -z -w 1 192.0.2.5 999'
ok "its gateway" says "via 192.0.2.1" in_m ip route show default

for side in "192.0.2.1 optical" "192.0.2.2 electrical"; do
	set -- $side
	commit "ipv4: {method: static, address: [$1/24]}" >/dev/null
	ok "in use on the $2 side: link-local instead" until_true 25 address 169.254.
	ok "not taken" fails address "$1/24"
	ok "status says so" says "$1 is in use" ferrule status
	ok "and the log" says "$1 is in use" ferrule log
done

commit "ipv4: {method: link-local}" >/dev/null
ok "link-local" until_true 20 address 169.254.

spawn "$S" dnsmasq -k --conf-file=/dev/null --port=0 --interface=uplink --bind-interfaces --enable-ra \
	--dhcp-range=192.0.2.100,192.0.2.110,1h --dhcp-leasefile="$work/leases" --pid-file="$work/dm.pid" \
	--dhcp-range=2001:db8::,ra-only 2>"$work/dnsmasq.log"
in_s sh -c 'echo 0 >/proc/sys/net/ipv6/conf/uplink/disable_ipv6'
ip -n "$S" addr add 2001:db8::2/64 dev uplink nodad
commit "ipv4: {method: dhcp}, ipv6: {method: auto}" >/dev/null
ok "DHCP" until_true 30 address 192.0.2.1[01]
ok "SLAAC" until_true 30 address 2001:db8::
own=$(in_m ip -4 -o addr show dev sfp0 | sed 's/.*inet \([0-9.]*\).*/\1/')
through() { ferrule set host-link ipv4 method none && SSH_CONNECTION="192.0.2.2 40000 $own 22" ferrule commit "$@"; }
ok "who came in by this address is not cut off by a slip" says "you came in over the host link" fails through
ok "but with --confirm" eval 'through --confirm 60s && ferrule rollback && until_true 30 address 192.0.2.1[01]'
pid=$(state '.service[] | select(.name == "dhcpcd-4") | .pid' service)
stop KILL
ok "the daemons outlive the supervisor" kill -0 "$pid"
start
ok "and are adopted by the next" test "$(state '.service[] | select(.name == "dhcpcd-4") | .pid' service)" = "$pid"
kill -9 "$pid"
restarted() { [ "$(state '.service[] | select(.name == "dhcpcd-4") | .state + .pid' service)" != "ready$pid" ] && address 192.0.2.1; }
ok "one that dies is started again" until_true 30 restarted

commit "ipv6: {method: static, address: ['2001:db8::5/64'], gateway: '2001:db8::2'}" >/dev/null
ok "static IPv6" until_true 15 in_s ping -c 1 -W 1 2001:db8::5
gateway6() { in_m ip -6 route show default | grep -q "via 2001:db8::2"; }
ok "its gateway" until_true 15 gateway6
in_m ip -6 route del default
kill -9 "$(state '.service[] | select(.name == "dhcpcd-6") | .pid' service)"
ok "what went with a daemon that died is put back" until_true 20 gateway6
ok "no IPv4 any more" until_true 15 fails address 192.0.2.1
commit "ipv6: {method: static, address: ['2001:db8::2/64']}" >/dev/null
ok "IPv6 in use is reported" until_true 20 says "2001:db8::2/64 is in use" ferrule status
commit "interface: sfp0" >/dev/null
ok "none: no address at all" until_true 15 fails address '[0-9]/[0-9]'
ok "the MAC address is the same for ever" test "$mac" = "$(state '."host-link"."mac-address"' host-link)"
finish
