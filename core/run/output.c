// SPDX-License-Identifier: GPL-2.0-or-later
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/api/event.h"
#include "core/base/mem.h"

enum {
	LINE_LENGTH = 224,
	READS_AT_ONCE = 16, /* of 4 KiB; then others have their turn */
	ROOM = 256 << 10,   /* octets of a burst while others have it; taken when they are used */
};

struct output {
	char *path;
	int fd;
	struct fer_event *event;
	void (*line)(void *arg, char *text);
	void *arg;
	char text[LINE_LENGTH];
	size_t length;
};

static void line_end(struct output *output)
{
	output->text[output->length] = '\0';
	output->length = 0;
	if (output->text[0])
		output->line(output->arg, output->text);
}

static bool read_some(struct output *output)
{
	char data[4096];
	ssize_t n = read(output->fd, data, sizeof(data));

	for (ssize_t i = 0; i < n; i++) {
		if (data[i] == '\n' || output->length + 1 == sizeof(output->text))
			line_end(output);
		if (data[i] != '\n')
			output->text[output->length++] = data[i];
	}
	return n > 0;
}

/* The event is level-triggered: what is left over comes again. */
static void readable(void *arg)
{
	for (int i = 0; i < READS_AT_ONCE && read_some(arg); i++)
		;
}

struct output *output_open(const char *path, void (*line)(void *arg, char *text), void *arg)
{
	struct output *output;
	int fd;

	if (mkfifo(path, 0600) && errno != EEXIST)
		return NULL;
	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return NULL;
	fcntl(fd, F_SETPIPE_SZ, ROOM); /* where it is refused, there are 64 KiB */
	output = mem_zalloc(sizeof(*output));
	output->path = mem_strdup(path);
	output->fd = fd;
	output->line = line;
	output->arg = arg;
	output->event = fer_reader_new(fd, readable, output);
	return output;
}

int output_end(const struct output *output)
{
	return open(output->path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
}

void output_close(struct output *output)
{
	if (!output)
		return;
	readable(output);
	fer_event_free(output->event);
	close(output->fd);
	free(output->path);
	free(output);
}
