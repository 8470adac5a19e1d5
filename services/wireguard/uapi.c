// SPDX-License-Identifier: GPL-2.0-or-later
#include "uapi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- a reply ---- */

static bool peer_value(struct wireguard_peer_state *peer, const char *name, const char *value)
{
	if (!strcmp(name, "endpoint"))
		snprintf(peer->endpoint, sizeof(peer->endpoint), "%.79s", value);
	else if (!strcmp(name, "last_handshake_time_sec"))
		peer->handshake = strtoull(value, NULL, 10);
	else if (!strcmp(name, "rx_bytes"))
		peer->rx = strtoull(value, NULL, 10);
	else if (!strcmp(name, "tx_bytes"))
		peer->tx = strtoull(value, NULL, 10);
	else
		return false;
	return true;
}

static bool device_value(struct wireguard_state *to, const char *name, const char *value)
{
	if (!strcmp(name, "private_key"))
		return key_parse_hex(value, to->private_key);
	if (!strcmp(name, "listen_port"))
		to->listen_port = strtoul(value, NULL, 10);
	else if (!strcmp(name, "fwmark"))
		to->mark = strtoul(value, NULL, 10);
	return true;
}

/* One line; false where it makes no sense. */
static bool line_take(struct wireguard_state *to, const char *name, const char *value)
{
	if (!strcmp(name, "public_key")) {
		if (to->peers == WIREGUARD_PEERS)
			return false;
		memset(&to->peer[to->peers], 0, sizeof(to->peer[0]));
		return key_parse_hex(value, to->peer[to->peers++].public_key);
	}
	if (!to->peers)
		return device_value(to, name, value);
	/* of what else a peer has, nothing is needed */
	peer_value(&to->peer[to->peers - 1], name, value);
	return true;
}

uint64_t uapi_handshake(const struct wireguard_state *state)
{
	uint64_t latest = 0;

	for (unsigned i = 0; i < state->peers; i++)
		if (state->peer[i].handshake > latest)
			latest = state->peer[i].handshake;
	return latest;
}

int uapi_parse(const char *reply, struct wireguard_state *to)
{
	char name[40], value[128];
	int length;

	memset(to, 0, sizeof(*to));
	while (*reply && *reply != '\n') {
		if (sscanf(reply, "%39[a-z_]=%127[^\n]%n", name, value, &length) != 2 ||
		    reply[length] != '\n')
			return -EPROTO;
		if (!strcmp(name, "errno"))
			return -abs(atoi(value));
		if (!line_take(to, name, value))
			return -EPROTO;
		reply += length + 1;
	}
	return -EPROTO;
}

/* ---- a request ---- */

static const struct wireguard_peer *find(const struct wireguard_config *config,
					 const uint8_t key[KEY_OCTETS])
{
	for (unsigned i = 0; config && i < config->peers; i++)
		if (!memcmp(config->peer[i].public_key, key, KEY_OCTETS))
			return &config->peer[i];
	return NULL;
}

static const struct wireguard_peer_state *find_known(const struct wireguard_state *now,
						     const uint8_t key[KEY_OCTETS])
{
	for (unsigned i = 0; i < now->peers; i++)
		if (!memcmp(now->peer[i].public_key, key, KEY_OCTETS))
			return &now->peer[i];
	return NULL;
}

bool uapi_moves(const struct wireguard_peer *peer, const struct wireguard_state *now,
		const struct wireguard_config *told)
{
	const struct wireguard_peer *before = find(told, peer->public_key);
	const struct wireguard_peer_state *known = find_known(now, peer->public_key);

	return before && strcmp(before->endpoint, peer->endpoint) && known && *known->endpoint &&
	       strcmp(known->endpoint, peer->endpoint);
}

uint64_t uapi_handshake_kept(const struct wireguard_config *config,
			     const struct wireguard_state *now, const struct wireguard_config *told)
{
	struct wireguard_state kept = {0};

	for (unsigned i = 0; i < config->peers; i++) {
		const struct wireguard_peer *peer = &config->peer[i];
		const struct wireguard_peer_state *known = find_known(now, peer->public_key);

		if (known && !uapi_moves(peer, now, told))
			kept.peer[kept.peers++] = *known;
	}
	return uapi_handshake(&kept);
}

static void print_key(const char *name, const uint8_t key[KEY_OCTETS], FILE *file)
{
	char hex[KEY_HEX];

	key_print_hex(key, hex);
	fprintf(file, "%s=%s\n", name, hex);
}

static void print_peer(const struct wireguard_peer *peer, const struct wireguard_peer *told,
		       FILE *file)
{
	print_key("public_key", peer->public_key, file);
	print_key("preshared_key", peer->preshared_key, file);
	if (*peer->endpoint && (!told || strcmp(told->endpoint, peer->endpoint)))
		fprintf(file, "endpoint=%s\n", peer->endpoint);
	fprintf(file, "persistent_keepalive_interval=%u\nreplace_allowed_ips=true\n",
		peer->keepalive);
	for (unsigned i = 0; i < peer->alloweds; i++)
		fprintf(file, "allowed_ip=%s\n", peer->allowed[i]);
}

void uapi_print(const struct wireguard_config *config, const struct wireguard_state *now,
		const struct wireguard_config *told, bool endpoints, FILE *file)
{
	fprintf(file, "set=1\n");
	if (memcmp(config->private_key, now->private_key, KEY_OCTETS))
		print_key("private_key", config->private_key, file);
	/* the mark first: a new port makes a new socket */
	if (config->mark != now->mark)
		fprintf(file, "fwmark=%u\n", config->mark);
	if (config->listen_port && config->listen_port != now->listen_port)
		fprintf(file, "listen_port=%u\n", config->listen_port);
	else if (!config->listen_port && told && told->listen_port)
		fprintf(file, "listen_port=0\n"); /* another interface is to have it */
	/* those that go first: an allowed address belongs to one peer */
	for (unsigned i = 0; i < now->peers; i++) {
		const struct wireguard_peer *stays = find(config, now->peer[i].public_key);

		if (stays && !uapi_moves(stays, now, told))
			continue;
		print_key("public_key", now->peer[i].public_key, file);
		fprintf(file, "remove=true\n");
	}
	for (unsigned i = 0; i < config->peers; i++) {
		const struct wireguard_peer *peer = &config->peer[i];
		bool stays = find_known(now, peer->public_key) && !endpoints;

		print_peer(peer, stays ? find(told, peer->public_key) : NULL, file);
	}
	fprintf(file, "\n");
}
