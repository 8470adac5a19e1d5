# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What runs on another kind of machine, built for it and run by qemu-user: where arguments are
# evaluated in another order, time_t and size_t have 32 bits, and char has no sign. Needs a folder
# with that machine's libraries, as `quickstart check` unpacks it ($FERRULE_FOREIGN/ARCH).
#
#	foreign ARCH TRIPLET QEMU LOADER
set -u

top=${abs_top_srcdir:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
out=${abs_top_builddir:-$top/build}/foreign
units=(base bird config flow lan link oob owner run)
fuzzers=(yaml control parse chrony wireguard bird)
count=0
failed=0

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

ok() { # WHAT COMMAND...
	local what=$1
	shift
	count=$((count + 1))
	if "$@" >"$out/$arch.out" 2>&1; then
		echo "ok $count - $what"
	else
		echo "not ok $count - $what"
		tail -20 "$out/$arch.out" | sed 's/^/#   /'
		failed=1
	fi
}

configure() {
	local include=$root/usr/include lib=$root/usr/lib/$triplet other=$root/lib/$triplet

	mkdir -p "$out/$arch" && cd "$out/$arch" || return
	export PKG_CONFIG_LIBDIR=$lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root
	[ -e Makefile ] && return
	"$top/configure" --host="$triplet" --without-xdp --enable-werror \
		CPPFLAGS="-isystem $include -isystem $include/$triplet" \
		LDFLAGS="-L$lib -L$other -Wl,-rpath-link,$lib:$other"
}

# its dynamic loader is told where its libraries are, so that all other paths are this machine's
run() { qemu-"$qemu"-static "$root/lib/$loader" --library-path "$root/usr/lib/$triplet:$root/lib/$triplet" "$@"; }
unit() { CMOCKA_MESSAGE_OUTPUT=STDOUT run "tests/unit/$1"; }
corpus() { run "tests/fuzz/$1" "$top/tests/fuzz/corpus/$1"; }
check() { run ./ferrule check "$1"; }

foreign() {
	arch=$1 triplet=$2 qemu=$3 loader=$4
	root=${FERRULE_FOREIGN:-/nowhere}/$arch/root
	[ -d "$root/usr/include" ] || skip_all "no libraries of $arch (\$FERRULE_FOREIGN)"
	command -v "$triplet-gcc" >/dev/null || skip_all "no $triplet-gcc"
	command -v "qemu-$qemu-static" >/dev/null || skip_all "no qemu-$qemu-static"
	mkdir -p "$out"
	# directory positions of ext4 do not fit into the 32 bits that qemu-user has for them
	files=$(mktemp -d /dev/shm/ferrule-foreign.XXXXXX) || skip_all "no tmpfs at /dev/shm"
	trap 'rm -rf "$files"' EXIT
	mkdir "$files/yang" "$files/plugins"
	cp "$top"/core/*/*.yang "$top"/plugins/*/*.yang "$files/yang/"
	export FERRULE_YANG_DIR=$files/yang FERRULE_PLUGIN_DIR=$files/plugins FERRULE_STATE_DIR=$files
	ok "$arch: configured" configure
	cd "$out/$arch" || exit 1
	ok "built, without a warning" env -u MAKEFLAGS -u MAKEOVERRIDES make -s -j2 ferrule "${units[@]/#/tests/unit/}" "${fuzzers[@]/#/tests/fuzz/}" plugins/lan.la plugins/ntp.la plugins/oob.la plugins/route-server.la plugins/host-address.la
	cp plugins/.libs/*.so "$files/plugins/" 2>/dev/null
	for name in "${units[@]}"; do ok "unit tests of $name" unit "$name"; done
	for name in "${fuzzers[@]}"; do ok "the corpus of $name" corpus "$name"; done
	for file in module filters loan lan ntp oob route-server tap; do
		ok "ferrule check: $file.yaml" check "$top/etc/examples/$file.yaml"
	done
	echo "1..$count"
	exit "$failed"
}
