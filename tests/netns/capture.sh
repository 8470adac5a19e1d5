#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Captures: rings of pcapng files, and live; both ports by name, with times and losses; through
# restarts and kills; a disk that is full; and nothing of it in the way of a frame.
. "$(dirname "$0")/lib.sh"

for need in tshark capinfos jq; do command -v "$need" >/dev/null || skip_all "no $need"; done
world
config <<'YAML'
capture:
  - {name: ring0, snap-length: 100, files: 3, file-size: 1}
  - {name: dns-1, files: 2, file-size: 1}
filter:
  - {name: pings, match: {protocol: icmp}, capture: [ring0]}
  - {name: dns, match: {protocol: udp, destination-port: 53, reverse: true}, capture: [ring0, dns-1]}
  - {name: load, match: {protocol: udp, destination-port: 7777}, capture: [ring0]}
YAML
start
files=$work/run/capture
ready() { [ "$(state '[.capture[] | select(.state == "ready")] | length' capture)" = "$1" ]; }
ok "both processes run" until_true 10 ready 2
capture() { state ".capture[] | select(.name == \"$1\") | .$2" capture; }
of() { tshark -n -r "$1" "${@:2}" 2>/dev/null; }
count() { [ "$(of "$@" | wc -l)" = "${want:?}" ]; }
worker() { cut -d' ' -f1 "$work/run/capture-$1.process" 2>/dev/null; }
ends() { ! kill -0 "$1" 2>/dev/null; }
ok "without privileges" eval '[ "$(stat -c %u "$files")" != 0 ] && grep -q "CapEff:.0*$" "/proc/$(worker ring0)/status"'

# ---- files ----

ping_across 5 >/dev/null
ok "frames are in a file" until_true 5 eval 'want=10 count "$files/ring0-0001.pcapng"'
one=$files/ring0-0001.pcapng
ok "with both ports by name" says "Name = electrical" capinfos "$one"
ok "in nanoseconds" says "nanoseconds (9)" capinfos "$one"
ok "and who it was" says "ferrule" capinfos "$one"
ok "as they came in" eval '[ "$(of "$one" -T fields -e frame.packet_flags_direction | sort -u)" = 0x00000001 ]'
ok "requests on the optical side" eval '[ "$(of "$one" -Y icmp.type==8 -T fields -e frame.interface_name | sort -u)" = optical ]'
ok "answers on the electrical one" eval '[ "$(of "$one" -Y icmp.type==0 -T fields -e frame.interface_name | sort -u)" = electrical ]'
ok "the time is now" eval 't=$(of "$one" -T fields -e frame.time_epoch | tail -1); [ $((${t%.*} - $(date +%s))) -lt 30 ] && [ $(($(date +%s) - ${t%.*})) -lt 30 ]'
in_o ping -c 1 -s 1000 192.0.2.2 >/dev/null
ok "cut to the snap length, and the whole length said" until_true 5 eval '[ "$(of "$one" -Y "frame.len == 1042" -T fields -e frame.cap_len | sort -u)" = 100 ]'
ok "counters" eval '[ "$(capture ring0 packets)" = 12 ] && [ "$(capture ring0 lost)" = 0 ]'

# ---- live ----

# listen NAME ARGUMENT...: a client in the background, its words in $work/NAME and its id in
# $listener, when it listens; it does not wait for ever
listen() {
	timeout 60 "$build/ferrule" capture "${@:2}" >"$work/$1" 2>"$work/$1.err" &
	listener=$!
	pids+=("$listener")
	until_true 15 grep -q listening "$work/$1.err" || sed 's/^/# /' "$work/$1.err"
}

spawn "$S" dnsmasq -k --conf-file=/dev/null --no-hosts --no-resolv --port=53 --interface=uplink \
	--bind-interfaces --address=/example.test/192.0.2.53 --pid-file="$work/dnsmasq.pid"
until_true 10 in_o dig +short +tries=1 +time=1 @192.0.2.2 example.test
timeout 60 "$build/ferrule" capture dns-1 -w - 2>"$work/live.err" | tshark -l -n -r - >"$work/live" 2>/dev/null &
pids+=($!)
until_true 15 grep -q listening "$work/live.err"
listen lines dns-1 -c 2
in_o dig +short @192.0.2.2 example.test >/dev/null
ok "tshark reads it live" until_true 10 grep -q "query response.*example.test A 192.0.2.53" "$work/live"
wait "$listener"
ok "a line a frame" grep -Eq '^[0-9:]+\.[0-9]{9} electrical +[0-9]+ 192.0.2.2 53 > 192.0.2.1 [0-9]+ udp$' "$work/lines"
ok "as many as were asked for" test "$(wc -l <"$work/lines")" = 2
listen two dns-1 -w "$work/two.pcapng" -c 2
in_o dig +short @192.0.2.2 example.test >/dev/null
wait "$listener"
ok "into a file" eval 'want=2 count "$work/two.pcapng"'
ok "one that there is not" says "no capture and no enabled filter 'dnss'" fails ferrule capture dnss
listen pings pings -c 2
ping_across 1 >/dev/null
wait "$listener"
ok "a filter's name does as well" test "$(grep -c icmp "$work/pings")" = 2
ok "completion knows captures" test "$(ferrule __complete capture ring)" = ring0
ok "a snap length that is none" says "--snap: found '5', allowed is a number 16..16384" fails ferrule capture pings --snap 5
ok "a file that cannot be" says "No such file or directory" fails ferrule capture pings -w "$work/none/x"
ok "and nothing runs for it" until_true 15 eval '[ -z "$(ls "$files"/~* 2>/dev/null)" ]'
ok "wrong words" says "usage: capture NAME" fails ferrule capture dns-1 -c none

# ---- in passing ----

before=$(ferrule config)
listen passing --match "protocol=icmp source=192.0.2.1,192.0.2.2" -c 4
ping_across 1 >/dev/null
in_o ping -c 1 -W 1 192.0.2.2 >/dev/null
wait "$listener"
ok "a capture without a commit" eval '[ "$(grep -c icmp "$work/passing")" = 4 ]'
ok "changes no configuration" test "$(ferrule config)" = "$before"
left() { [ -z "$(ls "$files"/~* "$work"/run/capture-~* 2>/dev/null)" ] && [ "$(state '.filter | length' filter)" = 3 ] && [ "$(state '.service // [] | map(select(.name | startswith("capture-~"))) | length' 2>/dev/null)" = 0 ]; }
ok "and leaves nothing behind" until_true 10 left
ok "what it does not know" says "unknown key, allowed are vlan" fails ferrule capture --match "colour=red"
listen seven --match "protocol=udp destination-port=7777" --snap 64 -w "$work/seven.pcapng"
ferrule set filter pings copy true && ferrule commit >/dev/null
in_o python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(5):
    s.sendto(b"x" * 100, ("192.0.2.2", 7777))'
ok "a commit meanwhile leaves it alone" until_true 5 eval 'want=5 count "$work/seven.pcapng"'
kill -9 "$(pgrep -P "$listener")"
ok "who asked is killed: nothing is left either" until_true 10 left
ferrule rollback 1 >/dev/null && ferrule commit >/dev/null

# ---- rings, restarts, kills ----

udp() { in_o python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(int(sys.argv[1])):
    s.sendto(b"x" * 58, ("192.0.2.2", 7777))' "$1"; }
udp 40000
total() { local f sum=0; for f in "$files"/ring0-*.pcapng; do sum=$((sum + $(stat -c %s "$f"))); done; [ "$sum" -le $((3 * 1048576)) ] && [ "$(ls "$files"/ring0-*.pcapng | wc -l)" = "${1:-3}" ]; }
ok "three files of a megabyte are kept" until_true 10 total
ok "the first is gone" until_true 10 test ! -e "$one"
each() { local f; for f in "$files"/ring0-*.pcapng; do of "$f" >/dev/null || return 1; tshark -r "$f" 2>&1 >/dev/null | grep -q "cut short" && return 1; done; return 0; }
ok "each is whole" each
seen=$(capture ring0 packets)
ok "what was taken is counted" test "$seen" -ge 40000
pid=$(worker ring0)
restart KILL
ok "the supervisor is killed: the process goes on" until_true 10 test "$(worker ring0)" = "$pid"
ping_across 3 >/dev/null
newest() { ls "$files"/ring0-*.pcapng | tail -1; }
ok "and takes what comes" until_true 5 eval 'of "$(newest)" -Y icmp | grep -q .'
kill -9 "$pid"
ok "it is killed: another comes" until_true 10 eval 'p=$(worker ring0); [ -n "$p" ] && [ "$p" != "$pid" ]'
until_true 10 ready 2
ping_across 3 >/dev/null
ok "and goes on in the next file" until_true 5 eval 'of "$(newest)" -Y icmp | grep -q .'
before=$(worker dns-1)
ferrule set filter load enabled false && ferrule commit >/dev/null
ok "a commit of something else leaves it alone" test "$(worker dns-1)" = "$before"
pid=$(worker ring0)
ferrule set capture ring0 snap-length 60 && ferrule commit >/dev/null
ok "another snap length is another process" until_true 10 eval 'p=$(worker ring0); [ -n "$p" ] && [ "$p" != "$pid" ]'
until_true 10 ready 2
ping_across 3 >/dev/null
ok "which has what it should" until_true 5 eval '[ "$(of "$(newest)" -Y icmp -T fields -e frame.cap_len | sort -u)" = 60 ]'

# ---- a disk that is full ----

pid=$(worker dns-1)
ferrule delete capture dns-1 && ferrule set filter dns capture ring0 && ferrule delete filter dns capture dns-1 && ferrule commit >/dev/null
ok "a capture that is no more ends" until_true 10 ends "$pid"
ok "its files stay" test -s "$files/dns-1-0001.pcapng"
stop
pid=$(worker ring0)
kill "$pid" && until_true 5 ends "$pid"
rm -rf "$files" && mkdir "$files"
mount -t tmpfs -o size=512k none "$files"
start
until_true 10 ready 1
ferrule set filter load enabled true && ferrule commit >/dev/null
udp 20000
ok "the disk is full: it says so" until_true 10 eval 'ferrule log capture | grep -q "No space left on device"'
ok "frames cross" ping_across 20
whole() { tshark -r "$(newest)" 2>&1 >/dev/null | grep -q "cut short" && return 1; of "$(newest)" | grep -q .; }
ok "the file is whole" whole
ok "the process lives" kill -0 "$(worker ring0)"
mount -o remount,size=8m "$files"
ping_across 3 >/dev/null
ok "there is room again: it goes on" until_true 10 eval 'of "$(newest)" -Y icmp | grep -q .'
stop
pid=$(worker ring0)
kill "$pid" && until_true 5 ends "$pid"
umount "$files"
start

# ---- what is refused ----

refused() { local want=$1; shift; "$@"; says "$want" ferrule commit; local result=$?; ferrule discard >/dev/null; return $result; }
ok "a capture that there is not" refused "no capture 'ring1'; there is ring0" ferrule set filter pings capture ring1
ok "more than there is room for" refused "is what they may have" eval 'ferrule set capture ring0 file-size 4096; ferrule set capture ring0 files 1000'
ok "a snap length that is none" says "allowed is" ferrule set capture ring0 snap-length 3
finish
