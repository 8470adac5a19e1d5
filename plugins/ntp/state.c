// SPDX-License-Identifier: GPL-2.0-or-later
#include "state.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "core/api/state.h"
#include "services/chrony/chrony.h"

#define AT "ferrule-ntp:ntp"

enum { SETTLE_S = 600, DAY_S = 86400, WARN_DAYS = 14 };

static void seconds(struct fer_state *state, double value, const char *path)
{
	char text[32];

	snprintf(text, sizeof(text), "%.9f", value);
	fer_state_text(state, text, "%s", path);
}

static void show_tracking(const struct chrony_tracking *t, struct fer_state *state)
{
	if (t->local || *t->reference)
		fer_state_text(state, t->local ? "local" : t->reference, AT "/reference");
	fer_state_number(state, t->stratum, AT "/stratum");
	seconds(state, t->offset, AT "/offset");
	seconds(state, t->root_delay / 2 + t->root_dispersion, AT "/root-distance");
	seconds(state, t->frequency, AT "/frequency");
	seconds(state, t->skew, AT "/skew");
}

static void show_source(const struct chrony_source *s, struct fer_state *state)
{
	char base[160], path[192], text[16];

	snprintf(base, sizeof(base), AT "/source[address='%s']", s->text);
	snprintf(text, sizeof(text), "%o", s->reach & 0xff);
	if (*s->name)
		fer_state_text(state, s->name, "%s/name", base);
	fer_state_text(state, s->state, "%s/state", base);
	fer_state_number(state, s->stratum, "%s/stratum", base);
	fer_state_text(state, text, "%s/reach", base);
	fer_state_number(state, s->poll > 0 && s->poll < 31 ? 1u << s->poll : 1, "%s/poll", base);
	if (s->reach) {
		if (s->age != ~0U) /* RFC 5905: none yet, or not selectable */
			fer_state_number(state, s->age, "%s/age", base);
		snprintf(path, sizeof(path), "%s/offset", base);
		seconds(state, s->offset, path);
		snprintf(path, sizeof(path), "%s/error", base);
		seconds(state, s->error, path);
	}
	fer_state_text(state, s->nts ? "true" : "false", "%s/nts", base);
}

static void show_client(const struct chrony_client *c, struct fer_state *state)
{
	char base[160];

	snprintf(base, sizeof(base), AT "/client[address='%s']", c->address);
	fer_state_number(state, c->requests, "%s/requests", base);
	fer_state_number(state, c->dropped, "%s/dropped", base);
	if (c->age != ~0U)
		fer_state_number(state, c->age, "%s/age", base);
}

/* Time is served from the kept clock for long; a day without a source is none of that any more. */
static void show_trouble(const struct ntp_status *status, struct fer_state *state)
{
	int64_t left = status->expires - time(NULL);

	if (status->learns && !status->synchronised && status->since > SETTLE_S)
		fer_state_trouble(state, "ntp", "source", status->since > DAY_S,
				  "no source for %" PRIu64 " min", status->since / 60);
	if (status->expires && left < WARN_DAYS * DAY_S)
		fer_state_trouble(state, "ntp", "certificate", left <= 0, "%s %" PRId64 " h%s",
				  left <= 0 ? "it ended" : "it ends in",
				  (left <= 0 ? -left : left) / 3600, left <= 0 ? " ago" : "");
}

void ntp_state(const struct ntp_status *status, const struct chrony_report *report,
	       struct fer_state *state)
{
	fer_state_text(state, status->synchronised ? "true" : "false", AT "/synchronised");
	fer_state_number(state, status->since, AT "/since");
	fer_state_text(state, status->serving ? "true" : "false", AT "/serving");
	if (!status->serving && *status->why)
		fer_state_text(state, status->why, AT "/why");
	show_trouble(status, state);
	if (!report->fresh)
		return;
	show_tracking(&report->tracking, state);
	fer_state_number(state, report->answered, AT "/requests");
	fer_state_number(state, report->dropped, AT "/dropped");
	for (unsigned i = 0; i < report->sources; i++)
		show_source(&report->source[i], state);
	for (unsigned i = 0; i < report->clients; i++)
		show_client(&report->client[i], state);
}
