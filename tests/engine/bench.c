// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "core/engine/compile.h"
#include "lender.h"
#include "wire.skel.h"

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

void bench_open(struct bench *b)
{
	cpu_set_t one;

	if (geteuid()) {
		printf("1..0 # SKIP root is needed to load programs\n");
		exit(0);
	}
	/* sampling counts per CPU: stay on one */
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	b->bpf = wire_bpf__open();
	if (!b->bpf)
		die("open");
	b->bpf->rodata->record = 1;
	if (wire_bpf__load(b->bpf))
		die("load");
	b->banks = map_memory(b->bpf->maps.fer_image, BANKS * sizeof(struct image));
	b->control = map_memory(b->bpf->maps.fer_control, sizeof(struct engine_control));
	for (uint32_t i = 0; i < FILTERS_MAX; i++)
		b->slot[i] = i * 2 % COUNTER_SLOTS;
}

void bench_close(struct bench *b)
{
	wire_bpf__destroy(b->bpf);
}

static void counters_clear(struct bench *b)
{
	size_t size = libbpf_num_possible_cpus() * sizeof(struct filter_counters);
	void *nothing = calloc(1, size);

	for (uint32_t i = 0; i < COUNTER_SLOTS; i++)
		bpf_map_update_elem(bpf_map__fd(b->bpf->maps.fer_filters), &i, nothing, 0);
	free(nothing);
}

/* Tables of flows that are empty, and loans whose owners are known. */
static void loans_set(struct bench *b, const struct rule_set *set)
{
	int tables = bpf_map__fd(b->bpf->maps.fer_flows);

	b->control->lent = b->control->kept = 0;
	b->control->guests = 1;
	for (uint32_t table = 0; table < FLOW_TABLES; table++) {
		int fd = bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "test", sizeof(struct flow_key),
					sizeof(struct flow), 4096, NULL);

		if (fd < 0 || bpf_map_update_elem(tables, &table, &fd, 0))
			die("flows");
		close(fd);
	}
	for (unsigned i = 0; i < set->loans; i++) {
		struct engine_loan loan = {.tags = lender_is_tagged(i), .tag = {0x81, 0, 0, 100}};

		lender_mac(i, loan.owner);
		bpf_map_update_elem(bpf_map__fd(b->bpf->maps.fer_loans), &b->slot[i], &loan, 0);
		b->control->lent |= 1u << b->slot[i];
	}
	b->control->kept = b->control->lent;
}

void bench_rules(struct bench *b, const struct rule_set *set, bool alive)
{
	struct compile_problem problem;
	struct timespec now;

	const struct image_slots slots = {b->slot, b->slot, b->slot, b->slot};

	if (image_compile(set, &slots, &b->banks[b->control->active ^ 1], &problem))
		die(problem.what);
	b->control->active ^= 1;
	counters_clear(b);
	loans_set(b, set);
	clock_gettime(CLOCK_MONOTONIC, &now);
	/* ahead of now, or never: the tests are not about the three seconds */
	b->control->heartbeat = alive ? (now.tv_sec + 3600) * 1000000000ULL + now.tv_nsec : 0;
}

bool bench_resets(const struct engine_decision *decision)
{
	return (decision->targets & (COPY_RESET | COPY_RESET_BACK)) ==
	       (COPY_RESET | COPY_RESET_BACK);
}

/* Who said in an earlier frame that an address of `answer-arp` is his: each frame stands alone. */
static void rivals_forget(struct bench *b)
{
	int fd = bpf_map__fd(b->bpf->maps.fer_rivals);
	uint32_t address;

	while (!bpf_map_get_next_key(fd, NULL, &address))
		bpf_map_delete_elem(fd, &address);
}

struct engine_decision bench_frame(struct bench *b, enum engine_port port, void *frame,
				   size_t length)
{
	struct bpf_program *program =
		port == PORT_OPTICAL ? b->bpf->progs.fer_optical : b->bpf->progs.fer_electrical;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = length, .repeat = 1);
	struct engine_decision decision = {0};
	uint32_t zero = 0;

	rivals_forget(b);
	if (bpf_prog_test_run_opts(bpf_program__fd(program), &opts))
		die("test run");
	bpf_map_lookup_elem(bpf_map__fd(b->bpf->maps.fer_decision), &zero, &decision);
	if (length > COPY_LENGTH_MAX && decision.egress & (decision.egress - 1))
		decision.egress &= ~(1u << PORT_HOST);
	return decision;
}

struct filter_counters bench_count(struct bench *b, unsigned i)
{
	int cpus = libbpf_num_possible_cpus();
	struct filter_counters value[cpus], sum = {0};

	bpf_map_lookup_elem(bpf_map__fd(b->bpf->maps.fer_filters), &b->slot[i], value);
	for (int cpu = 0; cpu < cpus; cpu++) {
		sum.packets += value[cpu].packets;
		sum.bytes += value[cpu].bytes;
	}
	return sum;
}
