#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# R1: the connection to an RPKI cache breaks within its first answer. All is asked for again until it
# was heard to its end; health says so meanwhile, and the part is not kept as the last good set.
. "$(dirname "$0")/../netns/lib.sh"

command -v stayrtr >/dev/null || skip_all "no stayrtr"
sessions=(10.64.1.0,200000)
. "$(dirname "$0")/../netns/members.sh"
all=3000
python3 - $all >"$work/vrps.json" <<'PY'
import json, sys
roas = [{"prefix": f"20.{i >> 8}.{i & 255}.0/24", "maxLength": 24, "asn": "AS9", "ta": "test"} for i in range(int(sys.argv[1]))]
print(json.dumps({"metadata": {"buildtime": "2026-01-01T00:00:00Z"}, "roas": roas}))
PY
# the first connections end after so many octets each, up to an empty line of the file
cat >"$work/proxy.py" <<'PY'
import select, socket, sys
limits = [int(n) for n in sys.argv[1:]]
listener = socket.create_server(("127.0.0.1", 3324))
while True:
    client, _ = listener.accept()
    left = limits.pop(0) if limits else 1 << 60
    server = socket.create_connection(("127.0.0.1", 3323))
    while left > 0:
        ready, _, _ = select.select([client, server], [], [])
        data = ready[0].recv(min(left, 4096) if ready[0] is server else 4096)
        if not data:
            break
        (client if ready[0] is server else server).sendall(data)
        left -= len(data) if ready[0] is server else 0
    client.close()
    server.close()
PY
spawn "$M" stayrtr -bind 127.0.0.1:3323 -cache "$work/vrps.json" -checktime=false -refresh 1 -metrics.addr "" >"$work/rtr.log" 2>&1
spawn "$M" python3 "$work/proxy.py" 20000 35000
{
	module
	cat <<-YAML
		  policy: {rpki: {cache: [{address: 127.0.0.1, port: 3324}], hold: 600}}
		  client: [{name: one, asn: 200000, address: [10.64.1.0]}]
	YAML
} >"$work/ferrule.yaml"
start
ok "BIRD serves" until_true 20 served
ok "health says that a part was heard" until_true 30 says "before all was heard" ferrule route-server health
vrps() { [ "$(rs show route table fs_roa4 protocol r_1 | grep -c " AS")" = "$1" ]; }
ok "in the end all is heard" until_true 60 vrps $all
ok "health has nothing to say of it any more" until_true 30 fails says "before all was heard" ferrule route-server health
ok "it was asked for all after each break" test "$(grep -c "is asked for all again" "$work/log")" -ge 2
kept() { [ "$(stat -c %s "$work/state/route-server/vrps.kept")" = $((24 * all)) ]; }
ok "what is kept is all of it" until_true 60 kept
finish
