#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A way in that stays: two hubs, two uplinks, a NAT between; and what is taken away of it.
#
#	hub a, b -- $O (NAT) 192.0.2.1 -- wire -- sfp0 192.0.2.5, the module
#	        \-- $R (NAT) 198.18.5.1 ---------- usb0 198.18.5.5
. "$(dirname "$0")/lib.sh"

for need in wireguard-go wg nft; do
	command -v "$need" >/dev/null || skip_all "no $need"
done
world
R=$id-r A=$id-a B=$id-b
more() {
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
	cleanup
	for ns in "$R" "$A" "$B"; do ip netns del "$ns" 2>/dev/null; done
	rm -f "/run/wireguard/$id"*.sock
}
trap more EXIT
for ns in "$R" "$A" "$B"; do ip netns add "$ns" && ip -n "$ns" link set lo up; done
# hub and router: link NAME HUB ROUTER NETWORK
link() {
	ip -n "$2" link add "$1" type veth peer name "to-${1#to-}h" netns "$3"
	ip -n "$2" addr add "$4.2/24" dev "$1" && ip -n "$2" link set "$1" up
	ip -n "$3" addr add "$4.1/24" dev "to-${1#to-}h" && ip -n "$3" link set "to-${1#to-}h" up
}
in_ns() { nsenter --net="/run/netns/$1" "${@:2}"; }
link a1 "$A" "$O" 198.18.1
link b1 "$B" "$O" 198.18.2
link a2 "$A" "$R" 198.18.3
link b2 "$B" "$R" 198.18.4
# one address of each hub, over either router
for hub in "$A 198.18.9.1 1 3" "$B 198.18.9.2 2 4"; do
	read -r ns address one two <<<"$hub"
	ip -n "$ns" addr add "$address/32" dev lo
	ip -n "$O" route add "$address" via "198.18.$one.2"
	ip -n "$R" route add "$address" via "198.18.$two.2"
done
ip -n "$M" link add usb0 type veth peer name usb netns "$R"
ip -n "$R" addr add 198.18.5.1/24 dev usb && ip -n "$R" link set usb up
ip -n "$M" addr add 198.18.5.5/24 dev usb0 && ip -n "$M" link set usb0 up
ip -n "$M" route add default via 198.18.5.1 dev usb0 metric 500
for ns in "$O" "$R"; do
	in_ns "$ns" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	in_ns "$ns" nft "add table ip nat; add chain ip nat out { type nat hook postrouting priority 100; }; add rule ip nat out ip daddr 198.18.9.0/24 masquerade"
done

# hub NAME NETNS MODULE'S-KEY
hub() {
	spawn "$2" env WG_PROCESS_FOREGROUND=1 wireguard-go -f "$id$1" 2>/dev/null
	hub_pid=$spawned
	until_true 10 test -S "/run/wireguard/$id$1.sock"
	wg set "$id$1" private-key "$work/$1.key" listen-port 51820 peer "$3" allowed-ips 10.66.0.2/32
	ip -n "$2" addr add 10.66.0.1/24 dev "$id$1" && ip -n "$2" link set "$id$1" up
}
umask 077
for name in a b other; do wg genkey >"$work/$name.key" && wg pubkey <"$work/$name.key" >"$work/$name.pub"; done
umask 022
oob() {
	cat <<-YAML
		host-link: {ipv4: {method: static, address: [192.0.2.5/24], gateway: 192.0.2.1}}
		oob:
		  address: [10.66.0.2/32]
		  backend: userspace
		  uplinks: [sfp0, usb0]
		  hold-time: 6
		  hub:
		    - {name: a, endpoint: "198.18.9.1:51820", public-key: "$(cat "$work/a.pub")", allowed: [10.66.0.0/24]}
		    - {name: b, endpoint: "198.18.9.2:51820", public-key: "$(cat "$work/b.pub")"} # what is behind it is what is behind a
		  reach: [{name: switch, address: 192.0.2.2, tcp: [2222]}]
		  own: {tcp: [8022]}
	YAML
}
config < <(oob)
start
show() { state ".\"ferrule-oob:oob\".$1" oob; }
key() { show '"public-key"' | grep -q '=$'; }
ok "a key was made" until_true 10 key
ok "nobody else may read it" test "$(stat -c %a "$work/state/oob/oob.key")" = 600
public=$(show '"public-key"')
ok "it is that of the file" test "$(wg pubkey <"$work/state/oob/oob.key")" = "$public"
hub a "$A" "$public" && hub_a=$hub_pid
hub b "$B" "$public" && hub_b=$hub_pid
is_hub() { [ "$(show "hub[] | select(.name == \"$1\") | .state")" = "$2" ]; }
is_uplink() { [ "$(show "uplink[] | select(.name == \"$1\") | .state")" = "$2" ]; }
active() { [ "$(show '"active-hub"')" = "$1" ] && is_hub "$1" active && is_uplink "$2" active; }
ok "a tunnel to the first hub, over the first uplink" until_true 60 active a sfp0
active a sfp0 || { ferrule log oob | tail -5; ferrule log | sed 's/^/# /'; ferrule show oob | sed 's/^/# /'; in_m ip rule | sed 's/^/# /'; in_m ip route show table 51900 | sed 's/^/# /'; in_m ip route show table 51901 | sed 's/^/# /'; finish; }
ok "the other hub is warm" until_true 10 is_hub b warm
ok "who comes through the other hub is answered through it" in_ns "$B" ping -c 2 -W 2 10.66.0.2
ok "from the hub: the module" in_ns "$A" ping -c 2 -W 2 10.66.0.2
daemon_of() { state ".service[] | select(.name == \"wireguard-oob0\") | .pid" service; }
ok "its daemon is not root" test "$(stat -c %u "/proc/$(daemon_of)")" != 0
ok "nor does it take turns from others" eval 'chrt -p "$(daemon_of)" | grep -q SCHED_BATCH'
buffer() { in_m ss -ulnpm | grep -A1 wireguard-go | grep -o 'rb[0-9]*' | sort -u; }
ok "its socket has room" eval '[ "$(buffer)" = rb4194304 ]'
ok "a table for people" says 198.18.9.1:51820 ferrule show oob

# what may be reached
cat >"$work/greet.py" <<-'PY'
	import socket, sys
	listener = socket.create_server(("", int(sys.argv[1])))
	while True:
	    with listener.accept()[0] as client:
	        client.sendall(sys.argv[2].encode() + b"\n")
PY
spawn "$S" python3 "$work/greet.py" 2222 switch
spawn "$S" python3 "$work/greet.py" 2223 no
spawn "$M" python3 "$work/greet.py" 8022 module
spawn "$M" python3 "$work/greet.py" 8023 no
in_ns "$A" ip route add 192.0.2.2 dev "${id}a"
wg set "${id}a" peer "$public" allowed-ips 10.66.0.2/32,192.0.2.2/32
says_to() { [ "$(in_ns "$A" timeout 5 nc -w 3 "$1" "$2" </dev/null)" = "$3" ]; }
ok "the switch at a listed port, without a route of its own" until_true 10 says_to 192.0.2.2 2222 switch
ok "at no other port" fails says_to 192.0.2.2 2223 no
# by the name of a hub or by prefix: who may
reach_from() { ferrule delete oob reach switch from 2>/dev/null; ferrule set oob reach switch from "$1" && ferrule commit >/dev/null; }
ok "a reach of somebody else's: not for this one" eval 'reach_from 10.66.0.77/32 && until_true 10 fails says_to 192.0.2.2 2222 switch'
ok "of the hub's, by its name" eval 'reach_from a && until_true 10 says_to 192.0.2.2 2222 switch'
ok "a name that is nobody's" says "the name of a peer or a hub" eval 'ferrule set oob reach switch from nobody; ferrule commit'
ferrule discard
ferrule delete oob reach switch from && ferrule commit >/dev/null
ok "the module at a listed port" until_true 10 says_to 10.66.0.2 8022 module
ok "at no other port" fails says_to 10.66.0.2 8023 no
# it has a route, and the hub would answer
ip -n "$S" route add 10.66.0.0/24 via 192.0.2.5
out() { in_s ping -c 1 -W 1 10.66.0.1; }
ok "the site has no way out through the tunnel" fails out
# and what it would send on to its other uplink is counted there
ip -n "$O" route add 198.18.5.1 via 192.0.2.5
in_ns "$R" nft "add table ip seen; add chain ip seen in { type filter hook input priority 0; }; add rule ip seen in ip saddr 192.0.2.1 counter"
seen() { in_o ping -c 1 -W 1 198.18.5.1 >/dev/null; in_ns "$R" nft list table ip seen | grep -o 'packets [0-9]*'; }
ok "nor is the module a router to its other uplink" test "$(seen)" = "packets 0"
in_m nft delete table inet ferrule-oob
ok "but for the rules it would be" test "$(seen)" = "packets 1"
ok "but for the rules it would" until_true 10 out
ok "which the next commit puts back" eval 'ferrule set oob hold-time 7 && ferrule commit && until_true 10 fails out'
ok "and there" test "$(seen)" = "packets 1"

# what is taken away; a client at the hub side counts
took=0
seconds() { # COMMAND...: until it is true, in tenths
	local begin now
	read -r begin _ </proc/uptime
	until_true 60 "$@" || return 1
	read -r now _ </proc/uptime
	took=$(((${now/./} - ${begin/./}) / 10))
}
kill "$hub_a" && wait "$hub_a" 2>/dev/null
ok "the hub is gone: the next one" seconds eval 'in_ns "$B" ping -c 1 -W 1 10.66.0.2 && active b sfp0'
say "failover to the other hub: $((took / 10)).$((took % 10)) s"
ok "from the other hub: the module" in_ns "$B" ping -c 2 -W 2 10.66.0.2
ok "health says which hub is silent" until_true 90 says "hub a" eval 'ferrule health; true'
hub a "$A" "$public" && hub_a=$hub_pid
ok "it is back: used again, after the hold time" until_true 40 active a sfp0
ip -n "$O" link set to-a1h down && ip -n "$O" link set to-b1h down
ok "a router in between is gone: the other uplink" seconds eval 'in_ns "$A" ping -c 1 -W 1 10.66.0.2 && is_uplink usb0 active'
say "failover to the other uplink: $((took / 10)).$((took % 10)) s"
ok "from the hub: the module" in_ns "$A" ping -c 2 -W 2 10.66.0.2
ok "health says which uplink is not in use" until_true 20 says "usb0 is in use, as sfp0 does not work" eval 'ferrule health; true'
ip -n "$O" link set to-a1h up && ip -n "$O" link set to-b1h up
ip -n "$O" route add 198.18.9.1 via 198.18.1.2 && ip -n "$O" route add 198.18.9.2 via 198.18.2.2
ok "it is back: used again" until_true 60 active a sfp0
# somebody else in band takes the module's address, and says so again and again
cat >"$work/conflict.py" <<-'PY'
	import socket, struct, sys, time
	wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
	wire.bind((sys.argv[1], 0))
	mac, address = wire.getsockname()[4], socket.inet_aton(sys.argv[2])
	arp = struct.pack("!HHBBH6s4s6s4s", 1, 0x800, 6, 4, 2, mac, address, b"\xff" * 6, address)
	end = time.monotonic() + 60
	while time.monotonic() < end:
	    wire.send(b"\xff" * 6 + mac + b"\x08\x06" + arp)
	    time.sleep(0.05)
PY
spawn "$S" python3 "$work/conflict.py" uplink 192.0.2.5
conflict=$spawned
elsewhere() { in_ns "$A" ping -c 1 -W 1 10.66.0.2 && is_uplink usb0 active; }
ok "an address conflict in band: over the other uplink" until_true 40 elsewhere
kill "$conflict"
ip -n "$O" neigh flush dev line
# not waiting for five minutes, after which it would be tried again
ferrule delete host-link && ferrule commit >/dev/null && ferrule rollback >/dev/null
ok "which ends: used again" until_true 60 active a sfp0
ok "chosen on command: the other hub, the other uplink" eval 'ferrule oob use b && ferrule oob use usb0 && until_true 20 active b usb0'
ok "which stays" says "b, usb0" ferrule show oob
ok "from that hub: the module" until_true 10 in_ns "$B" ping -c 1 -W 1 10.66.0.2
ok "and is undone" eval 'ferrule oob use auto && until_true 60 active a sfp0'
ip -n "$M" link set usb0 down
ok "the other uplink has no carrier: shown" until_true 10 eval '[ "$(show "uplink[] | select(.name == \"usb0\") | .state")" = "no carrier" ]'
while in_m ip route del default 2>/dev/null; do :; done
ok "the default route is deleted" fails in_m ip route get 198.18.9.1
ok "the tunnel does not mind" eval 'until_true 5 active a sfp0 && in_ns "$A" ping -c 3 -i 0.5 -W 2 10.66.0.2'
stays() { in_ns "$A" ping -c 1 -W 1 10.66.0.2 >/dev/null; }
for i in 1 2 3; do
	kill -9 "$(daemon_of)"
	until_true 15 stays || break
done
ok "its daemon killed, again and again: back with key and peers" stays
ok "at once" seconds active a sfp0
stop KILL
ok "the supervisor dead: the tunnel stays" in_ns "$A" ping -c 2 -W 2 10.66.0.2
pid=$(cut -d' ' -f1 "$work/run/wireguard-oob0.process")
start
ok "the next one takes over" eval 'until_true 20 active a sfp0 && test "$(daemon_of)" = "$pid"'
ok "and from the hub: the module" in_ns "$A" ping -c 2 -W 2 10.66.0.2

# a commit that the tunnel itself confirms, and one that it does not
ok "a role that is not there cannot confirm" says "a role that is in the configuration" eval 'ferrule set system name new1 && ferrule commit --until nothing'
ok "a commit until the tunnel works" says "rolls back" ferrule commit --confirm 200s --until oob
kill "$hub_a" && wait "$hub_a" 2>/dev/null
until_true 20 active b sfp0
hub a "$A" "$public" && hub_a=$hub_pid
confirmed() { [ "$(state .commit.pending commit)" = false ] && ferrule config system | grep -q new1; }
ok "a handshake after it: confirmed" until_true 150 confirmed
ok "by the tunnel" says "'oob' works with commit" ferrule log
cut_off() {
	ferrule set oob hub a endpoint 198.18.9.77:51820 && ferrule set oob hub b endpoint 198.18.9.78:51820 &&
		ferrule commit --confirm 45s --until oob
}
is_at() { [ "$(show "hub[0].endpoint")" = "$1" ]; }
is_waiting() { [ "$(state .commit.pending commit)" = true ]; }
# the hub looks for us after 15 s: from where the next start would not find it (and through the NAT)
ip -n "$A" route replace 198.18.1.0/24 dev a1 src 198.18.9.1
spawn "$A" ping -q -i 0.5 -w 50 10.66.0.2 >/dev/null
ok "a commit that cuts it off" eval 'cut_off && until_true 10 is_at 198.18.9.77:51820'
ok "a hub that comes from its old address" until_true 30 is_at 198.18.9.1:51820
ok "confirms nothing" is_waiting
# which tells it its endpoint again, with the handshake from elsewhere
ok "nor does another uplink" eval 'ip -n "$M" link set usb0 up && until_true 10 is_uplink usb0 usable && ferrule oob use usb0 && fails until_true 3 fails is_waiting && ferrule oob use auto'
back() { [ "$(state .commit.pending commit)" = false ] && ferrule config oob | grep -q 198.18.9.1; }
ok "it comes back by itself" until_true 60 back
ok "and the tunnel with it" until_true 40 eval 'is_hub a active || is_hub b active'
until_true 40 active a sfp0
# one that came from elsewhere, and fell silent there
spawn "$A" ping -q -i 0.5 -w 30 10.66.0.2 >/dev/null
ok "a hub that is not where it is to be, but works" eval 'ferrule set oob hub a endpoint 198.18.9.77:51820 && ferrule commit && until_true 40 eval "is_at 198.18.9.1:51820 && is_hub a active"'
wg set "${id}a" peer "$public" remove
ok "and no more: looked for there again, while another one works" until_true 50 eval 'is_at 198.18.9.77:51820 && active b sfp0'
wg set "${id}a" peer "$public" allowed-ips 10.66.0.2/32
ok "it is where it was" eval 'ferrule set oob hub a endpoint 198.18.9.1:51820 && ferrule commit && until_true 40 active a sfp0'

# wrong on purpose
wrong() {
	ferrule discard
	"${@:3}" >/dev/null && says "$2" ferrule commit && [ "$(grep -c . "$work/said")" = 1 ]
}
refuse() { ok "refused: $1" wrong "$@"; }
refuse "an endpoint without a port" "NAME:PORT" ferrule set oob hub a endpoint 198.18.9.1
refuse "a name of somebody else" "allowed are names that are free" ferrule set oob interface usb0
refuse "a port that is none" "with a port from 1 to 65535" ferrule set oob hub a endpoint 198.18.9.1:99999
ok "refused: a key that is none" says "44 characters of base64" ferrule set oob hub a public-key abc
peer() { ferrule set oob peer "$1" public-key "$2" && ferrule set oob peer "$1" allowed "$3"; }
refuse "one key twice" "this is the key of 'x'" eval 'peer x "$(cat "$work/other.pub")" 10.67.0.1/32 && peer y "$(cat "$work/other.pub")" 10.67.0.2/32'
refuse "networks that overlap" "overlaps 10.67.0.0/24 of 'x'" eval 'peer x "$(cat "$work/other.pub")" 10.67.0.0/24 && peer y "$(cat "$work/a.pub")" 10.67.0.2/32'
cp "$work/other.key" "$work/open.key" && chmod 644 "$work/open.key"
refuse "nobody to ask" "probe is missing, its own address in the tunnel" eval 'ferrule delete oob hub a allowed 10.66.0.0/24 && ferrule set oob hub a allowed 0.0.0.0/0'
refuse "nothing behind a hub" "allowed is missing, the networks behind it" ferrule delete oob hub a allowed 10.66.0.0/24
refuse "a key file that others may read" "chmod 600" ferrule set oob hub a preshared-key-file "$work/open.key"
refuse "a key file that is not there" "cannot be read" ferrule set oob hub a preshared-key-file "$work/none.key"
ferrule discard
ok "nothing of it is in force" eval 'test -z "$(ferrule diff)" && active a sfp0'
# an endpoint by name, in a world where names are wrong, then right, then gone
stop
start_with_hosts() {
	spawn "$M" unshare -m sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' "$work/hosts" "$build/ferruled" --no-syslog \
		--config "$work/ferrule.yaml" --run-dir "$work/run" --state-dir "$work/state" 2>>"$work/log"
	daemon=$spawned
	until_true 20 ferrule --json show system
}
echo "198.18.9.77 hub.test" >"$work/hosts"
start_with_hosts
ferrule delete oob hub b && ferrule set oob hub a endpoint hub.test:51820
# what comes from the old address meanwhile, which WireGuard takes for a hub that roamed
until_true 60 in_ns "$A" ping -c 1 -W 1 10.66.0.2
spawn "$A" ping -q -i 0.005 -w 6 10.66.0.2
ok "a name that is wrong" eval 'ferrule commit && until_true 20 says 198.18.9.77 ferrule show oob && until_true 20 is_hub a silent'
ok "it does not count as the address that worked" fails grep -q 198.18.9.77 "$work/state/oob/endpoint-a"
# nor does the hub look for us by itself
wg set "${id}a" peer "$public" remove
wg set "${id}a" peer "$public" allowed-ips 10.66.0.2/32
echo "198.18.9.1 hub.test" >"$work/hosts"
ok "it is right now: asked again, and found" until_true 60 eval 'is_hub a active && says "hub a is tried at 198.18.9.1:51820" ferrule log'
ok "and remembered" until_true 15 grep -q "hub.test 51820 198.18.9.1:51820" "$work/state/oob/endpoint-a"
# it speaks from a new address by itself; first the uplink of before, whose use tells the endpoint again
until_true 40 active a sfp0
echo "198.18.1.2 hub.test" >"$work/hosts"
ip -n "$A" route add 192.0.2.5 via 198.18.1.1 src 198.18.1.2
port=$(in_m ss -Hlnup | awk '/wireguard-go/ {print $4; exit}')
moves() {
	wg set "${id}a" peer "$public" endpoint "192.0.2.5:${port##*:}" && in_ns "$A" ping -c 2 -i 0.05 -W 1 10.66.0.2 && is_at 198.18.1.2:51820
}
ok "a hub that moves, with its name, and is not missed meanwhile" until_true 20 moves
ok "is asked for, and remembered" until_true 45 grep -q "hub.test 51820 198.18.1.2:51820" "$work/state/oob/endpoint-a"
stop
kill "$(cut -d' ' -f1 "$work/run/wireguard-oob0.process")"
echo >"$work/hosts"
start_with_hosts
ok "no name resolves, and all starts anew: the address that worked" until_true 60 is_hub a active
nothing() { [ "$(show 'hub[0].endpoint')" = null ] && is_hub a silent; }
ok "another name does not inherit it" eval 'ferrule set oob hub a endpoint other.test:51820 && ferrule commit && until_true 20 nothing'
ferrule delete oob && ferrule commit >/dev/null
ended() { gone || { in_m ip -br link; in_m ip rule; in_m nft list tables; ls "$work/run"; false; }; }
# what forwards because of us does so no more
restored() { [ "$(in_m cat /proc/sys/net/ipv4/conf/sfp0/forwarding)" = 0 ] && [ ! -e "$work/run/oob-forwarding" ]; }
gone() { restored && ! in_m ip link show oob0 && ! in_m ip rule | grep -q "^52" && ! in_m nft list table inet ferrule-oob && [ ! -e "$work/run/wireguard-oob0.process" ]; }
ok "off: nothing of it is left" eval 'until_true 15 gone; ended'
finish
