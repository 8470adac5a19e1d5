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

/* Counter slots, each by the number in the rule set. */
struct image_slots {
	const uint32_t *filter, *session, *capture, *loan;
};

/* Fills *img, which may hold anything before. 0, or -E2BIG with *problem set and *img undefined. */
int image_compile(const struct rule_set *set, const struct image_slots *slots, struct image *img,
		  struct compile_problem *problem);

/* Its lists alone, into an image of zeros. */
void image_lists(const struct rule_set *set, const struct image_slots *slots, struct image *img);

/* The MAC address of the guest interface beside a host link's. */
void image_guest_mac(const uint8_t host[6], uint8_t guest[6]);
