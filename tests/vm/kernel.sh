#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The same tests on Debian's kernel: an older one, with cgroup v2 and what the running one may lack.
if [ -z "${IN_MACHINE:-}" ]; then
	. "$(dirname "$0")/machine.sh"
	limit=900 machine "$(realpath "$0")"
	exit
fi

# not transparent.sh: frames over a page do not cross veths there, see the README's limits
all=0
for name in filters supervise; do
	bash "$abs_top_srcdir/tests/netns/$name.sh" >"/tmp/$name.out" 2>&1
	echo "# $name: $(grep -c ^ok /tmp/$name.out) passed on $(uname -r)"
	while read -r line; do
		case $line in
		"ok "*) all=$((all + 1)) && echo "ok $all - $name: ${line#ok * - }" ;;
		"not ok "*) all=$((all + 1)) && echo "not ok $all - $name: ${line#not ok * - }" ;;
		"#"*) echo "$line" ;;
		esac
	done <"/tmp/$name.out"
	grep -q '^1\.\.' "/tmp/$name.out" || { all=$((all + 1)) && echo "not ok $all - $name came to an end" && tail -5 "/tmp/$name.out" | sed 's/^/# /'; }
done
echo "1..$all"
