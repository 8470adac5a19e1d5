#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A commit that is not confirmed comes back by itself: in time, after a kill -9, after a reboot.
. "$(dirname "$0")/lib.sh"

world
config </dev/null
start
drop_ping() {
	ferrule set filter no-ping match protocol icmp && ferrule set filter no-ping action drop &&
		ferrule commit --confirm "$1" -m "no ping"
}
ok "a commit waits" says "rolls back in" drop_ping 3s
ok "it is in force" fails ping_across 1
ok "another one is refused, with the seconds" says "waits to be confirmed for" eval \
	'ferrule set filter x copy true; ferrule commit'
ok "it comes back by itself" until_true 10 ping_across 1
ok "status says so" says "not confirmed in time" ferrule status
ok "rollback a second too late does not bring it again" says "rolled back already" ferrule rollback
ok "what was before is restored" test "$(state '.commit.differs // "nothing"' commit)" = nothing
ok "the file is the old one" fails grep -q no-ping "$work/ferrule.yaml"

ferrule discard
drop_ping 4s >/dev/null
stop KILL
ok "killed meanwhile: the file is the new one" grep -q no-ping "$work/ferrule.yaml"
start
ok "the next supervisor still waits" test "$(state .commit.pending commit)" = true
ok "and goes back in time" until_true 10 ping_across 1
ok "the file is the old one again" fails grep -q no-ping "$work/ferrule.yaml"

drop_ping 60 >/dev/null
stop KILL
sed -i 's/boot .*/boot 00000000-0000-0000-0000-000000000000/' "$work/state/pending"
start
ok "booted since: back at once" ping_across 1
ok "nothing waits any more" test "$(state .commit.pending commit)" = false

drop_ping 2s >/dev/null
ok "confirmed" ferrule confirm
ok "a second time there is nothing to confirm" says "no commit waits" ferrule confirm
stays() { ! until_true 4 ping_across 1; }
ok "it stays" stays
ok "rollback undoes it" eval 'ferrule rollback && ping_across 1'
ok "rollback 1 is the commit before" eval 'ferrule rollback 1 >/dev/null && ! ping_across 1'
ok "a way back can wait to be confirmed as well" says "rolls back in" ferrule rollback 1 --confirm 3s
ok "it crosses" ping_across 1
ok "and comes back" until_true 15 fails ping_across 1
ok "for good, if it is confirmed" eval 'ferrule rollback 1 --confirm 3s >/dev/null && ferrule confirm && ! until_true 5 fails ping_across 1'
ok "or where nobody need confirm it" eval '! ferrule rollback 1 --no-confirm | grep "rolls back in"'
ok "what it takes" says "usage: rollback" ferrule rollback 1 --confirm
ok "more than there is is refused" says "does not go back" ferrule rollback 20
for i in $(seq 22); do ferrule set system name "n$i" && ferrule commit >/dev/null; done
ok "twenty are kept beside the running one" test "$(ferrule --json history | jq '.entry | length')" = 21
ok "rollback 20 is the oldest" eval 'ferrule rollback 20 >/dev/null && ferrule config system | grep -q "name: n2$"'
finish
