#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A BIRD that is newer than Debian's is used with what it can do beside: attributes that it does not
# know end there, graceful restart has bounds, ASPA. For 2.17 and 3.1 what is rendered is looked at;
# where a real one is named (FERRULE_BIRD=/path/to/bird), it reads it, and a member sends such an
# attribute.
. "$(dirname "$0")/../netns/lib.sh"

sessions=(10.64.1.0,64500 10.64.1.1,64501)
. "$(dirname "$0")/../netns/members.sh"
{
	module
	cat <<-YAML
		  policy: {transit-free: false, graceful-restart-time: 77, rpki: {cache: [{address: 127.0.0.1, port: 3323}]}}
		  client:
		    - {name: one, asn: 64500, address: [10.64.1.0]}
		    - {name: two, asn: 64501, address: [10.64.1.1]}
	YAML
} >"$work/ferrule.yaml"
echo "64500||31.0.0.0/16|C01703000100" >"$work/one.table"
# as_bird PROGRAM: ferruled sees that one as BIRD
as_bird() { under=(unshare -m sh -c 'mount --bind "$0" /usr/sbin/bird && exec "$@"' "$1"); }
# what says that it is VERSION, and keeps what it is to read
speaks_as() {
	cat >"$work/bird-$1" <<-SH
		#!/bin/sh
		[ "\$1" = --version ] && { echo "BIRD version $1" >&2; exit 0; }
		[ "\$1" = -p ] && { cat staged.conf >"$work/rendered"; exit 0; }
		exec tail -f /dev/null
	SH
	chmod 755 "$work/bird-$1"
	as_bird "$work/bird-$1"
}
: >"$work/rendered" && chmod 666 "$work/rendered"
has() { grep -qF -- "$1" "$work/rendered"; }

# Debian's own
start
ok "Debian's serves" until_true 20 served
in_use="$work/run/bird/bird.conf"
ok "without names for attributes" fails grep -q "attribute bgp" "$in_use"
ok "nor bounds of restart" fails grep -q "max graceful restart time" "$in_use"
ferrule set route-server policy aspa reject invalid
ok "ASPA is refused with the version" says "ASPA needs 2.16 or later, and here is 2." ferrule commit
ferrule discard
sed -i 's/policy: {/policy: {aspa: {reject: invalid}, /' "$work/ferrule.yaml"
for version in 2.17.1 3.1.2; do
	stop
	[ -e "$work/run/bird.process" ] && kill "$(cut -d' ' -f1 "$work/run/bird.process")"
	rm -rf "$work/state"/*
	speaks_as "$version"
	start
	ok "$version: restart has bounds" until_true 20 has "max graceful restart time 77;"
	ok "$version: ASPA" eval 'has "aspa { table fs_aspa; };" && has "aspa_check_upstream(fs_aspa) = ASPA_INVALID"'
	if [ "${version%%.*}" = 3 ]; then # they are read-only there
		ok "$version: attributes that it does not know are left" fails has "attribute bgp"
		continue
	fi
	ok "$version: attributes that it does not know have names" has "attribute bgp 23 bytestring fs_attr23;"
	ok "$version: and end here" has "fs_known();"
	ok "$version: those that it knows have none" fails has "attribute bgp 35 "
done
if [ -x "${FERRULE_BIRD:-}" ]; then
	stop
	kill "$(cut -d' ' -f1 "$work/run/bird.process")"
	rm -rf "$work/state"/*
	as_bird "$FERRULE_BIRD"
	start
	ok "a real one reads it and serves" until_true 30 served
	served || grep -i bird "$work/log" | tail -5
	spawn "$S" python3 "$here/speaker.py" 10.64.0.1 "${sessions[0]},$work/one.table"
	ok "a route with an attribute that it does not know" until_true 60 passes 31.0.0.0/16
	"$FERRULE_BIRD" --version 2>&1 | grep -q "version 2" &&
		ok "is taken without that" fails says "BGP.17" rs show route all 31.0.0.0/16
fi
finish
