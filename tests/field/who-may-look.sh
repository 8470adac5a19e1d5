#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# R17: members of group ferrule-view look, and change nothing.
. "$(dirname "$0")/../netns/lib.sh"

world
chmod 711 "$work" && chmod 755 "$work/run"
config <<'EOF'
filter: [{name: one, match: {protocol: udp}, action: pass}]
EOF
# groups of this test alone
{ cat /etc/group; echo "ferrule:x:64901:"; echo "ferrule-view:x:64902:"; } >"$work/group"
spawn "$M" unshare -m sh -c 'mount --bind "$1" /etc/group && shift && exec "$@"' sh "$work/group" \
	"$build/ferruled" --no-syslog --config "$work/ferrule.yaml" --run-dir "$work/run" --state-dir "$work/state" 2>>"$work/log"
ok "it starts" until_true 20 ferrule status
as() { setpriv --reuid=65534 --regid="$1" --clear-groups "$build/ferrule" "${@:2}"; }
ok "its socket is that group's" test "$(stat -c '%a %g' "$work/run/view")" = "660 64902"
for command in status "show filter" health config "config --candidate" history log diff; do
	# shellcheck disable=SC2086
	ok "who may look: $command" as 64902 $command
done
for command in "set system name x" "delete filter one" discard "commit" "rollback 1" confirm "clear filter" plan; do
	# shellcheck disable=SC2086
	ok "who may look: not $command" says "is not for who may only look" as 64902 $command
done
ok "not a file into the candidate" says "is not for who may only look" as 64902 load - </dev/null
ok "a verb that shows" says "hello, you" as 64902 example greet you
ok "not one that changes" says "that changes something" as 64902 lan reload
ok "a capture in passing is none" fails timeout 10 setpriv --reuid=65534 --regid=64902 --clear-groups "$build/ferrule" capture one -c 1
ok "a member of ferrule may" as 64901 set system name x
ok "somebody else may not even look" says "or of 'ferrule-view' to look" as 65534 status
# those who look leave room for those who mend
python3 - "$work/run/view" <<'EOF' &
import signal, socket, sys
held = []
for i in range(40):
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    held.append(s)
signal.pause()
EOF
crowd=$!
pids+=("$crowd")
ok "a crowd of them" until_true 10 grep -q "more than" "$work/log"
ok "leaves room" as 64901 status
kill "$crowd"
finish
