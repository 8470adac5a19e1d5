#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
exec "$abs_top_builddir/tests/engine/vectors" "$abs_top_srcdir/tests/engine/vectors.txt"
