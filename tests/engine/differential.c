// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random rules and random frames through the reference and through the XDP programs in the kernel
 * (BPF_PROG_TEST_RUN): egress ports, the filter that decided, and every counter must agree.
 *
 *	differential [PAIRS [SEED]]
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "core/engine/compile.h"
#include "core/engine/xdp/maps.h"
#include "core/engine/xdp/parse.h"
#include "generate.h"
#include "reference.h"
#include "wire.skel.h"

enum { FRAMES_PER_SET = 500 };

struct bench {
	struct wire_bpf *bpf;
	struct image *banks;
	struct engine_control *control;
	uint32_t slot[FILTERS_MAX];
};

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static void *map_memory(const struct bpf_map *map, size_t size)
{
	size_t page = sysconf(_SC_PAGESIZE);
	void *p = mmap(NULL, (size + page - 1) / page * page, PROT_READ | PROT_WRITE, MAP_SHARED,
		       bpf_map__fd(map), 0);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

static void bench_open(struct bench *b)
{
	cpu_set_t one;

	/* sampling counts per CPU: stay on one */
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	b->bpf = wire_bpf__open();
	if (!b->bpf)
		die("open");
	b->bpf->rodata->record = 1;
	if (wire_bpf__load(b->bpf))
		die("load (root is needed)");
	b->banks = map_memory(b->bpf->maps.fer_image, BANKS * sizeof(struct image));
	b->control = map_memory(b->bpf->maps.fer_control, sizeof(struct engine_control));
	for (uint32_t i = 0; i < FILTERS_MAX; i++)
		b->slot[i] = i * 2 % COUNTER_SLOTS;
}

static void counters_clear(struct bench *b)
{
	size_t size = libbpf_num_possible_cpus() * sizeof(struct filter_counters);
	void *nothing = calloc(1, size);

	for (uint32_t i = 0; i < COUNTER_SLOTS; i++)
		bpf_map_update_elem(bpf_map__fd(b->bpf->maps.fer_filters), &i, nothing, 0);
	free(nothing);
}

static int counters_differ(struct bench *b, const struct rule_set *set, const uint64_t *hits)
{
	struct filter_counters value[libbpf_num_possible_cpus()];

	for (unsigned i = 0; i < set->count; i++) {
		uint64_t packets = 0;

		bpf_map_lookup_elem(bpf_map__fd(b->bpf->maps.fer_filters), &b->slot[i], value);
		for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++)
			packets += value[cpu].packets;
		if (packets != hits[i]) {
			printf("# filter %u counted %" PRIu64 ", reference %" PRIu64 "\n", i,
			       packets, hits[i]);
			return 1;
		}
	}
	return 0;
}

static struct engine_decision frame_run(struct bench *b, enum engine_port port, void *frame,
					size_t length)
{
	struct bpf_program *program =
		port == PORT_OPTICAL ? b->bpf->progs.fer_optical : b->bpf->progs.fer_electrical;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = length, .repeat = 1);
	struct engine_decision decision = {0};
	uint32_t zero = 0;

	if (bpf_prog_test_run_opts(bpf_program__fd(program), &opts))
		die("test run");
	bpf_map_lookup_elem(bpf_map__fd(b->bpf->maps.fer_decision), &zero, &decision);
	/* a long copy is left out after the decision, in leave() */
	if (length > COPY_LENGTH_MAX && decision.egress & (decision.egress - 1))
		decision.egress &= ~(1u << PORT_HOST);
	return decision;
}

static void frame_print(const uint8_t *frame, size_t length)
{
	printf("# frame of %zu:", length);
	for (size_t i = 0; i < length && i < 160; i++)
		printf(" %02x", frame[i]);
	printf("\n");
}

static int pair_differs(struct bench *b, const struct rule_set *set, struct generator *g,
			uint64_t *hits, bool alive)
{
	enum engine_port port = generate_number(g, 2);
	uint8_t frame[FRAME_MAX];
	size_t length = generate_frame(g, set, frame);
	struct reference_decision expected =
		reference_decide(set, port, frame, length, hits, alive);
	struct engine_decision got = frame_run(b, port, frame, length);

	if (got.egress == expected.egress && got.filter == expected.filter)
		return 0;
	printf("# from port %d: engine egress %#x filter %u, reference egress %#x filter %u\n",
	       port, got.egress, got.filter, expected.egress, expected.filter);
	frame_print(frame, length);
	return 1;
}

static int set_differs(struct bench *b, struct generator *g)
{
	static const unsigned sizes[] = {0, 1, 2, 5, 20, 64, 200, 1024};
	struct rule_set *set = generate_rules(g, sizes[generate_number(g, 8)]);
	uint64_t hits[FILTERS_MAX] = {0};
	bool alive = generate_number(g, 4);
	struct compile_problem problem;
	struct timespec now;
	int bad = 0;

	if (image_compile(set, b->slot, &b->banks[b->control->active ^ 1], &problem))
		die(problem.what);
	b->control->active ^= 1;
	counters_clear(b);
	clock_gettime(CLOCK_MONOTONIC, &now);
	/* far ahead or never: the test is not about the three seconds */
	b->control->heartbeat = alive ? now.tv_sec * 1000000000ULL + now.tv_nsec : 0;
	for (int i = 0; i < FRAMES_PER_SET && !bad; i++)
		bad = pair_differs(b, set, g, hits, alive);
	if (!bad)
		bad = counters_differ(b, set, hits);
	if (bad)
		printf("# with %u filters\n", set->count);
	rule_set_free(set);
	return bad;
}

int main(int argc, char **argv)
{
	unsigned long pairs = argc > 1 ? strtoul(argv[1], NULL, 0) : 120000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : (uint64_t)time(NULL);
	struct generator g = {seed * 2654435761u + 1};
	struct bench b = {0};
	unsigned long done = 0;
	int bad = 0;

	if (geteuid()) {
		printf("1..0 # SKIP root is needed to load programs\n");
		return 0;
	}
	bench_open(&b);
	for (; done < pairs && !bad; done += FRAMES_PER_SET)
		bad = set_differs(&b, &g);
	wire_bpf__destroy(b.bpf);
	printf("1..1\n%s 1 - %lu pairs, seed %" PRIu64 "\n", bad ? "not ok" : "ok", done, seed);
	return bad;
}
