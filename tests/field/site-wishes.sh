#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a site asks for: several addresses and other names for a name, options for one host, and
# networks behind a relay.
. "$(dirname "$0")/../netns/lib.sh"

command -v dnsmasq >/dev/null || skip_all "no dnsmasq"
R=$id-r
more=("$R")
world
chmod 711 "$work"
# a network behind a relay in the switch's namespace
ip netns add "$R" && ip -n "$R" link set lo up
ip -n "$S" link add room type veth peer name client netns "$R"
ip -n "$S" addr add 198.51.100.1/24 dev room && ip -n "$S" link set room up
ip -n "$R" link set client up
in_s sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
spawn "$S" dnsmasq -k --conf-file=/dev/null --port=0 --interface=room --interface=uplink --bind-interfaces --pid-file= \
	--dhcp-relay=198.51.100.1,192.0.2.5 --log-facility="$work/relay.log"
site() {
	cat <<-YAML
		wire: {optical: eth0, electrical: eth1}
		host-link: {ipv4: {method: static, address: [192.0.2.5/24], gateway: 192.0.2.2}}
		lan:
		  dhcp:
		    mode: server
		    range: 192.0.2.100-192.0.2.199
		    router: 192.0.2.1
		    host:
		    - {name: phone, mac: '02:00:00:00:00:01', option: [{code: 66, value: '"tftp.example"'}, {code: 42, value: 192.0.2.8}]}
		    - {name: lamp, mac: '02:00:00:00:00:03', address: 198.51.100.77}
		    option: [{code: 42, value: 192.0.2.5}, {code: 121, value: "10.0.0.0/8,192.0.2.1"}]
		    subnet: [{prefix: 198.51.100.0/24, range: ${1:-198.51.100.10-198.51.100.13}, router: 198.51.100.1, lease-time: 20m, option: [{code: 42, value: 198.51.100.1}]}]
		  dns:
		    domain: site1.example
		    record:
		    - {name: nas, address: [192.0.2.7, 192.0.2.8, "2001:db8::7"]}
		    - {name: files, cname: ${2:-nas}}
		    - {name: www.corp.example, cname: nas.site1.example}
		    - {name: old, address: 192.0.2.9}
	YAML
}
commit() { site "$@" | ferrule load - && ferrule commit; }
site >"$work/ferrule.yaml"
start
is_ready() { [ "$(state '.service[] | select(.name == "dnsmasq") | .state' service)" = ready ]; }
ok "its daemon serves" until_true 40 is_ready
ask() { in_s dig +short +tries=2 +time=2 @192.0.2.5 "$@" | sort | tr '\n' ' '; }
ok "a name of two addresses" until_true 20 eval '[ "$(ask nas.site1.example)" = "192.0.2.7 192.0.2.8 " ]'
ok "and of IPv6" test "$(ask nas.site1.example AAAA)" = "2001:db8::7 "
ok "an alias" test "$(ask files.site1.example)" = "192.0.2.7 192.0.2.8 nas.site1.example. "
ok "without the domain, too" eval 'ask files | grep -q 192.0.2.8'
ok "one of another domain" test "$(ask www.corp.example)" = "192.0.2.7 192.0.2.8 nas.site1.example. "
ok "one address, as before" test "$(ask old.site1.example)" = "192.0.2.9 "
ok "an alias of nothing" says "allowed is the name of a record or a host" commit "" nothing
ferrule discard
both=$(site | sed 's/{name: files, cname: nas}/{name: files}/')
echo "$both" >"$work/none.yaml"
ok "a record of nothing" says "has addresses, or a cname" ferrule check "$work/none.yaml"

cat >"$work/udhcpc.sh" <<-'SH'
	#!/bin/sh
	[ "$1" = bound ] && env >"$0.bound"
	exit 0
SH
chmod 755 "$work/udhcpc.sh"
# lease NETNS IF MAC
lease() {
	rm -f "$work/udhcpc.sh.bound"
	ip -n "$1" link set "$2" down && ip -n "$1" link set "$2" address "$3" && ip -n "$1" link set "$2" up
	nsenter --net="/run/netns/$1" timeout 20 udhcpc -i "$2" -n -q -f -t 8 -T 1 -O 66 -O 121 -s "$work/udhcpc.sh" >/dev/null 2>&1
}
bound() { grep -qx "$1" "$work/udhcpc.sh.bound"; }
ok "a host with options of its own" until_true 40 lease "$S" uplink 02:00:00:00:00:01
ok "has them" eval 'bound ntpsrv=192.0.2.8 && bound tftp=tftp.example'
ok "another one" until_true 40 lease "$S" uplink 02:00:00:00:00:02
ok "has those of all" eval 'bound ntpsrv=192.0.2.5 && ! grep -q "^tftp=" "$work/udhcpc.sh.bound"'

ok "a client behind a relay" until_true 40 lease "$R" client 02:00:00:00:00:02
ok "has an address of its own network" grep -qE '^ip=198\.51\.100\.1[0-3]$' "$work/udhcpc.sh.bound"
ok "its router, its mask and its time" eval 'bound router=198.51.100.1 && bound mask=24 && bound lease=1200'
ok "and routes of all with its own default route" eval 'grep "^staticroutes=" "$work/udhcpc.sh.bound" | grep "0.0.0.0/0 198.51.100.1"'
ok "and its options" bound ntpsrv=198.51.100.1
ok "and the module's names" bound dns=192.0.2.5
ip -n "$R" addr add 198.51.100.10/24 dev client && ip -n "$R" route add default via 198.51.100.1
ok "which it may ask" eval '[ "$(nsenter --net="/run/netns/$R" dig +short @192.0.2.5 old.site1.example)" = 192.0.2.9 ]'
ip -n "$R" addr flush dev client
ok "a host with an address there" eval 'lease "$R" client 02:00:00:00:00:03 && bound ip=198.51.100.77'
for mac in 11 12 13 14; do lease "$R" client "02:00:00:00:00:$mac"; done
ok "a range that is full is trouble, by its subnet" says "dhcp range of 198.51.100.0/24" eval 'ferrule health; true'
ok "a range that is elsewhere" says "is not in the subnet" commit 198.51.101.1-198.51.101.9
ferrule discard
site | sed 's,198.51.100.0/24,192.0.2.128/25,' >"$work/own.yaml"
ok "one's own network as a subnet" fails ferrule check "$work/own.yaml"
finish
