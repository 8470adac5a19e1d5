/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all clients share: bogons, transit-free networks, the control communities. */
#pragma once

#include <stdio.h>

struct rs_config;

void tables_write(const struct rs_config *config, FILE *file);
