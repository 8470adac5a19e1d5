#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# W1: a commit that is not confirmed comes back in time while the state folder is full; the disk
# learns of it once it has room. `confirm` is refused after the deadline.
. "$(dirname "$0")/../netns/lib.sh"

world
mount -t tmpfs -o size=256k tmpfs "$work/state" || skip_all "no tmpfs"
config </dev/null
mv "$work/ferrule.yaml" "$work/state/ferrule.yaml"
config=$work/state/ferrule.yaml
start
lock_out() {
	ferrule set filter lockout match protocol icmp && ferrule set filter lockout action drop &&
		ferrule commit --confirm "$1"
}
fill() { dd if=/dev/zero of="$work/state/fill" bs=1k 2>/dev/null || :; }
ok "a commit waits" says "rolls back in" lock_out 2s
fill
ok "with a full disk it comes back in time" until_true 10 ping_across 1
ok "the disk still has what was not confirmed" grep -q lockout "$config"
ok "status says so" says "not on disk yet" ferrule status
ok "confirm comes too late" fails ferrule confirm
ok "it stays as it was" ping_across 1
ferrule discard >/dev/null
ferrule set system name sfp2
ok "a commit says what it waits for" says "could not be written" ferrule commit
stop KILL
start
ok "killed meanwhile: the next start goes back as well" ping_across 1
ok "and says so" says "not on disk yet" ferrule status
rm "$work/state/fill"
ok "with room it is written" until_true 10 fails grep -q lockout "$config"
ok "nothing is owed any more" fails says "not on disk yet" ferrule status
ok "and a commit goes on" ferrule commit
ok "there is one line of history for it" test "$(ferrule history | grep -c 'not confirmed')" = 1

lock_out 60 >/dev/null
fill
ok "by hand it goes back with a full disk, too" says "rolled back" ferrule rollback
ok "at once" ping_across 1
finish
