/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands behind core/api/state.h. */
#pragma once

struct lyd_node;

struct fer_state {
	struct lyd_node *root; /* the container `state` */
	const void *context;   /* of whoever builds it */
};
