#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# W13, W15, R16, S39: messages name what was found and what there is, also as JSON; a commit that
# waits may wait longer; counters begin at 0 again.
. "$(dirname "$0")/../netns/lib.sh"

world
chmod 711 "$work"
config <<'EOF'
filter:
- {name: one, match: {protocol: udp}, action: pass}
- {name: two, match: {protocol: icmp}, action: pass}
EOF
start
# as JSON with the same words
json_says() { ferrule --json "${@:2}" 2>/dev/null | python3 -c 'import json, sys; sys.exit(sys.argv[1] not in json.load(sys.stdin)["message"])' "$1"; }

ok "a filter that is not there" says "there is no filter 'three'; there is one and two" ferrule show filter three
ok "one that is nearly there" says "did you mean 'two'" ferrule show filter tow
ok "a state that is none names roles, too" says "lan" ferrule show qqqqqq
ok "a role that is not configured" says "ntp is not configured" ferrule show ntp
ok "nothing of a part is no error" ferrule show loan
ok "more commits back than are kept" says "found '99', allowed are 1..20 commits back" ferrule rollback 99
ok "a command that is none, in the shell" eval 'echo nonsense | ferrule 2>&1 | grep "no command .nonsense."'
ok "a place is one still" eval 'printf "filter one\nset action drop\n" | ferrule && ferrule diff | grep "set filter one action drop"'
ferrule discard
ok "help of one role" eval 'ferrule help route-server | grep -q "route-server clients" && ! ferrule help route-server | grep -q "oob peers"'
ok "help of one command" eval 'test "$(ferrule help commit | wc -l)" = 1'
ok "help of neither" says "no command 'nothing'" ferrule help nothing
ok "no YANG modules: the folders are named" says "no folder" env FERRULE_YANG_DIR=/nowhere "$build/ferrule" check "$work/ferrule.yaml"
ok "and those that have none" says "looked for in $work" env FERRULE_YANG_DIR="$work" "$build/ferrule" check "$work/ferrule.yaml"

ok "wrong usage as JSON" json_says "usage: commit" commit now
ok "no command as JSON" json_says "no command" nonsense
ok "a wrong option as JSON" json_says "unknown option" --wrong
ok "what is set, as JSON" eval 'ferrule --json set system name x | python3 -c "import json, sys; json.load(sys.stdin)"'
ok "a commit and a roll-back as JSON" eval 'for c in commit "rollback 1"; do ferrule --json $c | python3 -c "import json, sys; json.load(sys.stdin)[\"number\"]"; done'
printf 'wire: {optical: a, electrical: a}\n' >"$work/bad.yaml"
ok "a check as JSON" eval 'ferrule --json check "$work/bad.yaml" | python3 -c "import json, sys; d = json.load(sys.stdin); assert not d[\"valid\"] and d[\"problem\"][0][\"line\"] == 1"'

# prolonging
waits() { ferrule --json show commit | jq -r '.commit | .. | ."pending-seconds"? // empty' | head -1; }
ferrule set system name y && ferrule commit --confirm 60s >/dev/null
ok "a commit waits a minute" eval '[ "$(waits)" -le 60 ]'
ok "and an hour, when it is prolonged" says "it rolls back in 3600 s" ferrule confirm --prolong 60
stop KILL
start
ok "after a restart as well" eval '[ "$(waits)" -gt 3000 ]'
ok "no time is no time" says "usage: confirm" ferrule confirm --prolong never
ok "and confirmed" says confirmed ferrule confirm
ok "nothing to prolong" says "no commit waits" ferrule confirm --prolong 60

# counters
packets() { ferrule --json show filter | jq -r ".filter[] | select(.name == \"$1\") | .packets"; }
in_o ping -c 3 -i 0.2 192.0.2.2 >/dev/null
ok "a filter has counted" eval '[ "$(packets two)" -ge 6 ]'
ok "it begins at 0" eval 'ferrule clear filter two && [ "$(packets two)" = 0 ]'
in_o ping -c 1 192.0.2.2 >/dev/null
ok "and counts on" eval '[ "$(packets two)" -ge 2 ]'
ok "all of them" eval 'ferrule clear filter | grep "2 filters" && [ "$(packets two)" = 0 ]'
ok "one that is not there" says "there is no filter 'none'" ferrule clear filter none
# R16: a table fits the terminal, and is whole in a pipe
long=$(printf '198.51.%s.0/24 ' $(seq 1 30))
# shellcheck disable=SC2086
ferrule set filter wide match source $long && ferrule set filter wide action pass && ferrule commit >/dev/null
wide() { python3 - "$build/ferrule" <<'EOF'
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    os.execv(sys.argv[1], ["ferrule", "show", "filter"])
data = b""
try:
    while True:
        part = os.read(fd, 4096)
        if not part:
            break
        data += part
except OSError:
    pass
import re
lines = re.sub(r"\x1b\[[0-9]*m", "", data.decode()).splitlines()
print(max(len(line) for line in lines))
EOF
}
ok "a table is as wide as the terminal at the most" eval '[ "$(wide)" -le 100 ]'
ok "and whole in a pipe" eval 'ferrule show filter | grep -q 198.51.30.0/24'
finish
