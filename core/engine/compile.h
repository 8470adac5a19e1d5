/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rule set to image. Pure: the same set and slots give the same image, octet for octet.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct image;
struct rule_set;

/* Distinct vectors or address intervals beyond what an image holds; `what` is a static string. */
struct compile_problem {
	const char *what;
	unsigned limit;
};

/*
 * Fills *img, which may hold anything before. slot[i] is the counter slot of rule i,
 * session_slot[i] that of session i, capture_slot[i] that of capture i.
 * 0, or -E2BIG with *problem set and *img undefined.
 */
int image_compile(const struct rule_set *set, const uint32_t *slot, const uint32_t *session_slot,
		  const uint32_t *capture_slot, struct image *img, struct compile_problem *problem);
