#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The client: commands, the shell with its places, completion, JSON, exit codes.
. "$(dirname "$0")/lib.sh"

world
config <<'YAML'
filter: [{name: dns-watch, match: {protocol: udp, destination-port: [53, 5353], reverse: true}, copy: true}]
YAML
code() { local want=$1; shift; "$@"; [ $? = "$want" ]; }

ok "no supervisor: exit code 3, and what to do" eval 'code 3 ferrule status && says "start it" ferrule status'
ok "check works without one" says valid ferrule check "$work/ferrule.yaml"
ok "the shipped configuration is valid" ferrule check "$top/etc/ferrule.yaml"
ok "and the examples" eval 'for f in "$top"/etc/examples/*.yaml; do [ "${f##*/}" = boot.yaml ] || ferrule check "$f" || exit 1; done'
python3 - "$work/notify" >"$work/notified" <<'PY' &
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
s.settimeout(20)
print(s.recv(100).decode())
PY
until_true 10 test -S "$work/notify"
NOTIFY_SOCKET=$work/notify start
ok "it tells the service manager" until_true 5 grep -qx READY=1 "$work/notified"
ok "status" says "forwarding" ferrule status
ok "show filter is a table" eval 'ferrule show filter | head -1 | grep -qx "NR  NAME       FROM  MATCH                                 COPIES  ACTION  PACKETS  BYTES  ENABLED"'
ok "no colours in a pipe" eval '! ferrule status | grep -q "$(printf "\033")"'
ok "JSON for scripts" test "$(state '.filter[0].name' filter)" = dns-watch
ok "a part of the state" test "$(state '.wire.port[0].name' wire port optical)" = optical
ok "an unknown command: exit code 2" code 2 ferrule stauts
ok "an unknown path: exit code 1" code 1 ferrule show nothing
ok "set, diff" eval 'ferrule set filter dns-watch match vlan 100 200-299 && ferrule diff | grep -qx "+ set filter dns-watch match vlan 200-299"'
ok "delete one value" eval 'ferrule delete filter dns-watch match vlan 100 && ! ferrule diff | grep -q "vlan 100"'
ok "the key of an entry cannot be deleted" says "delete the entry" ferrule delete filter dns-watch name
ok "a name with a prefix is no second name" says "allowed are" ferrule set ferrule:wire optical eth7
ok "delete what is not there" says "not configured" ferrule delete filter dns-watch action
ok "a wrong value changes nothing" eval '! ferrule set filter dns-watch action dorp && ! ferrule diff | grep -q action'
ok "config of the candidate" says 200-299 ferrule config --candidate filter dns-watch
ok "discard" eval 'ferrule discard && test -z "$(ferrule diff)"'
ok "load a file" eval 'ferrule load "$top/etc/examples/filters.yaml" && ferrule diff | grep -q "set filter no-telnet action drop"'
ok "load from standard input" eval 'ferrule discard; { ferrule config; echo "example: {greeting: hello}"; } | ferrule load - && ferrule commit -m "a role" && state '"'"'."ferrule-example:example".greeting'"'"' | grep -qx hello'
ok "a role told to do something" says "hello, world" ferrule example greet world
ok "in JSON" eval 'ferrule --json example greet world | jq -e ".text == \"hello, world\n\""'
ok "what it can be told" says "example greet NAME" ferrule example
ok "completion knows" eval 'ferrule __complete example "" | grep -qx greet'
ok "a word too many" says "one word too many" fails ferrule example greet world twice
ok "nearly a verb" says "did you mean 'greet'" fails ferrule example greed world
ok "a plugin's own check" says "does not shout" eval 'ferrule set example greeting "hi!"; ferrule commit'
ferrule discard
greeted() { state '."ferrule-example:example".commits'; }
before=$(greeted)
ok "a commit of other things does not touch it" eval 'ferrule set system name other && ferrule commit && test "$(greeted)" = "$before"'
ok "history" says "a role" ferrule history
ok "nothing to commit" says "nothing to commit" ferrule commit
ok "the log" says "config: commit" ferrule log
shell() { printf '%s\n' "$@" | ferrule; }
ok "a place in the shell" eval 'shell "filter dns-watch" "set sample 10" "up" "set system name sfp2" "diff" | grep -qx "+ set filter dns-watch sample 10"'
ok "a script in the shell stops at an error" code 2 shell "nonsense" "commit"
terminal() { timeout 30 python3 "$top/tests/netns/shell.py" "$build/ferrule" "$@"; }
ok "the prompt shows the place" terminal "other(filter dns-watch)# " 'filter dns-watch\n'
ok "? helps from the schema" terminal "one of pass, drop, divert, reset" 'set filter dns-watch action ?'
ok "TAB completes" terminal "set filter dns-watch match protocol" 'se\tfil\tdns\tmat\tproto\t'
ok "completion of keys" test "$(ferrule __complete set filter dns-watch match proto)" = protocol
ok "completion of names" test "$(ferrule __complete set filter dns)" = dns-watch
ok "completion of values" test "$(ferrule __complete set wire engine x)" = xdp
ok "completion of commands" test "$(ferrule __complete stat)" = status
ok "bash completion" eval 'bash -c ". $top/etc/ferrule.bash; COMP_WORDS=($build/ferrule set fil); COMP_CWORD=2; _ferrule; test \"\${COMPREPLY[0]}\" = filter"'
finish
