// SPDX-License-Identifier: GPL-2.0-or-later
#include "live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int live_start(struct live *l, const char *path, const uint8_t *head, size_t head_size)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	*l = (struct live){.head = head, .head_size = head_size};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	unlink(path);
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0 || bind(l->fd, (struct sockaddr *)&address, sizeof(address)) ||
	    chmod(path, 0660) || listen(l->fd, LIVE_MAX))
		return -errno;
	return 0;
}

static void client_take(struct live *l)
{
	int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct live_client *c = &l->client[l->count];

	if (fd < 0)
		return;
	if (l->count == LIVE_MAX) {
		close(fd);
		return;
	}
	*c = (struct live_client){.fd = fd, .held = malloc(LIVE_HOLD)};
	if (!c->held) {
		close(fd);
		return;
	}
	memcpy(c->held, l->head, l->head_size);
	c->to = l->head_size;
	l->count++;
}

static void client_drop(struct live *l, unsigned i)
{
	close(l->client[i].fd);
	free(l->client[i].held);
	l->client[i] = l->client[--l->count];
}

/* -1: it has left */
static int client_send(struct live_client *c)
{
	while (c->from < c->to) {
		ssize_t n = send(c->fd, c->held + c->from, c->to - c->from, MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -1;
		c->from += n;
	}
	c->from = c->to = 0;
	return 0;
}

static void client_put(struct live_client *c, const uint8_t *block, size_t size)
{
	if (c->to + size > LIVE_HOLD && c->from) {
		memmove(c->held, c->held + c->from, c->to - c->from);
		c->to -= c->from;
		c->from = 0;
	}
	if (c->to + size > LIVE_HOLD) {
		c->lost++;
		return;
	}
	memcpy(c->held + c->to, block, size);
	c->to += size;
}

unsigned live_poll(const struct live *l, struct pollfd *fd)
{
	fd[0] = (struct pollfd){.fd = l->fd, .events = POLLIN};
	for (unsigned i = 0; i < l->count; i++) {
		const struct live_client *c = &l->client[i];

		fd[1 + i] = (struct pollfd){
			.fd = c->fd,
			.events = POLLIN | (c->from < c->to ? POLLOUT : 0),
		};
	}
	return l->count + 1;
}

void live_serve(struct live *l, const struct pollfd *fd, unsigned count)
{
	/* backwards: the last takes the place of one that goes */
	for (unsigned i = count - 1; i-- > 0;) {
		char nothing;
		bool left = fd[1 + i].revents & (POLLHUP | POLLERR);

		if (fd[1 + i].revents & POLLIN)
			left = recv(l->client[i].fd, &nothing, 1, MSG_DONTWAIT) == 0;
		if (left || client_send(&l->client[i]))
			client_drop(l, i);
	}
	if (fd[0].revents & POLLIN)
		client_take(l);
}

void live_put(struct live *l, const uint8_t *block, size_t size)
{
	for (unsigned i = 0; i < l->count; i++)
		client_put(&l->client[i], block, size);
}

void live_put_one(struct live *l, unsigned client, const uint8_t *block, size_t size)
{
	client_put(&l->client[client], block, size);
}

void live_flush(struct live *l)
{
	for (unsigned i = l->count; i-- > 0;)
		if (client_send(&l->client[i]))
			client_drop(l, i);
}
