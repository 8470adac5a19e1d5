#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Firmware of many kinds, each in a virtual machine behind the switch and ending in a fetched token:
# BIOS, UEFI for x86-64 and arm64, by TFTP and HTTP, over IPv4 and IPv6, with Secure Boot, and beside
# another server; and a one-shot boot that does not come twice.
. "$(dirname "$0")/lib.sh"

for need in qemu-system-x86_64 qemu-system-aarch64 lighttpd dnsmasq; do
	command -v "$need" >/dev/null || skip_all "no $need"
done
world
chmod 711 "$work"
# not KVM: firmware runs into the dark where it is nested, and these are small programs
accel=tcg
ip -n "$S" link add br0 type bridge forward_delay 0
ip -n "$S" link set uplink master br0
ip -n "$S" addr del 192.0.2.2/24 dev uplink
ip -n "$S" addr add 192.0.2.2/24 dev br0
ip -n "$S" link set br0 up

root=$work/images
mkdir -p "$root"
# what iPXE does with it says which platform it was
printf '#!ipxe\nimgfetch token-${platform}-${buildarch}\nsleep 60\n' >"$root/token.ipxe"
echo pcbios >"$root/token-pcbios-i386"
echo pcbios >"$root/token-pcbios-x86_64"
echo efi >"$root/token-efi-x86_64"
head -c 4096 /dev/urandom >"$root/token-arm64"
# GRUB for ARM of Debian's archive, as iPXE has no build for it; the daemon finds it where its
# package would have put it
arm=${FERRULE_GRUB_ARM64:-}
images="{name: token, file: token.ipxe}"
if [ -d "$arm" ]; then
	cp -r /usr/lib/grub "$work/grub" && cp -r "$arm"/* "$work/grub"
	under=(unshare -m sh -c "mount --bind $work/grub /usr/lib/grub && exec \"\$@\"" -)
	images="{name: arm-token, kernel: token-arm64, arch: [arm64-efi]}, $images"
fi

# a kernel that Secure Boot takes, and what it finds
kernel=${FERRULE_KERNEL:-}
if [ -r "$kernel" ] && [ -x /bin/busybox ]; then
	cp "$kernel" "$root/vmlinuz" && chmod 644 "$root/vmlinuz"
	mkdir -p "$work/initrd/bin" && cp /bin/busybox "$work/initrd/bin"
	cat >"$work/initrd/init" <<-INIT
		#!/bin/busybox sh
		/bin/busybox mkdir -p /proc
		/bin/busybox mount -t proc proc /proc
		/bin/busybox dmesg | /bin/busybox grep -i "secure boot"
		echo "token-$id of \$(/bin/busybox cat /proc/cmdline)"
		/bin/busybox poweroff -f
	INIT
	chmod +x "$work/initrd/init"
	(cd "$work/initrd" && find . | cpio -o -H newc --quiet | gzip) >"$root/token.gz"
	told="console=ttyS0 loglevel=3 a;b=c&d"
	images="{name: linux, title: Linux for once, kernel: vmlinuz, initrd: [token.gz], cmdline: $told}, $images"
fi

site() {
	cat <<-YAML
		wire: {optical: eth0, electrical: eth1}
		host-link:
		  ipv4: {method: static, address: [192.0.2.5/24]}
		  ipv6: {method: static, address: ['2001:db8:1::5/64']}
		lan:
		  dhcp:
		    mode: $1
		    $2
		    ipv6: {mode: $3}
		    host:
		      - {name: once, mac: '02:00:00:00:00:10', boot-once: token}
		      - {name: bios, mac: '02:00:00:00:00:11', boot: token}
		      - {name: x64-tftp, mac: '02:00:00:00:00:12', boot: token}
		      - {name: x64-http, mac: '02:00:00:00:00:13', boot: token}
		      - {name: arm64, mac: '02:00:00:00:00:14'$([ -d "$arm" ] && echo ', boot: arm-token')}
		      - {name: x64-tftp6, mac: '02:00:00:00:00:15', boot: token}
		      - {name: x64-http6, mac: '02:00:00:00:00:16', boot: token}
		      - {name: secure, mac: '02:00:00:00:00:17'$([ -r "$kernel" ] && echo ', boot: linux')}
		  boot: {root: $root, timeout: 2, secure-boot: ${4:-false}, image: [$images]}
	YAML
}
mkdir -p "$root/debian" && touch "$root/debian/linux" "$root/debian/initrd.gz"
sed "s|/srv/ferrule/boot|$root|" "$top/etc/examples/boot.yaml" >"$work/example.yaml"
ok "the example is valid" ferrule check "$work/example.yaml"
ok "an image that is not there is refused" says "cannot be read: No such file" ferrule check "$top/etc/examples/boot.yaml"
sed -i 's|file: /debian/linux|&|; s|kernel: debian/linux|kernel: ../ferrule.yaml|' "$work/example.yaml" && touch "$work/ferrule.yaml"
ok "a path that leaves the root is refused" says "is outside of $root" ferrule check "$work/example.yaml"
config </dev/null
site server "range: 192.0.2.100-192.0.2.199" stateful >"$work/ferrule.yaml"
start
served() { [ "$(state '[.service[] | select(.role == "lan") | .state] | unique | join(" ")' service)" = ready ]; }
ok "dnsmasq and lighttpd serve" until_true 20 served
served || finish

# machine NAME MAC COMMAND...: with one network card, on the switch
machine() {
	ip -n "$S" tuntap add "$1" mode tap && ip -n "$S" link set "$1" master br0 up
	spawn "$S" "${@:3}" -m 512 -display none -serial "file:$work/$1.log" -monitor none -nodefaults \
		-netdev "tap,id=n,ifname=$1,script=no,downscript=no" >"$work/$1.err" 2>&1
}
bios() { machine "$1" "$2" qemu-system-x86_64 -M q35 -accel "$accel" -boot n -device "virtio-net-pci,netdev=n,mac=$2"; }
x64() {
	machine "$1" "$2" qemu-system-x86_64 -M q35 -accel "$accel" -bios /usr/share/ovmf/OVMF.fd \
		-device virtio-rng-pci -device "virtio-net-pci,netdev=n,mac=$2,romfile=" "${@:3}"
}
http_only=(-fw_cfg name=opt/org.tianocore/IPv4PXESupport,string=n -fw_cfg name=opt/org.tianocore/IPv6PXESupport,string=n)
arm64() {
	machine "$1" "$2" qemu-system-aarch64 -M virt -cpu cortex-a57 -accel tcg -bios /usr/share/qemu-efi-aarch64/QEMU_EFI.fd \
		-device virtio-rng-pci -device "virtio-net-pci,netdev=n,mac=$2,romfile=" "${@:3}"
}
# with the keys of Microsoft, as a PC has them
secure() {
	cp /usr/share/OVMF/OVMF_VARS_4M.ms.fd "$work/vars.fd"
	machine "$1" "$2" qemu-system-x86_64 -M q35,smm=on -accel "$accel" \
		-global driver=cfi.pflash01,property=secure,value=on \
		-drive if=pflash,format=raw,unit=0,file=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd,readonly=on \
		-drive "if=pflash,format=raw,unit=1,file=$work/vars.fd" \
		-device virtio-rng-pci -device "virtio-net-pci,netdev=n,mac=$2,romfile="
}
skipped() {
	count=$((count + 1))
	echo "ok $count - # SKIP $1"
}
# fetched MAC FILE BY: whole, by that machine
fetched() {
	[ "$(state ".\"ferrule-lan:lan\".boot // [] | map(select(.mac == \"$1\" and (.file | test(\"^boot/$2\")) and .by == \"$3\" and .result == \"done\")) | length > 0" lan)" = true ]
}
loaded() {
	[ "$(state ".\"ferrule-lan:lan\".boot // [] | map(select(.mac == \"$1\" and .file == \"$2\" and .by == \"$3\" and .result == \"done\")) | length > 0" lan)" = true ]
}
power_off() {
	kill "$1" && wait "$1" 2>/dev/null
	ip -n "$S" link del "$2"
}

bios once 02:00:00:00:00:10 && once=$spawned
bios bios 02:00:00:00:00:11 && bios=$spawned
ok "a one-shot boot" until_true 90 fetched 02:00:00:00:00:10 token http
ok "BIOS: its script by TFTP" until_true 60 loaded 02:00:00:00:00:11 boot.ipxe tftp
ok "BIOS: the token" until_true 60 fetched 02:00:00:00:00:11 token-pcbios http
power_off "$bios" bios
power_off "$once" once
count() { state '."ferrule-lan:lan".boot | map(select(.mac == "02:00:00:00:00:10" and (.file | test("^boot/token")))) | length' lan; }
before=$(count)
bios once 02:00:00:00:00:10 && once=$spawned
menu() { [ "$(state '."ferrule-lan:lan".boot | map(select(.file == "menu.ipxe")) | length' lan)" -gt 0 ]; }
ok "the one-shot machine comes again: the menu" until_true 90 menu
ok "and it does not install twice" test "$(count)" = "$before"
power_off "$once" once
x64 x64tftp 02:00:00:00:00:12 && x64tftp=$spawned
x64 x64http 02:00:00:00:00:13 "${http_only[@]}" && x64http=$spawned
ok "x86-64 UEFI: loader by TFTP" until_true 180 loaded 02:00:00:00:00:12 snponly.efi tftp
ok "x86-64 UEFI by TFTP: the token" until_true 60 fetched 02:00:00:00:00:12 token-efi-x86_64 http
ok "x86-64 UEFI: loader by HTTP boot" until_true 180 loaded 02:00:00:00:00:13 snponly.efi http
ok "x86-64 UEFI by HTTP boot: the token" until_true 60 fetched 02:00:00:00:00:13 token-efi-x86_64 http
power_off "$x64tftp" x64tftp
power_off "$x64http" x64http
site none "" stateful | ferrule load - && ferrule commit >/dev/null
ok "with IPv6 alone" until_true 20 served
x64 tftp6 02:00:00:00:00:15 -fw_cfg name=opt/org.tianocore/IPv4PXESupport,string=n && tftp6=$spawned
x64 http6 02:00:00:00:00:16 "${http_only[@]}" && http6=$spawned
ok "over IPv6, x86-64 UEFI: loader by TFTP" until_true 180 loaded 02:00:00:00:00:15 snponly.efi tftp
ok "over IPv6, x86-64 UEFI by TFTP: the token" until_true 120 fetched 02:00:00:00:00:15 token-efi-x86_64 http
ok "over IPv6, x86-64 UEFI: loader by HTTP boot" until_true 180 loaded 02:00:00:00:00:16 snponly.efi http
ok "over IPv6, x86-64 UEFI by HTTP boot: the token" until_true 120 fetched 02:00:00:00:00:16 token-efi-x86_64 http
over6() { [ "$(state '."ferrule-lan:lan".boot | map(select(.mac == "02:00:00:00:00:16") | .address | startswith("2001:db8:1::")) | all' lan)" = true ]; }
ok "and all of it over IPv6" over6
power_off "$tftp6" tftp6
power_off "$http6" http6
site server "range: 192.0.2.100-192.0.2.199" none | ferrule load - && ferrule commit >/dev/null
ok "and with IPv4 again" until_true 20 served
if [ -d "$arm" ]; then
	arm64 arm64 02:00:00:00:00:14 && arm64=$spawned
	ok "arm64 UEFI by TFTP: the loader" until_true 240 loaded 02:00:00:00:00:14 grubaa64.efi tftp
	ok "arm64 UEFI by TFTP: the token" until_true 120 fetched 02:00:00:00:00:14 token-arm64 tftp
	power_off "$arm64" arm64
	arm64 arm64 02:00:00:00:00:14 "${http_only[@]}" && arm64=$spawned
	ok "arm64 UEFI by HTTP boot: the loader" until_true 240 loaded 02:00:00:00:00:14 grubaa64-http.efi http
	ok "arm64 UEFI by HTTP boot: the token" until_true 120 fetched 02:00:00:00:00:14 token-arm64 http
	power_off "$arm64" arm64
else
	skipped 'no GRUB for arm64 ($FERRULE_GRUB_ARM64): arm64 UEFI'
fi
if [ -r "$root/vmlinuz" ]; then
	site server "range: 192.0.2.100-192.0.2.199" none true | ferrule load - && ferrule commit >/dev/null
	ok "with shim and GRUB" until_true 20 served
	secure secure 02:00:00:00:00:17 && secure=$spawned
	ok "Secure Boot: the firmware takes shim, shim GRUB, GRUB the kernel" until_true 240 grep -q "token-$id" "$work/secure.log"
	ok "Secure Boot is on" grep -aqi "Secure Boot is enabled" "$work/secure.log"
	ok "what it is told arrives as it was written" grep -aqF "a;b=c&d" "$work/secure.log"
	ok "files that GRUB goes on without are no failure" fails grep -q "asked for grub/" "$work/log"
	ok "the machine's boot is done" eval '[ "$(state ".\"ferrule-lan:lan\".booting[] | select(.mac == \"02:00:00:00:00:17\") | .stage + \" \" + .image" lan)" = "done linux" ]'
	kill "$secure" 2>/dev/null
	ip -n "$S" link del secure
else
	skipped 'no signed kernel ($FERRULE_KERNEL): Secure Boot'
fi

# beside somebody else's server
spawn "$S" dnsmasq -k --conf-file=/dev/null --port=0 --interface=br0 --bind-interfaces --pid-file= --no-ping \
	--dhcp-range=192.0.2.50,192.0.2.60,1h --dhcp-leasefile="$work/foreign"
site proxy "" none | ferrule load - && ferrule commit >/dev/null
ok "beside another server: proxy" until_true 20 served
x64 proxytftp 02:00:00:00:00:12 && proxytftp=$spawned
x64 proxyhttp 02:00:00:00:00:13 "${http_only[@]}" && proxyhttp=$spawned
# with addresses of the other server
beside() { [ "$(state ".\"ferrule-lan:lan\".boot | map(select((.file | test(\"^boot/token\")) and .mac == \"$1\" and (.address | test(\"192.0.2.(5[0-9]|60)\")) and .result == \"done\")) | length" lan)" -ge 1 ]; }
ok "proxy, x86-64 UEFI by TFTP: the token" until_true 180 beside 02:00:00:00:00:12
ok "proxy, x86-64 UEFI by HTTP boot: the token" until_true 180 beside 02:00:00:00:00:13
power_off "$proxytftp" proxytftp
power_off "$proxyhttp" proxyhttp
ok "a table of boots" says token-efi-x86_64 ferrule show lan
finish
