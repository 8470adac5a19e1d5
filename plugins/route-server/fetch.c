// SPDX-License-Identifier: GPL-2.0-or-later
#include "fetch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/api/event.h"
#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/plugin.h"
#include "hash.h"
#include "irr.h"
#include "route-server.h"
#include "services/bgpq4/bgpq4.h"

enum {
	FRAGMENT_MOST = 64 << 20,
	SOON_MS =
		900000, /* after a fault: a database that is in trouble is not asked every minute */
};

struct fetch {
	struct route_server *rs;
	struct fer_event *timer;
	char **name;
	unsigned names, at;
	char work[224], server[256], databases[256];
	struct bgpq4 *bgpq4;
	/* of the one that is asked for */
	FILE *asns, *prefixes;
	char *asn_text, *prefix_text;
	size_t asn_size, prefix_size;
	bool cannot; /* start it */
	char trouble[300];
	/* of a plan; NULL: nobody waits */
	struct fer_plan *plan;
	void (*done)(void *arg, int err, const char *why);
	void *arg;
};

bool fetch_is_on(const struct rs_config *config)
{
	const char *source = config->on ? fer_model_text(config->at, "policy/irr/source") : NULL;

	return source && !strcmp(source, "bgpq4");
}

void fetch_path(const char *folder, char path[512])
{
	snprintf(path, 512, "%s/irr.fetched", folder);
}

static void fragment_path(const struct fetch *fetch, const char *name, char path[512])
{
	snprintf(path, 512, "%s/irr/%016" PRIx64, fetch->rs->folder,
		 hash_add(HASH_START, name, strlen(name)));
}

/* ---- which ones ---- */

static void names_clear(struct fetch *fetch)
{
	for (unsigned i = 0; i < fetch->names; i++)
		free(fetch->name[i]);
	free(fetch->name);
	fetch->name = NULL;
	fetch->names = fetch->at = 0;
}

static void name_add(struct fetch *fetch, const char *name)
{
	for (unsigned i = 0; i < fetch->names; i++)
		if (!strcmp(fetch->name[i], name))
			return;
	fetch->name = realloc(fetch->name, (fetch->names + 1) * sizeof(*fetch->name));
	if (!fetch->name)
		abort();
	fetch->name[fetch->names++] = strdup(name);
}

static void names_of(struct fetch *fetch, const struct rs_config *config, bool missing)
{
	names_clear(fetch);
	for (unsigned i = 0; i < config->clients; i++) {
		const struct rs_client *client = &config->client[i];
		char own[16], path[512];
		const char *name;

		if (!client->policy.irr_origin && !client->policy.irr_prefix)
			continue;
		for (unsigned n = 0; (name = irr_name_at(client, n, own)); n++) {
			fragment_path(fetch, name, path);
			if (!missing || access(path, F_OK))
				name_add(fetch, name);
		}
	}
	snprintf(fetch->server, sizeof(fetch->server), "%s",
		 fer_model_text(config->at, "policy/irr/server"));
	snprintf(fetch->databases, sizeof(fetch->databases), "%s",
		 fer_model_find(config->at, "policy/irr/databases")
			 ? fer_model_text(config->at, "policy/irr/databases")
			 : "");
}

/* ---- one file of all ---- */

static bool append(FILE *to, const char *path, const char *comma)
{
	char *data;
	size_t size;

	if (fer_file_read(path, FRAGMENT_MOST, &data, &size))
		return false;
	fprintf(to, "%s%s", comma, data);
	free(data);
	return true;
}

static bool is_same(const char *path, const char *text, size_t size)
{
	char *data;
	size_t length;
	bool same;

	if (fer_file_read(path, SIZE_MAX, &data, &length))
		return false;
	same = length == size && !memcmp(data, text, size);
	free(data);
	return same;
}

/* Of all clients' sets that were ever fetched; what is missing, registry.h notices. */
void fetch_use(struct fetch *fetch, const struct rs_config *config)
{
	char path[512], *text = NULL;
	const char *comma = "";
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	names_of(fetch, config, false);
	fprintf(file, "{\n");
	for (unsigned i = 0; i < fetch->names; i++) {
		fragment_path(fetch, fetch->name[i], path);
		if (append(file, path, comma))
			comma = ",\n";
	}
	fprintf(file, "\n}\n");
	fclose(file);
	fetch_path(fetch->rs->folder, path);
	if (!is_same(path, text, size) && fer_file_write(path, text, size, 0640, NULL))
		fer_log_err("route-server: %s cannot be written", path);
	free(text);
}

/* ---- one ---- */

static void asn(void *arg, uint32_t number)
{
	struct fetch *fetch = arg;

	fflush(fetch->asns);
	fprintf(fetch->asns, "%s%" PRIu32, fetch->asn_size ? ", " : "", number);
}

static void prefix(void *arg, const char *text)
{
	struct fetch *fetch = arg;

	fflush(fetch->prefixes);
	fprintf(fetch->prefixes, "%s\"%s\"", fetch->prefix_size ? ", " : "", text);
}

static void texts_open(struct fetch *fetch)
{
	fetch->asns = open_memstream(&fetch->asn_text, &fetch->asn_size);
	fetch->prefixes = open_memstream(&fetch->prefix_text, &fetch->prefix_size);
	if (!fetch->asns || !fetch->prefixes)
		abort();
	fflush(fetch->asns);
	fflush(fetch->prefixes);
}

static void texts_close(struct fetch *fetch)
{
	if (!fetch->asns)
		return;
	fclose(fetch->asns);
	fclose(fetch->prefixes);
	free(fetch->asn_text);
	free(fetch->prefix_text);
	fetch->asns = fetch->prefixes = NULL;
	fetch->asn_text = fetch->prefix_text = NULL;
}

/* Also what bgpq4 makes of a set that there is not. */
static bool is_empty(const struct fetch *fetch)
{
	fflush(fetch->asns);
	fflush(fetch->prefixes);
	return !fetch->asn_size && !fetch->prefix_size;
}

static int fragment_write(struct fetch *fetch, const char *name)
{
	char path[512], *text;
	int err, length;

	length = asprintf(&text, "\"%s\": {\"asn\": [%s], \"prefix\": [%s]}", name, fetch->asn_text,
			  fetch->prefix_text);
	if (length < 0)
		abort();
	fragment_path(fetch, name, path);
	err = fer_file_write(path, text, length, 0640, NULL);
	free(text);
	return err;
}

static void next(struct fetch *fetch);

static void over(struct fetch *fetch, int err)
{
	void (*done)(void *arg, int err, const char *why) = fetch->done;

	fetch->done = NULL;
	fetch->plan = NULL;
	if (done)
		done(fetch->arg, err, fetch->trouble);
}

static void answered(void *arg, int err, const char *why)
{
	struct fetch *fetch = arg;
	const char *name = fetch->name[fetch->at];

	fetch->bgpq4 = NULL;
	if (!err && is_empty(fetch)) {
		err = -ENOENT;
		why = "nothing is registered for it";
	} else if (!err) {
		err = fragment_write(fetch, name);
		why = strerror(-err);
	}
	texts_close(fetch);
	if (err) {
		snprintf(fetch->trouble, sizeof(fetch->trouble), "%.100s of %.100s: %.80s", name,
			 fetch->server, why);
		fer_log_warn("route-server: bgpq4: %s", fetch->trouble);
	}
	/* whoever waits for all of them needs no more */
	if (err && fetch->done) {
		over(fetch, err);
		return;
	}
	fetch->at++;
	next(fetch);
}

static void say_how_far(const struct fetch *fetch)
{
	char text[160];

	if (!fetch->plan)
		return;
	snprintf(text, sizeof(text), "asks %.60s for %.60s (%u of %u)", fetch->server,
		 fetch->name[fetch->at], fetch->at + 1, fetch->names);
	fer_plan_doing(fetch->plan, text);
}

static void ended(struct fetch *fetch)
{
	bool waits = fetch->done;

	if (waits) {
		over(fetch, 0);
		return;
	}
	if (fetch_is_on(&fetch->rs->now))
		fetch_use(fetch, &fetch->rs->now);
	fetch_regularly(fetch);
}

static void next(struct fetch *fetch)
{
	const struct bgpq4_question question = {
		.server = fetch->server,
		.databases = *fetch->databases ? fetch->databases : NULL,
		.name = fetch->at < fetch->names ? fetch->name[fetch->at] : "",
		.folder = fetch->work,
		.asn = asn,
		.prefix = prefix,
		.done = answered,
		.arg = fetch,
	};

	if (fetch->at >= fetch->names) {
		ended(fetch);
		return;
	}
	say_how_far(fetch);
	texts_open(fetch);
	fetch->bgpq4 = bgpq4_ask(&question);
	if (fetch->bgpq4)
		return;
	/* said by the loop: nobody expects to be called back while he still asks */
	fetch->cannot = true;
	fer_timer_start(fetch->timer, 0);
}

/* ---- when ---- */

static void begin(void *arg)
{
	struct fetch *fetch = arg;

	if (fetch->cannot) {
		fetch->cannot = false;
		answered(fetch, -ENOEXEC, "bgpq4 cannot be started");
		return;
	}
	if (fetch->bgpq4 || !fetch_is_on(&fetch->rs->now))
		return;
	names_of(fetch, &fetch->rs->now, false);
	fetch->trouble[0] = '\0';
	next(fetch);
}

void fetch_now(struct fetch *fetch)
{
	begin(fetch);
}

void fetch_regularly(struct fetch *fetch)
{
	unsigned hours;

	if (!fetch_is_on(&fetch->rs->now)) {
		fetch_cancel(fetch);
		return;
	}
	hours = fer_model_number(fetch->rs->now.at, "policy/irr/every", 6);
	fer_timer_start(fetch->timer, *fetch->trouble ? SOON_MS : hours * 3600000);
}

bool fetch_missing(struct fetch *fetch, const struct rs_config *config, struct fer_plan *plan,
		   void (*done)(void *arg, int err, const char *why), void *arg)
{
	char folder[300];

	fetch_cancel(fetch);
	snprintf(folder, sizeof(folder), "%.250s/irr", fetch->rs->folder);
	if (fer_folder_make(folder, 0750, NULL))
		fer_log_err("route-server: %s cannot be made", folder);
	names_of(fetch, config, true);
	if (!fetch->names)
		return false;
	fetch->trouble[0] = '\0';
	fetch->plan = plan;
	fetch->done = done;
	fetch->arg = arg;
	next(fetch);
	return true;
}

void fetch_cancel(struct fetch *fetch)
{
	fetch->cannot = false;
	fer_event_stop(fetch->timer);
	bgpq4_cancel(fetch->bgpq4);
	fetch->bgpq4 = NULL;
	fetch->done = NULL;
	fetch->plan = NULL;
	texts_close(fetch);
}

void fetch_resume(struct fetch *fetch)
{
	fetch_cancel(fetch);
	fetch->trouble[0] = '\0';
	if (fetch_is_on(&fetch->rs->now))
		fetch_use(fetch, &fetch->rs->now);
	fetch_regularly(fetch);
}

struct fetch *fetch_new(struct route_server *rs, const char *run_dir)
{
	struct fetch *fetch = calloc(1, sizeof(*fetch));

	if (!fetch)
		abort();
	fetch->rs = rs;
	snprintf(fetch->work, sizeof(fetch->work), "%.200s/bgpq4", run_dir);
	fetch->timer = fer_timer_new(begin, fetch);
	return fetch;
}

void fetch_free(struct fetch *fetch)
{
	if (!fetch)
		return;
	fetch_cancel(fetch);
	fer_event_free(fetch->timer);
	names_clear(fetch);
	free(fetch);
}

const char *fetch_trouble(const struct fetch *fetch)
{
	return fetch->trouble;
}
