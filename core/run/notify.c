// SPDX-License-Identifier: GPL-2.0-or-later
#include "notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/api/event.h"
#include "core/base/mem.h"

struct ready_watch {
	int fd;
	char *path; /* of the socket; NULL: a pipe */
	struct fer_event *event;
	void (*ready)(void *arg);
	void *arg;
};

static bool says_ready(const char *text)
{
	return !strncmp(text, "READY=1", 7) || strstr(text, "\nREADY=1");
}

static void socket_readable(void *arg)
{
	struct ready_watch *watch = arg;
	char text[512];
	bool ready = false;
	ssize_t n;

	while ((n = recv(watch->fd, text, sizeof(text) - 1, MSG_DONTWAIT)) > 0) {
		text[n] = '\0';
		ready = ready || says_ready(text);
	}
	if (ready)
		watch->ready(watch->arg);
}

static void pipe_readable(void *arg)
{
	struct ready_watch *watch = arg;
	char text[64];
	ssize_t n = read(watch->fd, text, sizeof(text));

	if (n < 0 && errno == EAGAIN)
		return;
	/* closed without a line: it does not keep its side, and runs into its deadline */
	if (n > 0 && memchr(text, '\n', n))
		watch->ready(watch->arg);
	else if (n <= 0)
		fer_event_stop(watch->event);
}

static struct ready_watch *watch_make(int fd, fer_event_fn *fn, void (*ready)(void *arg), void *arg)
{
	struct ready_watch *watch = mem_zalloc(sizeof(*watch));

	watch->fd = fd;
	watch->ready = ready;
	watch->arg = arg;
	watch->event = fer_reader_new(fd, fn, watch);
	return watch;
}

struct ready_watch *notify_socket_open(const char *path, void (*ready)(void *arg), void *arg)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct ready_watch *watch;
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return NULL;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return NULL;
	unlink(path);
	/* the process has another user; all that it can say is that it is ready */
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || chmod(path, 0622)) {
		close(fd);
		return NULL;
	}
	watch = watch_make(fd, socket_readable, ready, arg);
	watch->path = mem_strdup(path);
	return watch;
}

struct ready_watch *notify_pipe_open(void (*ready)(void *arg), void *arg, int *end)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC | O_NONBLOCK))
		return NULL;
	*end = fd[1];
	return watch_make(fd[0], pipe_readable, ready, arg);
}

void notify_free(struct ready_watch *watch)
{
	if (!watch)
		return;
	fer_event_free(watch->event);
	close(watch->fd);
	if (watch->path)
		unlink(watch->path);
	free(watch->path);
	free(watch);
}
