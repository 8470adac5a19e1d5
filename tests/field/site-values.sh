#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# S16, S17, S18, S22, S27, S29, S35, S37: options by their type, a default route beside classless ones, names
# that clients must not take, names that no server of the world is to hear of, words with a meaning.
. "$(dirname "$0")/../netns/lib.sh"

for need in dnsmasq udhcpc dig; do command -v "$need" >/dev/null || [ -x "/usr/sbin/$need" ] || skip_all "no $need"; done
world
chmod 755 "$work"
mkdir -p "$work/boot" && echo kernel >"$work/boot/linux"
refused() { # TEXT LAN: one line with the text
	echo "{wire: {optical: eth0, electrical: eth1}, lan: $2}" >"$work/bad.yaml"
	ferrule check "$work/bad.yaml" >"$work/lines" 2>&1 && return 1
	cat "$work/lines"
	[ "$(wc -l <"$work/lines")" = 1 ] && grep -qF -- "$1" "$work/lines"
}
option() { echo "{dhcp: {mode: server, range: 192.0.2.100-192.0.2.120, option: [{code: $1, value: '$2'}]}}"; }
image() { echo "{dhcp: {mode: server, range: 192.0.2.100-192.0.2.120}, boot: {root: $work/boot, image: [$1]}}"; }
ok "the server's own identifier" refused "option 54 is not for a configuration: the protocol sets it" "$(option 54 192.0.2.9)"
ok "the mask" refused "option 1 is not for a configuration: the mask is that of the interface" "$(option 1 255.255.0.0)"
ok "an address that is none" refused "allowed for option 42 is IPv4 addresses" "$(option 42 192.0.2.300)"
ok "a number that is too large" refused "allowed for option 26 is a number 0..65535" "$(option 26 70000)"
ok "an image called as the disk is" refused "menu and local have a meaning" "$(image '{name: local, kernel: linux}')"
ok "a word that would be a comment" refused "a word that begins with '#' is a comment" "$(image '{name: d, kernel: linux, cmdline: "a #b c=1"}')"
ok "all of the machine as a folder of images" refused "would be served to the site" "{dhcp: {mode: proxy}, boot: {root: /, image: [{name: d, kernel: etc/hostname}]}}"
ok "a server that is the module itself" refused "it would learn the time from itself" "{}, ntp: {server: [127.0.0.1]}"
ok "an address that is none" refused "found '192.0.2.300'" "{}, ntp: {server: [192.0.2.300]}"
ok "a name with a port" refused "found 'time.example:123'" "{}, ntp: {server: ['time.example:123']}"
config <<YAML
host-link: {ipv4: {method: static, address: [192.0.2.5/24]}}
lan:
  dhcp: {mode: server, force: true, range: 192.0.2.100-192.0.2.120, router: 192.0.2.1, option: [{code: 121, value: "10.0.0.0/8,192.0.2.1"}]}
  dns: {upstream: [192.0.2.1], domain: site1.example}
YAML
# the world answers anything, also what it must not be asked for
spawn "$O" dnsmasq --keep-in-foreground --conf-file=/dev/null --no-hosts --no-resolv --interface=line --bind-interfaces \
	--address=/#/9.9.9.9 --log-queries --log-facility="$work/world" --pid-file=
start
ask() { in_s dig +short +tries=1 +time=2 @192.0.2.5 "$@"; }
answered() { test "$(ask www.example.org)" = 9.9.9.9; }
ok "names of the world are answered" until_true 20 answered
cat >"$work/script" <<'SH'
#!/bin/sh
[ "$1" != bound ] || env >"$LEASE"
SH
chmod +x "$work/script"
lease() { # NAME: an address by that name, what came with it in $work/lease
	LEASE=$work/lease in_s udhcpc -i uplink -n -q -f -t 5 -T 1 -O 121 -x "hostname:$1" -s "$work/script"
}
ok "a client" lease laptop
ok "its classless routes have a default one" grep -q "staticroutes=.*0.0.0.0/0 192.0.2.1" "$work/lease"
ok "its name is known" until_true 5 test -n "$(ask laptop.site1.example)"
for name in wpad localhost isatap; do lease "$name" >/dev/null 2>&1; done
nobody() { test -z "$(ask "$1")"; }
ok "wpad is nobody's name" nobody wpad
ok "also not in the domain" nobody wpad.site1.example
ok "localhost is this host" test "$(ask localhost)" = 127.0.0.1
for name in host.home.arpa printer.local foo.onion foo.test foo.invalid; do ok "$name goes to nobody" nobody "$name"; done
ok "the world was not asked for any" fails grep -E "home.arpa|local |onion|test |invalid" "$work/world"
finish
