#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every bad input gets one clear line and changes nothing.
. "$(dirname "$0")/lib.sh"

world
config </dev/null
# refused TEXT: standard input as configuration is not taken; one line, with the text
refused() {
	cat >"$work/bad.yaml"
	ferrule check "$work/bad.yaml" >"$work/lines" 2>&1 && return 1
	cat "$work/lines"
	[ "$(wc -l <"$work/lines")" = 1 ] && grep -qF -- "$1" "$work/lines"
}
W='wire: {optical: eth0, electrical: eth1}'
ok "unknown key" refused "bad.yaml:2:11: filter[a]/mach: unknown key; did you mean 'match'?" <<<"$W
filter: [{mach: {}, name: a}]"
ok "unknown key at the top" refused "did you mean 'filter'" <<<"$W
filtre: []"
ok "wrong type" refused "copy: found '7', allowed is true or false" <<<"$W
filter: [{name: a, copy: 7}]"
ok "wrong enumeration" refused "did you mean 'drop'" <<<"$W
filter: [{name: a, action: dropp}]"
ok "number out of range" refused "sample: found '0', allowed is a number 1..1000000" <<<"$W
filter: [{name: a, sample: 0}]"
ok "port out of range" refused "found '70000'" <<<"$W
filter: [{name: a, match: {destination-port: 70000}}]"
ok "duplicate name" refused "bad.yaml:2:30: filter: name 'a' is there twice" <<<"$W
filter: [{name: a}, {  name: a}]"
ok "duplicate key" refused "bad.yaml:2:1: a key is there twice" <<<"$W
$W"
ok "no port" refused "electrical is missing" <<<"wire: {optical: eth0}"
ok "the same port twice" refused "are the same port" <<<"wire: {optical: eth0, electrical: eth0}"
ok "not YAML" refused "not YAML" <<<"wire: {optical: [eth0"
ok "with the line and column of it" refused ":3:3: not YAML: invalid indentation" <<<$'wire: {optical: eth0, electrical: eth1}\nsystem: {name: x}\n  bad: 1'
ok "a tag where quotes are meant" refused ':2:21: !ack needs quotes: "!ack"' <<<$'filter:\n- {tcp-flags: [syn, !ack]}'
ok "a file with nothing in it is a configuration" eval 'echo "# later" >"$work/empty.yaml" && ferrule check "$work/empty.yaml"'
ok "not UTF-8" refused "bad.yaml:2:9: not a text: not UTF-8" <<<"$W
filter: $(printf '\355\240\200')"
ok "a service for what has no ports" refused "the match needs 'protocol: tcp'" <<<"$W
filter: [{name: a, action: divert, to-port: 53}]"
ok "static without address" refused "method static needs an address" <<<"$W
host-link: {ipv4: {method: static}}"

# starts TEXT: ferruled ends by itself, with the text in one line
starts_not() {
	timeout 20 nsenter --net="/run/netns/$M" "$build/ferruled" --no-syslog --config "$2" \
		--run-dir "$work/run" --state-dir "$work/state" >"$work/lines" 2>&1 && return 1
	cat "$work/lines"
	[ "$(wc -l <"$work/lines")" = 1 ] && grep -qF -- "$1" "$work/lines"
}
ok "no such file" starts_not "cannot be read: No such file" "$work/nothing.yaml"
ok "it left nothing behind" test "$(ip -n "$M" -o link | grep -c -e sfp0 -e xdp -e PROMISC)" = 0
{ echo "wire: {optical: &x eth0, electrical: *x}"; } >"$work/alias.yaml"
ok "an alias is no text" says "an alias" ferrule check "$work/alias.yaml"
{ cat "$work/ferrule.yaml"; echo "filter: [{name: x, match: {destination-port: [$(seq -s, 5000)]}}]"; } >"$work/many.yaml"
ok "more values than can be" says "found 5000 entries, allowed are 4096" ferrule check "$work/many.yaml"
start
ok "a second one in the same folder" starts_not "uses $work/run already" "$work/ferrule.yaml"
mkdir "$work/run2"
spawn "$M" "$build/ferruled" --no-syslog --config "$work/ferrule.yaml" --run-dir "$work/run2" \
	--state-dir "$work/state2" 2>/dev/null
ok "a second one for the same ports" until_true 20 says "has an XDP program already" ferrule --run-dir "$work/run2" status
kill "$spawned"; wait "$spawned" 2>/dev/null
in_m "$build/ferruled" --no-syslog --run-dir "$work/run2" --stop-wire 2>/dev/null
umount "$work/run2/bpf" 2>/dev/null
ok "the first did not notice" ping_across 1
chmod 711 "$work" && chmod 755 "$work/run"
nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
ok "no permission for the socket" says "not allowed" nobody "$build/ferrule" status
no_root() { nobody "$build/ferruled" --no-syslog --config "$work/ferrule.yaml" --run-dir "$work/x"; }
ok "no permission for the daemon" says "Permission denied" no_root

# a full disk: the state folder is a file system without room
stop
mkdir -p "$work/full" && mount -t tmpfs -o size=64k tmpfs "$work/full"
cp "$work/ferrule.yaml" "$work/full/" && dd if=/dev/zero of="$work/full/fill" 2>/dev/null
config=$work/full/ferrule.yaml start
cp "$work/full/ferrule.yaml" "$work/before.yaml"
for i in 1 2 3 4 5 6 7 8; do ferrule set filter "f$i" match source "2001:db8:$i::/64" 10.0.$i.0/24; done
ok "a full disk" says "No space left on device" ferrule commit
ok "the configuration stands" cmp "$work/before.yaml" "$work/full/ferrule.yaml"
ok "nothing is in force of it" test "$(state '.filter // [] | length' filter)" = 0
ok "frames cross" ping_across 1
stop
umount "$work/full"
finish
