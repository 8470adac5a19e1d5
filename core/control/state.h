/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands behind core/api/state.h. */
#pragma once

struct lyd_node;

#include <stdint.h>

struct fer_state {
	struct lyd_node *root; /* the container `state` */
	const void *context;   /* of whoever builds it */
};

/* Into an entry at hand: a path would be parsed for each leaf of a thousand entries. */
void state_leaf(struct lyd_node *entry, const char *name, const char *value);
void state_leaf_number(struct lyd_node *entry, const char *name, uint64_t value);
void state_leaf_mac(struct lyd_node *entry, const char *name, const uint8_t mac[6]);
