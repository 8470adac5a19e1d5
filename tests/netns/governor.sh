#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The governor: a machine that is too hot does without mirrors, then captures, then roles, and never
# without the wire. Temperatures come from a tree of files in the place of the kernel's.
. "$(dirname "$0")/lib.sh"

fake_role
world
sensors=$work/class/hwmon/hwmon0
mkdir -p "$sensors"
echo fixture >"$sensors/name"
echo 40000 >"$sensors/temp1_input"
echo 30000 >"$sensors/temp2_input"
echo 120000 >"$sensors/temp3_input"
echo 1 >"$sensors/temp3_fault"
hot() { echo "$1" >"$sensors/temp2_input"; }
unshare -m mount --bind "$work/class" /sys/class 2>/dev/null || skip_all "no mount namespaces"
# shellcheck disable=SC2034,SC2016
under=(unshare -m sh -c 'mount --bind "$0" /sys/class && exec "$@"' "$work/class")
config <<'YAML'
governor: {temperature: 85, cpu: 100, hold-time: 1, back-time: 2, shed: [fake]}
erspan: [{name: noc, destination: 192.0.2.9}]
capture: [{name: ring}]
filter: [{name: icmp, match: {protocol: icmp}, mirror: [noc], capture: [ring]}]
fake: {daemon: [{name: d, ready: alive, user: nobody}]}
YAML
start
ip -n "$M" addr add 192.0.2.5/24 dev sfp0
ip -n "$O" addr add 192.0.2.9/32 dev line
get() { ferrule --json show governor | jq -r ".governor.$1"; }
is() { [ "$(get "$1")" = "$2" ]; }
shed_is() { [ "$(get 'shed // [] | join(",")')" = "$1" ]; }
daemon_is() { [ "$(state '.service[] | select(.name == "d") | .state' service)" = "$1" ]; }
grows() {
	local before
	before=$(state ".$1[0].packets" "$1")
	ping_across 3 >/dev/null && [ "$(state ".$1[0].packets" "$1")" -gt "$before" ]
}
ok "the hottest sensor counts, but none that is broken" until_true 10 is temperature 40.0
ok "nothing is shed" shed_is ""
ok "the role serves" until_true 20 daemon_is ready
ok "mirrors are sent" until_true 10 grows erspan
ok "captures are taken" until_true 10 grows capture
hot 91000
ok "too hot: mirrors go, then captures, then the role" until_true 20 shed_is mirrors,captures,fake
order() { grep -o 'governor: [a-z]* are shed: 91 degrees of 85' "$work/log" | cut -d' ' -f2 | paste -sd,; }
ok "one after the other, each said in the log" test "$(order)" = mirrors,captures,fake
ok "no mirror is sent" fails grows erspan
ok "nothing is captured" fails grows capture
ok "the role's process is stopped" until_true 10 daemon_is stopped
ok "and says why" says "waits for a cooler or idler machine" ferrule show service
ok "the wire is whole" ping_across
ok "status says what is missing" says "without mirrors, captures, fake" ferrule status
hot 83000
ok "a little cooler is not cool: nothing comes back" fails until_true 4 shed_is mirrors,captures
hot 60000
ok "cool: all comes back, the last first" until_true 20 shed_is ""
ok "mirrors" until_true 5 grows erspan
ok "captures" grows capture
ok "the role" until_true 20 daemon_is ready
hot 95000
until_true 20 shed_is mirrors,captures,fake
ferrule delete governor && ferrule commit >/dev/null
ok "without a governor all is there" until_true 20 daemon_is ready
ok "mirrors, too" until_true 5 grows erspan
ok "and no state of it" says '{}' sh -c "'$build/ferrule' --json show governor || echo {}"
refused() {
	printf 'system: {name: sfp1}\nwire: {optical: eth0, electrical: eth1}\ngovernor: {%s}\n' "$1" >"$work/bad.yaml"
	ferrule check "$work/bad.yaml"
}
ok "a role that is none" says "found 'mirror', which is no role; there is fake" refused 'shed: [mirror]'
ok "a temperature of nowhere" says "20..120" refused 'temperature: 200'
finish
