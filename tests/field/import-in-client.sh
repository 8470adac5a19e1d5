#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# R12: what somebody else wrote is read by a child of the client, with its user's rights and with
# bounds of memory and time; the supervisor is not asked. What comes of it was checked.
. "$(dirname "$0")/../netns/lib.sh"

world
chmod 711 "$work"
config </dev/null
start
# export MEMBERS [ASN]: a member export
export_of() {
	python3 - "$work/ixf.json" "$@" <<'EOF'
import json, sys
name, count, first = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 100000
members = [{"asnum": first + i, "connection_list": [{"ixp_id": 1, "vlan_list": [
    {"vlan_id": 1, "ipv4": {"address": "10.%d.%d.%d" % (i >> 16, i >> 8 & 255, i + 1 & 255),
                            "routeserver": True}}]}]} for i in range(count)]
json.dump({"version": "1.0", "ixp_list": [{"ixp_id": 1, "vlan": [
    {"id": 1, "ipv4": {"prefix": "10.0.0.0", "mask_length": 8}}]}], "member_list": members},
    open(name, "w"))
EOF
}
import() { timeout 100 "$build/ferrule" route-server import "$@"; }

mkfifo "$work/pipe"
import "$work/pipe" >"$work/rs.yaml" &
waits=$!
ok "while a pipe has no writer, the supervisor answers" timeout 10 "$build/ferrule" status
export_of 3
cat "$work/ixf.json" >"$work/pipe"
wait "$waits"
ok "a pipe is read as a file is" grep -F "as100002-1" "$work/rs.yaml"
ok "standard input" eval 'import - <"$work/ixf.json" | grep -F as100002-1'
ok "nothing is to be mended" fails grep "# check" "$work/rs.yaml"
ok "as JSON" eval 'ferrule --json route-server import "$work/ixf.json" | python3 -c "import json, sys; json.load(sys.stdin)[\"text\"]"'

setpriv --reuid=65534 --regid=65534 --clear-groups "$build/ferrule" --version >/dev/null
chmod 600 "$work/ixf.json"
ok "a file that is root's is not read for others" says "Permission denied" setpriv --reuid=65534 --regid=65534 --clear-groups "$build/ferrule" route-server import "$work/ixf.json"

export_of 3 23455
import "$work/ixf.json" >"$work/rs.yaml"
ok "what cannot be committed is said" grep -F "# check: route-server/client[as23456-1]/asn" "$work/rs.yaml"

export_of 200000
ok "a file of 200,000 members is refused in one line" eval '! import "$work/ixf.json" >"$work/out2" 2>&1 && test "$(wc -l <"$work/out2")" = 1'
ok "with its bound" grep -F "MiB" "$work/out2"

{
	echo "cfg: {rs_as: 1}"
	echo "a: &a [1,1,1,1,1,1,1,1,1,1]"
	for i in $(seq 1 400000); do echo "k$i: [[[[]]]]"; done
} >"$work/wide.yml"
ok "one that takes much memory, too" eval '! import "$work/wide.yml" >"$work/out2" 2>&1'
ok "with a word about it" grep -E "memory|MiB" "$work/out2"
ok "the supervisor answers" ferrule status
finish
