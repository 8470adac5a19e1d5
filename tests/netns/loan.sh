#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Loans: the module answers on ports of the switch's own address, and the switch notices nothing.
#
#	$R 198.51.100.7 --- $O (router) 192.0.2.1 --- module --- $S 192.0.2.2, the switch
. "$(dirname "$0")/lib.sh"

command -v nft >/dev/null || skip_all "no nft"
ulimit -n 30000 2>/dev/null || ulimit -n "$(ulimit -Hn)"
world
R=$id-r
more=("$R")
ip netns add "$R"
ip -n "$R" link set lo up
in_r() { nsenter --net="/run/netns/$R" "$@"; }
for ns in "$O" "$S" "$R"; do
	nsenter --net="/run/netns/$ns" sh -c 'echo 0 >/proc/sys/net/ipv6/conf/all/disable_ipv6; for i in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 0 >$i; done; echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad' 2>/dev/null
done
ip -n "$O" link add far type veth peer name home netns "$R"
far_end "$O" far 198.51.100.1/24
far_end "$R" home 198.51.100.7/24
ip -n "$R" addr add 198.51.100.8/24 dev home
ip -n "$R" route add default via 198.51.100.1
ip -n "$S" route add default via 192.0.2.1
ip -n "$O" addr add 2001:db8:1::1/64 dev line nodad
ip -n "$S" addr add 2001:db8:1::2/64 dev uplink nodad
ip -n "$O" addr add 2001:db8:7::1/64 dev far nodad
ip -n "$R" addr add 2001:db8:7::7/64 dev home nodad
ip -n "$R" addr add 2001:db8:7::8/64 dev home nodad preferred_lft 0
ip -n "$S" -6 route add default via 2001:db8:1::1
ip -n "$R" -6 route add default via 2001:db8:7::1
in_o sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
py() { "${@:1:1}" python3 "$(dirname "$0")/loan.py" "${@:2}"; }
run() { spawn "$1" python3 "$(dirname "$0")/loan.py" "${@:2}"; }

config <<'YAML'
loan:
  - {address: 192.0.2.2, tcp: [2222], udp: [51820], source-ports: 61000-61999}
  - {address: 192.0.2.22, tcp: [2222]}
  - {address: "2001:db8:1::2", tcp: [2222], udp: [51820], source-ports: 61000-61999}
YAML
start
loan() { ferrule --json show loan "${2:-192.0.2.2}" | jq -r ".loan[0].$1"; }
is() { [ "$(loan state "${2:-192.0.2.2}")" = "$1" ]; }
ok "nothing was seen of the owner: it learns" is learning

for port in 22 80 51821; do run "$S" echo $port; done
for port in 2222 51820; do run "$M" echo $port; done
for port in 22 80; do run "$R" echo $port; done
until_true 5 in_r sh -c 'ss -ltn | grep -q :80'
ssh-keygen -q -t ed25519 -N '' -f "$work/module.key" && ssh-keygen -q -t ed25519 -N '' -f "$work/switch.key"
mkdir -p /run/sshd
spawn "$M" /usr/sbin/sshd -D -e -p 2223 -h "$work/module.key" -o PidFile=none 2>/dev/null
spawn "$S" /usr/sbin/sshd -D -e -p 23 -h "$work/switch.key" -o PidFile=none 2>/dev/null
talk() {
	in_r ping -c 2 -i 0.1 -W 1 192.0.2.2
	in_r ping -I 198.51.100.8 -c 2 -i 0.1 -W 1 192.0.2.2
	in_r ping -c 2 -i 0.1 -W 1 2001:db8:1::2
	in_r ping -I 2001:db8:7::8 -c 2 -i 0.1 -W 1 2001:db8:1::2
}
talk >/dev/null
# as any device, it says something now and then
spawn "$S" ping -q -i 0.3 192.0.2.1 >/dev/null 2>&1
spawn "$S" ping -q -i 0.3 2001:db8:1::1 >/dev/null 2>&1
ok "its owner is learned from passing frames, and the loan is active" until_true 20 is active
ok "of IPv6 as well" until_true 20 is active 2001:db8:1::2
mac_of() { ip -n "$1" -o link show "$2" | sed 's/.*ether \([^ ]*\).*/\1/'; }
ok "with its MAC and side" test "$(loan owner)" = "$(mac_of "$S" uplink), electrical"
ok "and that of its gateway" test "$(loan gateway)" = "$(mac_of "$O" line)"

for address in 192.0.2.2 2001:db8:1::2; do
	case $address in *:*) lan=2001:db8:1::1 far=2001:db8:7::7 own=2001:db8:7::7 ;; *) lan=192.0.2.1 far=198.51.100.7 own=198.51.100.7 ;; esac
	ok "$address: the module answers on 2222 on the LAN" says "$lan" py in_o ask $address 2222
	ok "$address: and from behind the router" says "$far" py in_r ask $address 2222
	ok "$address: UDP on 51820" says "$far" py in_r askudp $address 51820
	ok "$address: the owner answers on its own port" says "$far" py in_r ask $address 22
	ok "$address: and on one beside" says "$far" py in_r askudp $address 51821
	ok "$address: a connection of the module goes out from there" says "$address 61" py in_m ask $own 80
	ok "$address: and UDP" says "$address 61" py in_m askudp $own 80
	ok "$address: one of the owner's as before" says "$address " py in_s ask $own 80
	ok "$address: echo is the owner's" in_r ping -c 2 -i 0.1 -W 1 $address
done
ok "its listed ports were answered by nobody else" fails in_s sh -c 'ss -tan | grep -q :2222'

# real daemons
ferrule set loan 192.0.2.2 tcp 2223
ok "a commit of a loan comes back by itself unless it is confirmed" says "unless 'ferrule confirm'" ferrule commit
ferrule confirm >/dev/null
ok "and so does a way back to other loans" says "unless 'ferrule confirm'" ferrule rollback 1
ferrule rollback >/dev/null
ok "a port more is watched first" is verified
ok "and then lent" until_true 10 is active
key() { cut -d' ' -f2 "$work/$1.key.pub"; }
ok "the module's SSH is on 2223 of the switch's address" says "$(key module)" in_r ssh-keyscan -T 5 -t ed25519 -p 2223 192.0.2.2
ok "the switch's own is on 23" says "$(key switch)" in_r ssh-keyscan -T 5 -t ed25519 -p 23 192.0.2.2

# an owner behind a tag
if /usr/bin/python3 -c 'import scapy.all' 2>/dev/null; then
	tagged="/usr/bin/python3 $(dirname "$0")/tagged.py"
	# shellcheck disable=SC2086
	spawn "$S" $tagged owner uplink
	owner=$spawned
	owner_is() { [ "$(loan owner 192.0.2.22)" = "02:00:00:00:22:22, VLAN 100, electrical" ] && is active 192.0.2.22; }
	ok "an owner in a VLAN is learned" until_true 20 owner_is
	# shellcheck disable=SC2086
	ok "what is sent to it there is answered there, with the owner's MAC" in_o $tagged client line 2222
	# shellcheck disable=SC2086
	ok "and nowhere else" in_o $tagged untagged line 2222
	kill "$owner"
fi

# what the owner waits for goes to it, from the same ports
ok "an answer to the owner from a port that is lent goes to the owner" says "192.0.2.2 2222" in_s python3 -c '
import socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("192.0.2.2", 2222))
s.settimeout(5)
s.connect(("198.51.100.7", 80))
s.sendall(b"hi")
print(s.recv(100).decode())'
ok "of UDP, too" says "192.0.2.2 51820" in_s python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("192.0.2.2", 51820))
s.settimeout(5)
s.connect(("198.51.100.7", 80))
s.send(b"hi")
print(s.recv(100).decode())'

# the path is narrower than the link: errors find who they are for
ip -n "$O" link set far mtu 1300
ip -n "$R" link set home mtu 1300
upload='
import socket, sys
s = socket.create_connection((sys.argv[1], 80), 5)
s.settimeout(20)
for _ in range(100):
    s.sendall(bytes(60000))
s.shutdown(socket.SHUT_WR)
n = 0
while d := s.recv(65536):
    n += len(d)
print("through", n > 0)'
ok "ICMP errors about the module's packets come to the module" says "through True" in_m python3 -c "$upload" 198.51.100.7
ok "those about the owner's to the owner" says "through True" in_s python3 -c "$upload" 198.51.100.7
ip -n "$O" link set far mtu 1500
ip -n "$R" link set home mtu 1500

# ten thousand
py in_s many 198.51.100.7 80 10000 "$work/go" >"$work/many" 2>&1 &
pids+=($!)
ok "10,000 connections of the owner stand" until_true 120 grep -q "open 10000" "$work/many"
for _ in 1 2 3 4; do py in_m ask 198.51.100.7 80 >/dev/null 2>&1 & done # from the very ports that the owner has there
for _ in 1 2 3; do py in_r ask 192.0.2.2 2222; py in_m ask 198.51.100.7 22; py in_r askudp 192.0.2.2 51820; done >"$work/beside" 2>&1
ok "the loan works beside them" test "$(grep -c hi "$work/beside")" = 9
touch "$work/go"
ok "and none of them is disturbed" until_true 120 grep -q "good 10000" "$work/many"

# one that stands, through all that comes
run "$R" hold 192.0.2.2 2222 "$work/end" >"$work/hold" 2>&1
until_true 5 grep -q holds "$work/hold"
run "$R" hold 192.0.2.2 22 "$work/flooded" >"$work/owners" 2>&1
until_true 5 grep -q holds "$work/owners"
ok "a flood of 1,000,000 forged flows" in_o python3 "$(dirname "$0")/loan.py" flood line "$(mac_of "$S" uplink)" "$(mac_of "$O" line)" 192.0.2.2 51820 1000000
room() { ferrule --json show flow-table | jq -r ".\"flow-table\".$1"; }
ok "takes no more than its part of the table" test "$(room new)" -le "$(($(room room) / 4))"
ok "flows that were answered are there still" test "$(room answered)" -ge 1
touch "$work/flooded"
ok "a connection of the owner's was not disturbed" until_true 5 grep -q held "$work/owners"
ok "the owner is reached behind it" says 198.51.100.7 py in_r ask 192.0.2.2 22
stop KILL
ok "the supervisor dead: new sessions are answered" says 198.51.100.7 py in_r ask 192.0.2.2 2222
ok "and opened" says "192.0.2.2 61" py in_m ask 198.51.100.7 22
until_true 4 false || : # longer than the heartbeat may be old
ok "also when it has been dead for long" until_true 10 says 198.51.100.7 py in_r ask 192.0.2.2 2222
start
ok "a new supervisor finds it active" is active
ok "the owner's port it remembers" says "answered on TCP 22 itself" sh -c "$build/ferrule set loan 192.0.2.2 tcp 22; $build/ferrule commit"
ok "nothing has changed by that" says 198.51.100.7 py in_r ask 192.0.2.2 22
ferrule discard
ip -n "$S" link set uplink down
ok "the owner reboots: it is learned anew" until_true 5 is learning
ok "the session that stands goes on meanwhile" fails grep -q Error "$work/hold"
ip -n "$S" link set uplink up
ip -n "$S" route add default via 192.0.2.1 2>/dev/null
ip -n "$S" addr add 2001:db8:1::2/64 dev uplink nodad 2>/dev/null
ip -n "$S" -6 route add default via 2001:db8:1::1 2>/dev/null
talk >/dev/null
ok "and it is active again" until_true 20 is active
touch "$work/end"
ok "the session was never disturbed" until_true 30 grep -q held "$work/hold"
grep -q held "$work/hold" || sed 's/^/# /' "$work/hold"

# a change of owner
ip -n "$S" link set uplink down
ip -n "$S" link set uplink address 02:00:00:00:be:ef
in_o ip neigh flush dev line
in_o ping -c 1 -W 1 192.0.2.2 >/dev/null 2>&1
ok "nobody answers ARP for an owner that is away" fails sh -c "ip -n $O neigh show 192.0.2.2 | grep -q lladdr"
ip -n "$S" link set uplink up
ip -n "$S" route add default via 192.0.2.1 2>/dev/null
talk >/dev/null
ok "another MAC behind a link that was down is learned" until_true 20 says 02:00:00:00:be:ef loan owner
until_true 10 is active
in_s python3 - 02:00:00:00:ca:fe <<'PY'
import socket, sys
# somebody else with the address, while the link is up
mac = bytes(int(o, 16) for o in sys.argv[1].split(":"))
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("uplink", 0))
arp = b"\x00\x01\x08\x00\x06\x04\x00\x01" + mac + b"\xc0\x00\x02\x02" + bytes(6) + b"\xc0\x00\x02\x01"
for _ in range(5):
    s.send(b"\xff" * 6 + mac + b"\x08\x06" + arp + bytes(18))
PY
ok "another MAC while the link is up: suspended" until_true 10 is suspended
ok "health says so" says "loan 192.0.2.2" eval 'ferrule health; true'
ok "with an alarm" grep -q "suspended: its owner has changed: now 02:00:00:00:ca:fe" "$work/log"
ok "the owner's port is the owner's then" fails py in_r ask 192.0.2.2 2222
ok "it speaks no more, and the owner does: active again" until_true 40 sh -c "nsenter --net=/run/netns/$R ping -c 1 -W 1 192.0.2.2; '$build/ferrule' --json show loan 192.0.2.2 | grep -q '\"active\"'"
tagged() { in_s python3 - "$1" <<'PY'
import socket, sys
mac = bytes.fromhex("02000000beef")
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("uplink", 0))
arp = b"\x00\x01\x08\x00\x06\x04\x00\x01" + mac + b"\xc0\x00\x02\x02" + bytes(6) + b"\xc0\x00\x02\x01"
for _ in range(5):
    s.send(b"\xff" * 6 + mac + b"\x81\x00" + int(sys.argv[1]).to_bytes(2, "big") + b"\x08\x06" + arp + bytes(18))
PY
}
tagged 300
ok "another VLAN: suspended" until_true 10 is suspended
ok "which is said" says "VLAN 300" loan reason
ip -n "$S" link set uplink down
ip -n "$S" addr del 192.0.2.2/24 dev uplink
ip -n "$S" link set uplink up
ip -n "$O" addr add 192.0.2.2/32 dev line
spawn "$O" ping -q -i 0.3 -I 192.0.2.2 192.0.2.77 # nobody: it asks for it by ARP, again and again
ok "the other side: suspended" until_true 20 says "is on the optical side" loan reason

# what makes no sense
refused() {
	printf 'system: {name: sfp1}\nwire: {optical: eth0, electrical: eth1}\nloan: [%s]\n' "$1" >"$work/bad.yaml"
	ferrule check "$work/bad.yaml"
}
ok "a port twice" says "a port is lent once" refused '{address: 192.0.2.2, tcp: [2222, 2000-3000]}'
ok "a port of the window" says "overlaps with source-ports 61000-61999" refused '{address: 192.0.2.2, udp: [61001], source-ports: 61000-61999}'
ok "two of one address" says "192.0.2.2" refused '{address: 192.0.2.2, tcp: [1]}, {address: 192.0.2.2, tcp: [2]}'
ok "two of one address, written otherwise" says "is lent already" refused '{address: "2001:db8::2", tcp: [1]}, {address: "2001:DB8:0::2", tcp: [2]}'
ok "nothing lent" says "lends nothing" refused '{address: 192.0.2.2}'
ok "a window of one" says "a range of 16 ports or more" refused '{address: 192.0.2.2, source-ports: 61000}'
ok "port 0" says "a port 1..65535" refused '{address: 192.0.2.2, tcp: [0]}'
ok "a group's address" says "the IPv4 or IPv6 address of one device" refused '{address: 224.0.0.1, tcp: [1]}'
ok "a gateway of another kind" says "the loan's own family" refused '{address: 192.0.2.2, tcp: [1], gateway: "2001:db8::1"}'
finish
