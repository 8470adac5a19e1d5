#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A driver without native XDP: the same wire in generic mode.
. "$(dirname "$0")/lib.sh"

world
config <<'YAML'
filter: [{name: all, copy: true}]
YAML
sed -i 's/electrical: eth1/electrical: eth1, xdp-mode: generic/' "$work/ferrule.yaml"
start
ok "generic mode, and status says so" test "$(state '.wire.port[0].mode' wire)" = generic
ok "every kind crosses" python3 "$top/tests/netns/frames.py" "$O" line "$S" uplink 1500
ok "ping" ping_across
ok "copies are made" test "$(state '.wire.port[2].sent.packets' wire)" -gt 100
finish
