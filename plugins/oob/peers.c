// SPDX-License-Identifier: GPL-2.0-or-later
#include "peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/state.h"
#include "echo.h"
#include "load.h"
#include "services/netdev/prefix.h"
#include "show.h"
#include "twokeys.h"

enum {
	LATELY = 180,	/* s: then the keys of its last handshake are dead (WireGuard, 6.1) */
	ANSWERS = 5000, /* ms: it is there */
};

struct peers {
	char interface[16];
	const struct oob_config *config;
	struct echo *echo[WIREGUARD_PEERS];
	char target[WIREGUARD_PEERS][48];
	struct twokeys keys[WIREGUARD_PEERS];
};

struct peers *peers_new(const char *interface)
{
	struct peers *peers = calloc(1, sizeof(*peers));

	if (!peers)
		abort();
	snprintf(peers->interface, sizeof(peers->interface), "%s", interface);
	return peers;
}

static void forget(struct peers *peers, unsigned i)
{
	echo_free(peers->echo[i]);
	peers->echo[i] = NULL;
}

void peers_free(struct peers *peers)
{
	if (!peers)
		return;
	for (unsigned i = 0; i < WIREGUARD_PEERS; i++)
		forget(peers, i);
	free(peers);
}

/* ---- keys ---- */

static const struct wireguard_peer_state *find(const struct wireguard_state *heard,
					       const uint8_t key[KEY_OCTETS])
{
	for (unsigned i = 0; i < heard->peers; i++)
		if (!memcmp(heard->peer[i].public_key, key, KEY_OCTETS))
			return &heard->peer[i];
	return NULL;
}

static const uint8_t *next_key(const struct peers *peers, unsigned i)
{
	const uint8_t *key = peers->config->next_key[i];

	return key_is_zero(key) ? NULL : key;
}

/* The one of its two keys that it used last. */
static const struct wireguard_peer_state *state_of(const struct peers *peers, unsigned i,
						   const struct wireguard_state *heard)
{
	/* a commit may have taken the next one away since it was seen in use */
	const uint8_t *next = peers->keys[i].next ? next_key(peers, i) : NULL;

	return find(heard, next ? next : peers->config->peer[i].public_key);
}

/* The first single address that it may use. */
static void target_of(const struct wireguard_peer *peer, char target[48])
{
	struct prefix prefix;

	*target = '\0';
	for (unsigned i = 0; i < peer->alloweds && !*target; i++)
		if (prefix_parse(peer->allowed[i], &prefix) && prefix_is_host(&prefix))
			snprintf(target, 48, "%.*s", (int)strcspn(peer->allowed[i], "/"),
				 peer->allowed[i]);
}

static void load_one(struct peers *peers, unsigned i, struct wireguard_config *to)
{
	struct wireguard_peer *peer = &to->peer[to->peers++], *next;

	*peer = peers->config->peer[i];
	if (!next_key(peers, i)) {
		peers->keys[i] = (struct twokeys){0};
		return;
	}
	next = &to->peer[to->peers++];
	*next = *peer;
	memcpy(next->public_key, next_key(peers, i), KEY_OCTETS);
	if (peers->keys[i].next)
		peer->alloweds = 0;
	else
		next->alloweds = 0;
}

void peers_load(struct peers *peers, const struct oob_config *config, struct wireguard_config *to)
{
	char target[48];

	peers->config = config;
	to->peers = 0;
	for (unsigned i = 0; i < config->peers; i++) {
		load_one(peers, i, to);
		target_of(&config->peer[i], target);
		if (strcmp(target, peers->target[i]))
			forget(peers, i);
		memcpy(peers->target[i], target, sizeof(target));
	}
}

bool peers_change_keys(const struct peers *peers)
{
	for (unsigned i = 0; i < peers->config->peers; i++)
		if (next_key(peers, i))
			return true;
	return false;
}

bool peers_look(struct peers *peers, const struct wireguard_state *heard)
{
	bool changed = false;

	for (unsigned i = 0; i < peers->config->peers; i++) {
		const struct wireguard_peer_state *old, *new;

		if (!next_key(peers, i))
			continue;
		old = find(heard, peers->config->peer[i].public_key);
		new = find(heard, next_key(peers, i));
		if (!twokeys_hear(&peers->keys[i], old ? old->handshake : 0,
				  new ? new->handshake : 0))
			continue;
		changed = true;
		fer_log_notice("oob: a peer uses its %s key now",
			       peers->keys[i].next ? "next" : "old");
	}
	return changed;
}

bool peers_use_next(const struct peers *peers, unsigned index)
{
	return peers->keys[index].next;
}

/* ---- health ---- */

void peers_ask(struct peers *peers, const struct wireguard_state *heard)
{
	time_t now = time(NULL);

	for (unsigned i = 0; i < peers->config->peers; i++) {
		const struct wireguard_peer_state *peer = state_of(peers, i, heard);

		if (peers->echo[i] && !echo_is_current(peers->echo[i]))
			forget(peers, i);
		/* one that is not there would be called by the handshake, for nothing */
		if (!peer || !*peers->target[i] || (time_t)peer->handshake + LATELY < now)
			continue;
		if (!peers->echo[i])
			peers->echo[i] =
				echo_new(peers->config->space, peers->interface, peers->target[i]);
		if (peers->echo[i])
			echo_send(peers->echo[i], 0);
	}
}

struct echo *peers_only(const struct peers *peers)
{
	struct echo *only = NULL;

	for (unsigned i = 0; i < peers->config->peers; i++) {
		if (!peers->echo[i] || echo_now() - echo_answered(peers->echo[i]) > ANSWERS)
			continue;
		if (only)
			return NULL;
		only = peers->echo[i];
	}
	return only;
}

void peers_show(const struct peers *peers, const struct wireguard_state *heard,
		struct fer_state *state)
{
	const struct fer_model *at = fer_model_find(peers->config->at, "peer");
	char path[96];

	for (unsigned i = 0; at && i < peers->config->peers; at = fer_model_next(at), i++) {
		const struct wireguard_peer_state *peer = state_of(peers, i, heard);

		snprintf(path, sizeof(path), "ferrule-oob:oob/peer[name='%s']",
			 fer_model_text(at, "name"));
		if (next_key(peers, i))
			fer_state_text(state, peers->keys[i].next ? "next" : "old", "%s/key", path);
		if (peer)
			show_end(peer, path, state);
		else
			fer_state_number(state, 0, "%s/rx", path);
		show_health(peers->echo[i], path, state);
	}
}
