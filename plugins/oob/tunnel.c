// SPDX-License-Identifier: GPL-2.0-or-later
#include "tunnel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/log.h"
#include "core/api/state.h"
#include "echo.h"
#include "flow.h"
#include "load.h"
#include "paths.h"
#include "peers.h"
#include "resolve.h"
#include "services/netdev/link.h"
#include "services/netdev/netns.h"
#include "services/netdev/route.h"
#include "services/wireguard/wireguard.h"
#include "show.h"

enum {
	WORKS_MS = 2500,
	AGAIN_MS = 30 * 1000, /* until a hub that is silent is looked for again */
};

struct tunnel {
	unsigned index;
	char interface[16], folder[240];
	const struct oob_config *config;
	const struct oob_hub *hub; /* NULL: of the peers */
	struct wireguard *wireguard;
	struct wireguard_config wanted;
	struct resolve *resolve;
	struct echo *echo;
	struct flow *flow;
	struct peers *peers; /* NULL: a hub */
	struct tunnel_events events;
	char target[48];
	uint64_t sent_on; /* ms; when it was told its endpoint */
	uint64_t asked;	  /* ms; for the addresses of its name, or to be where it ought to */
	bool elsewhere;	  /* where nothing leads to, and it was said */
};

static void ask_through(struct tunnel *t);

/* ---- what stands on the interface ---- */

static void plumb(struct tunnel *t)
{
	const char *addresses[OOB_ADDRESSES + 1] = {NULL};

	for (unsigned i = 0; i < t->config->addresses; i++)
		addresses[i] = t->config->address[i];
	/* wireguard-go sets 1420 at each start */
	flow_tune(t->flow, t->config);
	if (netns_enter(t->config->space))
		return;
	link_loose(t->interface);
	if (route_addresses(t->interface, addresses))
		fer_log_err("oob: %s does not take its addresses", t->interface);
	netns_leave();
}

static void up(void *arg)
{
	struct tunnel *t = arg;

	flow_reset(t->flow);
	plumb(t);
	if (t->echo && !echo_is_current(t->echo)) {
		echo_free(t->echo);
		t->echo = NULL;
	}
	t->events.up(t->events.arg);
	ask_through(t);
}

/* ---- configuration ---- */

static void tell(struct tunnel *t)
{
	t->sent_on = echo_now();
	wireguard_apply(t->wireguard, &t->wanted);
}

/* A hub that spoke from elsewhere, and does so no more: where it ought to be. */
static void back_to_endpoint(struct tunnel *t)
{
	const struct wireguard_state *heard = wireguard_heard(t->wireguard);

	t->asked = echo_now();
	if (!heard->peers || !*t->wanted.peer[0].endpoint ||
	    !strcmp(heard->peer[0].endpoint, t->wanted.peer[0].endpoint))
		return;
	t->sent_on = echo_now();
	wireguard_move(t->wireguard);
}

static void another_endpoint(void *arg)
{
	struct tunnel *t = arg;
	const char *endpoint;

	/* what it was asked for has helped itself meanwhile */
	if (*t->wanted.peer[0].endpoint && tunnel_works(t, WORKS_MS))
		return;
	resolve_next(t->resolve);
	endpoint = resolve_endpoint(t->resolve);
	if (!strcmp(t->wanted.peer[0].endpoint, endpoint)) {
		back_to_endpoint(t);
		return;
	}
	snprintf(t->wanted.peer[0].endpoint, sizeof(t->wanted.peer[0].endpoint), "%s", endpoint);
	fer_log_notice("oob: hub %s is tried at %s", t->hub->name, endpoint);
	tell(t);
	ask_through(t);
}

static void ask_name(struct tunnel *t)
{
	t->asked = echo_now();
	resolve_ask(t->resolve, another_endpoint, t);
}

static void forget_names(struct tunnel *t)
{
	resolve_free(t->resolve);
	t->resolve = NULL;
}

static void load_hub(struct tunnel *t)
{
	char kept[300];

	peers_free(t->peers); /* it was theirs before a hub came in front of them */
	t->peers = NULL;
	t->wanted.peer[0] = t->hub->peer;
	t->wanted.peers = 1;
	if (t->resolve && (t->hub->numeric || !resolve_is(t->resolve, t->hub->host, t->hub->port)))
		forget_names(t);
	if (t->hub->numeric) {
		t->asked = echo_now();
		return;
	}
	snprintf(kept, sizeof(kept), "%s/endpoint-%s", t->folder, t->hub->name);
	if (!t->resolve) {
		t->resolve = resolve_new(t->hub->host, t->hub->port, kept);
		t->asked = echo_now();
	}
	snprintf(t->wanted.peer[0].endpoint, sizeof(t->wanted.peer[0].endpoint), "%s",
		 resolve_endpoint(t->resolve));
	if (!*resolve_endpoint(t->resolve))
		ask_name(t);
}

static void load_peers(struct tunnel *t)
{
	forget_names(t);
	echo_free(t->echo);
	t->echo = NULL;
	*t->target = '\0';
	if (!t->peers)
		t->peers = peers_new(t->interface);
	peers_load(t->peers, t->config, &t->wanted);
}

void tunnel_apply(struct tunnel *t, const struct oob_config *config)
{
	t->config = config;
	t->hub = t->index < config->hubs ? &config->hub[t->index] : NULL;
	flow_asks(t->flow, t->hub);
	memset(&t->wanted, 0, sizeof(t->wanted));
	memcpy(t->wanted.private_key, config->private_key, KEY_OCTETS);
	t->wanted.mark = PATHS_MARK;
	/* the one that others come to has the port that they know */
	if (t->index == (oob_is_hub(config) ? config->hubs : 0))
		t->wanted.listen_port = config->listen_port;
	if (t->hub)
		load_hub(t);
	else
		load_peers(t);
	tell(t);
	if (wireguard_is_up(t->wireguard))
		plumb(t);
	if (t->hub && strcmp(t->target, t->hub->probe)) {
		echo_free(t->echo);
		t->echo = NULL;
		flow_reset(t->flow);
		flow_tune(t->flow, config);
		memcpy(t->target, t->hub->probe, sizeof(t->target));
	}
}

struct tunnel *tunnel_new(const char *run_dir, const char *folder, const struct oob_config *config,
			  unsigned index, bool kernel, const struct tunnel_events *events)
{
	struct tunnel *t = calloc(1, sizeof(*t));
	const struct wireguard_events wireguard = {up, t};
	const struct wireguard_place place = {
		.run_dir = run_dir,
		.interface = t ? t->interface : "",
		.space = config->space,
	};

	if (!t)
		abort();
	t->index = index;
	t->events = *events;
	snprintf(t->folder, sizeof(t->folder), "%s", folder);
	oob_interface(config, index, t->interface);
	t->flow = flow_new(config->space, t->interface);
	t->wireguard = wireguard_new(&place, kernel, &wireguard);
	if (t->wireguard)
		return t;
	flow_free(t->flow);
	free(t);
	return NULL;
}

void tunnel_free(struct tunnel *t)
{
	if (!t)
		return;
	wireguard_free(t->wireguard);
	resolve_free(t->resolve);
	echo_free(t->echo);
	peers_free(t->peers);
	flow_free(t->flow);
	explicit_bzero(t, sizeof(*t));
	free(t);
}

void tunnel_stop(struct tunnel *t)
{
	forget_names(t); /* an answer that comes now would start it again */
	wireguard_stop(t->wireguard);
}

bool tunnel_is_gone(const struct tunnel *t)
{
	return wireguard_is_gone(t->wireguard);
}

/* ---- health ---- */

static const char *where(const struct tunnel *t)
{
	const struct wireguard_state *heard = wireguard_heard(t->wireguard);

	return t->hub && heard->peers == 1 &&
			       !memcmp(heard->peer[0].public_key, t->wanted.peer[0].public_key,
				       KEY_OCTETS)
		       ? heard->peer[0].endpoint
		       : "";
}

/* It is where it would be found after a start. */
static bool is_there(const struct tunnel *t)
{
	return !strcmp(where(t), t->wanted.peer[0].endpoint) ||
	       (t->resolve && resolve_leads_to(t->resolve, where(t)));
}

static void ask_through(struct tunnel *t)
{
	if (t->peers && wireguard_is_up(t->wireguard))
		peers_ask(t->peers, wireguard_heard(t->wireguard));
	if (!t->hub || !*t->target || !wireguard_is_up(t->wireguard))
		return;
	if (!t->echo)
		t->echo = echo_new(t->config->space, t->interface, t->target);
	if (t->echo)
		echo_send(t->echo, 0);
	/* answers from where it was before have come in by then */
	if (t->resolve && *resolve_endpoint(t->resolve) && tunnel_works(t, WORKS_MS) &&
	    echo_now() - t->sent_on > WORKS_MS)
		resolve_worked(t->resolve, where(t));
}

void tunnel_ask(struct tunnel *t)
{
	if (echo_now() - t->asked >= AGAIN_MS) {
		/* also while it works: its name may lead there by now; and while another hub works,
		 * when no ladder is climbed */
		if (t->resolve && *where(t) && !is_there(t))
			ask_name(t);
		else
			tunnel_resolve(t);
	}
	ask_through(t);
}

bool tunnel_works(const struct tunnel *t, unsigned ms)
{
	uint64_t answered = t->echo ? echo_answered(t->echo) : 0;

	return answered && echo_now() - answered < ms;
}

/* Under load, who is at the other end is asked often. */
static void look_flow(struct tunnel *t)
{
	struct echo *echo = t->hub ? t->echo : t->peers ? peers_only(t->peers) : NULL;

	if (wireguard_is_up(t->wireguard) && flow_tick(t->flow, t->config, where(t), echo) && echo)
		echo_send(echo, 0);
}

void tunnel_look(struct tunnel *t)
{
	look_flow(t);
	if (!t->peers || !peers_change_keys(t->peers))
		return;
	if (peers_look(t->peers, wireguard_heard(t->wireguard))) {
		peers_load(t->peers, t->config, &t->wanted);
		tell(t);
	} else {
		wireguard_look(t->wireguard);
	}
}

void tunnel_hear(struct tunnel *t)
{
	wireguard_look(t->wireguard);
}

const struct peers *tunnel_peers(const struct tunnel *t)
{
	return t->peers;
}

void tunnel_move(struct tunnel *t)
{
	flow_reset(t->flow);
	flow_tune(t->flow, t->config);
	t->sent_on = echo_now();
	wireguard_move(t->wireguard);
}

void tunnel_resolve(struct tunnel *t)
{
	if (!t->hub || tunnel_works(t, WORKS_MS))
		return;
	if (t->resolve)
		ask_name(t);
	else
		back_to_endpoint(t);
}

void tunnel_bounce(struct tunnel *t)
{
	wireguard_bounce(t->wireguard);
}

void tunnel_restart(struct tunnel *t)
{
	wireguard_restart(t->wireguard);
}

uint64_t tunnel_reached(struct tunnel *t)
{
	uint64_t shaken = t->hub ? wireguard_shaken(t->wireguard) : 0;
	bool there = t->hub && is_there(t);

	if (!shaken || !*where(t))
		return 0;
	if (!there && !t->elsewhere)
		fer_log_notice("oob: hub %s speaks from %s, and is to be at %s: 'commit --until' "
			       "does not count that",
			       t->hub->name, where(t),
			       *t->wanted.peer[0].endpoint ? t->wanted.peer[0].endpoint
							   : t->hub->host);
	t->elsewhere = !there;
	return there ? shaken : 0;
}

uint64_t tunnel_handshake(const struct tunnel *t)
{
	return uapi_handshake(wireguard_heard(t->wireguard));
}

/* ---- state ---- */

static void show_hub(const struct tunnel *t, bool active, struct fer_state *state)
{
	const struct wireguard_state *heard = wireguard_heard(t->wireguard);
	struct wireguard_drops drops;
	const char *text = !wireguard_is_up(t->wireguard) ? "off"
			   : !tunnel_works(t, WORKS_MS)	  ? "silent"
			   : active			  ? "active"
							  : "warm";
	char at[96];

	snprintf(at, sizeof(at), "ferrule-oob:oob/hub[name='%s']", t->hub->name);
	fer_state_text(state, t->interface, "%s/interface", at);
	fer_state_text(state, text, "%s/state", at);
	if (heard->peers)
		show_end(&heard->peer[0], at, state);
	show_health(t->echo, at, state);
	flow_show(t->flow, t->config, at, state);
	wireguard_drops(t->wireguard, &drops);
	fer_state_number(state, drops.receive, "%s/dropped-receive", at);
	fer_state_number(state, drops.tunnel, "%s/dropped-tunnel", at);
}

void tunnel_show(const struct tunnel *t, bool active, struct fer_state *state)
{
	if (t->hub)
		show_hub(t, active, state);
	else
		peers_show(t->peers, wireguard_heard(t->wireguard), state);
}

void tunnel_show_service(const struct tunnel *t, struct fer_state *state)
{
	wireguard_show(t->wireguard, state);
}
