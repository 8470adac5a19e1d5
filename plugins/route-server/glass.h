/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The looking glass: what is asked is turned into questions to BIRD, one after the other, and the
 * answers into routes. Nothing is stored for it: the causes of a refused route are found by running
 * the explaining half of the policy (policy.h) over it.
 */
#pragma once

struct fer_action;

/* routes [PREFIX|ADDRESS] [--from CLIENT] [--to CLIENT] [--rejected] [--limit NUMBER] */
void glass_routes(void *instance, struct fer_action *action);

/* why PREFIX [--to CLIENT] */
void glass_why(void *instance, struct fer_action *action);
