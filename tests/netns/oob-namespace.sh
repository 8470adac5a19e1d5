#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tunnels in a network namespace of their own: what can be reached through them, what cannot,
# and a site that has the tunnel's own addresses.
#
#	$H, the hub 198.18.1.2 --- $O (NAT) 192.0.2.1 --- wire --- sfp0 192.0.2.5, the module
. "$(dirname "$0")/lib.sh"

for need in wireguard-go wg nft sshd ser2net; do
	command -v "$need" >/dev/null || [ -x "/usr/sbin/$need" ] || skip_all "no $need"
done
world
H=$id-h
away() {
	cleanup
	ip netns del "$H" 2>/dev/null
	rm -rf "/run/wireguard/${id}h.sock" "/run/$id".*
}
trap away EXIT
ip netns add "$H" && ip -n "$H" link set lo up
in_h() { nsenter --net="/run/netns/$H" "$@"; }
ip -n "$H" link add wan type veth peer name hub netns "$O"
ip -n "$H" addr add 198.18.1.2/24 dev wan && ip -n "$H" link set wan up
ip -n "$O" addr add 198.18.1.1/24 dev hub && ip -n "$O" link set hub up
in_o sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
in_o nft "add table ip nat; add chain ip nat out { type nat hook postrouting priority 100; }; add rule ip nat out oifname hub masquerade"

keys=$(mktemp -d "/run/$id.XXXXXX") # sshd wants no folder above them that all may write
chmod 755 "$work" "$keys" && ssh-keygen -q -t ed25519 -N "" -f "$keys/id" && chmod 644 "$keys/id.pub"
spawn "$M" socat "PTY,link=$work/tty,raw,echo=0,mode=666" EXEC:cat
until_true 5 test -e "$work/tty"
umask 077
wg genkey >"$work/hub.key"
umask 022
oob() { # ISOLATION
	cat <<-YAML
		system: {name: sfp1}
		wire: {optical: eth0, electrical: eth1}
		host-link: {ipv4: {method: static, address: [192.0.2.5/24], gateway: 192.0.2.1}}
		oob:
		  address: [10.66.0.2/32, "fd66::2/128"]
		  backend: userspace
		  uplinks: [sfp0]
		  isolation: $1
		  hub: [{name: h, endpoint: "198.18.1.2:51820", public-key: "$(wg pubkey <"$work/hub.key")", allowed: [10.66.0.0/24, 198.51.100.0/24, "fd66::/64"]}]
		  reach: [{name: switch, address: 192.0.2.2, tcp: [2222], udp: [2224]}]
		  own: {tcp: [8022]}
		  ssh: {listen: 22, from: [10.66.0.1/32, "fd66::1/128"], authorized-keys-file: $keys/id.pub}
		  console: [{name: sw1, device: $(readlink "$work/tty"), port: 2001, protocol: raw}]
	YAML
}
oob namespace >"$work/ferrule.yaml"
start
show() { state ".\"ferrule-oob:oob\".$1" oob; }
key() { show '"public-key"' | grep -q '=$'; }
until_true 10 key
public=$(show '"public-key"')
spawn "$H" env WG_PROCESS_FOREGROUND=1 wireguard-go -f "${id}h" 2>/dev/null
until_true 10 test -S "/run/wireguard/${id}h.sock"
wg set "${id}h" private-key "$work/hub.key" listen-port 51820 peer "$public" allowed-ips 10.66.0.2/32,fd66::2/128,192.0.2.2/32
for address in 10.66.0.1/24 10.66.0.3/24 198.51.100.1/32 fd66::1/64 fd66::3/64; do ip -n "$H" addr add "$address" dev "${id}h"; done
ip -n "$H" link set "${id}h" mtu 1420 up && ip -n "$H" route add 192.0.2.2 dev "${id}h"

ok "a tunnel" until_true 60 in_h ping -c 1 -W 1 10.66.0.2
in_h ping -c 1 -W 1 10.66.0.2 >/dev/null || { ferrule log | sed 's/^/# /'; ferrule show oob | sed 's/^/# /'; finish; }
ok "also by IPv6" until_true 10 in_h ping -c 1 -W 1 fd66::2
space=$(show namespace)
inside() { nsenter --net="$space" "$@"; }
ok "its interface is in the namespace" inside ip link show oob0
ok "and not in that of the module" eval '! in_m ip link show oob0 && ! in_m ip addr | grep -e 10.66 -e fd66:'
ok "where no rule or route leads into the tunnel" eval '! in_m ip rule | grep 10.66 && ! in_m ip route show table all | grep 10.66 && ! in_m ip -6 route show table all | grep fd66'
ok "but what it sends has a table of its own" says "lookup 51900" in_m ip rule
active() { [ "$(show "hub[0].state")" = active ]; }
ok "the hub answers the module's questions" until_true 10 active

attribute() { inside unshare -m sh -c 'mount -t sysfs sysfs /sys && cat "/sys/class/net/oob0/$1"' sh "$1"; }
ok "segments that came through it go up together" eval '[ "$(attribute gro_flush_timeout)" = 1000000 ] && [ "$(attribute napi_defer_hard_irqs)" = 1 ]'

# ---- what may be reached ----
cat >"$work/greet.py" <<-'PY'
	import socket, sys
	listener = socket.create_server(("::", int(sys.argv[1])), family=socket.AF_INET6, dualstack_ipv6=True) if len(sys.argv) < 4 else socket.create_server((sys.argv[3], int(sys.argv[1])))
	while True:
	    with listener.accept()[0] as client:
	        client.sendall(sys.argv[2].encode() + b"\n")
PY
spawn "$S" python3 "$work/greet.py" 2222 switch 0.0.0.0
spawn "$S" python3 "$work/greet.py" 2223 no 0.0.0.0
spawn "$S" socat UDP-LISTEN:2224,fork EXEC:"echo datagram"
spawn "$M" python3 "$work/greet.py" 8022 module
spawn "$M" python3 "$work/greet.py" 8023 no
says_to() { [ "$(in_h timeout 5 nc -w 3 "${@:3}" "$1" "$2" </dev/null)" = "${expect:-}" ]; }
ok "the switch at a listed port" eval 'expect=switch; until_true 10 says_to 192.0.2.2 2222'
datagram() { [ "$(echo x | in_h timeout 5 nc -u -w 2 192.0.2.2 2224)" = datagram ]; }
ok "by UDP as well" until_true 20 datagram
ok "also for another network behind the hub" eval 'expect=switch; until_true 10 says_to 192.0.2.2 2222 -s 198.51.100.1'
ok "at no other port" fails in_h nc -z -w 2 192.0.2.2 2223
ok "the module at a listed port" eval 'expect=module; until_true 10 says_to 10.66.0.2 8022'
ok "also by IPv6" eval 'expect=module; until_true 10 says_to fd66::2 8022'
# closed PORT: or all that lets it in
closed() {
	! in_h nc -v -z -w 2 10.66.0.2 "$1" && return
	in_m nft list ruleset
	inside nft list ruleset
	in_h ip route get 10.66.0.2
	ferrule log | tail -20
	return 1
}
ok "at no other port" closed 8023
ok "nor at its end of the way in" eval 'ip -n "$H" route add 169.254.0.1 dev "${id}h" && wg set "${id}h" peer "$public" allowed-ips 10.66.0.2/32,fd66::2/128,192.0.2.2/32,169.254.0.1/32 && ! in_h nc -z -w 2 169.254.0.1 8022'
login() { in_h ssh -i "$keys/id" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=5 -o BatchMode=yes "$@"; }
ok "a login is where the module is" until_true 20 says sfp0 login root@10.66.0.2 ip -br link
ok "also by IPv6" until_true 10 says sfp0 login -b fd66::1 root@fd66::2 ip -br link
ok "not for others" fails in_h nc -z -w 2 -s 10.66.0.3 10.66.0.2 22
ok "nor by IPv6" fails in_h nc -z -w 2 -s fd66::3 fd66::2 22
ok "nor from the site" eval '! in_s nc -z -w 2 192.0.2.5 22 && ip -n "$S" route add 169.254.0.1 via 192.0.2.5 && ! in_s nc -z -w 2 169.254.0.1 22'
head -c 3000000 /dev/urandom >"$work/large"
carried() { [ "$(login root@10.66.0.2 "cat $work/large" | sha256sum)" = "$(sha256sum <"$work/large")" ]; }
ok "3 MB come whole" carried
cat >"$work/echo.py" <<-'PY'
	import socket
	with socket.create_connection(("10.66.0.2", 2001), 3) as console:
	    console.settimeout(3)
	    console.sendall(b"hello\n")
	    assert console.recv(100) == b"hello\n"
PY
echoes() { in_h python3 "$work/echo.py"; }
ok "the console answers" until_true 20 echoes
ulimit -n 4096 # most of them time out, as ICMP is rate-limited
ok "a scan of 4,098 ports finds what is listed" says "[22, 2001, 8022]" in_h python3 "$top/tests/netns/scan.py" 10.66.0.2 8022 8023 51820

# ---- a site that has the tunnel's addresses ----
ip -n "$S" addr add 10.66.0.1/24 dev uplink && ip -n "$M" addr add 10.66.0.2/24 dev sfp0
spawn "$S" python3 "$work/greet.py" 2300 site 10.66.0.1
spawn "$H" python3 "$work/greet.py" 2300 hub 10.66.0.1
from_module() { [ "$(in_m timeout 5 nc -w 3 10.66.0.1 2300 </dev/null)" = "$1" ]; }
ok "the module reaches the site's" until_true 10 from_module site
ok "while the hub's are behind the tunnel" eval 'in_h ping -c 2 -W 2 10.66.0.2 && until_true 5 active && [ "$(inside timeout 5 nc -w 3 10.66.0.1 2300 </dev/null)" = hub ]'
ok "and the site behind the module" eval 'expect=switch; until_true 10 says_to 192.0.2.2 2222'
ip -n "$M" addr del 10.66.0.2/24 dev sfp0
ip -n "$M" route add 10.66.0.1 via 169.254.0.2 dev oob-in
ok "nothing of the module goes into the tunnel, also where a route says so" fails from_module hub
in_m nft delete table inet ferrule-oob
ok "nor where its own rules are gone" fails from_module hub
in_m ip route del 10.66.0.1
while in_m ip route del default 2>/dev/null; do :; done
ok "the default route is deleted: the tunnel does not mind" in_h ping -c 3 -i 0.5 -W 2 10.66.0.2
in_m ip route add default via 192.0.2.1
ok "the next commit puts the rules back" eval 'ferrule set oob hold-time 7 && ferrule commit && expect=switch && until_true 10 says_to 192.0.2.2 2222'

# ---- what ends ----
daemon_of() { state ".service[] | select(.name == \"wireguard-oob0\") | .pid" service; }
stays() { in_h ping -c 1 -W 1 10.66.0.2 >/dev/null; }
for i in 1 2 3; do
	kill -9 "$(daemon_of)"
	until_true 15 stays || break
done
ok "its daemon killed, again and again: back" stays
ok "and nothing of its start is left here" until_true 5 fails in_m ip link show oob0
stop KILL
ok "the supervisor dead: the tunnel stays" in_h ping -c 2 -W 2 10.66.0.2
ok "and what is behind it" eval 'expect=switch; until_true 5 says_to 192.0.2.2 2222'
pid=$(cut -d' ' -f1 "$work/run/wireguard-oob0.process")
start
ok "the next one takes over" eval 'until_true 20 active && test "$(daemon_of)" = "$pid" && stays'
remote() { login root@10.66.0.2 "FERRULE_RUN_DIR=$work/run FERRULE_YANG_DIR=$FERRULE_YANG_DIR FERRULE_PLUGIN_DIR=$FERRULE_PLUGIN_DIR sh -c '$*'"; }
ok "a change of the tunnel through it asks for --confirm" says "you came in through the tunnel" fails remote "$build/ferrule set oob hold-time 9 && $build/ferrule commit"
ferrule discard

# ---- in, out, in, off ----
here() { in_m ip link show oob0 && stays && expect=switch && says_to 192.0.2.2 2222; }
ok "isolation by a table instead: the interface is here" eval 'ferrule set oob isolation table && ferrule commit && until_true 30 here'
ok "and the namespace is gone" eval '[ ! -e "$work/run/oob.netns" ] && ! in_m ip link show oob-in && [ "$(show namespace)" = null ]'
ok "a login there" until_true 20 login root@10.66.0.2 true
there() { ! in_m ip link show oob0 && stays && expect=switch && says_to 192.0.2.2 2222 && login root@10.66.0.2 true; }
ok "and back" eval 'ferrule set oob isolation namespace && ferrule commit && until_true 30 there'
ok "no rule of it is left" eval '! in_m ip rule | grep 10.66'
ok "everything behind the hub: answers still go through it" eval 'ferrule set oob hub h allowed 0.0.0.0/0 && ferrule commit && ip -n "$H" addr add 203.0.113.1/32 dev "${id}h" && expect=switch && until_true 20 says_to 192.0.2.2 2222 -s 203.0.113.1'
ok "also where a table isolates" eval 'ferrule set oob isolation table && ferrule commit && expect=switch && until_true 20 says_to 192.0.2.2 2222 -s 203.0.113.1'
ok "refused: a namespace whose way in has the name of somebody's interface" eval 'in_m ip link add oob-in type bridge && ferrule set oob isolation namespace && says "an interface oob-in already" fails ferrule commit; in_m ip link del oob-in'
ok "and with the name free" eval 'ferrule commit && until_true 30 there'
stop KILL
sed -i 's/isolation: namespace/isolation: table/' "$work/ferrule.yaml"
start
ok "another isolation while no supervisor was there: its daemon is not taken for the new one" until_true 60 here
ok "nor is a rule of before" eval '! in_m ip link show oob-in && [ ! -e "$work/run/oob.netns" ]'
in_m sh -c 'for what in all default; do echo 1 >/proc/sys/net/ipv6/conf/$what/disable_ipv6; done'
ok "where IPv6 is switched off, a namespace has the rest" eval 'ferrule set oob isolation namespace && ferrule commit && until_true 40 there'
ferrule delete oob && ferrule commit >/dev/null
gone() { [ ! -e "$work/run/oob.netns" ] && ! in_m ip link show oob-in && ! in_m ip link show oob0 && ! in_m ip rule | grep -q "^52" && ! in_m nft list table inet ferrule-oob && ! ls "$work"/run/wireguard-*.process; }
ok "off: nothing of it is left" until_true 15 gone
finish
