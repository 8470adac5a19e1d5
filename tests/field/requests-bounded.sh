#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# W2, W3, W7, I11: a request is bounded in items as well as in octets, memory goes back, idle clients
# do not keep root out, a supervisor that hangs is not waited for, and HUP ends nothing.
. "$(dirname "$0")/../netns/lib.sh"

world
config <<<'filter: [{name: ping, match: {protocol: icmp}, copy: true}]'
start
memory() { awk '/^VmRSS/ {print $2}' "/proc/$daemon/status"; }
peak() { awk '/^VmHWM/ {print $2}' "/proc/$daemon/status"; }
# how far the clock of the CPU went, in hundredths of a second
cpu() { awk '{print $14 + $15}' "/proc/$daemon/stat"; }
before=$(cpu)
mapfile -t many < <(yes a | head -20000)
ok "20,000 equal words are refused" says "more than 8192 values" ferrule show "${many[@]}"
ok "at once" test $(($(cpu) - before)) -lt 200
rss=$(memory)
{ echo "wire: {optical: eth0, electrical: eth1}"; echo "filter: [{name: a, match: {vlan: [$(seq -s, 1 400000)]}}]"; } >"$work/large.yaml"
ok "a document of 400,000 values is refused, with its place" says "large.yaml:2:" ferrule load "$work/large.yaml"
ok "by its number of values" says "more than 100000 values" ferrule load "$work/large.yaml"
ok "before a tree is built of it" test "$(peak)" -lt $((rss + 30000))
ok "memory goes back" test "$(memory)" -lt $((rss + 4000))
printf 'filter: %s' "$(printf '[%.0s' $(seq 1000))" >"$work/deep.yaml"
ok "and one of 1,000 levels" says "levels of brackets" ferrule load "$work/deep.yaml"
ok "a check says the same" says "more than 100000 values" ferrule check "$work/large.yaml"

chmod 711 "$work" && chmod 755 "$work/run" && chmod 666 "$work/run/control"
cat >"$work/idle.py" <<'PY'
import signal, socket, sys
clients = []
for _ in range(40):
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    clients.append(s)
signal.alarm(300)  # a bound, should nobody end it
signal.pause()
PY
spawn "$M" setpriv --reuid=65534 --regid=65534 --clear-groups /usr/bin/python3 "$work/idle.py" "$work/run/control"
idle=$spawned
nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$build/ferrule" status; }
ok "of somebody else's: others are told what is wrong" until_true 10 says "too many clients" nobody
ok "and root gets in" ferrule status
kill "$idle" && wait "$idle" 2>/dev/null

kill -HUP "$daemon"
ok "HUP is a word in the log" until_true 10 says "HUP: files" cat "$work/log"
ok "and ends nothing" ferrule status
kill -STOP "$daemon"
ok "one that hangs is not waited for" says "has said nothing for 10 s" timeout 60 "$build/ferrule" status
kill -CONT "$daemon"
finish
