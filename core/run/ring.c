// SPDX-License-Identifier: GPL-2.0-or-later
#include "ring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/base/text.h"

struct ring {
	struct ring *next;
	char *role;
	struct log_line *line[RING_LINES]; /* allocated as lines come */
	uint64_t last;
	unsigned tokens; /* lines that may still pass */
	time_t filled;
	unsigned left_out;
};

static struct ring *rings;

const struct ring *ring_find(const char *role)
{
	for (const struct ring *ring = rings; ring; ring = ring->next)
		if (!strcmp(ring->role, role))
			return ring;
	return NULL;
}

struct ring *ring_get(const char *role)
{
	struct ring *ring = (struct ring *)ring_find(role);

	if (ring)
		return ring;
	ring = mem_zalloc(sizeof(*ring));
	ring->role = mem_strdup(role);
	ring->tokens = RING_BURST;
	ring->next = rings;
	rings = ring;
	return ring;
}

const char *ring_name(unsigned index)
{
	const struct ring *ring = rings;

	while (ring && index--)
		ring = ring->next;
	return ring ? ring->role : NULL;
}

/* A bucket of RING_BURST lines that fills by RING_RATE a second. */
static bool may_pass(struct ring *ring)
{
	struct timespec now;
	uint64_t more;

	clock_gettime(CLOCK_MONOTONIC, &now);
	more = ring->filled ? (uint64_t)(now.tv_sec - ring->filled) * RING_RATE : 0;
	ring->filled = now.tv_sec;
	ring->tokens = ring->tokens + more > RING_BURST ? RING_BURST : ring->tokens + more;
	if (!ring->tokens)
		return false;
	ring->tokens--;
	return true;
}

static void pass_on(struct ring *ring, const char *text)
{
	if (!may_pass(ring)) {
		ring->left_out++;
		return;
	}
	if (ring->left_out) {
		mem_auto char *note = mem_printf("%s: %u lines left out here; 'ferrule log %s'",
						 ring->role, ring->left_out, ring->role);

		log_forward(LOG_WARNING, note);
		ring->left_out = 0;
	}
	log_forward(LOG_INFO, text);
}

void ring_add(struct ring *ring, const char *daemon, const char *line)
{
	struct log_line **slot = &ring->line[ring->last++ % RING_LINES];

	if (!*slot)
		*slot = mem_zalloc(sizeof(**slot));
	(*slot)->number = ring->last;
	(*slot)->time = time(NULL);
	(*slot)->priority = LOG_INFO;
	snprintf((*slot)->text, sizeof((*slot)->text), "%s: %s", daemon, line);
	text_clean((*slot)->text);
	pass_on(ring, (*slot)->text);
}

const struct log_line *ring_after(const struct ring *ring, uint64_t number)
{
	uint64_t oldest = ring->last > RING_LINES ? ring->last - RING_LINES + 1 : 1;

	if (number >= ring->last)
		return NULL;
	if (number + 1 < oldest)
		number = oldest - 1;
	return ring->line[number % RING_LINES];
}

void ring_free_all(void)
{
	struct ring *ring;

	while ((ring = rings)) {
		rings = ring->next;
		for (int i = 0; i < RING_LINES; i++)
			free(ring->line[i]);
		free(ring->role);
		free(ring);
	}
}
