#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# All roles at once: each lets the others alone, faults of one are its own, and nothing leaks.
. "$(dirname "$0")/lib.sh"

command -v chronyd >/dev/null && command -v dnsmasq >/dev/null && command -v lighttpd >/dev/null || skip_all "daemons are missing"
world
chmod 711 "$work"
mkdir -p "$work/images" && echo '#!ipxe' >"$work/images/x.ipxe"
# what is kept is on a disk that can be full
mount -t tmpfs -o size=512k tmpfs "$work/state"
unmount() {
	umount -l "$work/state" 2>/dev/null
	cleanup
}
trap unmount EXIT
site() {
	cat <<-YAML
		wire: {optical: eth0, electrical: eth1}
		system: {name: $1}
		host-link: {ipv4: {method: static, address: [192.0.2.5/24]}}
		ntp: {serve: [$2], control-clock: false}
		lan:
		  dhcp: {mode: server, range: 192.0.2.100-192.0.2.199, force: true}
		  dns: {domain: site1.example, cache: $3, record: [{name: nas, address: 192.0.2.7}, {name: extra, address: $4}]}
		  boot: {root: $work/images, image: [{name: x, file: x.ipxe}]}
	YAML
}
site sfp1 192.0.2.0/24 1000 192.0.2.8 >"$work/ferrule.yaml"
start
service() { state ".service[] | select(.name == \"$1\") | .$2" service; }
serving() { [ "$(state '[.service[].state] | unique | join(" ")' service)" = ready ]; }
ok "all of it serves" until_true 30 serving
serving || finish
pids() { echo "$(service dnsmasq pid) $(service lighttpd pid) $(service chronyd pid) $(service dhcpcd-4 pid)"; }
memory() {
	local sum=0 pid
	for pid in $daemon $(state '.service[].pid' service); do
		sum=$((sum + $(awk '/^VmRSS/ {print $2}' "/proc/$pid/status")))
	done
	echo $sum
}
total=$(memory)
ok "resident, daemons and supervisor: under 40 MB ($total kB)" test "$total" -lt 40000

# two clients that miss nothing
until_true 20 in_s dig +short +tries=1 +time=1 @192.0.2.5 nas.site1.example
client() {
	spawn "$S" bash -c 'while [ ! -e "$0/stop" ]; do
		[ "$(dig +short +tries=1 +time=2 @192.0.2.5 nas.site1.example)" = 192.0.2.7 ] || echo missed >>"$0/missed"
		echo asked >>"$0/asked"
		read -rt 0.03 <> <(:) || :
	done' "$work"
}
client
client=$spawned
before=$(pids)
commit() { site "$@" | ferrule load - && ferrule commit >/dev/null; }
ok "a commit of ntp" commit sfp1 192.0.2.0/25 1000 192.0.2.8
ok "a commit of a name" commit sfp2 192.0.2.0/25 1000 192.0.2.8
ok "a commit of a record" commit sfp2 192.0.2.0/25 1000 192.0.2.9
ok "restarted nothing" test "$(pids)" = "$before"
kill -9 "$(service chronyd pid)"
kill -STOP "$(service lighttpd pid)"
replaced() { serving && [ "$(service chronyd pid)" != "$(cut -d' ' -f3 <<<"$before")" ] && [ "$(service lighttpd pid)" != "$(cut -d' ' -f2 <<<"$before")" ]; }
ok "time killed, HTTP stopped: replaced" until_true 25 replaced
ok "names and addresses did not notice" test "$(service dnsmasq pid)" = "${before%% *}"
stop KILL
start
ok "the supervisor killed: all adopted" eval 'until_true 20 serving && test "$(service dnsmasq pid)" = "${before%% *}"'
touch "$work/stop"
wait "$client" 2>/dev/null
asked=$(wc -l <"$work/asked")
ok "a client of DNS missed no beat in all this ($asked queries)" eval 'test ! -e "$work/missed" && test "$asked" -gt 50'
# faults under load: fifty clients that ask for addresses, a hundred times a second
lease() { in_s timeout 20 udhcpc -i uplink -n -q -f -t 8 -T 1 -s /bin/true >/dev/null 2>&1; }
ok "a client of DHCP" until_true 40 lease
own=$(ip -n "$S" -j link show uplink | jq -r ".[0].address")
# which a look that comes every two seconds finds, before a daemon dies in the middle of a write
ok "its lease is on disk" until_true 15 grep -q "$own" "$work/state/dnsmasq/leases"
known() { state '."ferrule-lan:lan".lease[].mac' lan | grep -qx "$own"; }
load=
if command -v perfdhcp >/dev/null; then
	spawn "$S" timeout 120 perfdhcp -4 -r 100 -R 50 -p 90 -s 1 -l uplink 192.0.2.5 >"$work/perf" 2>&1
	load=$spawned
fi
many() { [ "$(state '."ferrule-lan:lan".leases' lan)" -ge 50 ]; }
# dnsmasq writes its file anew at each change: one look may see half of it
kept() { known && { [ -z "$load" ] || many; }; }
[ -z "$load" ] || ok "and fifty under load" until_true 30 many
kill -9 "$(service dnsmasq pid)"
again() { serving && [ "$(in_s dig +short +tries=1 +time=1 @192.0.2.5 nas.site1.example)" = 192.0.2.7 ]; }
ok "dnsmasq killed: back within seconds" until_true 15 again
ok "no lease is lost" until_true 15 kept
kill -STOP "$(service dnsmasq pid)"
stopped=$(service dnsmasq pid)
ok "stopped: replaced" until_true 20 eval 'again && test "$(service dnsmasq pid)" != "$stopped"'
ok "no lease is lost" until_true 15 kept
before=$(pids)
commit sfp2 192.0.2.0/25 500 192.0.2.9
ok "a change that needs a restart restarts it" until_true 15 eval 'again && test "$(service dnsmasq pid)" != "${before%% *}"'
ok "and nothing else" test "$(pids | cut -d' ' -f2-)" = "${before#* }"

# a full disk: the site is served all the same
dd if=/dev/zero of="$work/state/fill" bs=4k 2>/dev/null
ok "a full disk: a lease all the same" until_true 40 lease
# in a storm they are written once a minute
ok "and it is said" until_true 75 says "the leases cannot be kept" ferrule log
for name in dnsmasq chronyd lighttpd; do kill -9 "$(service $name pid)"; done
ok "a full disk: daemons that die come back" until_true 20 again
ok "a commit is refused" says "No space left" eval 'ferrule set system name full && ferrule commit'
ferrule discard
rm "$work/state/fill"
[ -z "$load" ] || { kill "$load" && wait "$load" 2>/dev/null; }
ok "room again: the lease is kept" until_true 15 grep -q 192.0.2.1 "$work/state/dnsmasq/leases"

# a hundred commits
again >/dev/null
for i in $(seq 20); do commit "w$i" 192.0.2.0/24 500 "192.0.2.$((i + 20))" || break; done
things() { echo "$(ls "/proc/$daemon/fd" | wc -l) fds, $(pgrep -P "$daemon" -c) children, $(pgrep -s "$(service dnsmasq pid)","$(service chronyd pid)","$(service lighttpd pid)" -c) processes, $(in_m ip -o link | wc -l) links, $(in_m ip rule | wc -l) rules, $(ls "$work/run" | wc -l) files"; }
rss() { awk '/^VmRSS/ {print $2}' "/proc/$daemon/status"; }
# a daemon's checker may still be at work
steady() {
	local now
	now=$(things)
	read -rt 0.5 <> <(:) || :
	[ "$now" = "$(things)" ]
}
same_things() { [ "$(things)" = "$things" ]; }
until_true 20 steady
things=$(things) rss=$(rss)
for i in $(seq 100); do commit "c$i" "192.0.2.0/2$((i % 5 + 4))" 500 "192.0.2.$((i % 90 + 10))" || break; done
ok "100 commits" says c100 ferrule config system
ok "leave nothing behind ($things)" eval "until_true 20 same_things || { things; false; }"
ok "and no memory ($rss kB before, $(rss) kB after)" test "$(rss)" -lt $((rss + 1024))
ok "all of it serves" again

# at a start a role that cannot be does not cost the wire
stop
rm "$work/images/x.ipxe"
start
ok "a boot file is gone at a start: frames cross" ping_across 1
ok "status says so" says "left out, tried again: lan/boot/image[x]" ferrule status
ok "the other role is there" eval '[ "$(service chronyd state)" = ready ]'
finish
