# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A private world for one scenario: an optical-side network, the module, a switch with hosts behind
# it. Source it, call the functions, end with `finish`. Everything is gone afterwards, also when a
# scenario fails, and two runs side by side do not meet.
#
#	$O:line 192.0.2.1 --- $M:eth0 [ferruled] eth1 --- uplink:$S 192.0.2.2
set -u

top=${abs_top_srcdir:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
build=${abs_top_builddir:-$top/build}
work=$(mktemp -d /tmp/ferrule-test.XXXXXX)
trap 'rm -rf "$work"' EXIT # until there is more to undo
id=f${work##*.}
O=$id-o M=$id-m S=$id-s
count=0
failed=0
pids=()

export FERRULE_RUN_DIR=$work/run
export FERRULE_STATE_DIR=$work/state
export FERRULE_PLUGIN_DIR=$build/plugins/.libs
export FERRULE_LIBEXEC_DIR=$build
FERRULE_YANG_DIR=$top/core/config:$top/core/control$(printf ':%s' "$top"/plugins/*/)
export FERRULE_YANG_DIR
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0}
export PYTHONDONTWRITEBYTECODE=1

say() { echo "# $*"; }

in_o() { nsenter --net="/run/netns/$O" "$@"; }
in_m() { nsenter --net="/run/netns/$M" "$@"; }
in_s() { nsenter --net="/run/netns/$S" "$@"; }

# ok WHAT COMMAND...: one test
ok() {
	local what=$1
	shift
	count=$((count + 1))
	if "$@" >"$work/out" 2>&1; then
		echo "ok $count - $what"
	else
		echo "not ok $count - $what"
		sed 's/^/#   /' "$work/out" | tail -20
		failed=1
	fi
}

fails() { ! "$@"; }

# says TEXT COMMAND...: its output, of either kind, has the text in it
says() {
	local text=$1
	shift
	"$@" >"$work/said" 2>&1
	cat "$work/said"
	grep -qF -- "$text" "$work/said"
}

# until_true SECONDS COMMAND...: waits for it, with a deadline; an emulated machine gets three times
# as long ($patience), and is asked less often ($pause), since each question takes it a fifth of a second
until_true() {
	local now deadline
	# not by the clock, which some tests set; in units of 10 ms
	read -r now _ </proc/uptime
	deadline=$((${now/./} + $1 * 100 * ${patience:-1}))
	shift
	until "$@" >/dev/null 2>&1; do
		read -r now _ </proc/uptime
		[ "${now/./}" -lt "$deadline" ] || return 1
		read -rt "${pause:-0.05}" <> <(:) || :
	done
}

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

# spawn NETNS COMMAND...: in the background, ended at the end; its process id is in $spawned
spawn() {
	# not through a function: the id must be that of the program, not of a shell around it
	nsenter --net="/run/netns/$1" "${@:2}" &
	spawned=$!
	pids+=("$spawned")
}

cleanup() {
	local pid
	for pid in "${pids[@]}" $(cat "$work/run/lock" 2>/dev/null); do
		kill "$pid" 2>/dev/null && until_true 3 fails kill -0 "$pid"
		kill -9 "$pid" 2>/dev/null
	done
	for note in "$work"/run/*.process; do
		[ -e "$note" ] && kill -9 -- "-$(cut -d' ' -f1 "$note")" 2>/dev/null
	done
	[ -d "$work/run" ] && in_m "$build/ferruled" --no-syslog --run-dir "$work/run" --stop-wire 2>/dev/null
	umount "$work/run/bpf" "$work/run/capture" "$work/run/oob.netns" "$work/state" 2>/dev/null
	for ns in "$O" "$M" "$S" ${more:+"${more[@]}"}; do ip netns del "$ns" 2>/dev/null; done
	wait 2>/dev/null
	rm -rf "$work"
}

finish() {
	echo "1..$count"
	exit "$failed"
}

# far_end NETNS INTERFACE ADDRESS: a neighbour; GRO so that redirected frames are received, and
# checksums in the frames, as on a cable
far_end() {
	nsenter --net="/run/netns/$1" ethtool -K "$2" gro on tx off rxvlan off txvlan off >/dev/null 2>&1
	[ -n "$3" ] && ip -n "$1" addr add "$3" dev "$2"
	ip -n "$1" link set "$2" up
}

# world [MTU]
world() {
	[ "$(id -u)" = 0 ] || skip_all "root is needed for network namespaces"
	trap cleanup EXIT
	trap 'exit 1' INT TERM HUP
	mkdir -p "$work/run" "$work/state"
	for ns in "$O" "$M" "$S"; do
		ip netns add "$ns" || skip_all "no network namespaces here"
		ip -n "$ns" link set lo up
	done
	ip -n "$M" link add eth0 mtu "${1:-1500}" type veth peer name line mtu "${1:-1500}" netns "$O"
	ip -n "$M" link add eth1 mtu "${1:-1500}" type veth peer name uplink mtu "${1:-1500}" netns "$S"
	for ns in "$O" "$S"; do
		nsenter --net="/run/netns/$ns" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6' 2>/dev/null
	done
	far_end "$O" line 192.0.2.1/24
	far_end "$S" uplink 192.0.2.2/24
}

# fake_role: before the world, a role whose daemons do what they are told, instead of all others
fake_role() {
	mkdir -p "$work/plugins"
	export FERRULE_FAKE=$work/fake FERRULE_PLUGIN_DIR=$work/plugins FERRULE_YANG_DIR=$FERRULE_YANG_DIR:$top/tests/fake
	cp "$build/tests/fake.so" "$work/plugins/fake.so" 2>/dev/null || cp "$build/tests/.libs/fake.so" "$work/plugins/"
	cp "$build/tests/fake/fake" "$work/fake" && chmod 755 "$work" "$work/fake"
}

# config: standard input becomes the configuration, behind the wire's own lines
config() {
	{
		echo "system: {name: sfp1}"
		echo "wire: {optical: eth0, electrical: eth1}"
		cat
	} >"$work/ferrule.yaml"
}

ferruled() {
	in_m "$build/ferruled" --no-syslog --config "$work/ferrule.yaml" --run-dir "$work/run" \
		--state-dir "$work/state" "$@"
}

ferrule() { "$build/ferrule" "$@"; }

# start: ferruled in the background, until it answers; its process id is in $daemon. The words of
# the array `under`, where there is one, go before it.
start() {
	spawn "$M" ${under:+"${under[@]}"} "$build/ferruled" --no-syslog --config "${config:-$work/ferrule.yaml}" \
		--run-dir "$work/run" --state-dir "$work/state" "$@" 2>>"$work/log"
	daemon=$spawned
	until_true 20 ferrule --json show system || {
		echo "Bail out! ferruled does not start"
		sed 's/^/# /' "$work/log"
		exit 1
	}
}

# stop [SIGNAL]
stop() {
	kill "-${1:-TERM}" "$daemon"
	wait "$daemon" 2>/dev/null
}

# power_off: supervisor and daemons gone, the run folder empty, as after a loss of power
power_off() {
	stop KILL
	for note in "$work"/run/*.process; do
		[ -e "$note" ] && kill -9 -- "-$(cut -d' ' -f1 "$note")" 2>/dev/null
	done
	in_m "$build/ferruled" --no-syslog --run-dir "$work/run" --stop-wire 2>/dev/null
	umount "$work/run/bpf" "$work/run/capture" "$work/run/oob.netns" 2>/dev/null
	in_m ip link del sfp0 2>/dev/null
	rm -rf "$work/run"
}

restart() {
	stop "${1:-TERM}"
	start
}

ping_across() { in_o ping -c "${1:-3}" -i 0.05 -W 1 192.0.2.2; }

# state PATH.. with jq: state '.filter[0].packets' show filter
state() {
	local query=$1
	shift
	ferrule --json show "$@" | jq -r "$query"
}
