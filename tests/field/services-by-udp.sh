#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `to-port` and loans by UDP with services that leave their source address open (socat, a plain
# recvfrom and sendto): they answer as whoever was asked, with and without a way of the module's
# own to the client. Who asks the module itself is answered by the module.
. "$(dirname "$0")/../netns/lib.sh"

for tool in nft socat; do command -v "$tool" >/dev/null || skip_all "no $tool"; done
world
for ns in "$O" "$S"; do
	nsenter --net="/run/netns/$ns" sh -c 'echo 0 >/proc/sys/net/ipv6/conf/all/disable_ipv6; echo 0 >/proc/sys/net/ipv6/conf/line/accept_dad; echo 0 >/proc/sys/net/ipv6/conf/uplink/accept_dad' 2>/dev/null
done
ip -n "$O" addr add 2001:db8::1/64 dev line nodad
ip -n "$O" route add default via 192.0.2.2
ip -n "$O" -6 route add default via 2001:db8::2
ip -n "$S" addr add 2001:db8::2/64 dev uplink nodad
config <<'YAML'
filter:
  - {name: dns, match: {protocol: [udp, tcp], destination-port: 53}, action: divert, to-port: 5353}
YAML
start
cat >"$work/echo.py" <<'PY'
import socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
s.bind(("::", int(sys.argv[1])))
while True:
    data, client = s.recvfrom(2000)
    s.sendto(data.upper(), client)
PY
cat >"$work/ask.py" <<'PY'
import socket, sys
address, port = sys.argv[1], int(sys.argv[2])
s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(3)
s.connect((address, port))
for _ in range(3):
    s.send(b"hello")
    print(s.recv(2000).decode())
PY
ask() { "$1" /usr/bin/python3 "$work/ask.py" "${@:2}"; }
service() { # COMMAND..: instead of the one before
	[ -n "${running:-}" ] && kill "$running" && wait "$running" 2>/dev/null
	spawn "$M" "$@" 2>/dev/null
	running=$spawned
	until_true 10 in_m sh -c 'ss -lun | grep -q ":5353\|:5454"'
}
three() { [ "$("${@:2}" | grep -cix "$1")" = 3 ]; }

service socat UDP4-RECVFROM:5353,fork EXEC:/bin/cat
ok "socat answers, with no way of the module's own" three hello ask in_o 203.0.113.53 53
service /usr/bin/python3 "$work/echo.py" 5353
ok "and so does a plain socket" three hello ask in_o 203.0.113.54 53
ok "as the neighbour" three hello ask in_o 192.0.2.2 53
ok "over IPv6" three hello ask in_o 2001:db8:5::53 53
ok "a rule for answers without a way" says "sport 5353" in_m ip rule show
ferrule load - <<'YAML'
wire: {optical: eth0, electrical: eth1}
host-link: {ipv4: {method: static, address: [192.0.2.5/24], gateway: 192.0.2.1}}
filter:
  - {name: dns, match: {protocol: [udp, tcp], destination-port: 53}, action: divert, to-port: 5353}
YAML
ferrule commit --no-confirm >/dev/null || ferrule commit >/dev/null
until_true 10 in_o ping -c 1 -W 1 192.0.2.5 >/dev/null
ok "with a way of its own, too: by the route of the flow" three hello ask in_o 203.0.113.55 53
ok "from the other side" three hello ask in_s 192.0.2.1 53
ok "who asks the module is answered by it" three hello ask in_o 192.0.2.5 5353
restart KILL
ok "after a kill of the supervisor" three hello ask in_o 203.0.113.56 53
ferrule delete filter dns && ferrule commit >/dev/null
ok "without the filter no rule is left" fails says "sport 5353" in_m ip rule show
finish
