#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# W6, R12: a daemon's user leads root nowhere by a link in the daemon's own folder, and a pipe in the
# place of a file is not waited for.
. "$(dirname "$0")/../netns/lib.sh"

for need in dnsmasq bird; do command -v "$need" >/dev/null || [ -x "/usr/sbin/$need" ] || skip_all "no $need"; done
world
chmod 755 "$work"
mkdir -p "$work/block" && echo one.example >"$work/block/ads"
config <<YAML
host-link: {ipv4: {method: static, address: [192.0.2.5/24]}}
lan: {dns: {block-root: $work/block, block-list: [ads], record: [{name: a.example, address: 192.0.2.9}]}}
YAML
start
serves() { test "$(state '.service[] | select(.name == "dnsmasq") | .state' service)" = ready; }
ok "dnsmasq serves" until_true 20 serves
mkdir "$work/of-root" && chmod 755 "$work/of-root"
folder=$(find "$work/run/dnsmasq" -maxdepth 1 -type d -name 'records*')
user=$(stat -c %u "$folder")
ok "its folder is its own" test "$user" -gt 0
as_user() { setpriv --reuid="$user" --regid="$user" --clear-groups "$@"; }
as_user mv "$folder" "$folder.old" && as_user ln -s "$work/of-root" "$folder"
ferrule set lan dns record b.example address 192.0.2.10 >/dev/null
ferrule commit >/dev/null 2>&1
ok "a commit of a record makes nothing where a link leads" test -z "$(ls "$work/of-root")"
ok "whose owner is still root" test "$(stat -c %u "$work/of-root")" = 0
ok "the log says why" says "Too many levels of symbolic links" cat "$work/log"
ok "the supervisor answers" ferrule status
as_user rm "$folder" && as_user mv "$folder.old" "$folder"

mkfifo "$work/block/pipe"
ferrule set lan dns block-list pipe >/dev/null
ok "and no block list" says "cannot be read" timeout 10 "$build/ferrule" commit
ok "nobody waits for its writer" timeout 10 "$build/ferrule" status
finish
