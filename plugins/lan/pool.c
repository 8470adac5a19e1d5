// SPDX-License-Identifier: GPL-2.0-or-later
#include "pool.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/api/model.h"
#include "core/api/state.h"
#include "load.h"
#include "subnets.h"

enum { COUNTED_MAX = 65536 }; /* addresses of a range */

struct pool {
	uint32_t first;
	unsigned size, taken;
	unsigned char *is_taken;
};

static bool pool_of(const struct lan_config *lan, const char *range, struct pool *pool)
{
	struct in_addr first, last;

	*pool = (struct pool){0};
	if (lan->dnsmasq.dhcp != DNSMASQ_SERVER || !range_parse(range, &first, &last))
		return false;
	pool->first = ntohl(first.s_addr);
	pool->size = ntohl(last.s_addr) - pool->first + 1;
	if (!pool->size || pool->size > COUNTED_MAX)
		return false;
	pool->is_taken = calloc(1, pool->size);
	return pool->is_taken;
}

static void take(struct pool *pool, const char *text)
{
	struct in_addr address;
	uint32_t at;

	if (!text || inet_pton(AF_INET, text, &address) != 1)
		return;
	at = ntohl(address.s_addr) - pool->first;
	if (at >= pool->size || pool->is_taken[at])
		return;
	pool->is_taken[at] = 1;
	pool->taken++;
}

/* What a host of the configuration has nobody else gets. */
static void count(struct pool *pool, const struct lan_config *lan, const struct dnsmasq *dnsmasq)
{
	const struct fer_model *host = fer_model_find(lan->at, "dhcp/host");
	unsigned leases;
	struct dnsmasq_lease *lease = dnsmasq_leases(dnsmasq, &leases);

	for (unsigned i = 0; i < leases; i++)
		take(pool, lease[i].address);
	for (; host; host = fer_model_next(host))
		take(pool, fer_model_text(host, "address"));
	free(lease);
}

static void say_trouble(const struct pool *pool, const char *subnet, struct fer_state *state)
{
	char what[48];

	snprintf(what, sizeof(what), "dhcp range%s%s", *subnet ? " of " : "", subnet);
	if (pool->taken == pool->size)
		fer_state_trouble(state, "lan", what, true,
				  "all %u addresses of the range are taken: newcomers get none",
				  pool->size);
	else if (pool->taken * 10ULL >= pool->size * 9ULL)
		fer_state_trouble(state, "lan", what, false,
				  "%u of %u addresses of the range are taken", pool->taken,
				  pool->size);
}

static void range_show(const struct lan_config *lan, const struct dnsmasq *dnsmasq,
		       const char *range, const char *subnet, struct fer_state *state)
{
	struct pool pool;
	char at[80];

	if (!pool_of(lan, range, &pool))
		return;
	count(&pool, lan, dnsmasq);
	snprintf(at, sizeof(at),
		 *subnet ? "ferrule-lan:lan/subnet[prefix='%s']" : "ferrule-lan:lan/range%.0s",
		 subnet);
	fer_state_number(state, pool.size, "%s/size", at);
	fer_state_number(state, pool.taken, "%s/taken", at);
	say_trouble(&pool, subnet, state);
	free(pool.is_taken);
}

void pool_show(const struct lan_config *lan, const struct dnsmasq *dnsmasq, struct fer_state *state)
{
	const struct fer_model *subnet = fer_model_find(lan->at, "dhcp/subnet");

	range_show(lan, dnsmasq, fer_model_text(lan->at, "dhcp/range"), "", state);
	for (; subnet; subnet = fer_model_next(subnet))
		range_show(lan, dnsmasq, fer_model_text(subnet, "range"),
			   fer_model_text(subnet, "prefix"), state);
}
