#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A way to the hub that takes smaller packets than others do, and says so, or does not.
#
#	$M wan0 198.18.0.2 --- 198.18.0.1 $O 198.18.1.1 --- (MTU 1400) --- 198.18.1.2 $S, the hub
. "$(dirname "$0")/lib.sh"

for need in wireguard-go wg nft; do command -v "$need" >/dev/null || skip_all "no $need"; done
world
more() {
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
	cleanup
	rm -f "/run/wireguard/${id}h.sock"
}
trap more EXIT
ip -n "$M" link add wan0 type veth peer name site netns "$O"
ip -n "$O" link add far type veth peer name wan0 netns "$S"
address() { ip -n "$1" addr add "$3/24" dev "$2" && ip -n "$1" link set "$2" mtu "${4:-1500}" up; }
address "$M" wan0 198.18.0.2 && address "$O" site 198.18.0.1
address "$O" far 198.18.1.1 1400 && address "$S" wan0 198.18.1.2 1400
ip -n "$M" route add 198.18.1.0/24 via 198.18.0.1
ip -n "$S" route add 198.18.0.0/24 via 198.18.1.1
in_o sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
# the router that keeps silent
in_o nft "add table ip r; add chain ip r out { type filter hook output priority 0; }; add rule ip r out icmp type destination-unreachable counter drop"
umask 077
wg genkey >"$work/hub.key"
umask 022
config <<-YAML
	host-link: {ipv4: {method: none}, ipv6: {method: none}}
	oob:
	  address: [10.66.0.2/32]
	  backend: userspace
	  uplinks: [wan0]
	  hub: [{name: h, endpoint: "198.18.1.2:51820", public-key: "$(wg pubkey <"$work/hub.key")", allowed: [10.66.0.0/24]}]
YAML
start
show() { state ".\"ferrule-oob:oob\".$1" oob; }
key() { show '"public-key"' | grep -q '=$'; }
until_true 10 key
spawn "$S" env WG_PROCESS_FOREGROUND=1 wireguard-go -f "${id}h" 2>/dev/null
until_true 10 test -S "/run/wireguard/${id}h.sock"
wg set "${id}h" private-key "$work/hub.key" listen-port 51820 peer "$(show '"public-key"')" allowed-ips 10.66.0.2/32
ip -n "$S" addr add 10.66.0.1/24 dev "${id}h" && ip -n "$S" link set "${id}h" mtu 1420 up
mtu() { show 'hub[0].mtu'; }
is_at_most() { [ "$(mtu)" -le "$1" ]; }
ok "a tunnel" until_true 30 eval '[ "$(show "hub[0].state")" = active ]'
dropped() { in_o nft list table ip r | grep -q 'packets [1-9]'; }
# an outer packet of 1400 takes an inner one of 1340
ok "a black hole: large packets get no answer, so smaller ones are sent" until_true 90 is_at_most 1340
ok "which nobody had said" until_true 10 dropped
large() { in_m ping -c 1 -W 2 -s $(($(mtu) - 28)) -M "do" -I oob0 10.66.0.1; }
ok "a packet of that size gets there whole" until_true 10 large
ok "the log says why" says "the path takes packets of" ferrule log
# now the path is smaller still, and the router says so
ip -n "$O" link set far mtu 1360 && ip -n "$S" link set wan0 mtu 1360
in_o nft delete table ip r
ok "a router that says so: at once" until_true 30 is_at_most 1280
ok "a packet of that size gets there whole" until_true 10 large
ok "the device has it" eval 'in_m ip link show oob0 | grep -q "mtu 1280"'
ok "told: as it is told" eval 'ferrule set oob mtu 1300 && ferrule commit && until_true 10 eval "in_m ip link show oob0 | grep -q \"mtu 1300\""'
ok "what is sent is held to a rate, where that is told" eval 'ferrule set oob shaper 20000 && ferrule commit && until_true 10 eval "in_m tc qdisc show dev oob0 | grep -q \"tbf.*rate 20Mbit\""'
ok "and shown" says "20000" ferrule show oob
bulk() {
	spawn "$S" sh -c 'nc -l 10.66.0.1 5001 >"$0"' "$work/got"
	until_true 5 eval 'in_s ss -ltn | grep -q :5001'
	head -c 4M /dev/zero | in_m timeout 30 nc -N 10.66.0.1 5001
	until_true 10 eval '[ "$(stat -c %s "$work/got")" = 4194304 ]'
}
ok "and gets there whole" bulk
ok "off: no queue of ours is left" eval 'ferrule delete oob shaper && ferrule commit && until_true 10 eval "! in_m tc qdisc show dev oob0 | grep -q tbf"'
ok "auto: nothing is held back without load" eval 'ferrule set oob shaper auto && ferrule commit && bulk && ! in_m tc qdisc show dev oob0 | grep -q tbf'

# nothing is to be reached: no connection is tracked, and still nobody comes in
untracked() { in_m nft list table inet ferrule-oob >"$work/table" && grep -q asked4 "$work/table" && ! grep -w ct "$work/table"; }
ok "no rule of ours tracks connections" untracked
spawn "$S" socat UDP-LISTEN:5002,fork EXEC:"echo answer"
spawn "$M" socat UDP-LISTEN:5003,fork EXEC:"echo answer"
spawn "$M" socat TCP-LISTEN:5004,fork EXEC:"echo answer"
until_true 5 eval 'in_m nc -z 127.0.0.1 5004 && in_s ss -lun | grep -q :5002 && in_m ss -lun | grep -q :5003'
asks() { [ "$(echo question | "in_$1" timeout 5 nc -"$2" -w 2 "$3" "$4")" = answer ]; }
ok "whom the module asks by UDP may answer" until_true 10 asks m u 10.66.0.1 5002
ok "who asks it by UDP gets no answer" fails asks s u 10.66.0.2 5003
ok "nor one by TCP" fails asks s 4 10.66.0.2 5004
ok "which it would give" until_true 10 asks m 4 127.0.0.1 5004
ok "a port that is listed" eval 'ferrule set oob own tcp 5004 && ferrule set oob own udp 5003 && ferrule commit && until_true 10 asks s 4 10.66.0.2 5004 && until_true 10 asks s u 10.66.0.2 5003'
daemon_of() { state '.service[] | select(.name == "wireguard-oob0") | .pid' service; }
before=$(daemon_of)
kill -9 "$before"
ok "a new daemon: the MTU is what was told" until_true 20 eval '[ "$(daemon_of)" != "$before" ] && large'

# packets that cross in fragments, where fragments cross
in_o nft "add table ip f; add chain ip f in { type filter hook prerouting priority -450; }; add rule ip f in ip frag-off & 0x3fff != 0 counter drop"
refused() { [ "$(mtu)" -le 1280 ] && says "the way drops fragments" ferrule log; }
ok "larger ones, where a router drops fragments: tried, and left" eval 'ferrule delete oob shaper && ferrule set oob mtu 8800 && ferrule commit && until_true 20 refused'
ok "a router did drop some" eval 'in_o nft list table ip f | grep -q "packets [1-9]"'
ok "what crosses in one piece still does" bulk
in_o nft "flush chain ip f in; add rule ip f in ip frag-off & 0x3fff != 0 ip saddr 198.18.0.2 counter; add rule ip f in ip frag-off & 0x3fff != 0 ip saddr 198.18.1.2 counter"
crossed() { [ "$(in_o nft list table ip f | grep -c 'packets [1-9]')" = "$1" ]; }
ip -n "$S" link set "${id}h" mtu 8800
kill -9 "$(daemon_of)"
crosses() { [ "$(mtu)" = 8800 ] && says "get there, in fragments" ferrule log && in_m ping -c 1 -W 2 -s 8772 -M "do" -I oob0 10.66.0.1; }
ok "where none does, they are used, from the next start on" until_true 30 crosses
ok "both ways, through the router" until_true 10 crossed 2
in_o nft "flush chain ip f in; add rule ip f in ip saddr 198.18.0.2 ip frag-off & 0x3fff != 0 counter"
ok "and what is large gets there whole" bulk
# 4 MiB are 2,834 of 1,480 octets; the end of what is written at once may be small
pieces() { in_o nft list table ip f | sed -n 's/.*counter packets \([0-9]*\).*/\1/p'; }
ok "most of it in fragments" test "$(pieces)" -gt 2000
finish
