// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dnsmasq writes its leases anew at each change. That goes to RAM; what is on disk follows: at once
 * where little changes, once a minute in a storm. What was read last is remembered, as a daemon
 * that is killed while it writes leaves half of its file.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/api/event.h"
#include "core/api/file.h"
#include "core/api/log.h"
#include "internal.h"
#include "leases.h"

enum {
	LOOK_MS = 2000,
	AGAIN_MS = 20, /* where it was seen half written */
	SAVES_AT_ONCE = 10,
	SAVE_MS = 60000,      /* for one more */
	LEASES_MAX = 4 << 20, /* octets */
	/* A file that was not written to for so long is whole: a daemon that hangs over it is
	 * replaced sooner. */
	WHOLE_MS = 12000,
};

struct keeper {
	const struct dnsmasq_paths *paths;
	struct fer_event *timer;
	struct timespec seen; /* of the file that was saved */
	off_t size;
	unsigned saves;	 /* that may be made now */
	unsigned waited; /* ms towards the next */
	bool failing;
	char *last; /* what is known of the leases; NULL: nothing yet */
};

static bool is_changed(const struct keeper *keeper, struct stat *now)
{
	if (stat(keeper->paths->leases, now))
		return false;
	return now->st_mtim.tv_sec != keeper->seen.tv_sec ||
	       now->st_mtim.tv_nsec != keeper->seen.tv_nsec || now->st_size != keeper->size;
}

static bool is_whole(const struct stat *file)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (now.tv_sec - file->st_mtim.tv_sec) * 1000 +
		       (now.tv_nsec - file->st_mtim.tv_nsec) / 1000000 >
	       WHOLE_MS;
}

char *keeper_text(const struct keeper *keeper)
{
	struct stat now;
	char *text, *merged;

	if (stat(keeper->paths->leases, &now) ||
	    fer_file_read(keeper->paths->leases, LEASES_MAX, &text, NULL))
		return NULL;
	if (!keeper->last || is_whole(&now))
		return text;
	/* it may be half written */
	merged = leases_merge(text, keeper->last, time(NULL));
	free(text);
	return merged;
}

static void learn(struct keeper *keeper)
{
	char *text = keeper_text(keeper);

	if (!text)
		return;
	free(keeper->last);
	keeper->last = text;
}

static void save(struct keeper *keeper, const struct stat *now)
{
	int err;

	learn(keeper);
	if (!keeper->last)
		return;
	err = fer_file_write(keeper->paths->kept, keeper->last, strlen(keeper->last), 0644, NULL);
	if (err && !keeper->failing)
		fer_log_err("dnsmasq: the leases cannot be kept in %s: %s", keeper->paths->kept,
			    strerror(-err));
	keeper->failing = err;
	if (err)
		return;
	keeper->seen = now->st_mtim;
	keeper->size = now->st_size;
}

/* Under a storm of changes the file is empty or cut for much of the time. */
static bool is_cut(const struct keeper *keeper)
{
	char *text;
	size_t size;
	bool cut;

	if (fer_file_read(keeper->paths->leases, LEASES_MAX, &text, &size))
		return false;
	cut = !size || text[size - 1] != '\n';
	free(text);
	return cut;
}

static void look(void *arg)
{
	struct keeper *keeper = arg;
	struct stat now;

	if (is_changed(keeper, &now) && !is_whole(&now) && is_cut(keeper)) {
		fer_timer_start(keeper->timer, AGAIN_MS);
		return;
	}
	fer_timer_start(keeper->timer, LOOK_MS);
	keeper->waited += LOOK_MS;
	if (keeper->waited >= SAVE_MS && keeper->saves < SAVES_AT_ONCE) {
		keeper->waited = 0;
		keeper->saves++;
	}
	if (!is_changed(keeper, &now))
		return;
	if (!keeper->saves) {
		learn(keeper);
		return;
	}
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
	/* of an earlier supervisor, or none */
	fer_file_read(paths->kept, LEASES_MAX, &keeper->last, NULL);
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
	free(keeper->last);
	free(keeper);
}

void keeper_mend(struct keeper *keeper)
{
	char *text, *merged;

	if (!keeper->last)
		return;
	if (fer_file_read(keeper->paths->leases, LEASES_MAX, &text, NULL))
		return; /* keeper_restore() has made one, or there is none */
	merged = leases_merge(text, keeper->last, time(NULL));
	if (strcmp(merged, text) &&
	    fer_file_write(keeper->paths->leases, merged, strlen(merged), 0644, DNSMASQ_USER))
		fer_log_err("dnsmasq: the leases cannot be mended");
	free(merged);
	free(text);
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
