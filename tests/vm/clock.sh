#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A board without a battery, in a virtual machine whose clock says 1970: put back to what was saved,
# not served before somebody confirmed it, stepped once, saved.
if [ -z "${IN_MACHINE:-}" ]; then
	. "$(dirname "$0")/machine.sh"
	command -v chronyd >/dev/null || skip_all "no chronyd"
	ip netns add "$outside" && ip -n "$outside" link set lo up
	printf 'local stratum 3\nallow\npidfile %s/chronyd.pid\ncmdport 0\nbindcmdaddress /\n' "$vm" >"$vm/chrony.conf"
	nsenter --net="/run/netns/$outside" chronyd -d -x -U -u root -f "$vm/chrony.conf" >"$vm/chrony.log" 2>&1 &
	pids+=($!)
	# one CPU: an emulated machine of two has locked up when the clock went on by 56 years
	machine "$(realpath "$0")" -rtc base=1970-01-02T00:00:00 -smp 1
	exit
fi

. "$abs_top_srcdir/tests/netns/lib.sh"
world
chmod 711 "$work" # so that chronyd can answer chronyc
for link in /sys/class/net/*; do
	[ -e "$link/device" ] && uplink=${link##*/}
done
ip link set "$uplink" netns "$O"
ip -n "$O" link add br0 type bridge forward_delay 0
ip -n "$O" link set line master br0
ip -n "$O" link set "$uplink" master br0
ip -n "$O" link set br0 up
config <<YAML
host-link: {ipv4: {method: static, address: [10.0.2.5/24]}}
ntp: {server: [10.0.2.2], serve: [10.0.2.0/24], leap-smear: true}
YAML
connect() { ip -n "$O" link set "$uplink" "$1"; }
ip -n "$S" addr add 10.0.2.7/24 dev uplink
# what a client outside would see
now() { echo $((outside_now + $(cut -d. -f1 /proc/uptime))); }
right() { local off=$(($(date +%s) - $(now))); [ "${off#-}" -lt 8 ]; }
synchronised() { [ "$(state '."ferrule-ntp:ntp".synchronised' ntp)" = "$1" ]; }
serving() { [ "$(state '."ferrule-ntp:ntp".serving' ntp)" = "$1" ]; }
ask() { in_s timeout 60 ntpdig -t 5 10.0.2.5 2>&1 | grep -q " s[0-9]"; }
end() {
	stop
	kill "$(cut -d' ' -f1 "$work/run/chronyd.process")"
	until_true 10 fails kill -0 "$(cut -d' ' -f1 "$work/run/chronyd.process")"
}
ok "the clock is in 1970" test "$(date +%Y)" = 1970
connect down
start
ok "it is not any more: the software is younger than that" test "$(date +%Y)" -ge 2026
ok "the log says so" until_true 10 says "the clock was behind" ferrule log
ok "nobody is served with such a time" until_true 20 says "no source has confirmed it" ferrule show ntp
ok "a client gets no answer" fails ask
connect up
ok "the uplink is there: synchronised" until_true 60 synchronised true
ok "by a step to the right time" until_true 20 right
ok "served now" until_true 20 serving true
ok "a client gets the time" until_true 60 ask
ok "it is saved" until_true 5 test -s "$work/state/clock"
ok "leap seconds would be smeared" eval 'chronyc -h "$work/run/chrony/chronyd.sock" smoothing | grep -E "Active +: Yes .leap second only"'
saved=$(cat "$work/state/clock")
ok "what was saved is right" test "$((saved - $(now)))" -lt 60
# one step is allowed: not two
date -s "@$(($(date +%s) + 3600))" >/dev/null
# by the last sample
seen() { [ "$(state '."ferrule-ntp:ntp".source[0].offset | tonumber | fabs > 3000' ntp)" = true ]; }
ok "a clock that jumps later: seen" until_true 150 seen
ok "and not stepped again" fails right
end
ok "saved at the stop, too" test "$(cat "$work/state/clock")" -ge "$saved"
saved=$(cat "$work/state/clock")

# off and on again
connect down
date -s "@86400" >/dev/null
start
ok "1970 again: put back to what was saved" eval 'test "$(date +%s)" -ge $saved && test "$(date +%s)" -lt $((saved + 60))'
ok "nobody is served" until_true 20 says "no source has confirmed it" ferrule show ntp
connect up
ok "synchronised again" until_true 60 synchronised true
ok "by a step back, as what was saved was an hour ahead" until_true 20 right
ok "and served" until_true 20 serving true
end
finish
