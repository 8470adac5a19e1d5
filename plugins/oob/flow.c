// SPDX-License-Identifier: GPL-2.0-or-later
#include "flow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/log.h"
#include "core/api/state.h"
#include "echo.h"
#include "jumbo.h"
#include "load.h"
#include "mtu.h"
#include "paths.h"
#include "services/netdev/link.h"
#include "services/netdev/netns.h"
#include "services/netdev/path.h"
#include "services/netdev/qdisc.h"
#include "shape.h"

enum {
	QUEUE = 500 * 1420, /* octets: a burst of what is encrypted by one that waits for a CPU */
	QUEUE_MIN = 125,    /* packets: small ones come as fast into what is large */
	BURST = 50,	    /* ms of sending at once: a program that waits for its share of the
			       CPU takes packets by the dozen, and one by one costs it several
			       times as much */
	WAIT = 10,	    /* ms in the queue */
	LOOK = 2000,	    /* ms between looks at the path */
	WORKS = 2500,
	PADDING = 16, /* octets (WireGuard, 5.4.6) */
};

struct flow {
	char space[256], interface[16];
	struct shape shape;
	bool cannot_shape;
	struct mtu mtu;
	struct echo *large;
	struct jumbo jumbo;
	struct echo *huge;
	bool asks;	 /* there is a hub at the other end */
	uint64_t heard;	 /* the last answer that was taken, ms */
	uint64_t looked; /* at the path */
};

struct flow *flow_new(const char *space, const char *interface)
{
	struct flow *flow = calloc(1, sizeof(*flow));

	if (!flow)
		abort();
	snprintf(flow->space, sizeof(flow->space), "%s", space);
	snprintf(flow->interface, sizeof(flow->interface), "%s", interface);
	return flow;
}

void flow_free(struct flow *flow)
{
	if (!flow)
		return;
	echo_free(flow->large);
	echo_free(flow->huge);
	free(flow);
}

void flow_asks(struct flow *flow, bool asks)
{
	flow->asks = asks;
}

void flow_reset(struct flow *flow)
{
	/* also one that an earlier supervisor left */
	if (!netns_enter(flow->space)) {
		qdisc_remove(flow->interface);
		netns_leave();
	}
	memset(&flow->shape, 0, sizeof(flow->shape));
	memset(&flow->mtu, 0, sizeof(flow->mtu));
	memset(&flow->jumbo, 0, sizeof(flow->jumbo));
	echo_free(flow->large);
	echo_free(flow->huge);
	flow->large = flow->huge = NULL;
	flow->looked = 0;
}

/* ---- MTU ---- */

static bool is_jumbo(const struct oob_config *config)
{
	return config->mtu > MTU_MOST;
}

/* What crosses in one piece. */
static unsigned whole(const struct flow *flow, const struct oob_config *config)
{
	unsigned mtu = flow->mtu.now ? flow->mtu.now : MTU_MOST;

	if (config->mtu && !is_jumbo(config))
		mtu = config->mtu;

	/* wireguard-go fills packets up to a multiple of that, but not over the MTU, which it only
	 * knows of an interface that is not in a namespace */
	return *flow->space && mtu < MTU_MOST ? mtu / PADDING * PADDING : mtu;
}

static unsigned flow_mtu(const struct flow *flow, const struct oob_config *config)
{
	/* peers are not asked: what they cannot get they do not announce, as a segment's size */
	return is_jumbo(config) && (flow->jumbo.on || !flow->asks) ? config->mtu
								   : whole(flow, config);
}

void flow_tune(const struct flow *flow, const struct oob_config *config)
{
	unsigned mtu = flow_mtu(flow, config);
	unsigned queue = QUEUE / mtu < QUEUE_MIN ? QUEUE_MIN : QUEUE / mtu;

	if (netns_enter(flow->space))
		return;
	link_tune(flow->interface, mtu, queue);
	netns_leave();
}

static void ask_huge(struct flow *flow, const struct oob_config *config, uint64_t now,
		     const struct echo *echo)
{
	bool answered = flow->huge && echo_answered(flow->huge) >= flow->jumbo.asked;
	bool proven = flow->jumbo.proven;

	if (!flow->huge)
		flow->huge = echo_again(echo);
	if (!flow->huge)
		return;
	if (jumbo_asked(&flow->jumbo, now, answered))
		flow_tune(flow, config);
	if (flow->jumbo.on)
		echo_send(flow->huge, config->mtu);
	if (proven != flow->jumbo.proven || (!flow->jumbo.on && !proven))
		fer_log_notice("oob: %s: packets of %u octets %s", flow->interface, config->mtu,
			       flow->jumbo.proven ? "get there, in fragments"
						  : "do not get there: the way drops fragments");
}

static void ask_large(struct flow *flow, const struct oob_config *config, uint64_t now,
		      const struct echo *echo)
{
	bool answered = flow->large && echo_answered(flow->large) >= flow->mtu.asked;

	if (!flow->large)
		flow->large = echo_again(echo);
	if (!flow->large)
		return;
	mtu_asked(&flow->mtu, now, answered);
	echo_send(flow->large, whole(flow, config));
}

static void look_path(struct flow *flow, const struct oob_config *config, uint64_t now,
		      const char *endpoint)
{
	unsigned before = flow->mtu.now ? flow->mtu.now : MTU_MOST;
	int path = path_mtu(endpoint, PATHS_MARK);

	mtu_path(&flow->mtu, now, path > 0 ? path : 0);
	if (flow->mtu.now == before)
		return;
	fer_log_notice("oob: %s: the path takes packets of %u octets now", flow->interface,
		       flow->mtu.now);
	flow_tune(flow, config);
}

static void tick_mtu(struct flow *flow, const struct oob_config *config, uint64_t now,
		     const char *endpoint, const struct echo *echo)
{
	if (now - flow->looked > LOOK) {
		flow->looked = now;
		look_path(flow, config, now, endpoint);
	}
	if (!echo || now - echo_answered(echo) > WORKS)
		return;
	if (mtu_due(&flow->mtu, now))
		ask_large(flow, config, now, echo);
	if (is_jumbo(config) && jumbo_due(&flow->jumbo, now))
		ask_huge(flow, config, now, echo);
}

/* ---- shaper ---- */

static void put_limit(struct flow *flow)
{
	int err = netns_enter(flow->space);

	if (err)
		return;
	err = flow->shape.limit ? qdisc_shape(flow->interface, flow->shape.limit, BURST, WAIT)
				: qdisc_remove(flow->interface);
	netns_leave();
	if (!err)
		return;
	flow->cannot_shape = err == -EOPNOTSUPP || err == -ENOENT;
	if (flow->cannot_shape)
		fer_log_notice("oob: %s: this kernel has no tbf: queues fill under load",
			       flow->interface);
	memset(&flow->shape, 0, sizeof(flow->shape));
}

/* answered: the shaper's own queue is asked for, too. */
static int look_interface(const struct flow *flow, bool answered, struct shape_input *in)
{
	struct link_state link;
	int err = netns_enter(flow->space);

	if (err)
		return err;
	err = link_look(flow->interface, &link);
	in->octets = link.tx_octets;
	in->received = link.rx_octets;
	in->backlog = answered && flow->shape.limit ? qdisc_backlog(flow->interface) : 0;
	netns_leave();
	return err;
}

static bool tick_shape(struct flow *flow, uint64_t now, const struct echo *echo)
{
	uint64_t answered = echo ? echo_answered(echo) : 0;
	struct shape_input in = {.now = now};

	if (flow->cannot_shape || look_interface(flow, answered != flow->heard, &in))
		return false;
	if (answered != flow->heard) {
		flow->heard = answered;
		in.round_trip = echo ? echo_round_trip(echo) : 0;
	}
	if (shape_next(&flow->shape, &in))
		put_limit(flow);
	return shape_is_busy(&flow->shape);
}

/* The limit is the user's, or there is none. */
static void keep_limit(struct flow *flow, uint64_t limit)
{
	if (flow->shape.limit == limit || flow->cannot_shape)
		return;
	memset(&flow->shape, 0, sizeof(flow->shape));
	flow->shape.limit = limit;
	put_limit(flow);
}

bool flow_tick(struct flow *flow, const struct oob_config *config, const char *endpoint,
	       struct echo *echo)
{
	uint64_t now = echo_now();

	if ((!config->mtu || is_jumbo(config)) && *endpoint)
		tick_mtu(flow, config, now, endpoint, echo);
	if (config->shaper)
		return tick_shape(flow, now, echo);
	keep_limit(flow, config->shaped * 1000ULL);
	return false;
}

void flow_show(const struct flow *flow, const struct oob_config *config, const char *at,
	       struct fer_state *state)
{
	fer_state_number(state, flow_mtu(flow, config), "%s/mtu", at);
	if (flow->shape.limit)
		fer_state_number(state, flow->shape.limit / 1000, "%s/shaped", at);
}
