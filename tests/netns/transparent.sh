#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Frames of every kind cross unchanged and in order, both ways, also with filters that look at them.
. "$(dirname "$0")/lib.sh"
frames() { python3 "$top/tests/netns/frames.py" "$@"; }

world 9000
config </dev/null
start
ok "native mode on both ports" test "$(state '[.wire.port[].mode] | unique | .[]' wire)" = native
ok "every kind, optical to electrical" frames "$O" line "$S" uplink 9000
ok "every kind, electrical to optical" frames "$S" uplink "$O" line 9000

ferrule set filter all copy true && ferrule set filter vlan match vlan 1-4094 &&
	ferrule set filter ports match destination-port 0-65535 && ferrule commit >/dev/null
ok "the same with filters that match" frames "$O" line "$S" uplink 9000
ok "they were counted" test "$(state '.filter[0].packets' filter)" -gt 500
ok "PAUSE does not cross" frames "$O" line "$S" uplink pause
finish
