// SPDX-License-Identifier: GPL-2.0-or-later
#include "greet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/api/event.h"

struct greet {
	char begins[32];
	void (*answered)(void *arg, bool good, const char *why);
	void *arg;
	int fd;
	struct fer_event *event;
};

union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	struct sockaddr_un path;
};

struct greet *greet_new(const char *begins, void (*answered)(void *arg, bool good, const char *why),
			void *arg)
{
	struct greet *greet = calloc(1, sizeof(*greet));

	if (!greet)
		abort();
	snprintf(greet->begins, sizeof(greet->begins), "%s", begins);
	greet->answered = answered;
	greet->arg = arg;
	greet->fd = -1;
	return greet;
}

static void end(struct greet *greet)
{
	fer_event_free(greet->event);
	greet->event = NULL;
	if (greet->fd >= 0)
		close(greet->fd);
	greet->fd = -1;
}

void greet_free(struct greet *greet)
{
	if (!greet)
		return;
	end(greet);
	free(greet);
}

static void readable(void *arg)
{
	struct greet *greet = arg;
	char text[64] = "";
	ssize_t n = recv(greet->fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	bool good = n > 0 && !strncmp(text, greet->begins, strlen(greet->begins));

	end(greet);
	greet->answered(greet->arg, good, n < 0 ? strerror(errno) : "it says something else");
}

static socklen_t address_make(union address *to, const char *address, uint16_t port)
{
	memset(to, 0, sizeof(*to));
	if (!port) {
		to->path.sun_family = AF_UNIX;
		snprintf(to->path.sun_path, sizeof(to->path.sun_path), "%s", address);
		return sizeof(to->path);
	}
	if (strchr(address, ':')) {
		to->six.sin6_family = AF_INET6;
		to->six.sin6_port = htons(port);
		inet_pton(AF_INET6, address, &to->six.sin6_addr);
		return sizeof(to->six);
	}
	to->four.sin_family = AF_INET;
	to->four.sin_port = htons(port);
	inet_pton(AF_INET, address, &to->four.sin_addr);
	return sizeof(to->four);
}

void greet_ask(struct greet *greet, const char *address, uint16_t port)
{
	union address to;
	socklen_t size = address_make(&to, address, port);

	end(greet);
	greet->fd = socket(to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (greet->fd < 0 || (connect(greet->fd, &to.any, size) && errno != EINPROGRESS)) {
		greet->answered(greet->arg, false, strerror(errno));
		end(greet);
		return;
	}
	greet->event = fer_reader_new(greet->fd, readable, greet);
}
