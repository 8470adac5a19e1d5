#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A1: the next supervisor finds the wire whatever was mounted or unmounted on /sys/fs/bpf since, and
# no frame is lost. In a mount namespace of the test's own.
. "$(dirname "$0")/../netns/lib.sh"

world
spawn "$M" unshare -m --propagation private tail -f /dev/null
holder=$spawned
until_true 5 test -e "/proc/$holder/ns/mnt"
until_true 5 eval '[ "$(readlink /proc/$holder/ns/mnt)" != "$(readlink /proc/self/ns/mnt)" ]'
under=(nsenter -t "$holder" -m)
there() { in_m "${under[@]}" "$@"; }
free_bpf() { while there umount /sys/fs/bpf 2>/dev/null; do :; done; }
config <<<'filter: [{name: count, match: {protocol: icmp}, copy: true}]'
loss() { nsenter --net="/run/netns/$O" ping -q -i 0.01 -w 100 192.0.2.2 >"$work/ping" 2>&1 & pinger=$!; pids+=("$pinger"); }
none_lost() { # one may be under way as ping ends
	local sent received
	kill -INT "$pinger" && wait "$pinger"
	cat "$work/ping"
	read -r sent received < <(awk '/packets transmitted/ {print $1, $4}' "$work/ping")
	[ "$sent" -gt 20 ] && [ $((sent - received)) -le 1 ]
}
adopted() { test "$(state .wire.adopted wire)" = true; }
kill_and_start() { # WHAT
	local before
	before=$(state '.filter[0].packets' filter)
	stop KILL
	start
	ok "$1: adopted" adopted
	ok "$1: with its counters" test "$(state '.filter[0].packets' filter)" -ge "$before"
}
free_bpf
start
loss
there mount -t bpf bpf /sys/fs/bpf
kill_and_start "a bpffs is mounted where none was"
there umount /sys/fs/bpf
kill_and_start "and gone again"
ok "no frame was lost" none_lost
stop
there "$build/ferruled" --no-syslog --run-dir "$work/run" --stop-wire 2>/dev/null

there mount -t bpf bpf /sys/fs/bpf
start
loss
there mount -t bpf bpf2 /sys/fs/bpf
kill_and_start "another bpffs over it"
again() { there find /sys/fs/bpf "$work/run/bpf" -name link-optical | grep -q .; }
there umount /sys/fs/bpf
there umount -l /sys/fs/bpf
ok "unmounted under a running one: pinned again" until_true 10 again
kill_and_start "unmounted meanwhile"
ok "no frame was lost" none_lost
ok "status tells nothing wrong" fails says "left out" ferrule status
stop
there "$build/ferruled" --no-syslog --run-dir "$work/run" --stop-wire 2>/dev/null
ok "--stop-wire takes all of it" fails eval 'ip -n "$M" -d link show eth0 | grep -q xdp'
finish
