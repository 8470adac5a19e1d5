#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The third port: frames of the host go where their destination was seen, its own frames reach it,
# and a flood of copies is held back without shutting it off.
. "$(dirname "$0")/lib.sh"

world
config <<'YAML'
host-link: {ipv4: {method: static, address: [192.0.2.5/24]}, rate-limit: {kbits: 0, packets: 200}}
filter: [{name: flood, match: {protocol: udp, destination-port: 9}, copy: true}]
YAML
start
address() { in_m ip -br addr show sfp0 | grep -q 192.0.2.5; }
ok "the host has its address" until_true 20 address
hear() { spawn "$1" tcpdump -i "$2" -U -w "$work/$2.pcap" "${@:3}" 2>"$work/$2.err"; until_true 10 grep -q listening "$work/$2.err"; }
heard() { tcpdump -nr "$work/$1.pcap" "${@:2}" 2>/dev/null | grep -c '^[0-9]'; }
hear "$O" line
hear "$S" uplink

ok "the optical neighbour is reached" in_m ping -c 3 -i 0.2 -W 1 192.0.2.1
ok "the electrical neighbour is reached" in_m ping -c 3 -i 0.2 -W 1 192.0.2.2
both() { [ "$(heard line icmp and host 192.0.2.1)" -ge 6 ] && [ "$(heard uplink icmp and host 192.0.2.2)" -ge 6 ]; }
ok "each on its side" until_true 5 both
ok "and not on the other" test "$(heard line icmp and host 192.0.2.2)" = 0 -a "$(heard uplink icmp and host 192.0.2.1)" = 0
ok "the addresses seen are shown" test "$(state '[."host-link".neighbour[].port] | unique | length' host-link)" = 2
silent() {
	in_m python3 -c '
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("sfp0", 0))
s.send(bytes.fromhex("0200000000ee0200000000ff88b5") + bytes(46))'
	until_true 5 eval '[ "$(heard line ether proto 0x88b5)" = 1 ] && [ "$(heard uplink ether proto 0x88b5)" = 1 ]'
}
ok "an unknown destination: to both" silent

before=$(state '.wire.port[2].sent.packets' wire)
in_o python3 -c '
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(3000):
    s.sendto(b"x", ("192.0.2.2", 9))
    if i % 50 == 0:
        time.sleep(0.02)' &
flood=$!
kept_back() { [ "$(state '."host-link".policed' host-link)" -gt 0 ]; }
until_true 5 kept_back
ok "in a flood of copies the host is still reached" says " 0% packet loss" in_s ping -c 5 -i 0.1 -W 1 192.0.2.5
wait "$flood"
policed() { [ "$(state '."host-link".policed' host-link)" -gt 1000 ]; }
ok "the copies over the limit are kept back, and counted" until_true 5 policed
ok "all frames of the flood crossed" until_true 5 eval '[ "$(heard uplink udp dst port 9)" = 3000 ]'
ok "all were counted by the filter" test "$(state '.filter[0].packets' filter)" = 3000
printf 'wire: {optical: eth0, electrical: eth1}\nhost-link: {ipv4: {method: static, address: [192.0.2.5/24]}, rate-limit: {kbits: 32, packets: 5}}' | ferrule load - && ferrule commit >/dev/null
ok "after no limit of bits a very low one: frames get through" until_true 15 in_s ping -c 1 -W 2 192.0.2.5
finish
