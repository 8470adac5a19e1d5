// SPDX-License-Identifier: GPL-2.0-or-later
#include "verbs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/state.h"
#include "birdwatcher.h"
#include "down.h"
#include "fetch.h"
#include "glass.h"
#include "import.h"
#include "kept.h"
#include "route-server.h"
#include "show.h"
#include "watch.h"

static int configured(const struct route_server *rs, struct fer_action *action)
{
	if (rs->now.on)
		return 0;
	fer_action_problem(action, "'route-server' is not configured");
	return -ENOENT;
}

static void run_clients(void *instance, struct fer_action *action)
{
	const struct route_server *rs = instance;
	int err = fer_action_check(action, 0);

	if (!err)
		err = configured(rs, action);
	if (!err)
		show_clients(rs, fer_action_state(action));
	fer_action_done(action, err);
}

static void run_health(void *instance, struct fer_action *action)
{
	const struct route_server *rs = instance;
	int err = fer_action_check(action, 0);

	if (!err)
		err = configured(rs, action);
	if (!err && !show_trouble(rs, fer_action_state(action)))
		fer_state_text(fer_action_state(action), "all is well",
			       "ferrule-route-server:route-server/answer");
	fer_action_done(action, err);
}

/* ---- a client up and down ---- */

enum { ORDER_MS = 60000 }; /* BIRD may be busy */

struct order {
	struct route_server *rs;
	struct fer_action *action;
	const char *verb;
	unsigned waiting;
	int err;
	struct told {
		struct order *order;
		char session[64];
	} to[RS_ADDRESSES];
};

static void order_over(struct order *order)
{
	struct fer_action *action = order->action;
	int err = order->err;

	if (strcmp(order->verb, "reload"))
		down_changed(order->rs);
	free(order);
	fer_action_done(action, err);
}

/* What BIRD did is what is remembered. */
static void obeyed(void *arg, int err, const char *message)
{
	struct told *told = arg;
	struct order *order = told->order;

	if (err && !order->err) {
		fer_action_problem(order->action, "BIRD: %s", message);
		order->err = err;
	}
	if (!err && strcmp(order->verb, "reload"))
		watch_shut(order->rs->watch, told->session, !strcmp(order->verb, "disable"));
	if (!--order->waiting)
		order_over(order);
}

static void order_all(struct route_server *rs, struct fer_action *action,
		      const struct rs_client *client, const char *verb, const char *message)
{
	struct order *order = calloc(1, sizeof(*order));
	char command[256];
	struct bird_question question = {
		.command = command, .may_change = true, .deadline = ORDER_MS, .done = obeyed};

	if (!order)
		abort();
	order->rs = rs;
	order->action = action;
	order->verb = verb;
	order->waiting = client->sessions;
	for (unsigned s = 0; s < client->sessions; s++) {
		snprintf(command, sizeof(command), "%s %s%s%s%s", verb, client->session[s].name,
			 *message ? " \"" : "", message, *message ? "\"" : "");
		order->to[s].order = order;
		snprintf(order->to[s].session, sizeof(order->to[s].session), "%s",
			 client->session[s].name);
		question.arg = &order->to[s];
		bird_ask(bird_asker(rs->bird), &question);
	}
}

/* RFC 9003: what is told to somebody who may know RFC 8203 only has 128 octets at most. */
static bool can_be_told(const char *message)
{
	size_t length = strlen(message);

	for (const char *c = message; *c; c++)
		if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\')
			return false;
	return length <= 128;
}

static void order_run(struct route_server *rs, struct fer_action *action, const char *verb,
		      const char *message)
{
	int err = fer_action_check(action, 1);
	const char *name = fer_action_word(action, 0);
	const struct rs_client *client = NULL;

	if (!err)
		err = configured(rs, action);
	if (!err && !(client = rs_client(&rs->now, name ? name : ""))) {
		fer_action_problem(action, "found '%s', allowed is the name or address of a client",
				   name ? name : "");
		err = -EINVAL;
	}
	if (!err && !can_be_told(message)) {
		fer_action_problem(action,
				   "found '%s', allowed are 128 printable ASCII characters "
				   "without quotes and '\\'",
				   message);
		err = -EINVAL;
	}
	if (err)
		fer_action_done(action, err);
	else
		order_all(rs, action, client, verb, message);
}

static void run_shutdown(void *instance, struct fer_action *action)
{
	const char *message = fer_action_option(action, "--message");

	order_run(instance, action, "disable", message ? message : "");
}

static void run_enable(void *instance, struct fer_action *action)
{
	order_run(instance, action, "enable", "");
}

static void run_refresh(void *instance, struct fer_action *action)
{
	order_run(instance, action, "reload", "");
}

static void run_fetch(void *instance, struct fer_action *action)
{
	struct route_server *rs = instance;
	int err = fer_action_check(action, 0);

	if (!err)
		err = configured(rs, action);
	if (!err && !fetch_is_on(&rs->now)) {
		fer_action_problem(action, "policy/irr/source is not bgpq4");
		err = -EINVAL;
	}
	if (!err) {
		fetch_now(rs->fetch);
		fer_action_print(action, "it is under way; 'ferrule route-server health' says what "
					 "went wrong\n");
	}
	fer_action_done(action, err);
}

static void run_accept_rpki(void *instance, struct fer_action *action)
{
	struct route_server *rs = instance;
	int err = fer_action_check(action, 0);

	if (!err)
		err = configured(rs, action);
	if (!err)
		kept_drop(rs->kept);
	fer_action_done(action, err);
}

/* ---- what others have written ---- */

static int read_all(struct fer_action *action, struct import *import)
{
	const char *path;
	char why[160];

	for (size_t i = 0; (path = fer_action_word(action, i)); i++) {
		if (!import_read(import, path, why, sizeof(why)))
			continue;
		fer_action_problem(action, "file '%s': %s", path, why);
		return -EINVAL;
	}
	return 0;
}

static int vlan_take(struct fer_action *action, struct import *import)
{
	const char *text = fer_action_option(action, "--vlan");
	unsigned long long vlan = text ? strtoull(text, NULL, 10) : 0;

	if (text && (strspn(text, "0123456789") != strlen(text) || !vlan || vlan > UINT32_MAX)) {
		fer_action_problem(action,
				   "--vlan: found '%s', allowed is the id of a vlan of the export",
				   text);
		return -EINVAL;
	}
	import_vlan(import, vlan);
	return 0;
}

/* What the files do not say is to be filled in by hand: something takes its place for the check. */
static char *filled_in(const char *yaml)
{
	static const char *const filling[][2] = {
		{"  asn: # fill in", "  asn: 64512"},
		{"  router-id: # fill in", "  router-id: 192.0.2.254"},
		{"  address: [] # fill in", "  address: [192.0.2.254] #"},
		{"  peering-lan: [] # fill in",
		 "  peering-lan: ['0.0.0.0/1', '128.0.0.0/1', '::/1'] #"},
	};
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	while (file && *yaml) {
		size_t length = strcspn(yaml, "\n") + 1;

		for (size_t i = 0; i < sizeof(filling) / sizeof(*filling); i++) {
			size_t head = strlen(filling[i][0]);

			if (strncmp(yaml, filling[i][0], head))
				continue;
			fprintf(file, "%s", filling[i][1]);
			yaml += head;
			length -= head;
		}
		fprintf(file, "%.*s", (int)length, yaml);
		yaml += strnlen(yaml, length);
	}
	if (file)
		fclose(file);
	return text;
}

/* What took the place of something else is not looked at. */
static bool is_of_filling(const char *line, const char *yaml)
{
	return (strstr(yaml, "  address: [] # fill in") &&
		!strncmp(line, "route-server/address:", 21)) ||
	       (strstr(yaml, "  peering-lan: [] # fill in") &&
		!strncmp(line, "route-server/peering-lan:", 25));
}

/* What is still to be mended before it can be committed stands behind it. */
static void say_check(struct fer_action *action, const char *yaml)
{
	char *whole = filled_in(yaml);
	char *lines = fer_action_verify(action, whole ? whole : yaml, "route-server");
	char *next = lines, *line;

	while ((line = strsep(&next, "\n")))
		if (*line && !is_of_filling(line, yaml))
			fer_action_print(action, "# check: %s\n", line);
	free(lines);
	free(whole);
}

static void run_import(void *instance, struct fer_action *action)
{
	struct import *import = import_new();
	char *text = NULL;
	size_t size;
	FILE *file;
	int err = vlan_take(action, import);

	(void)instance;
	if (!err)
		err = fer_action_check(action, 8);
	if (!err && !fer_action_word(action, 0)) {
		fer_action_problem(action, "allowed are one to eight files");
		err = -EINVAL;
	}
	if (!err)
		err = read_all(action, import);
	if (!err && (file = open_memstream(&text, &size))) {
		import_write(import, file);
		fclose(file);
		fer_action_print(action, "%s", text);
		say_check(action, text);
	}
	free(text);
	import_free(import);
	fer_action_done(action, err);
}

const struct fer_verb rs_verbs[] = {
	{"clients", "", "sessions, and how many routes", run_clients, FER_VERB_LOOKS},
	{"routes", "[PREFIX] [--from CLIENT] [--to CLIENT] [--rejected] [--limit NUMBER | --all]",
	 "routes that are taken, sent, or refused and why", glass_routes, FER_VERB_LOOKS},
	{"why", "PREFIX [--to CLIENT]",
	 "every check that keeps a prefix from the table, or a client", glass_why, FER_VERB_LOOKS},
	{"birdwatcher", "ENDPOINT", "the answer of birdwatcher for Alice-LG, as JSON",
	 birdwatcher_answer, FER_VERB_LOOKS},
	{"health", "", "what somebody should look at", run_health, FER_VERB_LOOKS},
	{"shutdown", "CLIENT [--message TEXT]", "takes a client's sessions down, for maintenance",
	 run_shutdown, FER_VERB_CHANGES},
	{"enable", "CLIENT", "brings them back", run_enable, FER_VERB_CHANGES},
	{"accept-rpki", "", "what RPKI caches say now is right, though it is much less than before",
	 run_accept_rpki, FER_VERB_CHANGES},
	{"fetch", "", "asks IRR databases for all clients' as-sets now", run_fetch,
	 FER_VERB_CHANGES},
	{"import", "FILE... [--vlan ID]",
	 "YAML from arouteserver's files, or an IX-F member export; '-' is standard input",
	 run_import, FER_VERB_IN_CLIENT},
	{"refresh", "CLIENT", "asks a client for its routes, and sends it ours, anew", run_refresh,
	 false},
	FER_VERB_RELOAD,
	{0},
};
