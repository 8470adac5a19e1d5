/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The role: what its parts share. */
#pragma once

#include "config.h"
#include "services/bird/bird.h"

struct fer_plan;
struct watch;
struct withdrawn;

struct route_server {
	char folder[256]; /* of its own files */
	struct bird *bird;
	struct rs_config now, staged;
	struct fer_plan *plan;
	struct watch *watch;
	struct withdrawn *withdrawn;
};
