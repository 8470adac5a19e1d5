#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The control socket: who may, and clients that are garbled, huge, slow, deaf or many.
. "$(dirname "$0")/lib.sh"

world
config </dev/null
start
client() { timeout 60 python3 "$top/tests/netns/control.py" "$work/run/control" "$1"; }
ok "mode 0660" test "$(stat -c %a "$work/run/control")" = 660
ok "it greets with its version" client hello
ok "garbled requests are answered with an error each" client garbled
ok "one that takes no long answers, too" client old
ok "several requests in one go" client pipelined
ok "a huge request is dropped" client huge
ok "a request that does not end is dropped" client slow
ok "a client that reads nothing does no harm" client deaf
ok "the 41st client of root is refused, with a word" client many
ok "the supervisor goes on" says sfp1 ferrule status
ok "and is still small" test "$(state .system.memory system)" -lt 80000000
ok "another version is told so" says "speaks version 9" eval '
	python3 - "$work/fake" <<PY &
import socket, struct, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1] + ".tmp")
s.listen()
import os
os.makedirs(sys.argv[1], exist_ok=True)
os.rename(sys.argv[1] + ".tmp", sys.argv[1] + "/control")
c, _ = s.accept()
t = b"{\"ferrule-control:hello\":{\"version\":9}}"
c.sendall(struct.pack("!I", len(t)) + t)
PY
	until_true 5 test -S "$work/fake/control"; ferrule --run-dir "$work/fake" status'
finish
