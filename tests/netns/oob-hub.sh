#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two modules and nobody else: one is the hub; who is invited, keys that change, and what is served
# in the tunnel.
#
#	$H, the hub 198.18.0.1 --- wan0 --- 198.18.0.2 $M, the module        $L, a laptop 198.18.1.2
. "$(dirname "$0")/lib.sh"

for need in wireguard-go wg nft sshd ser2net; do
	command -v "$need" >/dev/null || [ -x "/usr/sbin/$need" ] || skip_all "no $need"
done
world
H=$id-h L=$id-l
away() {
	for pid in "${pids[@]}" $(cat "$work/hub/run/lock" 2>/dev/null); do kill "$pid" 2>/dev/null; done
	for note in "$work"/hub/run/*.process; do [ -e "$note" ] && kill -9 -- "-$(cut -d' ' -f1 "$note")" 2>/dev/null; done
	umount "$work/hub/run/bpf" 2>/dev/null
	cleanup
	for ns in "$H" "$L"; do ip netns del "$ns" 2>/dev/null; done
		rm -rf "/run/wireguard/${id}l.sock" "/run/$id".*
}
trap away EXIT
for ns in "$H" "$L"; do ip netns add "$ns" && ip -n "$ns" link set lo up; done
cable() { # NETNS NAME ADDRESS NETNS NAME ADDRESS
	ip -n "$1" link add "$2" type veth peer name "$5" netns "$4"
	ip -n "$1" addr add "$3" dev "$2" && ip -n "$1" link set "$2" up
	ip -n "$4" addr add "$6" dev "$5" && ip -n "$4" link set "$5" up
}
cable "$M" wan0 198.18.0.2/24 "$H" wan0 198.18.0.1/24
cable "$L" wan0 198.18.1.2/24 "$H" wan1 198.18.1.1/24
for port in eth0 eth1; do ip -n "$H" link add "$port" type veth peer name "far-$port" && ip -n "$H" link set "far-$port" up; done
in_h() { nsenter --net="/run/netns/$H" "$@"; }
in_l() { nsenter --net="/run/netns/$L" "$@"; }
mkdir -p "$work/hub/run" "$work/hub/state"
keys=$(mktemp -d "/run/$id.XXXXXX") # sshd wants no folder above them that all may write

# nothing but an address and a port: the others are invited
cat >"$work/hub/ferrule.yaml" <<-'YAML'
	wire: {optical: eth0, electrical: eth1}
	system: {name: hub}
	oob: {address: [10.66.0.1/24, "fd66::1/64"], backend: userspace, listen-port: 51820, endpoint: "198.18.1.1:51820"}
YAML
start_hub() {
	spawn "$H" "$build/ferruled" --no-syslog --config "$work/hub/ferrule.yaml" --run-dir "$work/hub/run" --state-dir "$work/hub/state" 2>>"$work/hub/log"
	until_true 20 at_hub show system
}
at_hub() { "$build/ferrule" --run-dir "$work/hub/run" "$@"; }
start_hub
hub_show() { at_hub --json show oob | jq -r ".\"ferrule-oob:oob\".$1"; }
has_key() { "$1" '"public-key"' | grep -q '=$'; }
public() { until_true 10 has_key "$1" && "$1" '"public-key"'; }
hub_key=$(public hub_show)
ok "a hub that waits for those who will be invited" test "${#hub_key}" = 44

# ---- who is invited ----
refused() { local text=$1; shift; says "$text" fails "$@" && [ "$(grep -c . "$work/said")" = 1 ]; }
ok "without a name" refused "who?" at_hub oob invite
ok "an option that is none" refused "no option here" at_hub oob invite laptop --adress 1
ok "a verb that is none" refused "did you mean 'invite'" at_hub oob invit laptop
ok "an endpoint without a port" refused "where do they find this module?" at_hub oob invite laptop --endpoint hub.example.net
ok "a page for a laptop" at_hub oob invite laptop
cp "$work/out" "$work/${id}l.conf"
ok "nobody twice" refused "there is a peer 'laptop' already" at_hub oob invite laptop
ok "it is in the candidate" eval 'at_hub diff | grep -q "oob peer laptop" && at_hub commit'
ok "wg-quick takes it as it is" in_l env WG_QUICK_USERSPACE_IMPLEMENTATION=wireguard-go wg-quick up "$work/${id}l.conf"
spawned=$(pgrep -f "wireguard-go ${id}l") && pids+=("$spawned")
ok "the laptop is in" until_true 20 in_l ping -c 1 -W 1 10.66.0.1
ok "also by IPv6" until_true 10 in_l ping -c 1 -W 1 fd66::1
qr() { script -qec "$build/ferrule --run-dir $work/hub/run oob invite phone" /dev/null; }
qr >"$work/qr"
cat >"$work/qr.py" <<-'PY'
	import re, sys
	lines = [re.sub(r"\x1b\[[0-9;]*m", "", line.rstrip("\r\n")) for line in open(sys.argv[1]) if "\x1b[30;47m" in line]
	rows = [[c in dark for c in line] for line in lines for dark in ("▀█", "▄█")]
	with open(sys.argv[2], "w") as out:
	    out.write(f"P1\n{len(rows[0]) * 4} {len(rows) * 4}\n")
	    for row in rows:
	        line = "".join("1111" if dark else "0000" for dark in row)
	        out.write((line + "\n") * 4)
PY
same() {
	python3 "$work/qr.py" "$work/qr" "$work/qr.pbm" && zbarimg -q --raw "$work/qr.pbm" >"$work/scanned" &&
		diff <(tr -d '\r' <"$work/qr" | sed -n '/^\[Interface\]/,/Keepalive/p') <(grep . "$work/scanned" | sed '/^\[Peer\]/i\\')
}
ok "on a terminal a QR code says the same" same
at_hub discard

# the module makes its own key, and the hub never sees it
printf 'wire: {optical: eth0, electrical: eth1}\nhost-link: {ipv4: {method: none}, ipv6: {method: none}}\n' >"$work/ferrule.yaml"
start
show() { state ".\"ferrule-oob:oob\".$1" oob; }
chmod 755 "$work" "$keys" && ssh-keygen -q -t ed25519 -N "" -f "$keys/id" && chmod 644 "$keys/id.pub"
spawn "$M" socat "PTY,link=$work/tty,raw,echo=0,mode=666" EXEC:cat
until_true 5 test -e "$work/tty"
module() {
	cat <<-YAML
		system: {name: site1}
		wire: {optical: eth0, electrical: eth1}
		host-link: {ipv4: {method: none}, ipv6: {method: none}}
		oob:
		  address: [10.66.0.9/32]
		  backend: userspace
		  uplinks: [wan0]
		  hub: [{name: h, endpoint: "198.18.0.1:51820", public-key: "$hub_key", allowed: [10.66.0.0/24]}]
		  ssh: {listen: 22, from: [10.66.0.1/32], authorized-keys-file: $keys/id.pub}
		  console: [{name: sw1, device: $(readlink "$work/tty"), port: 2001, protocol: raw}]
	YAML
}
ok "a module with a login and a console" eval 'module | ferrule load - && ferrule commit'
module_key=$(public show)
ok "the hub's side of it" says "PublicKey = $module_key" ferrule oob invite --hub
ok "with its address alone" says "AllowedIPs = 10.66.0.9/32" ferrule oob invite --hub
ok "what a hub of ours is told" says "ferrule oob invite module --module --key $module_key" eval 'ferrule oob invite --hub | sed "s/invite [^ ]* /invite module /"'
ok "a module needs its key" refused "a module has a key of its own" at_hub oob invite site1 --module
ok "and gets its side in YAML" eval 'at_hub oob invite site1 --module --key "$module_key" >"$work/site1.yaml" && { echo "wire: {optical: eth0, electrical: eth1}"; cat "$work/site1.yaml"; } | ferrule check /dev/stdin'
ok "with the address that it must have" says "10.66.0." cat "$work/site1.yaml"
ok "the module has another: handshakes, and the log says what is wrong" eval 'at_hub commit && until_true 60 grep -q "shakes hands and does not let our packets through" "$work/log"'
at_hub delete oob peer site1 && at_hub commit
ok "invited by its public key" eval 'at_hub set oob peer site1 public-key "$module_key" && at_hub set oob peer site1 allowed 10.66.0.9/32 && at_hub commit'
ok "the tunnel stands" until_true 30 in_h ping -c 1 -W 1 10.66.0.9
healthy() { at_hub --json oob peers | jq -e '."ferrule-oob:oob".peer[] | select(.name == "site1") | (."handshake-age" < 150) and .loss == 0 and (.endpoint | startswith("198.18.0.2"))'; }
ok "peers: handshake, endpoint, octets, loss" until_true 10 healthy
ok "a table of them" says "ROUND-TRIP" at_hub oob peers
ok "a key of their own that the hub never saw" eval 'at_hub oob invite other --key "$(wg genkey | wg pubkey)" && at_hub discard && ! at_hub diff | grep other'

# ---- what is served in the tunnel ----
login() { in_h ssh -i "$keys/id" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=5 -o BatchMode=yes "$@"; }
service() { [ "$(state ".service[] | select(.name == \"$1\") | .state" service)" = ready ]; }
ok "sshd serves" until_true 20 service sshd
ok "a login through the tunnel" says "I am root" login root@10.66.0.9 'echo "I am $(id -un)"'
ok "by key only" says "Permission denied (publickey)" in_h ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o PubkeyAuthentication=no root@10.66.0.9 true
in_h ip route add 10.66.0.9 via 198.18.0.2 dev wan0
beside() { in_h ping -c 1 -W 1 -I wan0 10.66.0.9 || in_h nc -z -w 1 -s 198.18.0.1 10.66.0.9 22; }
in_h ip rule add to 10.66.0.9 lookup main priority 10
ok "its address is not there beside the tunnel" fails beside
in_h ip rule del to 10.66.0.9 lookup main priority 10
in_h ip route del 10.66.0.9 via 198.18.0.2 dev wan0
ok "nobody else may log in" fails in_l nc -z -w 2 10.66.0.9 22
ok "ser2net serves" until_true 20 service ser2net
cat >"$work/echo.py" <<-'PY'
	import socket
	with socket.create_connection(("10.66.0.9", 2001), 3) as console:
	    console.settimeout(3)
	    console.sendall(b"hello\n")
	    assert console.recv(100) == b"hello\n"
PY
echoes() { in_h python3 "$work/echo.py"; }
ok "the console answers" until_true 10 echoes
user_of() { stat -c %u "/proc/$(state ".service[] | select(.name == \"$1\") | .pid" service)"; }
ok "ser2net is not root" test "$(user_of ser2net)" != 0
pid_of() { state ".service[] | select(.name == \"$1\") | .pid" service; }
console=$(pid_of ser2net)
kill -9 "$console"
ok "killed: it comes back, and answers" until_true 20 eval '[ "$(pid_of ser2net)" != "$console" ] && service ser2net && echoes'
# several see one console; another one that comes or changes sends nobody away
spawn "$M" socat "PTY,link=$work/tty2,raw,echo=0,mode=666" EXEC:cat
until_true 5 test -e "$work/tty2"
cat >"$work/viewers.py" <<-'PY'
	import socket, sys, time
	one, two = (socket.create_connection(("10.66.0.9", 2001), 5) for _ in range(2))
	for s in one, two:
	    s.settimeout(5)
	one.sendall(b"both")
	assert one.recv(100) == b"both" and two.recv(100) == b"both"
	print("ready", flush=True)
	sys.stdin.readline()
	one.sendall(b"still")
	assert one.recv(100) == b"still" and two.recv(100) == b"still"
	print("still there", flush=True)
PY
mkfifo "$work/go"
in_h python3 "$work/viewers.py" <"$work/go" >"$work/viewers" 2>&1 &
viewers=$!
exec 9>"$work/go"
ok "two see what one console says" until_true 10 grep -q ready "$work/viewers"
second() { ferrule set oob console sw2 device "$(readlink "$work/tty2")" && ferrule set oob console sw2 port 2002 && ferrule set oob console sw2 protocol raw && ferrule set oob console sw2 log true && ferrule set oob console sw2 parity even && ferrule set oob console sw2 data-bits 7 && ferrule commit; }
console=$(pid_of ser2net)
ok "another console, with a log and a parity" second
says_two() { in_h timeout 5 bash -c 'exec 3<>/dev/tcp/10.66.0.9/2002 && echo "hello two" >&3 && grep -q "hello two" <&3'; }
ok "it answers" until_true 20 says_two
echo go >&9
ok "who was at the first one is still there" until_true 10 grep -q "still there" "$work/viewers"
exec 9>&-
kill "$viewers" 2>/dev/null
ok "what it said is kept" until_true 10 grep -q "hello two" "$work/state/oob/console/sw2.log"
head -c 1100000 /dev/zero | tr '\0' x >>"$work/state/oob/console/sw2.log"
ok "up to a bound" until_true 30 test -s "$work/state/oob/console/sw2.log.1"
ok "and no more" eval '[ "$(stat -c %s "$work/state/oob/console/sw2.log")" -lt 1000 ]'
ok "a console without its device is trouble" eval 'ferrule set oob console sw2 device /dev/ttyNOWHERE && ferrule commit && until_true 10 says "console sw2" eval "ferrule health; true"'
ok "refused: nine bits" says "7..8" ferrule set oob console sw2 data-bits 9
ferrule delete oob console sw2 && ferrule commit >/dev/null
spawn "$M" python3 -m http.server 8080 --bind :: >/dev/null 2>&1
until_true 5 in_m nc -z 127.0.0.1 8080
ulimit -n 4096 # most of them time out, as ICMP is rate-limited
ok "a scan of 4,098 ports finds what is listed" says "[22, 2001]" in_h python3 "$top/tests/netns/scan.py" 10.66.0.9 8022 8080 51820
hang() { kill -STOP "$(state '.service[] | select(.name == "sshd") | .pid' service)"; }
ok "an sshd that hangs is replaced" eval 'hang && until_true 20 login root@10.66.0.9 true'

listens() { in_m ss -ltn | grep -q "$1"; }
ok "one address more is served, too" eval 'ferrule set oob address 10.66.0.19/32 && ferrule commit && until_true 20 listens 10.66.0.19:22 && until_true 20 listens 10.66.0.19:2001'
ok "and one less" eval 'ferrule delete oob address 10.66.0.19/32 && ferrule commit && until_true 20 fails listens 10.66.0.19:22'
ok "the first one still" until_true 20 login root@10.66.0.9 true

# ---- a commit that may cut off who types it ----
remote() { login root@10.66.0.9 "FERRULE_RUN_DIR=$work/run FERRULE_YANG_DIR=$FERRULE_YANG_DIR FERRULE_PLUGIN_DIR=$FERRULE_PLUGIN_DIR sh -c '$*'"; }
ok "through the tunnel: another name is no danger" remote "$build/ferrule set system name site2 && $build/ferrule commit"
ok "a change of the tunnel asks for --confirm" says "you came in through the tunnel" fails remote "$build/ferrule set oob hold-time 9 && $build/ferrule commit"
ok "also where sudo forgets how one came in" says "you came in through the tunnel" fails remote "env -u SSH_CONNECTION -u SSH_CLIENT $build/ferrule commit"
ok "and takes it so" says "rolls back in" remote "$build/ferrule commit --confirm 60s"
ok "confirmed through the tunnel" remote "$build/ferrule confirm"
ok "from here it asks for nothing" eval 'ferrule set oob hold-time 8 && ferrule commit'

# ---- another key ----
until_true 20 in_h ping -c 1 -W 1 10.66.0.9
ok "a next key" says "next-public-key" ferrule oob rotate
next=$(show '"next-public-key"')
ok "the same one when asked again" says "$next" ferrule oob rotate
ok "a hub that does not know it: the old one is back" says "does not take the next key" fails ferrule oob rotate --finish
ok "and works" until_true 20 in_h ping -c 1 -W 1 10.66.0.9
ok "the hub takes both" eval 'at_hub set oob peer site1 next-public-key "$next" && at_hub commit'
ok "it is not settled before it is used" says "no handshake with its next key" fails at_hub oob rotate site1
in_h ping -i 0.2 -w 12 10.66.0.9 >"$work/ping" 2>&1 &
pinger=$!
until_true 5 in_h ping -c 1 -W 1 10.66.0.9
read_again() { grep -c "oob: its files were read again" "$work/log"; }
before=$(read_again)
ok "in use" says "the next key is in use" ferrule oob rotate --finish
ok "its own file is no change of somebody else's" eval '! until_true 6 test "$(read_again)" -gt "$before"'
wait "$pinger"
lost=$(sed -n 's/^\([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 \2/p' "$work/ping" | { read -r sent got && echo $((sent - got)); })
say "lost of 60 pings while the key changed: $lost"
ok "at most five of them were lost, a second" test "$lost" -le 5
ok "it is another one" eval '[ "$(show "\"public-key\"")" = "$next" ] && [ "$(show "\"next-public-key\"")" = null ]'
ok "the hub sees it" until_true 10 eval 'at_hub --json oob peers | jq -e ".\"ferrule-oob:oob\".peer[] | select(.name == \"site1\") | .key == \"next\""'
ok "and settles it" eval 'at_hub oob rotate site1 && at_hub commit'
ok "the old one is gone" eval '! at_hub config oob | grep -q next-public-key && at_hub config oob | grep -q "$next"'
ok "the tunnel stands" until_true 20 in_h ping -c 1 -W 1 10.66.0.9
restart KILL
ok "and after a restart" until_true 30 in_h ping -c 1 -W 1 10.66.0.9

# ---- wrong on purpose ----
wrong() { ferrule discard && "${@:2}" >/dev/null && refused "$1" ferrule commit; }
ok "refused: two consoles at one port" wrong "is that of 'ssh' already" ferrule set oob console sw1 port 22
ok "refused: keys that others may write" eval 'chmod 666 "$keys/id.pub" && wrong "others than root may write" ferrule set oob ssh listen 23; chmod 644 "$keys/id.pub"'
ok "refused: keys in a folder that others may write" wrong "others than root may write /tmp" ferrule set oob ssh authorized-keys-file "$work/ferrule.yaml"
ok "refused: a file that is not there" wrong "No such file" ferrule set oob ssh authorized-keys-file /none
ok "refused: a device that is none" says "a device, such as" fails ferrule set oob console sw1 device ttyUSB0
ok "refused: the key of somebody else as the next one" eval 'at_hub set oob peer laptop next-public-key "$next" && refused "this is the key of '"'site1'"'" at_hub commit; at_hub discard'
ok "used on command: what is not there" refused "allowed is the name of a hub or an uplink" ferrule oob use usb9
ferrule discard
ferrule delete oob && ferrule commit >/dev/null
ok "off: neither sshd nor ser2net is left" until_true 15 eval '! ls "$work"/run/*.process'
finish
