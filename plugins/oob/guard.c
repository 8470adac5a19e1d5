// SPDX-License-Identifier: GPL-2.0-or-later
#include "guard.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/api/event.h"
#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/task.h"
#include "load.h"
#include "rules.h"
#include "services/netdev/link.h"
#include "services/netdev/netns.h"
#include "space.h"

enum {
	DEADLINE_MS = 10000,
	AGAIN_MS = 5000,
	PLACES = 2,
};

struct guard {
	char kept[256]; /* interfaces that forward because of us */
	char space[256];
	char *text[PLACES], *closed[PLACES]; /* of the namespace, where there is one, and of here */
	unsigned place;			     /* that is told now */
	bool shut;			     /* it does not take all of it */
	struct fer_task *task;
	struct fer_event *again;
	void (*in_force)(void *arg);
	void *arg;
};

/* ---- in force ---- */

static int run(struct guard *g, const char *space, const char *text,
	       void (*done)(void *arg, int code, const char *output))
{
	char *argv[] = {(char *)"/usr/sbin/nft", (char *)"-f", (char *)"-", NULL};
	const struct fer_task_spec task = {
		.name = "nft",
		.argv = argv,
		.capabilities = 1ULL << CAP_NET_ADMIN,
		.input = text,
		.deadline = DEADLINE_MS,
		.done = done,
		.arg = g,
	};

	fer_task_cancel(g->task);
	g->task = NULL;
	/* a child is where its parent was as it started */
	if (netns_enter(space))
		return -ENOENT;
	g->task = fer_task_start(&task);
	netns_leave();
	return g->task ? 0 : -EAGAIN;
}

static void failed(int code, const char *output)
{
	fer_log_err("oob: nftables do not take the rules: %s",
		    *output ? output : strerror(code < 0 ? -code : EIO));
}

static void told(void *arg, int code, const char *output);

/* A namespace first; then here. */
static void tell(struct guard *g)
{
	char *const *text = g->shut ? g->closed : g->text;

	while (g->place < PLACES && !text[g->place])
		g->place++;
	if (g->place < PLACES) {
		if (run(g, g->place == RULES_INSIDE ? g->space : "", text[g->place], told))
			fer_timer_start(g->again, AGAIN_MS);
		return;
	}
	if (g->shut)
		fer_log_err("oob: only ping is answered through the tunnel");
	g->in_force(g->arg);
}

static void told(void *arg, int code, const char *output)
{
	struct guard *g = arg;

	g->task = NULL;
	if (!code) {
		g->place++;
		tell(g);
		return;
	}
	failed(code, output);
	if (g->shut) {
		/* a way that nobody guards is not opened */
		fer_timer_start(g->again, AGAIN_MS);
		return;
	}
	g->shut = true;
	g->place = 0;
	tell(g);
}

static void apply(void *arg)
{
	struct guard *g = arg;

	g->shut = false;
	g->place = 0;
	tell(g);
}

static void texts_free(struct guard *g)
{
	for (unsigned i = 0; i < PLACES; i++) {
		free(g->text[i]);
		free(g->closed[i]);
		g->text[i] = g->closed[i] = NULL;
	}
}

static void texts_make(struct guard *g, const struct oob_config *c)
{
	texts_free(g);
	snprintf(g->space, sizeof(g->space), "%s", c->space);
	for (unsigned i = 0; i < PLACES; i++) {
		if (i == RULES_INSIDE && !*c->space)
			continue;
		g->text[i] = rules_text(c, i, false);
		g->closed[i] = rules_text(c, i, true);
	}
}

struct guard *guard_new(const char *run_dir, void (*in_force)(void *arg), void *arg)
{
	struct guard *g = calloc(1, sizeof(*g));

	if (!g)
		abort();
	snprintf(g->kept, sizeof(g->kept), "%.200s/oob-forwarding", run_dir);
	g->in_force = in_force;
	g->arg = arg;
	g->again = fer_timer_new(apply, g);
	return g;
}

void guard_free(struct guard *g)
{
	if (!g)
		return;
	fer_task_cancel(g->task);
	fer_event_free(g->again);
	texts_free(g);
	free(g);
}

void guard_apply(struct guard *g, const struct oob_config *c)
{
	texts_make(g, c);
	fer_event_stop(g->again);
	apply(g);
}

/* ---- forwarding, of single interfaces ---- */

/* what: "ipv4/conf/sfp0" */
static bool forwards(const char *what)
{
	char path[96], *text;
	bool on;

	snprintf(path, sizeof(path), "/proc/sys/net/%.60s/forwarding", what);
	if (fer_file_read(path, 16, &text, NULL))
		return true; /* there is none to be changed */
	on = *text != '0';
	free(text);
	return on;
}

/* What was off is remembered, and off again when nothing is to be reached. */
static void forward(const struct guard *g, const char *family, const char *interface)
{
	char what[64], lines[2048] = "", *text;

	snprintf(what, sizeof(what), "%s/conf/%s", family, interface);
	if (forwards(what) || link_setting(what, "forwarding", '1'))
		return;
	if (!fer_file_read(g->kept, sizeof(lines) - sizeof(what) - 1, &text, NULL)) {
		snprintf(lines, sizeof(lines), "%.1900s", text);
		free(text);
	}
	if (strstr(lines, what))
		return;
	snprintf(lines + strlen(lines), sizeof(lines) - strlen(lines), "%s\n", what);
	fer_file_write(g->kept, lines, strlen(lines), 0600, NULL);
}

static void forwarding_restore(const struct guard *g)
{
	char *text, *save = NULL;

	if (fer_file_read(g->kept, 4096, &text, NULL))
		return;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		link_setting(line, "forwarding", '0');
	free(text);
	unlink(g->kept);
}

static bool reaches(const struct oob_config *c, bool six)
{
	const struct fer_model *at = fer_model_find(c->at, "reach");

	for (; at; at = fer_model_next(at))
		if (!strchr(fer_model_text(at, "address"), ':') == !six)
			return true;
	return false;
}

void guard_forward(struct guard *g, const struct oob_config *c)
{
	static const char *const families[] = {"ipv4", "ipv6"};
	char name[16];

	if (!fer_model_find(c->at, "reach"))
		forwarding_restore(g);
	/* IPv6 only where it is needed: an interface that forwards does not listen to routers */
	for (int six = 0; six < 2; six++) {
		if (!reaches(c, six))
			continue;
		forward(g, families[six], c->site);
		if (*c->space) {
			space_near(c, name);
			forward(g, families[six], name);
		}
		for (unsigned i = 0; !*c->space && i < oob_tunnels(c); i++) {
			oob_interface(c, i, name);
			forward(g, families[six], name);
		}
	}
}

static void cleared(void *arg, int code, const char *output)
{
	struct guard *g = arg;

	g->task = NULL;
	if (code)
		failed(code, output);
}

void guard_clear(struct guard *g)
{
	fer_event_stop(g->again);
	forwarding_restore(g);
	run(g, "", "table inet " GUARD_TABLE " {}\ndelete table inet " GUARD_TABLE "\n", cleared);
}
