#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every block of commands of the README is typed as it stands, in its order, with the files that it
# names. What cannot be is in `elsewhere`, with the test that does it or the reason.
. "$(dirname "$0")/../netns/lib.sh"

world
chmod 711 "$work"
config </dev/null
start
mkdir "$work/bin" "$work/here"
ln -s "$top/etc" "$work/here/etc"
printf '#!/bin/sh\nexec "$@"\n' >"$work/bin/sudo"
printf '#!/bin/sh\nexec nsenter --net=/run/netns/%s %s "$@"\n' "$M" "$build/ferrule" >"$work/bin/ferrule"
chmod 755 "$work"/bin/*
export PATH=$work/bin:$PATH

elsewhere() { # LINE: prints where it is tried
	case $1 in
	*check\ FILE*) echo "FILE stands for a name" ;;
	*--stop-wire*) echo "tests/netns/stop-wire.sh" ;;
	*boot.yaml*) echo "tests/netns/boot.sh, which has the images" ;;
	*quickstart*) echo "the command of this check" ;;
	*bootstrap*configure* | *systemctl* | *systemd-sysusers*) echo "tests/vm/service.sh" ;;
	ssh\ *) echo "needs an account; tests/netns/loan.sh logs in on a loan" ;;
	*wg-quick* | ping\ 10.66.0.1) echo "tests/netns/oob-hub.sh" ;;
	*commit\ --until\ oob* | *oob\ use* | *oob\ rotate*) echo "tests/netns/oob.sh, with a hub that answers" ;;
	*) return 1 ;;
	esac
}

# blocks HEADING: the lines of the fenced blocks below it
blocks() { awk -v heading="$1" '/^## / { on = index($0, heading) } /^```/ { inside = !inside; next } on && inside' "$top/README.md"; }

# typed LINE: as somebody types it, who leaves what goes on for ever after a while. Exit status 1 of
# health is trouble, and no error.
typed() {
	local code
	(cd "$work/here" && timeout -s INT 6 bash -c "$1") </dev/null >"$work/typed" 2>&1
	code=$?
	cat "$work/typed"
	case $1 in
	*capture\ * | *log\ *-f*) [ "$code" = 0 ] || [ "$code" = 124 ] || [ "$code" = 130 ] ;;
	*health* | *"| grep"*) [ "$code" -le 1 ] ;; # nothing is found, where nobody is
	*) [ "$code" = 0 ] ;;
	esac
}
section() { # HEADING: each line of it
	local line lines=0
	while IFS= read -r line; do
		case $line in "" | \#* | " "*) continue ;; esac
		lines=$((lines + 1))
		if elsewhere "$line" >"$work/where"; then
			say "$line: $(cat "$work/where")"
			continue
		fi
		ok "$1: $line" typed "$line"
	done < <(blocks "$1")
	ok "$1 has commands" test "$lines" -ge 1
}
fresh() { # a wire and an address, and nothing else
	printf 'wire: {optical: eth0, electrical: eth1}\nhost-link: {ipv4: {method: static, address: 192.0.2.5/24, gateway: 192.0.2.1}}\n' >"$work/fresh.yaml"
	ferrule load "$work/fresh.yaml" && ferrule commit --no-confirm
	until_true 20 in_m ip route get 198.51.100.7
}
ip -n "$M" link add eth2 type veth peer name third netns "$S"

for heading in "Commands people need" "You have a link to look into" "You have no address to spare" "You have a site without a clock" \
	"You have an exchange without" "You have a site that must stay reachable" "Installing"; do
	fresh >/dev/null 2>&1
	section "$heading"
	ferrule confirm >/dev/null 2>&1
done
fresh >/dev/null 2>&1
ok "the example of a site" typed "sudo ferrule load etc/examples/lan.yaml && sudo ferrule commit --confirm 5 && ferrule confirm"
section "You have a switch, a module, and a server"

# the examples of the manual
fresh >/dev/null 2>&1
while IFS= read -r line; do
	ok "ferrule(1): $line" typed "$line"
done < <(sed -n '/^.SH EXAMPLES/,/^.fi/p' "$top/doc/ferrule.1" | sed '/^\./d; s/\\-/-/g')
# each command that it names is one, and each command is named
commands() { "$build/ferrule" help | awk '{ print $1 }' | sort -u; }
named() { grep -qE "^\.(B|BI|BR) \"?$1" <(sed 's/\\-/-/g' "$top/doc/ferrule.1"); }
for command in $(commands); do
	case $command in example | host-address) continue ;; esac
	ok "ferrule(1) names $command" named "$command"
done
finish
