/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policy as functions of BIRD's filter language. Clients with the same policy share them; what
 * differs between such clients is an argument: BIRD 2.0 needs time quadratic in the number of
 * functions to read them, and a changed argument reloads one client alone.
 *
 * Each check is written once, and rendered twice: a function that ends at the first one that fails
 * decides, one that adds a large community RS:1101:CAUSE for each of them explains. Names are made
 * of what is in a function, so that one that is the same has its name in the next configuration.
 */
#pragma once

#include <stdio.h>

#include "causes.h"
#include "config.h"

/* What was written already. */
struct policy_names {
	char (*name)[24];
	size_t count, room;
};

/* Names the functions of a client of the configuration; those before it have theirs. */
void policy_name(const struct rs_config *config, struct rs_client *client);

/* The functions of a client that are not there yet; family: 0 IPv4, 1 IPv6. */
void policy_functions(const struct rs_config *config, const struct rs_client *client,
		      unsigned family, struct policy_names *names, FILE *file);
void policy_names_clear(struct policy_names *names);

/* Calls, as expressions: does it pass, and why not (as a statement, for `show route ... filter`).
 */
void policy_call_in(const struct rs_config *config, const struct rs_client *client,
		    const struct rs_session *session, unsigned family, FILE *file);
void policy_call_out(const struct rs_client *client, unsigned family, FILE *file);
void policy_call_why_in(const struct rs_config *config, const struct rs_client *client,
			const struct rs_session *session, unsigned family, FILE *file);
void policy_call_why_out(const struct rs_client *client, unsigned family, FILE *file);
