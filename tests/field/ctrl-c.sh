#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# W10: Ctrl-C in the shell clears the line, or ends the log or the capture that runs, and never the
# shell; TERM ends it.
. "$(dirname "$0")/../netns/lib.sh"

world
config <<<'filter: [{name: ping, match: {protocol: icmp}, copy: true}]'
start
terminal() { timeout 30 python3 "$top/tests/netns/shell.py" "$build/ferrule" "$@"; }
ok "a line is cleared, and the next one runs" terminal "+ set system name right" 'set system name wrong\x03' 'set system name right\r' 'diff\r'
ok "what was cleared did nothing" fails says "name wrong" ferrule diff
ok "what came after it did" says "name right" ferrule diff
ok "a log that is followed ends" terminal "no command 'after'" 'log -f\r' '\x03' 'after log\r'
ok "so does a capture" terminal "no command 'after'" 'capture ping\r' '\x03' 'after capture\r'
ok "and a second one runs" terminal "no command 'after'" 'capture ping\r' '\x03' 'capture ping\r' '\x03' 'after two\r'
finish
