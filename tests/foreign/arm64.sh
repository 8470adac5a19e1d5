#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/machine.sh"

foreign arm64 aarch64-linux-gnu aarch64 ld-linux-aarch64.so.1
