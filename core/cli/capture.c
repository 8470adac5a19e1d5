// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "call.h"
#include "frame.h"
#include "interrupt.h"
#include "reply.h"

/* Blocks of pcapng, in the order of this machine: they never left it. */
enum { SECTION = 0x0a0d0d0a, FRAME = 6, BLOCK_MAX = 1 << 20, FRAME_HEAD = 28 };

/* octets, as of capture/snap-length in ferrule.yang */
enum { SNAP_MIN = 16, SNAP_MAX = 16384 };

struct block {
	uint32_t type;
	uint32_t size; /* with its own two numbers and the one at the end */
	uint8_t *body;
};

/* "protocol=udp destination-port=53" */
static int match_split(struct capture_request *request, const char *text)
{
	static char words[4096];
	static size_t used;
	size_t size = strlen(text) + 1;
	char *save = NULL, *copy = words + used;

	if (used + size > sizeof(words))
		return -1;
	memcpy(copy, text, size);
	used += size;
	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		if (request->matches == sizeof(request->match) / sizeof(*request->match))
			return -1;
		request->match[request->matches++] = word;
	}
	return 0;
}

int capture_parse(const char *const *words, size_t count, struct capture_request *request)
{
	*request = (struct capture_request){0};
	for (size_t i = 0; i < count; i++) {
		if (words[i][0] != '-' && !request->name) {
			request->name = words[i];
		} else if (!strcmp(words[i], "-w") && i + 1 < count) {
			request->file = words[++i];
		} else if (!strcmp(words[i], "--match") && i + 1 < count) {
			if (match_split(request, words[++i]))
				return -1;
		} else if (!strcmp(words[i], "--snap") && i + 1 < count) {
			request->snap = words[++i];
		} else if (!strcmp(words[i], "-c") && i + 1 < count) {
			uint64_t frames;

			if (!text_number(words[++i], 1, UINT32_MAX, &frames))
				return -1;
			request->frames = frames;
		} else {
			return -1;
		}
	}
	return !request->name == !request->matches ? -1 : 0; /* one of the two */
}

static int stream_try(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)address, sizeof(*address)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* tries: of 20 ms, for a process that is about to listen. A negative errno. */
static int stream_open(const char *run_dir, const char *name, int tries)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/capture/%s.live", run_dir, name);
	while ((fd = stream_try(&address)) < 0 && --tries > 0)
		nanosleep(&pause, NULL);
	return fd;
}

/* 0: all of it; 1: the end, or somebody wants to end. */
static int read_whole(int fd, void *to, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = read(fd, (uint8_t *)to + done, size - done);

		if (n < 0 && errno == EINTR && !interrupt_came())
			continue;
		if (n <= 0)
			return 1;
		done += n;
	}
	return 0;
}

static int block_read(int fd, struct block *block)
{
	uint32_t head[2];

	if (read_whole(fd, head, sizeof(head)) || head[1] < 12 || head[1] > BLOCK_MAX ||
	    head[1] % 4)
		return 1;
	block->type = head[0];
	block->size = head[1];
	block->body = mem_alloc(head[1]);
	memcpy(block->body, head, sizeof(head));
	if (!read_whole(fd, block->body + sizeof(head), head[1] - sizeof(head)))
		return 0;
	free(block->body);
	return 1;
}

static uint32_t word(const struct block *block, unsigned i)
{
	uint32_t value;

	memcpy(&value, block->body + 4 * i, sizeof(value));
	return value;
}

/* "12:34:56.123456789 optical 98 192.0.2.1 > 192.0.2.2 icmp" */
static void frame_print(const struct block *block)
{
	struct text text_auto text = {0};
	uint64_t time = (uint64_t)word(block, 3) << 32 | word(block, 4);
	time_t seconds = time / 1000000000;
	uint32_t captured = word(block, 5), length = word(block, 6);
	struct tm local;
	char clock[16];

	if (block->size < FRAME_HEAD + 4 || captured > block->size - FRAME_HEAD - 4)
		return;
	strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&seconds, &local));
	text_add(&text, "%s.%09u %-10s %5u", clock, (unsigned)(time % 1000000000),
		 word(block, 2) ? "electrical" : "optical", length);
	frame_words(block->body + FRAME_HEAD, captured, length, &text);
	printf("%s\n", text.data);
	fflush(stdout);
}

static int copy(int fd, FILE *file, unsigned long most)
{
	unsigned long frames = 0;
	struct block block;
	int bad = 0;

	while (!bad && !interrupt_came() && (!most || frames < most) && !block_read(fd, &block)) {
		/* it comes first, and once the capture knows of us: no frame is missed from here on
		 */
		if (block.type == SECTION)
			fputs("ferrule: listening; ^C ends\n", stderr);
		frames += block.type == FRAME;
		if (!file && block.type == FRAME && block.size >= FRAME_HEAD)
			frame_print(&block);
		else if (file)
			bad = fwrite(block.body, block.size, 1, file) != 1 || fflush(file);
		free(block.body);
		if (file && isatty(2) && frames % 64 == 0)
			fprintf(stderr, "\r%lu frames", frames);
	}
	if (file && isatty(2))
		fprintf(stderr, "\r%lu frames\n", frames);
	return bad;
}

static int capture_ask(struct session *session, const struct capture_request *request, char **name)
{
	struct text text_auto members = {0};
	struct reply reply;
	int code;

	if (request->name)
		request_member(&members, "filter", request->name);
	else
		request_members(&members, "match", request->match, request->matches);
	if (request->snap)
		text_add(&members, ",\"snap-length\":%lu", strtoul(request->snap, NULL, 10));
	code = call(session, "capture", &members, &reply);
	if (code)
		return code;
	*name = mem_strdup(reply_text(reply.root, "name"));
	reply_clear(&reply);
	return EXIT_DONE;
}

/* The capture of that name; where there is none, what the filter of that name matches, in passing.
 */
static int stream_find(struct session *session, const struct capture_request *request, int *code)
{
	mem_auto char *passing = NULL;
	int fd = request->name && !request->snap ? stream_open(session->run_dir, request->name, 1)
						 : -ENOENT;

	*code = EXIT_REFUSED;
	if (fd == -ENOENT || fd == -ECONNREFUSED) {
		*code = capture_ask(session, request, &passing);
		if (*code)
			return -1;
		fd = stream_open(session->run_dir, passing, 250);
	}
	if (fd < 0)
		fprintf(stderr, "ferrule: %s/capture/%s.live: %s\n", session->run_dir,
			passing ? passing : request->name, strerror(-fd));
	return fd;
}

static bool snap_check(const char *snap)
{
	uint64_t octets;

	if (!snap || text_number(snap, SNAP_MIN, SNAP_MAX, &octets))
		return true;
	fprintf(stderr, "ferrule: --snap: found '%s', allowed is a number %d..%d\n", snap, SNAP_MIN,
		SNAP_MAX);
	return false;
}

int capture_run(struct session *session, const struct capture_request *request)
{
	FILE *file = NULL;
	int fd, bad, code;

	if (session->json) {
		fprintf(stderr, "ferrule: a capture is pcapng or lines: '-w FILE', or neither\n");
		return EXIT_USAGE;
	}
	if (!snap_check(request->snap))
		return EXIT_USAGE;
	/* first: what cannot be written is not captured */
	if (request->file)
		file = strcmp(request->file, "-") ? fopen(request->file, "w") : stdout;
	if (request->file && !file) {
		fprintf(stderr, "ferrule: %s: %s\n", request->file, strerror(errno));
		return EXIT_REFUSED;
	}
	fd = stream_find(session, request, &code);
	if (fd < 0) {
		if (file && file != stdout)
			fclose(file);
		return code;
	}
	interrupt_watch(SIGINT);
	interrupt_watch(SIGTERM);
	signal(SIGPIPE, SIG_IGN);
	bad = copy(fd, file, request->frames);
	if (bad && errno != EPIPE)
		fprintf(stderr, "ferrule: %s: %s\n", request->file, strerror(errno));
	close(fd);
	if (file && file != stdout && fclose(file))
		bad = 1;
	return bad && errno != EPIPE ? EXIT_REFUSED : EXIT_DONE;
}
