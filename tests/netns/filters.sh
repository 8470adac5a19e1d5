#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copies reach the host, verdicts decide, counters count; and a dead supervisor drops nothing.
. "$(dirname "$0")/lib.sh"

world
config <<'YAML'
filter:
  - {name: dns, match: {protocol: udp, destination-port: 53, reverse: true}, copy: true}
  - {name: sampled, match: {protocol: udp, destination-port: 7777}, copy: true, sample: 10}
  - {name: pass-one, match: {protocol: icmp, length: 98}, action: pass}
  - {name: no-ping, match: {protocol: icmp}, action: drop}
  - {name: keeps, match: {protocol: tcp, destination-port: 23}, action: drop, on-failure: keep}
YAML
start
packets() { state ".filter[] | select(.name == \"$1\") | .packets" filter; }
copies() { tcpdump -nr "$work/host.pcap" "$@" 2>/dev/null | wc -l; }
spawn "$M" tcpdump -i sfp0 -U -w "$work/host.pcap" 2>"$work/tcpdump.err"
until_true 10 grep -q listening "$work/tcpdump.err"

# a name server on the far side; the query and its answer are both copied
spawn "$S" dnsmasq -k --conf-file=/dev/null --no-hosts --no-resolv --port=53 --interface=uplink \
	--bind-interfaces --address=/example.test/192.0.2.53 --pid-file="$work/dnsmasq.pid"
until_true 10 in_o dig +short +tries=1 +time=1 @192.0.2.2 example.test
before=$(packets dns)
ok "a query is answered across" says 192.0.2.53 in_o dig +short @192.0.2.2 example.test
ok "query and reply count" test "$(packets dns)" = $((before + 2))
copied() { [ "$(copies udp port 53)" -ge "$1" ]; }
ok "both are copied to the host" until_true 5 copied $((before + 2))

for i in $(seq 100); do echo x; done | in_o python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for line in sys.stdin:
    s.sendto(b"x", ("192.0.2.2", 7777))'
counted() { [ "$(packets sampled)" = 100 ]; }
ok "a hundred are counted" until_true 5 counted
# one in ten on each CPU that saw them, and the first on each
sampled() { [ "$(copies udp dst port 7777)" -ge 10 ] && [ "$(copies udp dst port 7777)" -le 20 ]; }
ok "one in ten is copied" until_true 5 sampled

ok "the first filter with an action decides: pass" in_o ping -c 1 -W 2 -s 56 192.0.2.2
ok "the next one drops" fails in_o ping -c 1 -W 1 -s 100 192.0.2.2
telnet() { in_o nc -z -w 1 192.0.2.2 23; }
spawn "$S" python3 -c '
import socket
s = socket.create_server(("192.0.2.2", 23))
while True:
    s.accept()'
ok "telnet is dropped" fails telnet
ferrule delete filter keeps action && ferrule commit >/dev/null
ok "and not without the action" until_true 5 telnet
ferrule rollback >/dev/null
ok "a disabled filter does nothing" eval 'ferrule set filter no-ping enabled false &&
	ferrule commit && in_o ping -c 1 -W 2 -s 100 192.0.2.2 && ferrule rollback'

stop KILL
ok "the supervisor dead: no-ping lets go within 3 s" until_true 6 in_o ping -c 1 -W 1 -s 100 192.0.2.2
ok "on-failure: keep does not" fails telnet
start
ok "and it drops again with the next supervisor" until_true 5 fails in_o ping -c 1 -W 1 -s 100 192.0.2.2
finish
