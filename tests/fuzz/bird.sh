#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
exec "$abs_top_builddir/tests/fuzz/bird" "$abs_top_srcdir/tests/fuzz/corpus/bird"
