#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# S1: proxy and relay wait for the address of the host link, which comes by DHCP after a reboot, and
# serve then; the commit is taken before it is there, and so is a check of the file.
. "$(dirname "$0")/../netns/lib.sh"

for need in dnsmasq dhcpcd lighttpd; do command -v "$need" >/dev/null || [ -x "/usr/sbin/$need" ] || skip_all "no $need"; done
world
mkdir -p "$work/boot" && echo kernel >"$work/boot/linux" && chmod 755 "$work"
site() { # MODE-LINE
	cat <<-YAML
		wire: {optical: eth0, electrical: eth1}
		host-link: {ipv4: {method: dhcp}}
		lan: {dhcp: {$1}, dns: {record: [{name: printer.example, address: 192.0.2.9}]}, boot: {root: $work/boot, image: [{name: d, kernel: linux}]}}
	YAML
}
server() {
	spawn "$S" dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --interface=uplink --bind-interfaces \
		--dhcp-range=192.0.2.100,192.0.2.150,1h --dhcp-leasefile="$work/leases" --pid-file= --log-facility=-
	server=$spawned
}
leased() { ferrule status | grep -q "host link .* 192.0.2.1[0-9][0-9]/"; }
rendered() { grep -q "$1" "$work/run/dnsmasq/dnsmasq.conf"; }
site "mode: proxy" >"$work/ferrule.yaml"
ok "a check takes it without an address" says valid ferrule check "$work/ferrule.yaml"
start
ok "so does a start" fails says "left out" ferrule status
ok "show lan says what it waits for" until_true 10 says sfp0 ferrule show lan waits-for-address-on
server
ok "the address comes" until_true 60 leased
ok "and proxy serves" until_true 20 rendered "dhcp-range=192.0.2.0,proxy"
kill "$server" && wait "$server" 2>/dev/null
power_off
rm -rf "$work/state/dhcpcd"* # no lease is remembered
mkdir -p "$work/run"
start
ok "after a reboot without the other server: nothing is left out" fails says "left out" ferrule status
server
ok "it is there again: the address comes" until_true 60 leased
ok "and proxy serves" until_true 20 rendered "dhcp-range=192.0.2.0,proxy"
site "mode: relay, server: 198.51.100.9" | sed 's/, boot: .*/}/' | ferrule load -
ok "relay" says "is in force" ferrule commit
ok "serves as well" until_true 20 rendered "dhcp-relay=192.0.2.1"
finish
