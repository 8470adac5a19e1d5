// SPDX-License-Identifier: GPL-2.0-or-later
#include "notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/api/event.h"

void notify_send(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (!path || (*path != '/' && *path != '@') || strlen(path) >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, strlen(path));
	if (*path == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address,
		      offsetof(struct sockaddr_un, sun_path) + strlen(path));
	close(fd);
}

/* ---- watchdog ---- */

static struct fer_event *watchdog;
static unsigned feed_ms;

static void feed(void *arg)
{
	(void)arg;
	notify_send("WATCHDOG=1");
	fer_timer_start(watchdog, feed_ms);
}

void notify_watchdog_start(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	if (!usec || (pid && strtoull(pid, NULL, 10) != (unsigned long long)getpid()))
		return;
	feed_ms = strtoull(usec, NULL, 10) / 3000;
	if (!feed_ms)
		return;
	watchdog = fer_timer_new(feed, NULL);
	feed(NULL);
}

void notify_watchdog_stop(void)
{
	fer_event_free(watchdog);
	watchdog = NULL;
}
