// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses of the host link by dhcpcd, one daemon a family. An IPv4 address that somebody has is
 * not taken: the link-local one is, and the wanted one is tried again after a while.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "core/api/engine.h"
#include "core/api/event.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/plugin.h"
#include "state.h"

enum {
	TRY_AGAIN_MS = 300000,
	ROUTE_TRIES = 30, /* before a word in the log */
};

struct host_address {
	struct dhcpcd *dhcpcd4;
	struct dhcpcd *dhcpcd6;
	struct dhcpcd_config now4, now6;
	struct dhcpcd_config staged4, staged6;
	struct conflicts conflicts;
	struct fer_event *retry;
	struct fer_event *route;
	unsigned route_tries;
	struct fer_event *fallback; /* not from within the daemon's own callback */
};

static void conflict4(void *arg, const char *address)
{
	struct host_address *h = arg;

	fer_log_warn("host-link: %s is in use by somebody else and not taken", address);
	conflicts_add(&h->conflicts, address);
	if (h->now4.method == DHCPCD_STATIC)
		fer_timer_start(h->fallback, 0);
}

static void conflict6(void *arg, const char *address)
{
	struct host_address *h = arg;

	fer_log_warn("host-link: %s is in use by somebody else and not used", address);
	conflicts_add(&h->conflicts, address);
}

/* The kernel takes no route by a gateway whose network is not there yet. */
static void route6_try(void *arg)
{
	struct host_address *h = arg;

	if (!h->now6.gateway[0] || !address_route6_set(h->now6.interface, h->now6.gateway, true))
		return;
	if (h->route_tries++ == ROUTE_TRIES)
		fer_log_warn("host-link: no route by %s yet; tried on", h->now6.gateway);
	fer_timer_start(h->route, h->route_tries > ROUTE_TRIES ? 10000 : 500);
}

/* dhcpcd sets no IPv6 gateway for a static address, and takes routes along when it dies. */
static void serving6(void *arg)
{
	struct host_address *h = arg;

	h->route_tries = 0;
	route6_try(h);
}

static void serving4(void *arg)
{
	(void)arg;
}

static void fall_back(void *arg)
{
	struct host_address *h = arg;
	struct dhcpcd_config config = h->now4;

	config.method = DHCPCD_LINK_LOCAL;
	fer_log_notice("host-link: link-local instead; %s is tried again in %d s", h->now4.address,
		       TRY_AGAIN_MS / 1000);
	dhcpcd_apply(h->dhcpcd4, &config);
	fer_timer_start(h->retry, TRY_AGAIN_MS);
}

static void try_again(void *arg)
{
	struct host_address *h = arg;

	h->conflicts.count = 0;
	dhcpcd_apply(h->dhcpcd4, &h->now4);
}

static int plugin_start(const struct fer_plugin_paths *paths, void **instance)
{
	struct host_address *h = calloc(1, sizeof(*h));
	struct dhcpcd_events events4 = {conflict4, serving4, h};
	struct dhcpcd_events events6 = {conflict6, serving6, h};

	if (!h)
		return -ENOMEM;
	h->dhcpcd4 = dhcpcd_new(paths->run_dir, paths->state_dir, 4, &events4);
	h->dhcpcd6 = dhcpcd_new(paths->run_dir, paths->state_dir, 6, &events6);
	h->retry = fer_timer_new(try_again, h);
	h->route = fer_timer_new(route6_try, h);
	h->fallback = fer_timer_new(fall_back, h);
	*instance = h;
	return 0;
}

static void plugin_stop(void *instance)
{
	struct host_address *h = instance;

	dhcpcd_free(h->dhcpcd4);
	dhcpcd_free(h->dhcpcd6);
	fer_event_free(h->retry);
	fer_event_free(h->fallback);
	fer_event_free(h->route);
	free(h);
}

/* The host link is the third port of a wire. */
static int wire_needed(const struct fer_config *config, struct fer_problems *problems)
{
	static const char *const method[] = {"host-link/ipv4/method", "host-link/ipv6/method"};

	for (int i = 0; i < 2; i++) {
		const struct fer_model *at = fer_config_find(config, method[i]);

		if (!at || !strcmp(fer_model_text(at, NULL), "none"))
			continue;
		fer_problem(problems, at,
			    "there is no host link without a wire: 'wire: {optical: "
			    "IF, electrical: IF}' says between which ports");
		return -EINVAL;
	}
	return 0;
}

static int plugin_validate(const struct fer_config *config, struct fer_problems *problems)
{
	struct dhcpcd_config ignored;
	int err4 = address_load(config, 4, &ignored, problems);
	int err6 = address_load(config, 6, &ignored, problems);

	if (!fer_config_find(config, "wire"))
		err4 = wire_needed(config, problems) ? -EINVAL : err4;
	return err4 ? err4 : err6;
}

static void plugin_files(const char *state_dir, const struct fer_config *config,
			 struct fer_problems *problems)
{
	(void)state_dir;
	address_check(config, problems);
}

static bool has_value(const struct fer_model *list, const char *value)
{
	for (; list; list = fer_model_next(list))
		if (!strcmp(fer_model_text(list, NULL), value))
			return true;
	return false;
}

static void plugin_disturbs(void *instance, const struct fer_config *from,
			    const struct fer_config *to, struct fer_disturbances *list)
{
	static const char *const path[] = {"host-link/ipv4/address", "host-link/ipv6/address"};
	static const char *const method[] = {"host-link/ipv4/method", "host-link/ipv6/method"};

	(void)instance;
	for (int i = 0; i < 2; i++) {
		const struct fer_model *was = fer_config_find(from, path[i]);
		const struct fer_model *before = fer_config_find(from, method[i]);
		const struct fer_model *now = fer_config_find(to, method[i]);

		for (; was; was = fer_model_next(was))
			if (!has_value(fer_config_find(to, path[i]), fer_model_text(was, NULL)))
				fer_disturb(list, false, "takes away %s",
					    fer_model_text(was, NULL));
		if (has_value(before, "dhcp") && !has_value(now, "dhcp"))
			fer_disturb(list, false, "gives back the address that it has by DHCP");
	}
}

static int plugin_plan(void *instance, struct fer_plan *plan, const struct fer_config *from,
		       const struct fer_config *to, struct fer_problems *problems)
{
	struct host_address *h = instance;
	const char *via = fer_plan_via(plan);
	int err = fer_plan_best_effort(plan) ? 0 : address_check(to, problems);

	(void)from;
	err = address_load(to, 4, &h->staged4, problems) ? -EINVAL : err;
	if (via && !fer_plan_comes_back(plan) && address_is_of(h->now4.interface, via)) {
		fer_problem(problems, NULL,
			    "you came in over the host link, and this commit changes it: 'ferrule "
			    "commit --confirm 5', which comes back by itself");
		return -EPERM;
	}
	if (!err)
		err = address_load(to, 6, &h->staged6, problems);
	if (!err && !dhcpcd_available() &&
	    (h->staged4.method != DHCPCD_NONE || h->staged6.method != DHCPCD_NONE))
		fer_log_err("host-link: no dhcpcd on this machine: no address until it is "
			    "installed (package dhcpcd-base)");
	return err;
}

static void commit6(struct host_address *h)
{
	if (h->now6.gateway[0] && strcmp(h->now6.gateway, h->staged6.gateway))
		address_route6_set(h->now6.interface, h->now6.gateway, false);
	address_ipv6_set(h->staged6.interface, h->staged6.method != DHCPCD_NONE);
	h->now6 = h->staged6;
	fer_engine_host_mac(h->now6.mac);
	dhcpcd_apply(h->dhcpcd6, &h->now6);
	serving6(h);
}

static void plugin_commit(void *instance)
{
	struct host_address *h = instance;

	fer_event_stop(h->retry);
	fer_event_stop(h->fallback);
	fer_event_stop(h->route);
	h->conflicts.count = 0;
	commit6(h);
	h->now4 = h->staged4;
	fer_engine_host_mac(h->now4.mac);
	dhcpcd_apply(h->dhcpcd4, &h->now4);
	if (h->now4.method == DHCPCD_NONE)
		address_ipv4_flush(h->now4.interface);
}

static void plugin_abort(void *instance)
{
	(void)instance;
}

static void plugin_state(void *instance, struct fer_state *state)
{
	const struct host_address *h = instance;

	conflicts_state(&h->conflicts, state);
	dhcpcd_state(h->dhcpcd4, state);
	dhcpcd_state(h->dhcpcd6, state);
}

static const char *const owns[] = {"host-link", NULL};

extern const struct fer_plugin fer_plugin;

const struct fer_plugin fer_plugin = {
	.api = FER_PLUGIN_API,
	.name = "host-address",
	.version = "1",
	.owns = owns,
	.start = plugin_start,
	.stop = plugin_stop,
	.validate = plugin_validate,
	.files = plugin_files,
	.disturbs = plugin_disturbs,
	.plan = plugin_plan,
	.commit = plugin_commit,
	.abort = plugin_abort,
	.state = plugin_state,
};
