// SPDX-License-Identifier: GPL-2.0-or-later
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/api/state.h"
#include "services/dnsmasq/dnsmasq.h"

#define AT "ferrule-lan:lan"

enum { LEASES_SHOWN = 2000 };

static void show_lease(const struct dnsmasq_lease *lease, struct fer_state *state)
{
	time_t when = lease->expires;
	char at[128], text[32] = "never";
	struct tm tm;

	if (when) {
		gmtime_r(&when, &tm);
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	}
	snprintf(at, sizeof(at), AT "/lease[address='%s']", lease->address);
	fer_state_text(state, lease->mac, "%s/mac", at);
	if (*lease->name)
		fer_state_text(state, lease->name, "%s/name", at);
	fer_state_text(state, text, "%s/expires", at);
}

static void show_leases(const struct dnsmasq *dnsmasq, struct fer_state *state)
{
	unsigned count;
	struct dnsmasq_lease *leases = dnsmasq_leases(dnsmasq, &count);

	fer_state_number(state, count, AT "/leases");
	for (unsigned i = 0; i < count && i < LEASES_SHOWN; i++)
		show_lease(&leases[i], state);
	free(leases);
}

static void show_dns(const struct dnsmasq *dnsmasq, struct fer_state *state)
{
	const struct dnsmasq_counters *c = dnsmasq_counters(dnsmasq);

	if (!c->fresh)
		return;
	fer_state_number(state, c->cache, AT "/dns/cache");
	fer_state_number(state, c->hits, AT "/dns/hits");
	fer_state_number(state, c->misses, AT "/dns/misses");
	fer_state_number(state, c->insertions, AT "/dns/insertions");
	fer_state_number(state, c->evictions, AT "/dns/evictions");
	fer_state_text(state, dnsmasq_time_checked(dnsmasq) ? "true" : "false",
		       AT "/dns/time-checked");
	for (unsigned i = 0; i < c->upstreams; i++) {
		const struct dnsmasq_upstream *u = &c->upstream[i];

		fer_state_number(state, u->queries, AT "/dns/upstream[address='%s']/queries",
				 u->address);
		fer_state_number(state, u->failed, AT "/dns/upstream[address='%s']/failed",
				 u->address);
	}
}

void lan_state(const struct dnsmasq *dnsmasq, struct fer_state *state)
{
	show_leases(dnsmasq, state);
	show_dns(dnsmasq, state);
}
