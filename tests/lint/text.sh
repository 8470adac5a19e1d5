#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How the code reads: format, banned calls, lengths, licences, no fixed sleeps in tests.
cd "${abs_top_srcdir:-$(dirname "$0")/../..}" || exit 1
count=0 failed=0
files=$(find core services plugins tests -name '*.[ch]' ! -name '*.skel.h')

ok() {
	local what=$1
	shift
	count=$((count + 1))
	if "$@" >/tmp/ferrule-lint.$$ 2>&1; then echo "ok $count - $what"; else
		echo "not ok $count - $what"
		sed 's/^/# /' /tmp/ferrule-lint.$$ | head -20
		failed=1
	fi
	rm -f /tmp/ferrule-lint.$$
}

none() { ! grep "$@"; }
# shellcheck disable=SC2086
format() { clang-format --dry-run -Werror $files; }
banned() { none -nE '\b(strcpy|strcat|sprintf|vsprintf|gets|system|popen|tmpnam|alloca)\(' $files; }
short_files() { wc -l $files | awk '$2 != "total" && $1 > 600 {print; bad = 1} END {exit bad}'; }
short_functions() {
	awk 'FNR == 1 {begin = 0}
	/^[a-z].*[^;]$/ && !/^(static )?(const )?(struct|enum|union) [a-z_0-9]+ (\{|=)/ {name = $0}
	/^\{$/ {begin = FNR}
	/^\}$/ && begin {if (FNR - begin - 1 > 60) {print FILENAME ": " FNR - begin - 1 " lines: " name; bad = 1}; begin = 0}
	END {exit bad}' $files
}
licences() {
	local bad=0
	for f in $files $(find tests -name '*.sh' -o -name '*.py'); do
		head -3 "$f" | grep -q SPDX-License-Identifier || { echo "$f"; bad=1; }
	done
	return $bad
}
sleeps() { none -rnE '^\s*(sleep [0-9]|usleep)' tests --include='*.sh'; }
if command -v clang-format >/dev/null; then ok "clang-format" format; else
	count=$((count + 1))
	echo "ok $count - # SKIP no clang-format"
fi
ok "no banned calls" banned
ok "files under 600 lines" short_files
ok "functions under 60 lines" short_functions
ok "each file says its licence" licences
ok "no fixed sleeps in scenarios" sleeps
echo "1..$count"
exit $failed
