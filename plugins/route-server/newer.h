/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a BIRD that is newer than Debian 12's 2.0.12 can do beside that, by its version. Versions
 * are numbers: 2.0.12 is 2000012.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

struct rs_config;

/* 2.14: attributes that it does not know have names, and can be taken away. Not later than 2.19: a
 * later one may know more of them, and refuses a second name. In BIRD 3 they are read-only. */
bool newer_strips(const struct rs_config *config);

/* 2.17, 3.1: graceful restart has bounds. */
bool newer_bounds_restart(const struct rs_config *config);

/* 2.16, 3.0: ASPA (draft-ietf-sidrops-aspa-verification). */
bool newer_has_aspa(const struct rs_config *config);

/* A function fs_known(), which takes all attributes away that BIRD does not know. */
void newer_write(const struct rs_config *config, FILE *file);
