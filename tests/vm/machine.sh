# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A virtual machine with Debian's own kernel ($FERRULE_KERNEL) that sees this system's files and
# writes to none of them: for what needs another kernel, other parts of one, or a clock of its own.
#
#	machine SCRIPT [QEMU-OPTION...]		runs it as root in there; TAP is on our output
#
# It has one network interface, whose 10.0.2.2 is the loopback of a namespace of ours, $outside.
set -u

top=${abs_top_srcdir:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
build=${abs_top_builddir:-$top/build}
vm=$(mktemp -d /tmp/ferrule-vm.XXXXXX)
outside=f${vm##*.}-v
kernel=${FERRULE_KERNEL:-}
# what costs an emulated CPU most: retpolines, pages that are cleared twice, a timer that is a device
fast="mitigations=off init_on_alloc=0 audit=0 nokaslr tsc=reliable"
pids=()

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

clean() {
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
	wait 2>/dev/null
	ip netns del "$outside" 2>/dev/null
	rm -rf "$vm"
}

# what the kernel needs to see the files, and what tests ask of it
modules() {
	local root=${kernel%/boot/*} release=${kernel##*/vmlinuz-} name

	depmod -b "$root" "$release" 2>/dev/null
	for name in virtio_pci virtiofs overlay virtio_net veth bridge tun nf_tables nft_chain_nat \
		nft_redir nft_nat nft_masq nft_ct nft_reject_inet sch_netem 8021q wireguard; do
		modprobe -d "$root" -S "$release" --show-depends "$name" 2>/dev/null
	done | awk '$1 == "insmod" && !seen[$2]++ {print $2}'
}

initrd() {
	mkdir -p "$vm/i/bin" "$vm/i/m"
	cp /bin/busybox "$vm/i/bin/"
	modules | while read -r module; do
		cp "$module" "$vm/i/m/" && basename "$module"
	done >"$vm/i/order"
	cat >"$vm/i/init" <<'INIT'
#!/bin/busybox sh
b=/bin/busybox
$b mkdir -p /proc /sys /dev /lower /upper /root
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
while read -r module; do $b insmod "/m/$module"; done </order
$b mount -t virtiofs -o ro host /lower
$b mount -t tmpfs tmpfs /upper
$b mkdir /upper/u /upper/w
$b mount -t overlay -o lowerdir=/lower,upperdir=/upper/u,workdir=/upper/w overlay /root
for at in proc sys dev; do $b mount --move /$at /root/$at; done
# not /tmp: the project may stand there
$b mount -t tmpfs tmpfs /root/run
$b mkdir -p /root/run/netns /root/dev/shm /root/dev/pts /root/sys/fs/bpf /root/sys/fs/cgroup
$b ln -s /proc/self/fd /root/dev/fd
$b ln -s /proc/self/fd/0 /root/dev/stdin
$b ln -s /proc/self/fd/1 /root/dev/stdout
$b ln -s /proc/self/fd/2 /root/dev/stderr
$b mount -t bpf bpf /root/sys/fs/bpf
$b mount -t cgroup2 cgroup2 /root/sys/fs/cgroup
$b mount -t tmpfs tmpfs /root/dev/shm
$b mount -t devpts devpts /root/dev/pts
$b chroot /root /bin/bash /inside
$b poweroff -f
INIT
	[ -z "${with_systemd:-}" ] || init_systemd
	chmod +x "$vm/i/init"
	(cd "$vm/i" && find . | cpio -o -H newc --quiet) >"$vm/initrd"
}

# the same with systemd as the first process, which runs the script as a unit; it mounts what it wants
init_systemd() {
	sed -i -e '/cgroup2/d' -e '/^for at in proc sys dev/,$d' "$vm/i/init"
	cat >>"$vm/i/init" <<'INIT'
$b cp /inside /root/inside
$b mkdir -p /root/etc/systemd/system
$b cat >/root/etc/systemd/system/inside.service <<'UNIT'
[Unit]
DefaultDependencies=no
Requires=dbus.socket sysinit.target
After=dbus.socket sysinit.target
[Service]
Type=oneshot
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
ExecStart=/bin/bash /inside
ExecStopPost=/bin/systemctl poweroff -ff
UNIT
# tmp.conf empties /tmp, where the project may stand
$b rm -f /root/etc/fstab /root/etc/machine-id /root/usr/lib/tmpfiles.d/tmp.conf
for at in proc sys dev; do $b mount --move /$at /root/$at; done
exec $b switch_root /root /lib/systemd/systemd --unit=inside.service
INIT
}

# the first thing that runs in there
inside() {
	mkdir -p "$vm/root"
	{
		echo "export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root"
		echo "export abs_top_srcdir='$top' abs_top_builddir='$build' outside_now=$(date +%s)"
		echo "export IN_MACHINE=1 patience=3 pause=0.5; ip link set lo up; ulimit -c 0"
		[ -z "${inside_env:-}" ] || echo "export $inside_env"
		echo "cd / && bash '$1' 2>&1"
	} >"$vm/i/inside"
	# the overlay shows it at its root
	sed -i 's|^\$b chroot|$b cp /inside /root/inside; &|' "$vm/i/init"
}

machine() {
	local script=$1
	shift
	[ -r "$kernel" ] || skip_all "no kernel for a virtual machine (\$FERRULE_KERNEL)"
	for need in qemu-system-x86_64 cpio modprobe /usr/lib/qemu/virtiofsd /bin/busybox; do
		command -v "$need" >/dev/null || skip_all "no $need"
	done
	trap clean EXIT
	trap 'exit 1' INT TERM HUP
	[ -e "/run/netns/$outside" ] || { ip netns add "$outside" && ip -n "$outside" link set lo up; }
	initrd
	inside "$script"
	(cd "$vm/i" && find . | cpio -o -H newc --quiet) >"$vm/initrd"
	/usr/lib/qemu/virtiofsd --socket-path="$vm/fs" -o source=/ -o sandbox=chroot -o cache=always >"$vm/fs.log" 2>&1 &
	pids+=($!)
	for _ in $(seq 100); do [ -S "$vm/fs" ] && break || read -rt 0.05 <> <(:); done
	# not KVM, which is nested where tests run; one that hangs is ended. A CPU that is not `max`: its five
	# levels of page tables take a fifth longer
	nsenter --net="/run/netns/$outside" timeout -k 5 "${limit:-600}" qemu-system-x86_64 -M q35 -accel tcg,thread=multi \
		-cpu qemu64,+rdrand -smp 2 -m 1024 -object memory-backend-memfd,id=mem,size=1024M,share=on -numa node,memdev=mem \
		-chardev "socket,id=fs,path=$vm/fs" -device vhost-user-fs-pci,chardev=fs,tag=host \
		-netdev user,id=n,restrict=off -device virtio-net-pci,netdev=n,romfile= \
		-display none -serial "file:$vm/serial" -monitor none -nodefaults -no-reboot \
		-kernel "$kernel" -initrd "$vm/initrd" -append "console=ttyS0 quiet panic=-1 $fast ${with_systemd:+systemd.show_status=0 systemd.unified_cgroup_hierarchy=1}" "$@" >"$vm/qemu.log" 2>&1
	tr -d '\r' <"$vm/serial" >"$vm/said"
	grep -aE '^(ok|not ok|#|1\.\.|Bail out)' "$vm/said" && grep -aq '^1\.\.' "$vm/said" && return
	echo "Bail out! the virtual machine did not come to an end"
	cat "$vm/said" "$vm/qemu.log" | tail -n 40 | sed 's/^/# /'
	return 1
}
