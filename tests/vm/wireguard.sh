#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tunnel by a kernel that has WireGuard, to a hub that is one's own: chosen by itself.
if [ -z "${IN_MACHINE:-}" ]; then
	. "$(dirname "$0")/machine.sh"
	command -v wg >/dev/null && command -v nft >/dev/null || skip_all "no wg or no nft"
	machine "$(realpath "$0")"
	exit
fi

. "$abs_top_srcdir/tests/netns/lib.sh"
world
umask 077
wg genkey >"$work/hub.key"
umask 022
config <<YAML
host-link: {ipv4: {method: static, address: [192.0.2.5/24]}}
oob:
  address: [10.66.0.2/32]
  uplinks: [sfp0]
  hub: [{name: a, endpoint: "192.0.2.1:51820", public-key: "$(wg pubkey <"$work/hub.key")", allowed: [10.66.0.0/24], keepalive: 5}]
YAML
start
show() { state ".\"ferrule-oob:oob\".$1" oob; }
ok "the kernel's" test "$(show backend)" = kernel
ip -n "$O" link add "$id" type wireguard # where it is made its socket stays
in_o wg set "$id" private-key "$work/hub.key" listen-port 51820 peer "$(show '"public-key"')" allowed-ips 10.66.0.2/32
ip -n "$O" addr add 10.66.0.1/24 dev "$id" && ip -n "$O" link set "$id" up
active() { [ "$(show 'hub[0].state')" = active ]; }
ok "a tunnel" until_true 60 active
ok "from the hub: the module" in_o ping -c 2 -W 5 10.66.0.2
ok "its link is WireGuard's" eval 'in_m ip -d link show oob0 | grep -qw wireguard'
handshake() { [ -n "$(show 'hub[0]."handshake-age" // empty')" ] && [ "$(show 'hub[0].rx')" -gt 0 ]; }
ok "handshake and octets are shown" until_true 15 handshake
# to another address, with packets of its own still on their way from the first
at() { [ "$(show 'hub[0].endpoint')" = "$1" ] && [ "$(show 'hub[0].state')" = "$2" ]; }
spawn "$O" ping -q -i 0.01 -w 10 10.66.0.2 >/dev/null
ok "an address where no hub is" eval 'ferrule set oob hub a endpoint 192.0.2.9:51820 && ferrule commit && until_true 15 at 192.0.2.9:51820 silent'
ok "and back" eval 'ferrule set oob hub a endpoint 192.0.2.1:51820 && ferrule commit && until_true 60 at 192.0.2.1:51820 active'
# a key that both have, and then neither: what the kernel was told must go as well
renew() { in_o wg set "$id" peer "$public" remove && in_o wg set "$id" peer "$public" allowed-ips 10.66.0.2/32 "$@"; }
hands() { [ "$(in_o wg show "$id" latest-handshakes | cut -f2)" -gt 0 ]; }
public=$(show '"public-key"')
(umask 077 && wg genpsk >"$work/shared.key")
port=$(in_m wg show oob0 listen-port)
ok "a preshared key" eval 'ferrule set oob hub a preshared-key-file "$work/shared.key" && ferrule commit && renew preshared-key "$work/shared.key" && until_true 60 hands'
ok "and none" eval 'ferrule delete oob hub a preshared-key-file && ferrule commit && renew && until_true 60 hands'
ok "its socket is the same" test "$(in_m wg show oob0 listen-port)" = "$port"
# another key, at a hub that is not one of ours and can have one key for an address
ok "a next key" ferrule oob rotate
in_o wg set "$id" peer "$(show '"next-public-key"')" allowed-ips 10.66.0.2/32
ok "in use" says "the next key is in use" ferrule oob rotate --finish
# the clock goes back by an hour: stamps of handshakes cannot be told apart
set_back() { date -s "@$(($(date +%s) - 3600))" >/dev/null; }
behind() { ferrule oob rotate >/dev/null && set_back && says "the clock is behind the last handshake" ferrule oob rotate --finish; }
ok "not while the clock is behind the last handshake" behind
date -s "@$(($(date +%s) + 3600))" >/dev/null
same_key() { ferrule oob rotate --cancel >/dev/null && [ "$(show '"public-key"')" = "$(in_m wg show oob0 public-key)" ]; }
ok "the key is the one of before" same_key
ok "from the hub: the module" until_true 15 in_o ping -c 1 -W 2 10.66.0.2
inside() { active && ! in_m ip link show oob0 && nsenter --net="$(show namespace)" ip -d link show oob0 | grep -qw wireguard; }
ok "in a namespace" eval 'ferrule set oob isolation namespace && ferrule commit && until_true 60 inside'
ok "from the hub: the module" until_true 15 in_o ping -c 1 -W 2 10.66.0.2
here() { active && in_m ip link show oob0; }
ok "and out of it" eval 'ferrule set oob isolation table && ferrule commit && until_true 60 here'
# a port that another program has
cat >"$work/port.py" <<'PY'
import signal, socket
taken = [socket.socket(f, socket.SOCK_DGRAM) for f in (socket.AF_INET, socket.AF_INET6)]
taken[1].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
for s in taken:
    s.bind(("", 51999))
signal.pause()
PY
spawn "$M" python3 "$work/port.py"
holder=$spawned
until_true 20 eval 'in_m ss -Hlnu sport = :51999 | grep -q .'
refused_over() { [ "$(ferrule log | grep -c "the kernel did not take it")" -gt "$1" ]; }
ferrule set oob listen-port 51999 && ferrule commit
ok "its port is taken: said" until_true 20 refused_over 0
ok "and tried again, not without a pause" eval 'fails until_true 2 refused_over 8 && refused_over 1'
kill "$holder"
port_is() { active && [ "$(in_m wg show oob0 listen-port)" = 51999 ]; }
ok "it is free: taken" until_true 60 port_is
ferrule delete oob listen-port && ferrule commit
ok "the other backend: the daemon's" eval 'ferrule set oob backend userspace && ferrule commit'
ok "a tunnel" until_true 60 eval 'active && test "$(show backend)" = userspace'
ok "from the hub: the module" in_o ping -c 2 -W 5 10.66.0.2
# a board without a battery, off and on again: the hub has seen later stamps
ok "the time is saved" until_true 5 test -s "$work/state/oob/clock"
# the hub has started anew, so that hands are shaken again
before=$(cat "$work/state/oob/clock")
public=$(show '"public-key"')
renew
handshake_at_hub() { in_o wg show "$id" latest-handshakes | cut -f2 | sort -n | tail -1; }
shaken() { [ "$(handshake_at_hub)" -gt "$before" ]; }
ok "hands are shaken again" until_true 60 shaken
saved() { saved=$(cat "$work/state/oob/clock") && [ "$saved" -ge "$(handshake_at_hub)" ]; }
ok "and the time is saved with that" until_true 30 saved
power_cut() {
	stop KILL
	kill -9 "$(cut -d' ' -f1 "$work/run/wireguard-oob0.process")"
	in_m ip link del oob0
	rm -f "$work/run/oob-clock" # the run folder does not outlive a boot
	date -s @86400 >/dev/null
}
sed -i 's/^  keep-clock: .*//; s/^oob:/oob:\n  keep-clock: false/' "$work/ferrule.yaml"
power_cut
start
until_true 20 eval '[ "$(show "hub[0].state")" = silent ]'
refused() { ! in_o ping -c 1 -W 1 10.66.0.2 && [ "$(date +%Y)" = 1970 ]; }
ok "with a clock of 1970 the hub does not answer" until_true 15 eval 'refused && refused && refused'
sed -i 's/keep-clock: false/keep-clock: true/' "$work/ferrule.yaml"
power_cut
start
ok "it is put back before the tunnel starts" until_true 20 eval 'test "$(date +%s)" -ge "$saved"'
ok "and the hub answers" until_true 45 active
ok "from the hub: the module" in_o ping -c 2 -W 5 10.66.0.2
# what was saved by a board whose clock was never right does not put it back
echo 900000 >"$work/state/oob/clock"
power_cut
start
ok "nothing believable was saved: not before the release" until_true 20 eval 'test "$(date +%Y)" -ge 2026'
ferrule delete oob && ferrule commit >/dev/null
ok "off: the link is gone" until_true 20 fails in_m ip link show oob0
finish
