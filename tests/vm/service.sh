#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# I1, I2, I3: installed as documented and started by systemd with cgroup v2: it starts, comes back
# after a restart, a kill and an upgrade, keeps its daemons and every frame, and leaves the machine's
# own way out alone.
if [ -z "${IN_MACHINE:-}" ]; then
	. "$(dirname "$0")/machine.sh"
	[ -x /lib/systemd/systemd ] || skip_all "no systemd"
	mkdir -p "$vm/dest"
	make -s -C "$build" install DESTDIR="$vm/dest" >"$vm/install.log" 2>&1 || {
		echo "Bail out! make install failed"
		tail -5 "$vm/install.log" | sed 's/^/# /'
		exit 1
	}
	inside_env="dest=$vm/dest" with_systemd=1 limit=900 machine "$(realpath "$0")"
	exit
fi
. "$abs_top_srcdir/tests/netns/lib.sh"

unset FERRULE_RUN_DIR FERRULE_PLUGIN_DIR FERRULE_LIBEXEC_DIR FERRULE_YANG_DIR
trap - EXIT
ferrule() { /usr/bin/ferrule "$@"; }
cp -a "$dest/." /
systemctl daemon-reload
mount | grep -q "/sys/fs/bpf type bpf" || mount -t bpf bpf /sys/fs/bpf
ok "the units are valid" systemd-analyze verify /usr/lib/systemd/system/ferruled.service
active() { systemctl is-active --quiet ferruled && ferrule status; }
ok "systemctl start" systemctl start ferruled
ok "it serves" until_true 60 active
active >/dev/null 2>&1 || finish # nothing else can be seen then
ok "without a wire, as installed" says "wire        none" ferrule status
for side in o s; do
	ip netns add "$side"
	ip link add "w$side" type veth peer name far netns "$side"
	ip netns exec "$side" ethtool -K far gro on tx off txvlan off rxvlan off >/dev/null 2>&1
	ip -n "$side" link set far up
done
ip -n o addr add 192.0.2.1/24 dev far
ip -n s addr add 192.0.2.2/24 dev far
crosses() { ip netns exec o ping -c "${1:-1}" -i 0.2 -W 2 192.0.2.2; }
way_out=$(ip -o link | awk -F': ' '$2 ~ /^(eth|en)/ {print $2; exit}')
ip link set "$way_out" up && ip addr add 10.0.2.15/24 dev "$way_out" && ip route add default via 10.0.2.2
wire() { ferrule set wire optical "$1" && ferrule set wire electrical "$2" && ferrule commit; }
ok "the machine's way out is no port" says "the default route" wire wo "$way_out"
ferrule set host-link ipv4 method link-local
ok "a wire between two others" says "is in force" wire wo ws
ok "frames cross" until_true 20 crosses
daemon_pid() { ferrule --json show service | jq -r '.service[] | select(.name | startswith("dhcpcd")) | .pid'; }
running() { [ "$(daemon_pid)" -gt 1 ]; }
ok "a daemon runs" until_true 30 running
kept=$(daemon_pid)
ok "in the cgroup of the daemons" grep -q "ferrule-roles.service/" "/proc/$kept/cgroup"
ok "with a bound of memory" test "$(cat "/sys/fs/cgroup$(cut -d: -f3 "/proc/$kept/cgroup")/memory.max")" != max
same() { test "$(daemon_pid)" = "$kept"; }
ip netns exec o ping -q -i 0.1 -w 600 192.0.2.2 >/tmp/ping &
ping=$!
ok "systemctl restart" systemctl restart ferruled
ok "it serves again" until_true 60 active
ok "with the same daemon" until_true 20 same
kill -9 "$(systemctl show -P MainPID ferruled)"
killed() { [ "$(systemctl show -P NRestarts ferruled)" -ge 1 ] && active; }
ok "killed: it comes back" until_true 60 killed
ok "with the same daemon" until_true 20 same
cp /usr/sbin/ferruled /usr/sbin/ferruled.new && mv /usr/sbin/ferruled.new /usr/sbin/ferruled
cp -a "$dest/usr/." /usr/
ok "another one installed over it, and started" eval 'systemctl daemon-reload && systemctl restart ferruled && until_true 60 active'
ok "with the same daemon" until_true 20 same
ok "the configuration is the user's" grep -q "optical: wo" /etc/ferrule/ferrule.yaml
kill -INT "$ping" && wait "$ping"
sed 's/^/# /' /tmp/ping
none_lost() { awk '/packets transmitted/ {exit !($1 > 20 && $1 - $4 <= 1)}' /tmp/ping; }
ok "no frame was lost over all of it" none_lost
hung=$(systemctl show -P MainPID ferruled)
kill -STOP "$hung"
watched() { [ "$(systemctl show -P MainPID ferruled)" != "$hung" ] && active; }
ok "one that hangs is replaced by the watchdog" until_true 60 watched
systemctl restart ferrule-roles
bounded() { running && grep -q "ferrule-roles.service/" "/proc/$(daemon_pid)/cgroup"; }
ok "the daemons' unit started anew: they are in it again" until_true 60 bounded
ok "stopped: frames cross" eval 'systemctl stop ferruled && crosses'
ok "no failed unit is left" test "$(systemctl --failed --no-legend | grep -c ferrule)" = 0
finish
