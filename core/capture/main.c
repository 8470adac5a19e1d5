// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ferrule-capture: the process of one capture. It reads frames from a ring that the engine fills
 * (descriptor 3), keeps them in a ring of files, and sends them to whoever listens. Without
 * privileges; a slow disk stops nobody but itself.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/engine/xdp/maps.h"
#include "files.h"
#include "live.h"
#include "pcapng.h"
#include "ring.h"

enum {
	RING_FD = 3,
	STATISTICS_S = 1,
	FULL_S = 10,
	BATCH = 4096, /* records, between looks at everything else */
	COME_S = 10,  /* in which somebody comes who asked for a capture in passing */
};

struct capture {
	const char *name;
	const char *interface[2];
	uint32_t snap;
	bool once; /* for who comes first: no files, and the end when he has left */
	struct ring_reader ring;
	struct files files;
	struct live live;
	uint8_t head[1024];
	size_t head_size;
	uint64_t received[2];
	uint64_t lost[2];    /* by the ring */
	uint64_t dropped[2]; /* by the disk */
	int64_t told;	     /* statistics */
	int64_t complained;
	int64_t began;
};

static volatile sig_atomic_t ending;

static void end(int signal)
{
	(void)signal;
	ending = 1;
}

static int64_t clock_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Not the clock of the day, which may be set. */
static int64_t now_s(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000000000;
}

/* Often enough to be of use, and no more than that. */
static void complain(struct capture *c, int err)
{
	if (c->complained && now_s() < c->complained + FULL_S)
		return;
	c->complained = now_s();
	fprintf(stderr, "<3>capture %s: %s; %llu frames were not kept\n", c->name, strerror(-err),
		(unsigned long long)(c->dropped[0] + c->dropped[1]));
}

/* 0, or why it is not in a file. */
static int block_put(struct capture *c, const uint8_t *block, size_t size)
{
	live_put(&c->live, block, size);
	return c->once ? 0 : files_put(&c->files, c->head, c->head_size, block, size);
}

static void statistics_put(struct capture *c)
{
	uint8_t block[PCAPNG_ROOM];
	uint64_t now = clock_ns(CLOCK_REALTIME);

	/* a file with nothing else in it would cost an older one */
	if (!c->received[0] && !c->received[1])
		return;
	for (uint32_t i = 0; i < 2; i++)
		block_put(c, block,
			  pcapng_statistics(block, i, now, c->received[i],
					    c->lost[i] + c->dropped[i]));
	/* who reads too slowly has lost more */
	for (unsigned i = 0; i < c->live.count; i++)
		if (c->live.client[i].lost)
			live_put_one(&c->live, i, block,
				     pcapng_statistics(block, 0, now, c->received[0],
						       c->lost[0] + c->live.client[i].lost));
}

static void record_take(struct capture *c, const struct capture_record *record, uint32_t length,
			int64_t wall)
{
	uint8_t block[PCAPNG_ROOM];
	int err;
	struct pcapng_frame frame = {
		.interface = record->port & 1,
		.time = record->stamp + wall,
		.length = record->length,
		.captured = record->captured,
		.data = (const uint8_t *)(record + 1),
	};

	if (length < sizeof(*record) || record->captured > length - sizeof(*record))
		return;
	c->received[frame.interface]++;
	c->lost[frame.interface] = record->lost;
	err = block_put(c, block, pcapng_frame(block, &frame));
	if (!err)
		return;
	c->dropped[frame.interface]++;
	complain(c, err);
}

/* Blocks in the buffer are of both ports; whose they were is not kept. */
static void flush(struct capture *c)
{
	unsigned dropped = files_flush(&c->files);

	if (!dropped)
		return;
	c->dropped[0] += dropped;
	complain(c, c->files.err);
}

static void drain(struct capture *c)
{
	int64_t wall = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
	const struct capture_record *record;
	uint32_t length;
	bool any = false;

	for (int i = 0; i < BATCH && !ending && (record = ring_next(&c->ring, &length)); i++) {
		record_take(c, record, length, wall);
		ring_release(&c->ring);
		any = true;
	}
	if (any && now_s() >= c->told + STATISTICS_S) {
		c->told = now_s();
		statistics_put(c);
	}
	flush(c);
	live_flush(&c->live);
}

/* Nobody has come, or nobody is left. */
static bool is_over(const struct capture *c, bool *came)
{
	*came |= c->live.count > 0;
	if (!c->once)
		return false;
	return *came ? !c->live.count : now_s() > c->began + COME_S;
}

static void run(struct capture *c)
{
	bool came = false;

	while (!ending && !is_over(c, &came)) {
		struct pollfd fd[LIVE_MAX + 2] = {{.fd = RING_FD, .events = POLLIN}};
		unsigned count = live_poll(&c->live, fd + 1);

		if (poll(fd, count + 1, ring_waits(&c->ring) ? 0 : 1000) < 0 && errno != EINTR)
			return;
		live_serve(&c->live, fd + 1, count);
		drain(c);
	}
	statistics_put(c);
	flush(c);
}

static int number_option(const char *name, unsigned most)
{
	char *rest;
	unsigned long long value = strtoull(optarg, &rest, 10);

	if (*rest || !isdigit((unsigned char)*optarg) || !value || value > most) {
		fprintf(stderr, "ferrule-capture: --%s: found '%s', allowed is 1..%u\n", name,
			optarg, most);
		exit(2);
	}
	return value;
}

static void options_parse(struct capture *c, int argc, char **argv)
{
	static const struct option options[] = {
		{"name", required_argument, NULL, 'n'},
		{"files", required_argument, NULL, 'f'},
		{"file-size", required_argument, NULL, 's'},
		{"snap", required_argument, NULL, 'c'},
		{"optical", required_argument, NULL, 'o'},
		{"electrical", required_argument, NULL, 'e'},
		{"once", no_argument, NULL, '1'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'n')
			c->name = optarg;
		else if (option == 'f')
			c->files.count = number_option("files", 1000);
		else if (option == 's')
			c->files.size = number_option("file-size", 4096) * 1048576ULL;
		else if (option == 'c')
			c->snap = number_option("snap", CAPTURE_SNAP_MAX);
		else if (option == '1')
			c->once = true;
		else if (option == 'o' || option == 'e')
			c->interface[option == 'e'] = optarg;
		else
			exit(2);
	}
	if (c->name && c->interface[0] && c->interface[1] && c->files.count && c->files.size &&
	    c->snap)
		return;
	fputs("ferrule-capture: ferruled runs it; it needs all of --name --files --file-size "
	      "--snap --optical --electrical, and a ring\n",
	      stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	static struct capture c;
	char path[128];
	int err;

	options_parse(&c, argc, argv);
	c.files.name = c.name;
	c.head_size = pcapng_head(c.head, c.name, c.interface, c.snap);
	umask(027);
	signal(SIGTERM, end);
	signal(SIGINT, end);
	signal(SIGPIPE, SIG_IGN);
	snprintf(path, sizeof(path), "%s.live", c.name);
	err = ring_open(&c.ring, RING_FD, CAPTURE_RING);
	if (!err)
		err = live_start(&c.live, path, c.head, c.head_size);
	if (err) {
		fprintf(stderr, "<3>capture %s: %s\n", c.name, strerror(-err));
		return 1;
	}
	files_start(&c.files);
	c.began = now_s();
	run(&c);
	unlink(path);
	return 0;
}
