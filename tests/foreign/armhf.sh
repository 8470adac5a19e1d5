#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
. "$(dirname "$0")/machine.sh"

foreign armhf arm-linux-gnueabihf arm ld-linux-armhf.so.3
