#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# S10: a machine has booted once when it has itself fetched the whole of its image's last file; nobody
# else's request, and no part of a file, ends its installation.
. "$(dirname "$0")/../netns/lib.sh"

for need in dnsmasq lighttpd udhcpc curl; do command -v "$need" >/dev/null || skip_all "no $need"; done
world
chmod 711 "$work"
mkdir "$work/boot"
head -c 300000 /dev/urandom >"$work/boot/linux"
truncate -s 30M "$work/boot/initrd" # more than what sockets hold
chmod 644 "$work"/boot/*
{
	echo "wire: {optical: eth0, electrical: eth1}"
	cat <<-YAML
		host-link: {ipv4: {method: static, address: 192.0.2.5/24}}
		lan:
		  dhcp: {mode: server, range: 192.0.2.100-192.0.2.199, host: [{name: once, mac: '02:00:00:00:00:10', boot-once: debian}]}
		  boot: {root: $work/boot, image: [{name: debian, kernel: linux, initrd: [initrd]}]}
	YAML
} >"$work/ferrule.yaml"
start
serves() { in_o curl -sS -m 3 -o /dev/null http://192.0.2.5/boot/linux; }
ok "files are served" until_true 40 serves
booted() { grep -q "has booted debian once" "$work/log"; }
url=http://192.0.2.5/boot
for file in linux initrd; do
	in_o curl -sS -o /dev/null -r 0-0 "$url/$file?mac=02-00-00-00-00-10"
	in_o curl -sS -o /dev/null "$url/$file?mac=02-00-00-00-00-10"
done
ok "another host that says its address ends nothing" fails until_true 4 booted

# S23: a board that says it is a PC gets no PC's program
offer() { # MAC: the boot file that is offered to a client of architecture 0
	rm -f "$work/offer.sh.got"
	ip -n "$S" link set uplink down && ip -n "$S" link set uplink address "$1" && ip -n "$S" link set uplink up
	in_s timeout 20 udhcpc -i uplink -n -q -f -t 8 -T 1 -V PXEClient:Arch:00000:UNDI:002001 -x 0x5d:0000 -O bootfile -s "$work/offer.sh" >/dev/null 2>&1
	grep -E '^boot_?file=' "$work/offer.sh.got"
}
printf '#!/bin/sh\n[ "$1" = bound ] && env >"$0.got"\nexit 0\n' >"$work/offer.sh"
chmod 755 "$work/offer.sh"
ok "a PC with a BIOS gets its program" until_true 40 eval 'offer 02:00:00:00:00:20 | grep undionly'
ok "a Raspberry Pi does not" fails eval 'offer dc:a6:32:00:00:20 | grep undionly'

# the machine itself, with its own lease
printf '#!/bin/sh\n[ "$1" = bound ] && ip addr add "$ip/24" dev uplink\nexit 0\n' >"$work/udhcpc.sh"
chmod 755 "$work/udhcpc.sh"
ip -n "$S" addr flush dev uplink
ip -n "$S" link set uplink down && ip -n "$S" link set uplink address 02:00:00:00:00:10 && ip -n "$S" link set uplink up
lease() { in_s timeout 20 udhcpc -i uplink -n -q -f -t 8 -T 1 -s "$work/udhcpc.sh"; }
ok "it has a lease" until_true 40 lease
in_s curl -sS -o /dev/null -r 0-0 "$url/initrd?mac=02-00-00-00-00-10"
ok "a part of a file ends nothing" fails until_true 4 booted
in_s curl -sS -o /dev/null -m 10 --limit-rate 20k --max-time 2 "$url/initrd?mac=02-00-00-00-00-10"
ok "nor one that breaks off" fails until_true 4 booted
in_s curl -sS -o /dev/null "$url/linux?mac=02-00-00-00-00-10"
ok "nor the first of two files" fails until_true 4 booted
in_s curl -sS -o /dev/null "$url/initrd?mac=02-00-00-00-00-10"
ok "the whole of the last one does" until_true 10 booted
stop KILL
start
ok "and a restart does not forget it" grep -q 02:00:00:00:00:10 "$work/state/booted"
finish
