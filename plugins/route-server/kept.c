// SPDX-License-Identifier: GPL-2.0-or-later
#include "kept.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/api/file.h"
#include "core/api/log.h"
#include "clock.h"
#include "down.h"
#include "loads.h"
#include "route-server.h"
#include "services/rtr/rtr.h"
#include "watch.h"

enum {
	PORT = 323, /* nobody but root listens there while we are away */
	SETTLES_MS = 15000,
	EVERY_MS = 3600000, /* a full set is 14 MB: flash does not last for ever */
	TOUCH_MS = 60000,   /* that they were there: what counts for `hold` begins anew */
	DEADLINE_MS = 120000,
	SHRINK = 2, /* a cache that has less than a half of what was kept is not believed */
};

/* One of the loopback's that no other cache uses. */
#define ADDRESS "127.82.10.1"

struct kept {
	struct route_server *rs;
	struct rtr *rtr;
	uint32_t count;
	bool on, asked;			  /* it counts; BIRD is being told */
	uint64_t good_since, next, touch; /* ms of CLOCK_MONOTONIC */
	/* while it is written */
	FILE *file;
	unsigned family;
	uint32_t written;
	struct bird_query *query;
};

static void path_of(const struct kept *kept, const char *name, char path[300])
{
	snprintf(path, 300, "%s/%s", kept->rs->folder, name);
}

static void look_at_file(struct kept *kept)
{
	struct stat st;
	char path[300];

	path_of(kept, "vrps.kept", path);
	kept->count = stat(path, &st) ? 0 : st.st_size / sizeof(struct vrp);
	if (kept->rtr && kept->count)
		rtr_serve(kept->rtr, path, st.st_mtim.tv_sec ^ st.st_mtim.tv_nsec);
}

/* A supervisor that starts anew finds BIRD as the one before has left it. */
static bool was_on(const struct kept *kept)
{
	char path[300], *text = NULL;
	const char *at;
	size_t size;
	bool on = false;

	snprintf(path, sizeof(path), "%s", bird_config_path(kept->rs->bird));
	if (fer_file_read(path, 256 << 20, &text, &size))
		return false;
	at = strstr(text, "protocol rpki r_kept {");
	if (at)
		on = strncmp(strchr(at, '\n') + 1, "\tdisabled;", 10);
	free(text);
	return on;
}

struct kept *kept_new(struct route_server *rs)
{
	struct kept *kept = calloc(1, sizeof(*kept));

	if (!kept)
		abort();
	kept->rs = rs;
	kept->on = was_on(kept);
	return kept;
}

static void give_up(struct kept *kept)
{
	bird_query_cancel(kept->query);
	kept->query = NULL;
	if (kept->file)
		fclose(kept->file);
	kept->file = NULL;
}

void kept_free(struct kept *kept)
{
	if (!kept)
		return;
	give_up(kept);
	rtr_free(kept->rtr);
	free(kept);
}

/* ---- on and off ---- */

void kept_mark(const struct kept *kept, struct rs_config *to)
{
	to->kept_port = PORT;
	to->kept_address = ADDRESS;
	to->kept_on = kept->on;
}

static void told(void *arg, int err, const char *message)
{
	struct kept *kept = arg;

	kept->asked = false;
	if (err)
		fer_log_warn("route-server: BIRD: %s", message);
}

static void tell(struct kept *kept)
{
	const struct bird_question question = {.command = kept->on ? "enable r_kept"
								   : "disable r_kept",
					       .may_change = true,
					       .deadline = DEADLINE_MS,
					       .done = told,
					       .arg = kept};

	kept->asked = true;
	bird_ask(bird_asker(kept->rs->bird), &question);
}

/* It was told, and did not do it: it was busy, or another hand was there. */
static void insist(struct kept *kept)
{
	const struct watched *w = watch_find(kept->rs->watch, "r_kept");

	if (w && w->down == kept->on && !kept->asked)
		tell(kept);
}

static void turn(struct kept *kept, bool on)
{
	kept->on = on;
	tell(kept);
	rs_rewrite(kept->rs);
	fer_log_notice("route-server: %" PRIu32 " VRPs that were kept %s", kept->count,
		       on ? "count while no cache says more" : "are no more needed");
}

/* They were silent for longer than what was kept is to count. */
static bool is_expired(const struct kept *kept)
{
	struct stat st;
	char path[300];

	path_of(kept, "vrps.kept", path);
	return kept->rs->now.expired_open && !stat(path, &st) &&
	       time(NULL) - st.st_mtime > (time_t)kept->rs->now.hold;
}

static void serve(struct kept *kept)
{
	if (!kept->rtr && (kept->rtr = rtr_new(ADDRESS, PORT)))
		look_at_file(kept);
}

void kept_starting(struct kept *kept)
{
	if (!kept->rs->now.caches)
		return;
	kept->asked = false;
	serve(kept);
	kept->on = kept->count && kept->rtr && !is_expired(kept);
	kept->good_since = 0;
}

/* ---- writing ---- */

/* "192.0.2.0/24-24 AS64501  [r_1 ...": no more than a line's beginning is looked at. */
static bool roa_line(void *arg, const struct bird_line *line)
{
	struct kept *kept = arg;
	struct vrp vrp = {.family = kept->family ? 6 : 4};
	char address[64];
	unsigned length, most;

	if (line->code != BIRD_ROUTE || sscanf(line->text, "%63[0-9a-f.:]/%u-%u AS%" SCNu32,
					       address, &length, &most, &vrp.asn) != 4)
		return true;
	vrp.length = length;
	vrp.most = most;
	if (inet_pton(kept->family ? AF_INET6 : AF_INET, address, vrp.address) == 1 &&
	    fwrite(&vrp, sizeof(vrp), 1, kept->file) == 1)
		kept->written++;
	return true;
}

static void keep(struct kept *kept)
{
	char from[300], to[300];
	bool bad = ferror(kept->file) || fflush(kept->file) || fsync(fileno(kept->file));

	bad |= fclose(kept->file) != 0;
	kept->file = NULL;
	path_of(kept, "vrps.new", from);
	path_of(kept, "vrps.kept", to);
	if (bad || !kept->written || rename(from, to)) {
		if (bad)
			fer_log_warn("route-server: %s: %s; VRPs are not kept", from,
				     strerror(errno));
		unlink(from);
		return;
	}
	look_at_file(kept);
}

static void dump(struct kept *kept);

static void dumped(void *arg, int err, const char *message)
{
	struct kept *kept = arg;

	kept->query = NULL;
	if (err) {
		fer_log_warn("route-server: VRPs are not kept: BIRD: %s", message);
		give_up(kept);
	} else if (!kept->family++) {
		dump(kept);
	} else {
		keep(kept);
	}
}

static void dump(struct kept *kept)
{
	const struct bird_question question = {
		.command = kept->family ? "show route table fs_roa6" : "show route table fs_roa4",
		.deadline = DEADLINE_MS,
		.octets_max = SIZE_MAX,
		.line = roa_line,
		.done = dumped,
		.arg = kept,
	};

	kept->query = bird_ask(bird_asker(kept->rs->bird), &question);
}

static void dump_begin(struct kept *kept)
{
	char path[300];

	path_of(kept, "vrps.new", path);
	kept->file = fopen(path, "we");
	if (!kept->file) {
		fer_log_warn("route-server: %s: %s; VRPs are not kept", path, strerror(errno));
		return;
	}
	kept->family = kept->written = 0;
	dump(kept);
}

/* ---- what caches say ---- */

/* What the one that knows most has; 0: none is there. */
static uint32_t said(const struct kept *kept)
{
	uint32_t most = 0;

	for (unsigned i = 0; i < kept->rs->now.caches; i++) {
		const struct watched *w;
		char name[16];

		snprintf(name, sizeof(name), "r_%u", i + 1);
		w = watch_find(kept->rs->watch, name);
		/* also while it asks for news */
		if (w && w->connected && !loads_broken(kept->rs->loads, name) &&
		    w->all.imported > most)
			most = w->all.imported;
	}
	return most;
}

static void touch(const struct kept *kept)
{
	char path[300];

	path_of(kept, "vrps.kept", path);
	if (kept->count && utimensat(AT_FDCWD, path, NULL, 0))
		fer_log_warn("route-server: %s: %s", path, strerror(errno));
}

static void silent(struct kept *kept)
{
	bool wanted = kept->count && kept->rtr && !is_expired(kept);

	kept->good_since = 0;
	give_up(kept);
	if (kept->on != wanted)
		turn(kept, wanted);
}

void kept_turn(struct kept *kept)
{
	uint32_t now = said(kept);

	if (!kept->rs->now.caches || !bird_serves(kept->rs->bird))
		return;
	serve(kept);
	insist(kept);
	if (!now || now < kept->count / SHRINK) {
		silent(kept);
		return;
	}
	if (!kept->good_since)
		kept->good_since = now_ms();
	if (now_ms() - kept->good_since < SETTLES_MS)
		return;
	if (kept->on)
		turn(kept, false);
	else if (!kept->file && now_ms() >= kept->next) {
		kept->next = now_ms() + EVERY_MS;
		dump_begin(kept);
	} else if (now_ms() >= kept->touch) {
		kept->touch = now_ms() + TOUCH_MS;
		touch(kept);
	}
}

void kept_drop(struct kept *kept)
{
	char path[300];

	give_up(kept);
	path_of(kept, "vrps.kept", path);
	unlink(path);
	kept->count = 0;
	kept->next = 0;
	if (kept->on)
		turn(kept, false);
}

uint32_t kept_count(const struct kept *kept)
{
	return kept->count;
}

int kept_counts(const struct kept *kept)
{
	return kept->on;
}
