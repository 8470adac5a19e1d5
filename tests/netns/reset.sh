#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# reset: a segment ends here, and both ends get a RST that they take.
. "$(dirname "$0")/lib.sh"

/usr/bin/python3 -c 'import scapy.all' 2>/dev/null || skip_all "no scapy"
world
config <<'YAML'
filter:
  - {name: no-such, match: {protocol: tcp, destination-port: 9999, reverse: true}, action: reset, copy: true}
YAML
start
/usr/bin/python3 "$(dirname "$0")/reset.py" "$O" line "$S" uplink >"$work/resets" 2>"$work/py.err" || sed 's/^/# /' "$work/py.err"
while IFS= read -r line; do
	ok "${line%:*}" test "${line##*: }" = good
	[ "${line##*: }" = good ] || say "$line"
done <"$work/resets"
ok "all of them were looked at" test "$(wc -l <"$work/resets")" = 72

# a connection of real ends
server() {
	spawn "$S" python3 -c '
import socket, sys
s = socket.create_server(("192.0.2.2", int(sys.argv[1])))
c, _ = s.accept()
try:
    while c.recv(100):
        pass
    print("closed", flush=True)
except ConnectionResetError:
    print("reset", flush=True)' "$1" >"$work/server"
}
client() {
	in_o python3 -c '
import select, socket, sys
s = socket.create_connection(("192.0.2.2", int(sys.argv[1])), 5)
s.sendall(b"hello")
open(sys.argv[2], "w").close()
s.settimeout(20)
try:
    while True:
        s.sendall(b"more")
        select.select([s], [], [], 0.1)  # the other end says nothing: it is the reset
except ConnectionResetError:
    print("reset")
except OSError as e:
    print(e)' "$1" "$work/talks" >"$work/client"
}
ok "a connection to it is refused at once" says "Connection refused" in_o python3 -c '
import socket
socket.create_connection(("192.0.2.2", 9999), 5)'
server 8888
until_true 5 in_s sh -c 'ss -ltn | grep -q :8888'
client 8888 &
pids+=($!)
until_true 10 test -e "$work/talks"
ferrule set filter no-such match destination-port 8888 && ferrule delete filter no-such match destination-port 9999
ferrule commit >/dev/null
ok "one that stands is ended at the client" until_true 10 grep -qx reset "$work/client"
ok "and at the server" until_true 10 grep -qx reset "$work/server"
ok "resets are counted" test "$(state '."host-link".resets' host-link)" -ge 60

stop KILL
open() { in_o python3 -c '
import socket
socket.create_connection(("192.0.2.2", 8888), 1)'; }
server 8888
ok "the supervisor dead: it lets go within 3 s" until_true 8 open
finish
