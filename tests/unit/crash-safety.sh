#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A commit cut at every system call in turn: killed there, and failing there. Afterwards the
# configuration is the old one or the new one, whole, and the next commit works.
set -u
writer=${abs_top_builddir:-build}/tests/unit/store_writer
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
calls=openat,fchmod,write,fsync,close,renameat,unlinkat,getdents64
count=0 failed=0

ok() {
	count=$((count + 1))
	if [ "$2" = 0 ]; then echo "ok $count - $1"; else
		echo "not ok $count - $1"
		failed=1
	fi
}

strace -o /dev/null true 2>/dev/null || {
	echo "1..0 # SKIP strace cannot trace here"
	exit 0
}

fresh() {
	rm -rf "$work/d" && mkdir "$work/d"
	"$writer" "$work/d" old
}

# Every data file is synced before it is renamed, and its folder after.
fresh
strace -y -e trace=fsync,renameat -o "$work/trace" "$writer" "$work/d" new
order=$(sed -nE 's/^fsync\([0-9]+<[^>]*\.tmp>.*/F/p;s/^renameat\(.*/R/p;s/^fsync\([0-9]+<[^>]*>\).*/D/p' "$work/trace" | tr -d '\n')
echo "# order: $order"
[ "$order" = FRDFRDFRD ]
ok "write, sync, rename, sync of the folder, for each file" $?

strace -e trace="$calls" -o "$work/trace" "$writer" "$work/d" newer
total=$(grep -c '^[a-z]' "$work/trace")
echo "# $total system calls"

# states that a power cut may leave
whole() {
	case $1 in
	"config old newest "[12]" pending "*) ;;
	"config new newest 2 pending whole") ;;
	*) echo "# found: $1" && return 1 ;;
	esac
	case $1 in *broken*) echo "# found: $1" && return 1 ;; esac
}

for how in signal=KILL error=ENOSPC error=EIO; do
	bad=0 cut=0
	for call in ${calls//,/ }; do
		n=$(grep -c "^$call(" "$work/trace")
		for ((i = 1; i <= n; i++)); do
			fresh
			strace -o /dev/null -e trace="$call" -e inject="$call:$how:when=$i" \
				"$writer" "$work/d" new 2>/dev/null
			code=$?
			state=$("$writer" "$work/d")
			whole "$state" || bad=1
			[ "$code" = 0 ] && [ "${state%% newest*}" != "config new" ] && bad=1
			"$writer" "$work/d" third || bad=1
			[[ $("$writer" "$work/d") == "config third "* ]] || bad=1
			cut=$((cut + 1))
		done
	done
	ok "$how at each of $cut calls: old or new, and the next one works" $bad
done
echo "1..$count"
exit $failed
