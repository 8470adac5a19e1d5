// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dnsmasq writes its leases anew at each change. That goes to RAM; what is on disk follows: at once
 * where little changes, once a minute in a storm.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/api/event.h"
#include "core/api/file.h"
#include "core/api/log.h"
#include "internal.h"

enum {
	LOOK_MS = 2000,
	SAVES_AT_ONCE = 10,
	SAVE_MS = 60000,      /* for one more */
	LEASES_MAX = 4 << 20, /* octets */
};

struct keeper {
	const struct dnsmasq_paths *paths;
	struct fer_event *timer;
	struct timespec seen; /* of the file that was saved */
	off_t size;
	unsigned saves;	 /* that may be made now */
	unsigned waited; /* ms towards the next */
	bool failing;
};

static bool is_changed(const struct keeper *keeper, struct stat *now)
{
	if (stat(keeper->paths->leases, now))
		return false;
	return now->st_mtim.tv_sec != keeper->seen.tv_sec ||
	       now->st_mtim.tv_nsec != keeper->seen.tv_nsec || now->st_size != keeper->size;
}

static void save(struct keeper *keeper, const struct stat *now)
{
	char *text;
	size_t size;
	int err = fer_file_read(keeper->paths->leases, LEASES_MAX, &text, &size);

	if (!err) {
		err = fer_file_write(keeper->paths->kept, text, size, 0644, NULL);
		free(text);
	}
	if (err && !keeper->failing)
		fer_log_err("dnsmasq: the leases cannot be kept in %s: %s", keeper->paths->kept,
			    strerror(-err));
	keeper->failing = err;
	if (err)
		return;
	keeper->seen = now->st_mtim;
	keeper->size = now->st_size;
}

static void look(void *arg)
{
	struct keeper *keeper = arg;
	struct stat now;

	fer_timer_start(keeper->timer, LOOK_MS);
	keeper->waited += LOOK_MS;
	if (keeper->waited >= SAVE_MS && keeper->saves < SAVES_AT_ONCE) {
		keeper->waited = 0;
		keeper->saves++;
	}
	if (!keeper->saves || !is_changed(keeper, &now))
		return;
	keeper->saves--;
	save(keeper, &now);
}

struct keeper *keeper_new(const struct dnsmasq_paths *paths)
{
	struct keeper *keeper = calloc(1, sizeof(*keeper));

	if (!keeper)
		abort();
	keeper->paths = paths;
	keeper->saves = SAVES_AT_ONCE;
	keeper->timer = fer_timer_new(look, keeper);
	return keeper;
}

void keeper_free(struct keeper *keeper)
{
	struct stat now;

	if (!keeper)
		return;
	if (is_changed(keeper, &now))
		save(keeper, &now);
	fer_event_free(keeper->timer);
	free(keeper);
}

void keeper_restore(struct keeper *keeper)
{
	char *text;
	size_t size;

	if (!access(keeper->paths->leases, F_OK) ||
	    fer_file_read(keeper->paths->kept, LEASES_MAX, &text, &size))
		return;
	if (fer_file_write(keeper->paths->leases, text, size, 0644, DNSMASQ_USER))
		fer_log_err("dnsmasq: the leases cannot be put back");
	free(text);
}

void keeper_watch(struct keeper *keeper, bool on)
{
	struct stat now;

	if (on)
		fer_timer_start(keeper->timer, LOOK_MS);
	else
		fer_event_stop(keeper->timer);
	if (!on && is_changed(keeper, &now))
		save(keeper, &now);
}
