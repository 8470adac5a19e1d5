#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Addresses and names for the site, by real clients: udhcpc, dhcpcd, dig.
. "$(dirname "$0")/lib.sh"

command -v dnsmasq >/dev/null || skip_all "no dnsmasq"
world
chmod 711 "$work"
# a resolver of the world behind the optical side
cat >"$work/world.conf" <<-CONF
	no-resolv
	no-hosts
	interface=line
	bind-interfaces
	address=/www.example.net/11.22.33.44
	address=/rebind.example.net/192.168.1.1
	address=/intra.corp.example/10.1.2.3
	local-ttl=300
	pid-file=
	log-queries
	log-facility=$work/world.log
CONF
spawn "$O" dnsmasq -k -C "$work/world.conf"
resolver=$spawned
site() {
	cat <<-YAML
		host-link: {ipv4: {method: static, address: [192.0.2.5/24]}, ipv6: {method: static, address: ['2001:db8::5/64']}}
		lan:
		  dhcp:
		    mode: server
		    range: 192.0.2.100-192.0.2.199
		    router: 192.0.2.1
		    host: [{name: sw1, mac: '02:00:00:00:00:01', address: 192.0.2.11}${1-}]
		    option: [{code: 42, value: 192.0.2.5}]
		    ipv6: {mode: ${2:-stateful}}
		  dns:
		    upstream: [192.0.2.1]
		    domain: site1.example
		    forward: [{domain: corp.example, server: 192.0.2.1}]
		    record: [{name: nas, address: 192.0.2.7}${3-}]
		    ${4-}
	YAML
}
commit() {
	{
		echo "wire: {optical: eth0, electrical: eth1}"
		cat
	} | ferrule load - && ferrule commit
}
config < <(site)
start
service() { state ".service[] | select(.name == \"$1\") | .$2" service; }
is_ready() { [ "$(service dnsmasq state)" = ready ]; }
ok "its daemon serves" until_true 20 is_ready
is_ready || finish
pid=$(service dnsmasq pid)
ok "not as root" test "$(stat -c %u "/proc/$pid")" != 0
until_true 20 in_m ip -6 addr show dev sfp0 scope global

# a client behind the switch
in_s sh -c 'echo 0 >/proc/sys/net/ipv6/conf/uplink/disable_ipv6'
cat >"$work/udhcpc.sh" <<-'SH'
	#!/bin/sh
	[ "$1" = bound ] && env >"$0.bound"
	exit 0
SH
chmod 755 "$work/udhcpc.sh"
lease() { in_s timeout 20 udhcpc -i uplink -n -q -f -t 8 -T 1 -s "$work/udhcpc.sh" "$@" >/dev/null 2>&1; }
bound() { grep -qx "$1" "$work/udhcpc.sh.bound"; }
ok "udhcpc gets an address" until_true 40 lease
ok "of the range" grep -qE '^ip=192\.0\.2\.1[0-9][0-9]$' "$work/udhcpc.sh.bound"
ok "the router" bound router=192.0.2.1
ok "DNS: the module" bound dns=192.0.2.5
ok "the domain" bound domain=site1.example
ok "an option of ours" bound ntpsrv=192.0.2.5
ok "the lease is shown" test "$(state '."ferrule-lan:lan".leases' lan)" -ge 1
ip -n "$S" link set uplink down && ip -n "$S" link set uplink address 02:00:00:00:00:01 && ip -n "$S" link set uplink up
ip -n "$S" addr replace 192.0.2.2/24 dev uplink
ok "a known host gets its address" eval 'until_true 20 lease && bound ip=192.0.2.11'
ok "and its name" bound hostname=sw1
# folders of its own, as one may be running on the machine; and no hook, which would write the
# machine's /etc/resolv.conf
v6() {
	printf 'duid\nscript /bin/true\nnoipv6rs\nwaitip 6\ninterface uplink\nia_na 1\n' >"$work/dhcp6.conf"
	in_s timeout 30 unshare -m sh -c 'mount -t tmpfs t /run && mount -t tmpfs t /var/lib/dhcpcd && dhcpcd -6 -1 -f "$0" uplink' "$work/dhcp6.conf"
	in_s ip -6 addr show dev uplink | grep -qE "2001:db8::[1-9a-f][0-9a-f]{3}/"
}
ok "dhcpcd gets an IPv6 address" until_true 40 v6
leased6() { [ "$(state '[."ferrule-lan:lan".lease[] | select(.address | startswith("2001:db8::"))] | length' lan)" -ge 1 ]; }
ok "its lease is shown, with its MAC address" eval 'until_true 5 leased6 && ferrule show lan | grep "2001:db8::" | grep -q 02:00:00:00:00:01'
autoconf() { in_s sh -c 'echo 1 >/proc/sys/net/ipv6/conf/uplink/accept_ra'; in_s ip -6 route show dev uplink | grep -q "2001:db8::/64 proto kernel\|2001:db8::/64 proto ra"; }
ok "router advertisements, but no router" eval 'until_true 20 autoconf && ! in_s ip -6 route show default | grep -q "proto ra"'

dig() { in_s dig +tries=1 +time=2 @192.0.2.5 "$@"; }
answers() { [ "$(dig +short "$1" "${3:-A}")" = "$2" ]; }
ok "a name of the world" answers www.example.net 11.22.33.44
ok "over TCP" test "$(dig +short +tcp www.example.net)" = 11.22.33.44
ok "over IPv6" eval '[ "$(in_s dig +short +tries=1 +time=2 @2001:db8::5 www.example.net)" = 11.22.33.44 ]'
ok "a record of the site" answers nas.site1.example 192.0.2.7
ok "a name from a lease" answers sw1.site1.example 192.0.2.11
ok "and back" test "$(dig +short -x 192.0.2.11)" = sw1.site1.example.
ok "a domain that somebody else knows, with a private address" answers intra.corp.example 10.1.2.3
ok "a private address from the world is not believed" answers rebind.example.net ""
before=$(grep -c "query.*www.example.net" "$work/world.log")
dig www.example.net >/dev/null
ok "the cache answers" test "$(grep -c "query.*www.example.net" "$work/world.log")" = "$before"
ok "DNS for the module itself" test "$(in_m dig +short +tries=1 +time=2 @127.0.0.1 nas.site1.example)" = 192.0.2.7
counted() { [ "$(state '."ferrule-lan:lan".dns.hits | tonumber' lan)" -gt 0 ] && [ "$(state '."ferrule-lan:lan".dns.upstream[0].queries | tonumber' lan)" -gt 0 ]; }
ok "counters" until_true 20 counted

mkdir -p "$work/block" && printf '# bad\n0.0.0.0 ads.example.net\ntracker.example.net\n' >"$work/block/ads.txt"
ok "another host, another record, a block list" eval 'site ", {name: sw2, mac: \"02:00:00:00:00:02\", address: 192.0.2.12}" stateful ", {name: cam, address: 192.0.2.8}" "block-root: $work/block
    block-list: [ads.txt]" | commit'
ok "the record is there" until_true 5 answers cam.site1.example 192.0.2.8
ok "the blocked name is not" eval 'dig ads.example.net | grep -q NXDOMAIN && dig x.tracker.example.net | grep -q NXDOMAIN'
ok "the host gets its address" eval 'ip -n "$S" link set uplink down; ip -n "$S" link set uplink address 02:00:00:00:00:02; ip -n "$S" link set uplink up; until_true 20 lease && bound ip=192.0.2.12'
site | commit >/dev/null
ok "a record that was removed is gone" until_true 5 answers cam.site1.example ""
ok "nothing of this restarted it" test "$(service dnsmasq pid)" = "$pid"

stop KILL
start
ok "the next supervisor adopts it" eval 'until_true 10 is_ready && test "$(service dnsmasq pid)" = "$pid"'
kill -STOP "$pid"
again() { [ "$(service dnsmasq pid)" != "$pid" ] && is_ready; }
ok "it hangs: replaced" until_true 15 again
ok "and the leases are known" test "$(state '."ferrule-lan:lan".leases' lan)" -ge 2
kept() { grep -q 192.0.2.11 "$work/state/dnsmasq/leases"; }
ok "kept on disk" until_true 15 kept
stop
kill "$(cut -d' ' -f1 "$work/run/dnsmasq.process")"
rm -rf "$work/run/dnsmasq" # as after a reboot
start
ok "put back after a reboot" eval 'until_true 10 is_ready && test "$(state '"'"'."ferrule-lan:lan".leases'"'"' lan)" -ge 2'

# another server on the segment
ferrule delete lan dhcp mode && ferrule delete lan dhcp range && ferrule commit >/dev/null
ip -n "$S" addr replace 192.0.2.2/24 dev uplink
spawn "$S" dnsmasq -k --conf-file=/dev/null --port=0 --interface=uplink --bind-interfaces --pid-file= \
	--dhcp-range=192.0.2.50,192.0.2.60,1h --dhcp-leasefile="$work/foreign"
foreign=$spawned
until_true 10 eval 'in_s ss -lun | grep -q ":67 "'
refused() { ! site | commit >"$work/refused" 2>&1 && grep -q "another DHCP server, 192.0.2.2, answers" "$work/refused"; }
ok "a foreign server is noticed: refused" until_true 20 refused
ok "not with force" eval 'ferrule set lan dhcp force true && ferrule commit'
ok "status shows it" until_true 15 says 192.0.2.2 ferrule show lan
kill "$foreign"

# wrong on purpose: one line, nothing changed
wrong() {
	ferrule discard
	"${@:3}" >/dev/null && says "$2" ferrule commit && [ "$(grep -c . "$work/said")" = 1 ]
}
refuse() { ok "refused: $1" wrong "$@"; }
many() { seq -f 'name%.0f.example.org' 1000000 >"$work/block/many.txt" && ferrule set lan dns block-root "$work/block" && ferrule set lan dns block-list many.txt; }
refuse "range outside the network" "is not in the network of sfp0 (192.0.2.0/24)" ferrule set lan dhcp range 198.51.100.1-198.51.100.9
refuse "range turned round" "the lower one first" ferrule set lan dhcp range 192.0.2.9-192.0.2.1
refuse "range over ourselves" "holds the module's own address" ferrule set lan dhcp range 192.0.2.1-192.0.2.9
refuse "range over the router" "holds the router's address" eval 'ferrule set lan dhcp router 192.0.2.150'
refuse "MAC twice" "is that of host 'sw1'" ferrule set lan dhcp host x mac 02:00:00:00:00:01
refuse "address twice" "192.0.2.11 is that of host 'sw1'" eval 'ferrule set lan dhcp host x mac 02:00:00:00:00:09 && ferrule set lan dhcp host x address 192.0.2.11'
refuse "an upstream that is ourselves" "it would ask itself" ferrule set lan dns upstream 192.0.2.5
refuse "a block list of 1,000,000 names" "allowed are 48 MiB" many
refuse "an image that is not there" "there is no image 'x'" ferrule set lan dhcp host sw1 boot x
ferrule discard
ok "nothing of it is in force" eval 'test -z "$(ferrule diff)" && is_ready'
ok "a table for people" says "192.0.2.11" ferrule show lan
# somebody else's server, behind a router: requests are passed on
ferrule discard
in_o nft -f - <<-NFT
	table netdev relay { chain in { type filter hook ingress device line priority 0; ip daddr 255.255.255.255 udp dport 67 drop; }; }
NFT
spawn "$O" dnsmasq -k --conf-file=/dev/null --port=0 --interface=line --bind-interfaces --pid-file= --no-ping \
	--dhcp-range=192.0.2.30,192.0.2.39,1h --dhcp-leasefile="$work/far" --log-dhcp --log-facility="$work/far.log"
far=$spawned
relayed() {
	printf 'host-link: {ipv4: {method: static, address: [192.0.2.5/24]}}\nlan: {dhcp: {mode: relay, server: 192.0.2.1}, dns: {enabled: false}}\n' | commit
}
ok "mode relay" relayed
ok "a client gets its address from the server behind" eval 'until_true 30 lease && grep -qE "^ip=192\.0\.2\.3[0-9]$" "$work/udhcpc.sh.bound"'
ok "through the module" grep -q "DHCPDISCOVER(line)" "$work/far.log"
kill "$far"
ferrule delete lan && ferrule commit >/dev/null
gone() { [ ! -e "$work/run/dnsmasq.process" ]; }
ok "off: its daemon ends" until_true 10 gone
stop
spawn "$M" unshare -m sh -c 'mount --bind /dev/null /usr/sbin/dnsmasq && exec "$@"' sh "$build/ferruled" --no-syslog \
	--config "$work/ferrule.yaml" --run-dir "$work/run" --state-dir "$work/state" 2>>"$work/log"
daemon=$spawned
until_true 20 ferrule --json show system
not_there() { ! site | commit >"$work/refused" 2>&1 && grep "dnsmasq is not installed: apt-get install dnsmasq-base" "$work/refused"; }
ok "a daemon that is not installed: refused, with what to do" not_there
finish
