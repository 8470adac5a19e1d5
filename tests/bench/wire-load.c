// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The generator and the sink of tests/bench/wire: live frames of BPF_PROG_TEST_RUN go in at one
 * end and are counted at the other.
 *
 *	wire-load sink NETNS IF                     attaches the sink, until its standard input ends
 *	wire-load redirect NETNS IF PEER            a bare XDP redirect, likewise
 *	wire-load tc NETNS IF PEER                  a redirect in tc, likewise
 *	wire-load echo NETNS IF                     UDP goes back where it came from, likewise
 *	wire-load send NETNS IF SINK-MAP SIZE MS [FLOWS]    prints frames a second that the sink
 *	                                            counted, and the seconds that it took
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "load.skel.h"

enum { BATCH = 64, REPEAT = 100000, FRAME_SIZE = 9000 };

static void die(const char *what)
{
	fprintf(stderr, "wire-load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static unsigned enter(const char *netns, const char *interface)
{
	char path[256];
	unsigned ifindex;
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(path);
	ifindex = if_nametoindex(interface);
	if (!ifindex)
		die(interface);
	return ifindex;
}

static struct load_bpf *load(unsigned peer, unsigned flows, const uint8_t *head)
{
	struct load_bpf *bpf = load_bpf__open();

	if (!bpf)
		die("open");
	bpf->rodata->peer_ifindex = peer;
	bpf->rodata->flows = flows;
	if (head)
		memcpy((void *)bpf->rodata->head, head, sizeof(bpf->rodata->head));
	if (load_bpf__load(bpf))
		die("load");
	return bpf;
}

/* Says the id of the counter map, then stays until its input ends. */
static void stay(const struct load_bpf *bpf)
{
	struct bpf_map_info info = {0};
	__u32 size = sizeof(info);
	char octet;

	if (bpf_obj_get_info_by_fd(bpf_map__fd(bpf->maps.received), &info, &size))
		die("map");
	printf("%u\n", info.id);
	fflush(stdout);
	while (read(0, &octet, 1) > 0)
		;
}

static void attach_xdp(struct bpf_program *program, unsigned ifindex)
{
	if (!bpf_program__attach_xdp(program, ifindex))
		die("attach");
}

static void attach_tc(struct bpf_program *program, unsigned ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = bpf_program__fd(program));

	bpf_tc_hook_create(&hook);
	if (bpf_tc_attach(&hook, &opts))
		die("attach to tc");
}

static uint64_t received(int map)
{
	int cpus = libbpf_num_possible_cpus();
	uint64_t value[cpus], sum = 0;
	uint32_t zero = 0;

	if (bpf_map_lookup_elem(map, &zero, value))
		die("lookup");
	for (int cpu = 0; cpu < cpus; cpu++)
		sum += value[cpu];
	return sum;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Lengths, addresses, ports, and a header checksum: a bridge with netfilter drops worse. */
static void frame_finish(uint8_t *frame, unsigned size)
{
	static const uint8_t rest[] = {64,  17, 0,   0, 192,  0,    2,	  1,
				       198, 51, 100, 2, 0x0f, 0xa0, 0x0f, 0xa1};
	uint32_t sum = 0;

	frame[16] = (size - 14) >> 8;
	frame[17] = size - 14;
	memcpy(frame + 22, rest, sizeof(rest));
	frame[38] = (size - 34) >> 8;
	frame[39] = size - 34;
	for (int i = 14; i < 34; i += 2)
		sum += frame[i] << 8 | frame[i + 1];
	sum = ~((sum & 0xffff) + (sum >> 16));
	frame[24] = sum >> 8;
	frame[25] = sum;
}

static void send_frames(unsigned ifindex, int map, unsigned size, double duration, unsigned flows)
{
	/* Ethernet, IPv4, UDP 4000 -> 4001: what the filters of the benchmark look at */
	static uint8_t frame[FRAME_SIZE] = {2, 0, 0, 0, 0, 0xbb, 2, 0, 0, 0, 0, 0xaa, 8, 0, 0x45};
	struct load_bpf *bpf;
	struct xdp_md context = {.data_end = size, .ingress_ifindex = ifindex};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = size,
		    .ctx_in = &context, .ctx_size_in = sizeof(context), .repeat = REPEAT,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = BATCH);
	double begin = seconds();
	uint64_t before = received(map);

	frame_finish(frame, size);
	bpf = load(0, flows, frame);
	while (seconds() < begin + duration)
		if (bpf_prog_test_run_opts(bpf_program__fd(bpf->progs.generate), &opts))
			die("live frames");
	duration = seconds() - begin;
	printf("%.0f %.3f\n", (received(map) - before) / duration, duration);
}

int main(int argc, char **argv)
{
	const char *what = argc > 3 ? argv[1] : "";
	unsigned ifindex = argc > 3 ? enter(argv[2], argv[3]) : 0;
	unsigned peer = argc == 5 ? if_nametoindex(argv[4]) : 0;
	struct bpf_devmap_val value = {.ifindex = peer};
	uint32_t zero = 0;

	if (!strcmp(what, "send") && (argc == 7 || argc == 8)) {
		send_frames(ifindex, bpf_map_get_fd_by_id(atoi(argv[4])), atoi(argv[5]),
			    atoi(argv[6]) / 1e3, argc == 8 ? atoi(argv[7]) : 0);
	} else if (!strcmp(what, "sink")) {
		struct load_bpf *bpf = load(0, 0, NULL);

		attach_xdp(bpf->progs.sink, ifindex);
		stay(bpf);
	} else if (!strcmp(what, "echo")) {
		struct load_bpf *bpf = load(0, 0, NULL);

		attach_xdp(bpf->progs.echo, ifindex);
		stay(bpf);
	} else if (!strcmp(what, "redirect") && peer) {
		struct load_bpf *bpf = load(peer, 0, NULL);

		bpf_map_update_elem(bpf_map__fd(bpf->maps.peer), &zero, &value, 0);
		attach_xdp(bpf->progs.bare_redirect, ifindex);
		stay(bpf);
	} else if (!strcmp(what, "tc") && peer) {
		struct load_bpf *bpf = load(peer, 0, NULL);

		attach_tc(bpf->progs.tc_redirect, ifindex);
		stay(bpf);
	} else {
		fprintf(stderr, "usage: see the head of wire-load.c\n");
		return 2;
	}
	return 0;
}
