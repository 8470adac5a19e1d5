// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random rules and random frames through the reference and through the XDP programs in the kernel:
 * egress ports, the filter that decided, and every counter must agree.
 *
 *	differential [PAIRS [SEED]]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench.h"
#include "generate.h"
#include "lender.h"
#include "reference.h"

enum { FRAMES_PER_SET = 500, PAIRS = 120000 };

static int counters_differ(struct bench *b, const struct rule_set *set, const uint64_t *hits)
{
	for (unsigned i = 0; i < set->count; i++) {
		uint64_t packets = bench_count(b, i).packets;

		if (packets == hits[i])
			continue;
		printf("# filter %u counted %" PRIu64 ", reference %" PRIu64 "\n", i, packets,
		       hits[i]);
		return 1;
	}
	return 0;
}

static void frame_print(const uint8_t *frame, size_t length)
{
	printf("# frame of %zu:", length);
	for (size_t i = 0; i < length && i < 160; i++)
		printf(" %02x", frame[i]);
	printf("\n");
}

/* So that nobody takes silence for agreement. */
static unsigned long lent, diverted, answered;

static void tally(const struct reference_decision *d)
{
	lent += d->loan >= 0;
	diverted += d->divert;
	answered += d->answered;
}

static bool guests_agree(const struct reference_decision *expected,
			 const struct engine_decision *got)
{
	bool loan = got->targets & COPY_LOAN;

	return !!(got->targets & COPY_DIVERT) == expected->divert &&
	       loan == (expected->loan >= 0) && (!loan || (int)got->loan == expected->loan);
}

static int pair_differs(struct bench *b, const struct rule_set *set, struct lender *lender,
			struct generator *g, uint64_t *hits, bool alive)
{
	enum engine_port port = generate_number(g, 2);
	uint8_t frame[FRAME_MAX];
	size_t length = generate_frame(g, set, frame);
	struct reference_decision expected =
		reference_decide(set, lender, port, frame, length, hits, alive);
	struct engine_decision got = bench_frame(b, port, frame, length);

	tally(&expected);
	if (got.egress == expected.egress && got.filter == expected.filter &&
	    (got.targets & COPY_SESSIONS) == expected.mirror && got.captures == expected.capture &&
	    bench_resets(&got) == expected.reset && guests_agree(&expected, &got))
		return 0;
	printf("# from port %d: engine egress %#x filter %u targets %#x, reference egress %#x "
	       "filter %u mirror %#x reset %d; captures %#x, %#x; divert %d, loan %u, %d\n",
	       port, got.egress, got.filter, got.targets, expected.egress, expected.filter,
	       expected.mirror, expected.reset, got.captures, expected.capture, expected.divert,
	       got.loan, expected.loan);
	frame_print(frame, length);
	return 1;
}

static int set_differs(struct bench *b, struct generator *g)
{
	static const unsigned sizes[] = {0, 1, 2, 5, 20, 64, 200, 1024};
	struct rule_set *set = generate_rules(g, sizes[generate_number(g, 8)]);
	uint64_t hits[FILTERS_MAX] = {0};
	bool alive = generate_number(g, 4);
	struct lender *lender = calloc(1, sizeof(*lender));
	int bad = 0;

	bench_rules(b, set, alive);
	for (int i = 0; i < FRAMES_PER_SET && !bad; i++)
		bad = pair_differs(b, set, lender, g, hits, alive);
	if (!bad)
		bad = counters_differ(b, set, hits);
	if (bad)
		printf("# with %u filters, %u loans\n", set->count, set->loans);
	free(lender);
	rule_set_free(set);
	return bad;
}

int main(int argc, char **argv)
{
	unsigned long pairs = argc > 1 ? strtoul(argv[1], NULL, 0) : PAIRS;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : (uint64_t)time(NULL);
	struct generator g = {seed * 2654435761u + 1};
	struct bench b = {0};
	unsigned long done = 0;
	int bad = 0;

	bench_open(&b);
	for (; done < pairs && !bad; done += FRAMES_PER_SET)
		bad = set_differs(&b, &g);
	bench_close(&b);
	printf("# among them %lu lent, %lu diverted, %lu ARP requests answered\n", lent, diverted,
	       answered);
	bad |= !lent || !diverted || !answered;
	printf("1..1\n%s 1 - %lu pairs, seed %" PRIu64 "\n", bad ? "not ok" : "ok", done, seed);
	return bad;
}
