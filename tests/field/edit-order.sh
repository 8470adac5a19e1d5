#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# W15, W9, I10: a filter is put before another and moved, a past commit can be read, what is printed
# is read by others as it was, and a container that is empty means the same on disk.
. "$(dirname "$0")/../netns/lib.sh"

world
chmod 755 "$work"
config <<'YAML'
filter: [{name: no-ping, match: {protocol: icmp}, action: drop}]
YAML
start
ok "ping is dropped" fails ping_across 1
let_through() {
	ferrule set filter friends match protocol icmp && ferrule set filter friends match source 192.0.2.1 &&
		ferrule set filter friends match reverse true && ferrule set filter friends action pass
}
let_through
ok "an exception goes before it" ferrule insert filter friends before no-ping
ferrule commit >/dev/null
ok "and it counts" ping_across 1
ferrule insert filter friends last
ok "diff tells of the order" says "the order differs" ferrule diff
ok "moved behind it" ferrule commit
ok "it is dead" fails ping_across 1
ok "to the first place" eval 'ferrule insert filter friends first && ferrule commit && ping_across 1'
ok "a filter that is not there" says "there is no filter 'nobody'" ferrule insert filter friends before nobody
ok "a list without an order" says "whose order counts" ferrule insert system name first
ok "what it takes" says "usage: insert" ferrule insert filter friends
ok "the configuration of a past commit" says "no-ping" ferrule config --commit 1
ok "without what came later" fails says "friends" ferrule config --commit 1

for name in 1e3 no 0123 0x10 12:30 null; do ferrule set filter "f$name" match protocol tcp; ferrule set capture "$name" files 2 >/dev/null 2>&1; done
ferrule commit >/dev/null
names() { jq -r '.capture[].name' | sort | tr '\n' ' '; }
wanted=$(printf '%s\n' 1e3 no 0123 0x10 null | sort | tr '\n' ' ')
ok "JSON has texts as texts" test "$(ferrule --json config | names)" = "$wanted"
yaml() { /usr/bin/python3 -c 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))'; }
/usr/bin/python3 -c 'import yaml' 2>/dev/null && ok "and PyYAML reads the same" test "$(ferrule config | yaml | names)" = "$wanted"
ok "what was printed is the same again" eval 'ferrule config | ferrule load - && ferrule diff | wc -l | grep -qx 0'

echo "lan: {dns: {}}" | cat "$work/ferrule.yaml" - >"$work/with.yaml"
ferrule load "$work/with.yaml"
ok "a role with nothing in it is a difference" says "+ set lan" ferrule diff
ferrule commit >/dev/null
restart
ok "and is there after a start" says "lan" ferrule config
ok "on disk as well" grep -q "^lan:" "$work/ferrule.yaml"

# W11: the file is edited by hand, and somebody commits something else
sed -i '/^system:/,/name:/s/name: .*/name: by-hand/' "$work/ferrule.yaml"
ferrule set filter third match protocol tcp && ferrule set filter third action drop
ok "diff says that the file was edited" says "was changed by hand since" ferrule diff
ok "and so does the commit" says "keeps that as $work/ferrule.yaml.edited" ferrule commit
ok "which keeps it" grep -q by-hand "$work/ferrule.yaml.edited"
ok "and says so once" fails says "changed by hand" ferrule diff
sed -i '/^system:/,/name:/s/name: .*/name: by-hand/' "$work/ferrule.yaml"
ok "what is loaded is no surprise" eval 'ferrule load "$work/ferrule.yaml" && ! ferrule diff | grep "by hand" && ferrule commit && ferrule config system | grep by-hand'
echo "filter: [" >>"$work/ferrule.yaml"
ferrule delete filter third
ok "also one that is no YAML" says "was changed by hand since" ferrule commit
ferrule set system name sfp9 && ferrule commit --confirm 3s >/dev/null
sed -i '/^system:/,/name:/s/name: .*/name: by-hand-again/' "$work/ferrule.yaml"
ok "a way back keeps it as well" until_true 15 grep -q by-hand-again "$work/ferrule.yaml.edited"

# a file that a full disk or a power cut emptied
stop
: >"$work/ferrule.yaml"
start
ok "an empty file does not take the wire down" ping_across 1
ok "and is said" says "ferrule.yaml is empty, and something was committed" cat "$work/log"
finish
