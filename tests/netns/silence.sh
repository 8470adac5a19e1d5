#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A module that is only a wire originates not one frame: at start, while it runs, when it ends.
. "$(dirname "$0")/lib.sh"

world
# neighbours that say nothing, so that all there is to hear is ours
for side in "$O line" "$S uplink"; do
	set -- $side
	ip -n "$1" addr flush dev "$2"
	ip -n "$1" link set "$2" arp off
done
config </dev/null
spawn "$O" tcpdump -i line -U -w "$work/o.pcap" 2>"$work/o.err"
spawn "$S" tcpdump -i uplink -U -w "$work/s.pcap" 2>"$work/s.err"
until_true 10 grep -q listening "$work/o.err" && until_true 10 grep -q listening "$work/s.err"
start
uptime() { [ "$(state .system.uptime system)" -ge 4 ]; }
until_true 8 uptime
restart
stop KILL
start
heard() { tcpdump -r "$1" 2>/dev/null | head -5; [ "$(tcpdump -r "$1" 2>/dev/null | wc -l)" = 0 ]; }
until_true 10 uptime
ok "not a frame on the optical side" heard "$work/o.pcap"
ok "not a frame on the electrical side" heard "$work/s.pcap"

# and the test can hear
in_m python3 -c '
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("sfp0", 0))
s.send(b"\xff" * 6 + bytes.fromhex("020000000001") + b"\x88\xb5" + bytes(46))'
loud() { ! heard "$1"; }
ok "a frame of the host is heard on both" until_true 5 eval 'loud "$work/o.pcap" && loud "$work/s.pcap"'
finish
