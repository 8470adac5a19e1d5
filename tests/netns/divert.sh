#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# divert: local services answer for any address, with that address; the neighbours notice nothing.
. "$(dirname "$0")/lib.sh"

for tool in nft dig dnsmasq curl; do command -v "$tool" >/dev/null || skip_all "no $tool"; done
world
for ns in "$O" "$S"; do
	nsenter --net="/run/netns/$ns" sh -c 'echo 0 >/proc/sys/net/ipv6/conf/all/disable_ipv6; echo 0 >/proc/sys/net/ipv6/conf/line/accept_dad; echo 0 >/proc/sys/net/ipv6/conf/uplink/accept_dad' 2>/dev/null
done
ip -n "$O" addr add 2001:db8::1/64 dev line nodad
ip -n "$S" addr add 2001:db8::2/64 dev uplink nodad
in_o ip route add default via 192.0.2.2
in_o ip route add 169.254.0.0/16 dev line
in_o ip -6 route add default via 2001:db8::2
in_s ip route add default via 192.0.2.1
config <<'YAML'
filter:
  - {name: dns, match: {protocol: [udp, tcp], destination-port: 53}, action: divert, to-port: 5354}
  - {name: metadata, match: {destination: 169.254.169.254, protocol: tcp, destination-port: 80}, action: divert, to-port: 8080, answer-arp: true}
YAML
in_m nft -f - <<'NFT'
table inet mine { chain keep { type filter hook input priority 0; tcp dport 1 counter drop; }; }
NFT
start
mkdir "$work/www" && echo "instance-id: sfp1" >"$work/www/index.html"
spawn "$M" dnsmasq --keep-in-foreground --conf-file=/dev/null --port 5354 --no-resolv --no-hosts --pid-file= --user=root --address=/#/198.51.100.9 --edns-packet-max=1232
spawn "$M" python3 -m http.server 8080 --bind :: --directory "$work/www" >/dev/null 2>&1
ok "local services are there" until_true 10 in_m sh -c 'ss -lun | grep -q :5354 && ss -ltn | grep -q :8080'
ask() { "${@:1:1}" dig +tries=2 +time=3 +noall +answer +stats "${@:2}"; }
ok "a query to any resolver is answered" says 198.51.100.9 ask in_o @203.0.113.53 example.net
ok "as that resolver" says "203.0.113.53#53" ask in_o @203.0.113.53 example.net
ok "one to the neighbour's own address, too" says 198.51.100.9 ask in_o @192.0.2.2 example.net
ok "over TCP" says 198.51.100.9 ask in_o +tcp @203.0.113.54 example.net
ok "over IPv6" says 198.51.100.9 ask in_o @2001:db8:5::53 example.net
ok "as that resolver" says "2001:db8:5::53#53" ask in_o @2001:db8:5::53 example.net
ok "over IPv6 and TCP" says 198.51.100.9 ask in_o +tcp @2001:db8:5::54 example.net
ok "from the other side" says 198.51.100.9 ask in_s @203.0.113.55 example.net
if /usr/bin/python3 -c 'import scapy.all' 2>/dev/null; then
	for family in 4 6; do
		for tags in "" "100" "100 200" "1 2 3 4"; do
			# shellcheck disable=SC2086
			ok "IPv$family through tags [$tags]" in_o timeout 30 /usr/bin/python3 "$(dirname "$0")/divert.py" line "$family" $tags
		done
	done
fi
ok "all that did not reach the neighbour" fails in_s sh -c 'ss -unap | grep -q 203.0.113'
ok "metadata for a client, though nobody owns the address" says "instance-id: sfp1" in_o curl -sS -m 5 http://169.254.169.254/
ok "by an answer to its ARP request" test "$(state '."host-link"."arp-answers"' host-link)" -ge 1
ok "another port of it is nobody's" fails in_o curl -sS -m 1 http://169.254.169.254:81/
ok "what matches nothing crosses" ping_across
ok "flows are listed" says "203.0.113.54:53" ferrule show flow
ok "and counted" test "$(state '."flow-table".answered' flow-table)" -ge 1
ok "diverted frames are counted" test "$(state '."host-link".diverted' host-link)" -ge 10
ok "nothing but what is diverted comes in by it" says drop in_m nft list chain inet ferrule-guest input
ok "and nobody reaches services by its address" fails in_o curl -sS -m 1 --interface line http://192.0.0.2:8080/

# a service that is gone
ferrule set filter dns to-port 5999 && ferrule commit >/dev/null
ok "a service that is gone: refused at once, by the resolver's address" until_true 10 says "connection refused" in_o dig +tcp +tries=1 +time=3 @203.0.113.60 example.net
ok "over UDP by an ICMP error" in_o python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("203.0.113.61", 53))
s.settimeout(3)
s.send(b"x" * 20)
try:
    s.recv(10)
except ConnectionRefusedError:
    raise SystemExit(0)
raise SystemExit("not refused")'
ferrule set filter dns to-port 5354 && ferrule commit >/dev/null

# big transfers both ways, with real segments
head -c 5000000 /dev/urandom >"$work/www/big"
ok "5 MB come whole" sh -c "nsenter --net=/run/netns/$O curl -sS -m 20 http://169.254.169.254/big | cmp - $work/www/big"

# rules that somebody flushes, and a host link by another name
in_m nft delete table inet ferrule-guest
ok "rules that are gone are put back" until_true 10 says 198.51.100.9 ask in_o @203.0.113.70 example.net
ok "which is said" grep -q "the table ferrule-guest is gone" "$work/log"
ferrule set host-link interface mgmt0 && ferrule commit >/dev/null
ok "the host link by another name: diverted still" until_true 10 says 198.51.100.9 ask in_o @203.0.113.71 example.net
ok "and nothing of the old one" fails ip -n "$M" link show sfp0-g
ferrule set host-link interface sfp0 && ferrule commit >/dev/null
until_true 10 says 198.51.100.9 ask in_o @203.0.113.72 example.net
ferrule set filter dns match vlan 100 && ferrule set filter metadata match vlan 100 && ferrule commit >/dev/null
in_o ip neigh flush dev line
ok "ARP is answered in the filter's VLAN only" fails in_o curl -sS -m 1 http://169.254.169.254/
ferrule delete filter dns match vlan && ferrule delete filter metadata match vlan && ferrule commit >/dev/null
ok "and elsewhere where it looks everywhere" until_true 10 in_o curl -sS -m 2 http://169.254.169.254/

# the supervisor dead, and back
stop KILL
ok "its supervisor dead: it goes on for a while" says 198.51.100.9 ask in_o @203.0.113.62 example.net
let_go() { ! in_o dig +tries=1 +time=1 @203.0.113.63 example.net >/dev/null 2>&1; }
ok "and lets go within 3 s: the wire is whole" until_true 8 let_go
start
ok "a new one diverts again" until_true 5 says 198.51.100.9 ask in_o @203.0.113.64 example.net
before=$(in_m cat /sys/class/net/sfp0-g/ifindex 2>/dev/null; ip -n "$M" -o link show sfp0-g | cut -d: -f1)
ferrule set filter dns enabled false && ferrule commit >/dev/null
ok "one of two less: the interface stays" test "$(ip -n "$M" -o link show sfp0-g | cut -d: -f1)" = "$before"
ok "what is not diverted any more crosses" fails in_o dig +tries=1 +time=1 @203.0.113.65 example.net
ferrule delete filter dns && ferrule delete filter metadata && ferrule commit >/dev/null
ok "without any: no interface" until_true 5 fails ip -n "$M" link show sfp0-g
ok "no table" until_true 5 fails in_m nft list table inet ferrule-guest
ok "no rule" fails sh -c "ip -n $M rule | grep -q 5150 || ip -n $M -6 rule | grep -q 5150"
ok "no flows" test "$(ferrule --json show flow-table | jq -r '."flow-table".room // 0')" = 0
ok "and other people's rules are as they were" says "tcp dport 1 counter" in_m nft list table inet mine

# what makes no sense
refused() {
	printf 'system: {name: sfp1}\nwire: {optical: eth0, electrical: eth1}\nfilter: [{name: a, %s}]\n' "$1" >"$work/bad.yaml"
	ferrule check "$work/bad.yaml"
}
ok "a port without divert" says "'to-port' needs 'action: divert'" refused 'match: {protocol: udp}, to-port: 53'
ok "a port without a protocol" says "the match needs 'protocol: tcp'" refused 'action: divert, to-port: 53'
ok "a port of a protocol without" says "the match needs 'protocol: tcp'" refused 'match: {protocol: icmp}, action: divert, to-port: 53'
ok "answers, too" says "'reverse' would divert answers" refused 'match: {protocol: udp, reverse: true}, action: divert, to-port: 53'
ok "ARP for a network" says "single IPv4 addresses" refused 'match: {protocol: udp, destination: 192.0.2.0/24}, action: divert, to-port: 53, answer-arp: true'
printf 'system: {name: sfp1}\nwire: {optical: eth0, electrical: eth1}\nloan: [{address: 192.0.2.2, tcp: [2222]}]\nfilter: [{name: a, match: {protocol: tcp, destination: 192.0.2.2}, action: divert, to-port: 53, answer-arp: true}]\n' >"$work/bad.yaml"
ok "ARP for a loan's owner" says "never answered for the owner of a loan" ferrule check "$work/bad.yaml"
ok "ARP without a service" says "'answer-arp' needs 'to-port'" refused 'match: {protocol: udp, destination: 192.0.2.1}, action: divert, answer-arp: true'
ok "port 0" says "a number 1..65535" refused 'match: {protocol: udp}, action: divert, to-port: 0'
finish
