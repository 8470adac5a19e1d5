#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# S5, S7, S19, S21, S24, S25, S32: who may ask, upstream servers that fail or are dead, a range that
# is full, names that are the site's for all types, block lists of every kind. `health` says what
# users feel, by its exit status and as a line for Nagios.
. "$(dirname "$0")/../netns/lib.sh"

for need in dnsmasq dig nft curl; do command -v "$need" >/dev/null || skip_all "no $need"; done
world
chmod 755 "$work"
mkdir -p "$work/boot" "$work/block"
echo kernel >"$work/boot/linux"
for i in 22 23 24; do ip -n "$O" addr add "192.0.2.$i/24" dev line; done
ip -n "$O" addr add 198.51.100.1/32 dev line
cat >"$work/resolver.py" <<'PY'
"""A resolver that answers all with one code: resolver.py ADDRESS RCODE"""
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 53))
while True:
    q, client = s.recvfrom(2000)
    end = q.index(0, 12) + 5
    s.sendto(q[:2] + bytes([0x81, 0x80 | int(sys.argv[2])]) + q[4:6] + bytes(6) + q[12:end], client)
PY
# the world: one that works, with addresses of both families for one name
spawn "$O" dnsmasq --keep-in-foreground --conf-file=/dev/null --no-hosts --no-resolv --listen-address=192.0.2.1 --bind-interfaces \
	--address=/#/9.9.9.9 --address=/#/2001:db8::9 --pid-file=
spawn "$O" python3 "$work/resolver.py" 192.0.2.22 2
failing=$spawned
spawn "$O" python3 "$work/resolver.py" 192.0.2.24 0
printf '0.0.0.0 one.ads.example two.ads.example # both\n||three.ads.example^\n*.four.ads.example\n127.0.0.1 localhost localhost.localdomain\n! comment\ngood.example##.ad-banner\nwhat is this?\n' >"$work/block/list"
site() { # DNS [DHCP]
	cat <<-YAML
		wire: {optical: eth0, electrical: eth1}
		host-link: {ipv4: {method: static, address: [192.0.2.5/24], gateway: 192.0.2.1}}
		lan:
		  dhcp: {mode: server, force: true, range: ${2:-192.0.2.100-192.0.2.120}}
		  dns: $1
		  boot: {root: $work/boot, image: [{name: d, kernel: linux}]}
	YAML
}
config < <(site "{upstream: [192.0.2.22, 192.0.2.1]}" | sed 1d)
start
commit() { site "$@" | ferrule load - && ferrule commit; }
ask() { in_s dig +short +tries=1 +time=3 @192.0.2.5 "$@"; }
status_of() { in_s dig +tries=1 +time=3 @192.0.2.5 "$@" | sed -n 's/.*status: \([A-Z]*\),.*/\1/p'; }
answered() { [ "$(ask "$1")" = 9.9.9.9 ]; }

# of two upstreams one fails
ok "it serves" until_true 30 answered first.example.org
all_answered() { for i in $(seq 20); do answered "n$1$i.example.org" || return 1; done; }
ok "health names one of two upstreams that fails" until_true 10 says "left out" ferrule health
ok "it harms nobody: 20 of 20" all_answered a
ok "and health says what is done" says "it answers, and fails (SERVFAIL); it is left out" ferrule health
ok "by its exit status" fails ferrule health
ok "as a line for Nagios" says "FERRULE WARNING - lan upstream 192.0.2.22: it answers, and fails" ferrule health --nagios
ok "with Nagios' status" eval 'ferrule health --nagios >/dev/null; [ $? = 1 ]'
ok "in JSON" test "$(ferrule --json health | jq -r '.trouble[0].severity')" = warning
kill "$failing"
spawn "$O" python3 "$work/resolver.py" 192.0.2.22 5
ok "it works again, and is asked again" until_true 20 eval 'ferrule health | grep -q "all is well" && grep -qx "server=192.0.2.22" "$work/run/dnsmasq/servers"'
ok "all is well is exit status 0" ferrule health
commit "{upstream: [192.0.2.1, 192.0.2.22]}" >/dev/null
ok "the other order" all_answered b

# nobody answers upstream
commit "{upstream: [192.0.2.99]}" >/dev/null
ok "an upstream that is dead" until_true 20 says "it does not answer" ferrule health
ok "users feel it" eval 'ferrule health --nagios >/dev/null; [ $? = 2 ]'
ok "it stands beside the counters" test "$(state '."ferrule-lan:lan".dns.upstream[] | select(.address == "192.0.2.99") | .state')" = silent

# DNSSEC that cannot work
commit "{upstream: [192.0.2.24], dnssec: true}" >/dev/null
ok "an upstream that leaves signatures out" until_true 20 says "it leaves the signatures of the root's keys out" ferrule health

# who may ask
commit "{upstream: [192.0.2.1]}" >/dev/null
ok "the site is answered" until_true 20 answered second.example.org
stranger() { in_o dig +short +tries=1 +time=1 -b 198.51.100.1 @192.0.2.5 "$@" | grep -qx 9.9.9.9; }
ok "a stranger is not, by UDP" fails stranger third.example.org
ok "nor by TCP" fails stranger +tcp third.example.org
ok "the neighbour on the optical side is of the network" eval '[ "$(in_o dig +short +tries=1 +time=3 @192.0.2.5 x.example.org)" = 9.9.9.9 ]'
file() { "$1" curl -sS -m 2 "${@:2}" -o /dev/null http://192.0.2.5/boot/linux; }
ok "boot files for the site" until_true 20 file in_s
# S36: one that opens connections and says nothing
cat >"$work/idle.py" <<'EOF'
import signal, socket, sys
open_ = []
for i in range(600):
    s = socket.socket()
    s.settimeout(0.5)
    try:
        s.connect(("192.0.2.5", 80))
        open_.append(s)
    except OSError:
        pass
open(sys.argv[1], "w").write(str(len(open_)))
signal.pause()
EOF
spawn "$S" python3 "$work/idle.py" "$work/idle"
idle=$spawned
ip -n "$S" addr add 192.0.2.44/24 dev uplink
ok "600 idle connections of one client are bounded" eval 'until_true 60 test -s "$work/idle" && [ "$(cat "$work/idle")" -le 64 ]'
ok "another client is served meanwhile" eval 'in_s curl -sS -m 5 --interface 192.0.2.44 -o /dev/null http://192.0.2.5/boot/linux'
kill "$idle" 2>/dev/null
ok "not for strangers" fails file in_o --interface 198.51.100.1
commit "{upstream: [192.0.2.1], from: [198.51.100.0/24]}" >/dev/null
ok "who may ask is configured" until_true 10 stranger fourth.example.org
ok "and nobody else" fails answered fifth.example.org
ok "a prefix that is none" says "allowed is a prefix" commit "{from: [300.0.0.0/8]}"

# names of the site, and of nobody
commit "{upstream: [192.0.2.1], record: [{name: www.public.example, address: 192.0.2.80}], block-root: $work/block, block-list: [list]}" >/dev/null
ok "a record" until_true 10 eval '[ "$(ask www.public.example)" = 192.0.2.80 ]'
ok "upstream's other type does not get through" test -z "$(ask www.public.example AAAA)"
ok "and that is no error" test "$(status_of www.public.example AAAA)" = NOERROR
ok "a name below it is the world's" answered sub.www.public.example
for name in one.ads.example two.ads.example three.ads.example x.four.ads.example; do
	ok "blocked: $name" test "$(status_of "$name")" = NXDOMAIN
done
ok "a rule for a part of a page blocks no name" answered good.example
ok "localhost is not" test "$(ask localhost)" = 127.0.0.1
ok "strange lines are counted" says "4 names; 2 lines hold something else, the first is line 6" cat "$work/log"

# a range that is full
lease() { printf '%s 02:00:00:00:01:%02x 192.0.2.%s * *\n' "$(($(date +%s) + 3600))" "$1" "$1"; }
stop
kill "$(cut -d' ' -f1 "$work/run/dnsmasq.process")"
until_true 10 fails kill -0 "$(cut -d' ' -f1 "$work/run/dnsmasq.process")" 2>/dev/null
leases=$(find "$work/state" "$work/run" -name '*leases*' -type f | head -1)
for i in 100 101 102 103; do lease "$i"; done >"$leases"
sed -i 's/192.0.2.100-192.0.2.120/192.0.2.100-192.0.2.103/' "$work/ferrule.yaml"
site "{}" 192.0.2.100-192.0.2.103 >"$work/ferrule.yaml"
start
ok "a range that is full is said" until_true 20 says "all 4 addresses of the range are taken" ferrule health
ok "with numbers" test "$(state '."ferrule-lan:lan".range.taken')" = 4

# ports of the wire, while it runs
in_m ip link add br0 type bridge && in_m ip link set eth1 master br0
ok "a port that was put into a bridge" until_true 10 says "eth1 was put into br0" ferrule health
in_m ip link set eth1 nomaster && in_m ip link del br0
in_m ip addr add 203.0.113.1/24 dev eth0
ok "a port with an address" until_true 10 says "eth0 has the address 203.0.113.1/24" ferrule health
in_m ip addr del 203.0.113.1/24 dev eth0
ok "over" until_true 10 fails says "eth0 has" ferrule health
stop
ok "no supervisor is UNKNOWN" eval 'ferrule health --nagios; [ $? = 3 ]'
finish
