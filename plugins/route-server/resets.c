// SPDX-License-Identifier: GPL-2.0-or-later
#include "resets.h"

#include <stdio.h>
#include <string.h>

#include "core/api/model.h"
#include "core/api/plugin.h"
#include "route-server.h"
#include "watch.h"

/* A session before and after. */
struct pair {
	const struct rs_config *was, *is;
	const struct rs_client *from, *to;
	const struct rs_session *before, *after;
};

static bool texts_differ(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") != 0;
}

/* ---- what resets a session (BIRD 2.0.12: bgp_reconfigure(), bgp_channel_reconfigure()) ---- */

static bool router_id(const struct pair *p)
{
	return texts_differ(p->was->router_id, p->is->router_id);
}

static bool asn(const struct pair *p)
{
	return p->was->asn != p->is->asn || p->from->asn != p->to->asn;
}

static bool address(const struct pair *p)
{
	int six = p->before->family != p->after->family || strchr(p->before->address, ':');

	return texts_differ(p->before->address, p->after->address) ||
	       texts_differ(p->was->address[six], p->is->address[six]);
}

static bool port(const struct pair *p)
{
	return p->was->port != p->is->port;
}

static bool hold_time(const struct pair *p)
{
	return p->was->hold_time != p->is->hold_time;
}

static bool password(const struct pair *p)
{
	return texts_differ(fer_model_text(p->from->at, "password-file"),
			    fer_model_text(p->to->at, "password-file"));
}

static bool gtsm(const struct pair *p)
{
	return p->from->gtsm != p->to->gtsm;
}

static bool passive(const struct pair *p)
{
	return p->from->passive != p->to->passive;
}

static bool roles(const struct pair *p)
{
	return p->from->policy.roles != p->to->policy.roles;
}

static bool add_path(const struct pair *p)
{
	return p->from->policy.add_path != p->to->policy.add_path;
}

static bool path_hiding(const struct pair *p)
{
	return p->from->policy.mitigate != p->to->policy.mitigate;
}

static bool import_table(const struct pair *p)
{
	for (unsigned f = 0; f < 2; f++)
		if (rs_carries(p->to, p->after, f) && p->from->keep[f] != p->to->keep[f])
			return true;
	return false;
}

static bool extended_next_hop(const struct pair *p)
{
	return rs_carries(p->from, p->before, 0) != rs_carries(p->to, p->after, 0);
}

static const struct {
	const char *name; /* of the configuration */
	bool (*differs)(const struct pair *pair);
} reasons[] = {
	{"router-id", router_id},
	{"asn", asn},
	{"address", address},
	{"port", port},
	{"hold-time", hold_time},
	{"password-file", password},
	{"gtsm", gtsm},
	{"passive", passive},
	{"roles", roles},
	{"add-path", add_path},
	{"path-hiding", path_hiding},
	{"import-table", import_table},
	{"extended-next-hop", extended_next_hop},
};

enum { REASONS = sizeof(reasons) / sizeof(*reasons) };

/* Bits of reasons. */
static unsigned reasons_of(const struct pair *pair)
{
	unsigned found = 0;

	for (unsigned i = 0; i < REASONS; i++)
		if (reasons[i].differs(pair))
			found |= 1u << i;
	return found;
}

/* ---- all sessions ---- */

struct count {
	unsigned up, reset, ended;
	unsigned why;
};

static void session_count(const struct route_server *rs, struct pair *pair, struct count *count)
{
	const struct watched *w = watch_find(rs->watch, pair->before->name);
	unsigned why;

	if (!w || !w->up)
		return;
	count->up++;
	pair->to = rs_find(pair->is, pair->before->name, &pair->after);
	if (!pair->to || (pair->to->shutdown && !pair->from->shutdown)) {
		count->ended++;
		return;
	}
	why = reasons_of(pair);
	count->why |= why;
	count->reset += why != 0;
}

static void count_all(const struct route_server *rs, const struct rs_config *was,
		      const struct rs_config *is, struct count *count)
{
	for (unsigned i = 0; i < was->clients; i++)
		for (unsigned s = 0; s < was->client[i].sessions; s++) {
			struct pair pair = {.was = was,
					    .is = is,
					    .from = &was->client[i],
					    .before = &was->client[i].session[s]};

			session_count(rs, &pair, count);
		}
}

/* A single one is no share of anything. */
static bool is_severe(const struct rs_config *was, unsigned gone, unsigned up)
{
	return gone > 1 && gone * 100 > fer_model_number(was->at, "reset-share", 25) * up;
}

static void say(const struct rs_config *was, const struct count *count,
		struct fer_disturbances *list)
{
	char why[300] = "";

	for (unsigned i = 0, at = 0; i < REASONS; i++)
		if (count->why >> i & 1)
			at += snprintf(why + at, sizeof(why) - at, "%s%s", at ? ", " : "",
				       reasons[i].name);
	if (count->reset)
		fer_disturb(list, is_severe(was, count->reset + count->ended, count->up),
			    "resets %u of %u sessions: %s changed", count->reset, count->up, why);
	if (count->ended)
		fer_disturb(list, is_severe(was, count->ended, count->up), "ends %u of %u sessions",
			    count->ended, count->up);
}

void resets_find(const struct route_server *rs, const struct fer_config *from,
		 const struct fer_config *to, struct fer_disturbances *list)
{
	struct rs_config was, is;
	struct count count = {0};

	/* what runs may break a rule of today's, and has sessions all the same */
	rs_load(from, &was, RS_MODEL, rs->folder, NULL);
	if (!rs_load(to, &is, RS_MODEL, rs->folder, NULL)) {
		count_all(rs, &was, &is, &count);
		say(&was, &count, list);
	}
	rs_config_clear(&was);
	rs_config_clear(&is);
}
