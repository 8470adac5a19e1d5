#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Time for the site: learnt, served, kept without an uplink; by real servers and clients.
. "$(dirname "$0")/lib.sh"

command -v chronyd >/dev/null || skip_all "no chronyd"
world
# a server of the world behind the optical side
upstream() {
	cat >"$work/upstream.conf" <<-CONF
		local stratum 3
		allow
		pidfile $work/upstream.pid
		cmdport 0
		bindcmdaddress /
		$*
	CONF
	spawn "$O" chronyd -d -x -U -u root -f "$work/upstream.conf" 2>>"$work/upstream.log"
	upstream=$spawned
}
host="host-link: {ipv4: {method: static, address: [192.0.2.5/24]}}"
config <<YAML
$host
ntp: {server: [192.0.2.1], serve: [192.0.2.0/24], orphan: true, control-clock: false}
YAML
start
synchronised() { [ "$(state '."ferrule-ntp:ntp".synchronised' ntp)" = "$1" ]; }
serving() { [ "$(state '."ferrule-ntp:ntp".serving' ntp)" = "$1" ]; }
ask() { in_s timeout 10 chronyd -Q -U -t 5 -f /dev/null "server ${2:-192.0.2.5} iburst maxsamples 1" "pidfile $work/q.pid" 2>&1 | grep -q "$1"; }
ok "its daemon serves" until_true 15 eval '[ "$(state ".service[] | select(.name == \"chronyd\") | .state" service)" = ready ]'
pid=$(state '.service[] | select(.name == "chronyd") | .pid' service)
ok "not as root, and with one capability" eval 'grep -q "CapEff:.0000000000000400" /proc/$pid/status && test "$(stat -c %u /proc/$pid)" != 0'
ok "an island without uplink: chronyd -Q reads the time" until_true 25 ask "System clock wrong by"
ok "and ntpdig, at stratum 10" until_true 10 eval 'in_s ntpdig -t 2 192.0.2.5 | grep -q " s10 "'
ok "not synchronised, and status says so" synchronised false
upstream
ok "a server: synchronised" until_true 40 synchronised true
ok "by it, at the next stratum" test "$(state '."ferrule-ntp:ntp" | .reference + " " + (.stratum|tostring)' ntp)" = "192.0.2.1 4"
ok "the client reads the better stratum" until_true 10 eval 'in_s ntpdig -t 2 192.0.2.5 | grep -q " s4 "'
source() { [ "$(state '."ferrule-ntp:ntp".source[0].state' ntp)" = selected ]; }
ok "the source is shown" until_true 10 source
client() { state '."ferrule-ntp:ntp".client[].address' ntp | grep -qx 192.0.2.2; }
ok "and the client" until_true 10 client
ok "a client that is not of the site is refused" eval 'ip -n "$S" addr add 198.51.100.9/24 dev uplink; ip -n "$M" addr add 198.51.100.5/24 dev sfp0; ! ask "System clock wrong by" 198.51.100.5'
ok "a table for people" says "192.0.2.1" ferrule show ntp

commit() { printf 'system: {name: sfp1}\nwire: {optical: eth0, electrical: eth1}\n%s\nntp: {%s, control-clock: false}\n' "$host" "$1" | ferrule load - && ferrule commit; }
ok "another prefix" commit "server: [192.0.2.1], serve: [192.0.2.0/24, 198.51.100.0/24]"
ok "is served" until_true 10 ask "System clock wrong by" 198.51.100.5
ok "without a restart" test "$(state '.service[] | select(.name == "chronyd") | .pid' service)" = "$pid"
stop KILL
start
ok "a supervisor that was killed: adopted, and asked again" until_true 15 synchronised true
ok "the same process" test "$(state '.service[] | select(.name == "chronyd") | .pid' service)" = "$pid"
kill -STOP "$pid"
again() { [ "$(state '.service[] | select(.name == "chronyd") | .pid' service)" != "$pid" ] && serving true; }
ok "it hangs: replaced, and serves again" until_true 20 again
ok "asked by a client" until_true 25 ask "System clock wrong by"
kill "$upstream" && wait "$upstream" 2>/dev/null
ok "the uplink is lost: it serves on" eval 'ask "System clock wrong by" && serving true'

# a clock that nobody should believe
stop
echo $(($(date +%s) + 86400)) >"$work/state/clock"
kill "$(cut -d' ' -f1 "$work/run/chronyd.process")"
start
ok "a clock behind the saved time: serves nobody" until_true 10 serving false
ok "and says why" until_true 15 says "behind the time that was saved last" ferrule show ntp
ok "no client is answered" fails ask "System clock wrong by"
upstream
ok "a source confirms it: serves" until_true 40 serving true
ok "the client is answered" until_true 10 ask "System clock wrong by"
kill "$upstream" && wait "$upstream" 2>/dev/null

# NTS on both sides
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=time.example -addext "subjectAltName=DNS:time.example,IP:192.0.2.1,IP:192.0.2.5" \
	-keyout "$work/time.key" -out "$work/time.crt" 2>/dev/null
upstream "ntsserverkey $work/time.key
ntsservercert $work/time.crt"
until_true 10 eval 'in_o ss -ltn | grep -q ":4460 "'
ok "NTS to an address is refused" says "NTS needs the name" commit "server: [192.0.2.1], nts: true"
ok "bootstrap by name is refused" says "allowed is an address" commit "server: [time.example], nts: true, bootstrap: [time.example]"
ferrule discard
commit "server: [192.0.2.1], nts: true, trusted-certificates: $work/time.crt" >/dev/null
authenticated() { [ "$(state '."ferrule-ntp:ntp" | "\(.synchronised) \(.source[0].nts)"' ntp)" = "true true" ]; }
ok "NTS as a client: synchronised by an authenticated source" until_true 60 authenticated
ok "NTS as a server" commit "server: [192.0.2.1], serve: [192.0.2.0/24], nts-server: {certificate: $work/time.crt, key: $work/time.key}"
ask_nts() {
	in_s timeout 15 chronyd -Q -U -u root -t 10 -f /dev/null 'server 192.0.2.5 iburst nts maxsamples 1' \
		"ntstrustedcerts $work/time.crt" "pidfile $work/q.pid" 2>&1 | grep -q "System clock wrong by"
}
ok "a client authenticates it" until_true 40 ask_nts

ok "a prefix that is none" says "allowed is a prefix" commit "serve: [192.0.2.0/33]"
ok "a certificate that is not there" says "cannot be read" commit "nts-server: {certificate: /nowhere.crt, key: /nowhere.key}"
# S28: a file is looked at, not only read
serves() { commit "server: [192.0.2.1], serve: [192.0.2.0/24], nts-server: {certificate: $1, key: $2}"; }
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=time.example -keyout "$work/other.key" -out "$work/other.crt" 2>/dev/null
openssl pkey -in "$work/time.key" -aes128 -passout pass:x -out "$work/locked.key" 2>/dev/null
ok "a certificate that is none" says "has no certificate" serves /etc/passwd /etc/shadow
ok "a key that is none" says "has no private key" serves "$work/time.crt" /etc/shadow
ok "whose contents went nowhere" fails grep -rq root: "$work/run/chrony"
ok "a key with a passphrase" says "without a passphrase" serves "$work/time.crt" "$work/locked.key"
ok "the key of another certificate" says "is not that of the certificate" serves "$work/time.crt" "$work/other.key"
ok "trusted certificates that are none" says "has no certificate" commit "server: [192.0.2.1], trusted-certificates: /etc/passwd"
printf 'wire: {optical: eth0, electrical: eth1}\nntp: {trusted-certificates: /etc/passwd}\n' >"$work/trusted.yaml"
ok "check says it, too" says "has no certificate" ferrule check "$work/trusted.yaml"
cp "$work/other.crt" "$work/new.crt"
cp "$work/other.key" "$work/new.key"
ferrule discard
serves "$work/new.crt" "$work/new.key" >/dev/null
ok "a certificate of 30 days is no trouble" fails says "certificate" ferrule health
openssl req -x509 -key "$work/new.key" -days 2 -subj /CN=time.example -out "$work/new.crt" 2>/dev/null
ok "one that ends soon is, when it was renewed in its place" until_true 20 says "it ends in 47 h" ferrule health
cp "$work/new.crt" "$work/served.crt"
cp "$work/other.crt" "$work/new.crt" && cp "$work/time.key" "$work/new.key"
ok "a pair that does not fit any more is not taken" until_true 20 grep -q "is not that of the certificate" "$work/log"
ok "what was read before serves" cmp "$work/run/chrony/server.crt" "$work/served.crt"

ferrule discard
commit "server: [192.0.2.1]" >/dev/null
ok "the role is off: its daemon ends" eval 'ferrule delete ntp && ferrule commit && until_true 10 fails pgrep -f "$work/run/chrony"'
finish
