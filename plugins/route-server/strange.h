/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose route it may be that ends somebody else's session: routers of some makes answer an
 * attribute that they cannot read with a NOTIFICATION, and BIRD before 2.14 passes all attributes
 * on that it does not know itself. Where a client has ended its session so, the table is looked
 * through for routes with such attributes.
 */
#pragma once

struct route_server;
struct strange;

struct strange *strange_new(struct route_server *rs);
void strange_free(struct strange *strange);

/* After each look at all sessions. */
void strange_turn(struct strange *strange);

/* "attribute 23 of 31.0.0.0/16 from bad", or "" where nothing is found. For a session that is down
 * by such a NOTIFICATION; "" for others. */
const char *strange_words(const struct strange *strange, const char *session);
