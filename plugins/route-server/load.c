// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"
#include "config.h"
#include "core/api/file.h"
#include "core/api/model.h"
#include "irr.h"
#include "peeringdb.h"
#include "policy.h"
#include "registry.h"

enum {
	FULL_TABLE = 200000, /* prefixes: nobody's own, but a table of the Internet */
	/* octets a route, measured: attributes of its own, or shared with others as in a full
	 * table; a route of an import table */
	ROUTE = 450,
	ROUTE_SHARED = 160,
	ROUTE_KEPT = 88,
	IDLE = 6 << 20,
	SESSION = 20 << 10,
};

/* ---- policy: a client's own word, or else that for all ---- */

struct from {
	const struct fer_model *client, *all; /* all: container policy */
};

static const struct fer_model *pick(const struct from *from, const char *path)
{
	const struct fer_model *own = fer_model_find(from->client, path);

	return own ? own : fer_model_find(from->all, path);
}

static void both(const struct from *from, const char *path, const struct fer_model *to[2])
{
	to[0] = fer_model_find(from->all, path);
	to[1] = fer_model_find(from->client, path);
}

static const char *pick_text(const struct from *from, const char *path)
{
	return fer_model_text(pick(from, path), NULL);
}

static bool pick_flag(const struct from *from, const char *path)
{
	return fer_model_flag(pick(from, path), NULL);
}

static unsigned pick_number(const struct from *from, const char *path)
{
	return fer_model_number(pick(from, path), NULL, 0);
}

static bool pick_is(const struct from *from, const char *path, const char *value)
{
	const char *text = pick_text(from, path);

	return text && !strcmp(text, value);
}

static bool pick_has(const struct from *from, const char *path, const char *value)
{
	const struct fer_model *at = pick(from, path);

	for (; at; at = fer_model_next(at))
		if (!strcmp(fer_model_text(at, NULL), value))
			return true;
	return false;
}

static void lengths_load(const struct from *from, struct rs_policy *to)
{
	static const char *const path[] = {"prefix-length/ipv4", "prefix-length/ipv6"};

	for (unsigned i = 0; i < 2; i++)
		sscanf(pick_text(from, path[i]), "%u-%u", &to->shortest[i], &to->longest[i]);
}

static void limits_load(const struct from *from, struct rs_policy *to)
{
	to->limit[0] = pick_number(from, "max-prefix/ipv4");
	to->limit[1] = pick_number(from, "max-prefix/ipv6");
	to->limit_wait = pick_number(from, "max-prefix/wait");
	to->limit_action = pick_is(from, "max-prefix/action", "shutdown") ? RS_LIMIT_SHUTDOWN
			   : pick_is(from, "max-prefix/action", "block")  ? RS_LIMIT_BLOCK
			   : pick_is(from, "max-prefix/action", "warn")	  ? RS_LIMIT_WARN
									  : RS_LIMIT_RESTART;
}

static void hops_load(const struct from *from, struct rs_policy *to)
{
	const struct fer_model *at = pick(from, "next-hop-address");

	to->hop = pick_is(from, "next-hop", "strict")	? RS_HOP_STRICT
		  : pick_is(from, "next-hop", "listed") ? RS_HOP_LISTED
							: RS_HOP_SAME_AS;
	for (; at && to->hop == RS_HOP_LISTED && to->listeds < RS_HOPS; at = fer_model_next(at))
		to->listed[to->listeds++] = fer_model_text(at, NULL);
}

static void policy_load(const struct from *from, struct rs_policy *to)
{
	hops_load(from, to);
	lengths_load(from, to);
	limits_load(from, to);
	to->bogons = pick_flag(from, "bogons");
	to->path_length = pick_number(from, "path-length");
	to->transit_free = pick_flag(from, "transit-free");
	to->transit_free_asn = pick(from, "transit-free-asn");
	to->never_via = pick(from, "never-via-route-servers");
	to->rpki =
		pick_is(from, "rpki/reject", "invalid") && fer_model_find(from->all, "rpki/cache");
	to->aspa =
		pick_is(from, "aspa/reject", "invalid") && fer_model_find(from->all, "rpki/cache");
	to->irr_origin = pick_has(from, "irr/enforce", "origin");
	to->irr_prefix = pick_has(from, "irr/enforce", "prefix");
	to->more_specifics = pick_flag(from, "irr/more-specifics");
	to->roa_objects = to->irr_prefix && pick_flag(from, "irr/roa-as-route-object") &&
			  fer_model_find(from->all, "rpki/cache");
	both(from, "deny-prefix", to->deny);
	both(from, "irr/accept-prefix", to->also_prefix);
	both(from, "irr/accept-origin", to->also_origin);
	to->blackhole = pick(from, "blackhole/communities");
	to->blackhole_hop[0] = pick_text(from, "blackhole/ipv4");
	to->blackhole_hop[1] = pick_text(from, "blackhole/ipv6");
	to->blackhole_rpki = to->rpki && pick_is(from, "blackhole/rpki", "strict");
	to->blackhole_receive = pick_flag(from, "blackhole/receive");
	to->control = pick_is(from, "control", "standard");
	to->graceful_shutdown = pick_flag(from, "graceful-shutdown");
	to->roles = pick_flag(from, "roles");
	to->mitigate = pick_is(from, "path-hiding", "mitigate");
	to->add_path = pick_flag(from, "add-path");
}

/* ---- clients ---- */

/* Names that last, so that a client that comes or goes renames nobody: "c_as64501_1_4". */
static void session_name(struct rs_client *client, struct rs_session *session)
{
	unsigned before = 0;

	for (struct rs_session *s = client->session; s < session; s++)
		before += s->family == session->family;
	snprintf(session->name, sizeof(session->name), "c_%s_%c", client->name,
		 session->family == AF_INET ? '4' : '6');
	if (before)
		snprintf(session->name + strlen(session->name), 4, "%c", 'a' + (int)before);
	for (char *c = session->name; *c; c++)
		if (*c == '-')
			*c = '_';
}

static void sessions_load(struct rs_client *client)
{
	const struct fer_model *at = fer_model_find(client->at, "address");

	for (; at && client->sessions < RS_ADDRESSES; at = fer_model_next(at)) {
		struct rs_session *session = &client->session[client->sessions++];
		const char *text = fer_model_text(at, NULL);
		unsigned char octets[16];

		session->family = strchr(text, ':') ? AF_INET6 : AF_INET;
		/* one form for one address; what is none is refused by the check */
		if (inet_pton(session->family, text, octets) == 1)
			inet_ntop(session->family, octets, session->address,
				  sizeof(session->address));
		session_name(client, session);
	}
}

static void tables_load(struct rs_client *client)
{
	const char *text = fer_model_text(client->at, "import-table");

	for (unsigned i = 0; i < 2; i++)
		client->keep[i] = !strcmp(text, "keep") ||
				  (!strcmp(text, "auto") && client->policy.limit[i] < FULL_TABLE);
}

static void client_load(const struct rs_config *config, const struct fer_model *at,
			struct rs_client *to)
{
	const struct from from = {at, fer_model_find(config->at, "policy")};

	to->at = at;
	to->name = fer_model_text(at, "name");
	to->description = fer_model_text(at, "description");
	to->shutdown = fer_model_text(at, "shutdown");
	to->asn = fer_model_number(at, "asn", 0);
	to->passive = fer_model_flag(at, "passive");
	to->gtsm = fer_model_flag(at, "gtsm");
	policy_load(&from, &to->policy);
	to->policy.extended_next_hop = fer_model_flag(at, "extended-next-hop");
	policy_name(config, to);
	sessions_load(to);
	tables_load(to);
}

static void clients_load(struct rs_config *to)
{
	const struct fer_model *at = fer_model_find(to->at, "client");
	unsigned count = 0;

	for (const struct fer_model *c = at; c; c = fer_model_next(c))
		count++;
	to->client = calloc(count ? count : 1, sizeof(*to->client));
	if (!to->client)
		abort();
	for (; at; at = fer_model_next(at))
		client_load(to, at, &to->client[to->clients++]);
}

static void caches_load(struct rs_config *to)
{
	const struct fer_model *at = fer_model_find(to->at, "policy/rpki/cache");

	for (; at && to->caches < RS_CACHES; at = fer_model_next(at)) {
		to->cache[to->caches].address = fer_model_text(at, "address");
		to->cache[to->caches++].port = fer_model_number(at, "port", 0);
	}
	to->hold = fer_model_number(to->at, "policy/rpki/hold", 0);
	to->hold_time = fer_model_number(to->at, "policy/hold-time", 240);
	to->stale_most = fer_model_number(to->at, "policy/graceful-restart-time", 120);
	to->expired_open = fer_model_text(to->at, "policy/rpki/expired") &&
			   !strcmp(fer_model_text(to->at, "policy/rpki/expired"), "open");
}

/* ---- files ---- */

void rs_path(const char *folder, const char *name, char path[512])
{
	snprintf(path, 512, *name == '/' ? "%.0s%s" : "%s/%s", folder, name);
}

static int password_load(struct rs_client *client, const char *folder,
			 struct fer_problems *problems)
{
	const struct fer_model *at = fer_model_find(client->at, "password-file");
	struct stat st = {0};
	char path[512];
	size_t size;
	int err;

	if (!at)
		return 0;
	rs_path(folder, fer_model_text(at, NULL), path);
	fer_file_used(path);
	err = stat(path, &st) ? -errno : fer_file_read(path, 256, &client->password, &size);
	if (err) {
		fer_problem(problems, at, "file '%s' cannot be read: %s", path, strerror(-err));
		return err;
	}
	client->password[strcspn(client->password, "\r\n")] = '\0';
	if (st.st_mode & 077) {
		fer_problem(problems, at, "file '%s' can be read by others: chmod 600", path);
		return -EPERM;
	}
	/* RFC 2385 section 4.5: 80 octets */
	if (!*client->password || strlen(client->password) > 80 ||
	    strpbrk(client->password, "\"\\")) {
		fer_problem(problems, at,
			    "file '%s' holds no password: one line of 1 to 80 characters, no "
			    "quotes and no '\\'",
			    path);
		return -EINVAL;
	}
	return 0;
}

static void used(const char *folder, const char *name)
{
	char path[512];

	if (!name)
		return;
	rs_path(folder, name, path);
	fer_file_used(path);
}

void rs_files_used(const struct rs_config *config, const char *folder)
{
	for (unsigned i = 0; i < config->clients; i++)
		used(folder, fer_model_text(config->client[i].at, "password-file"));
	used(folder, fer_model_text(config->at, "policy/max-prefix/peeringdb/file"));
}

int rs_load_passwords(struct rs_config *to, const char *folder, struct fer_problems *problems)
{
	int err = 0;

	for (unsigned i = 0; i < to->clients; i++)
		if (password_load(&to->client[i], folder, problems))
			err = -EINVAL;
	return err;
}

static int files_load(struct rs_config *to, const char *folder, bool first,
		      struct fer_problems *problems)
{
	int err = rs_load_passwords(to, folder, problems);

	if (peeringdb_load(to, folder, problems))
		return -EINVAL;
	for (unsigned i = 0; i < to->clients; i++)
		tables_load(&to->client[i]);
	if (registry_load(to, folder, first, problems))
		return -EINVAL;
	if (check_memory(to, problems)) {
		snprintf(to->why, sizeof(to->why),
			 "what is registered takes more memory than there is");
		return -EINVAL;
	}
	return err;
}

/* ---- all of it ---- */

int rs_load(const struct fer_config *config, struct rs_config *to, enum rs_full full,
	    const char *folder, struct fer_problems *problems)
{
	const struct fer_model *at;
	int err;

	memset(to, 0, sizeof(*to));
	to->config = config;
	to->at = fer_config_find(config, "route-server");
	to->on = to->at;
	if (!to->on)
		return 0;
	to->asn = fer_model_number(to->at, "asn", 0);
	to->router_id = fer_model_text(to->at, "router-id");
	to->port = fer_model_number(to->at, "port", 179);
	to->memory = fer_model_number(to->at, "memory", 384) << 20;
	to->reject_cause = fer_model_flag(to->at, "policy/reject-cause");
	at = fer_model_find(to->at, "address");
	for (; at; at = fer_model_next(at)) {
		const char *text = fer_model_text(at, NULL);

		to->address[strchr(text, ':') ? 1 : 0] = text;
	}
	to->strip = strcmp(fer_model_text(to->at, "policy/unknown-attributes"), "pass");
	caches_load(to);
	clients_load(to);
	for (unsigned i = 0; i < to->clients; i++)
		to->aspa = to->aspa || to->client[i].policy.aspa;
	err = check_all(to, problems);
	return err || full == RS_MODEL ? err : files_load(to, folder, full == RS_FIRST, problems);
}

void rs_config_clear(struct rs_config *config)
{
	for (unsigned i = 0; i < config->clients; i++) {
		struct rs_client *client = &config->client[i];

		if (client->password)
			explicit_bzero(client->password, strlen(client->password));
		free(client->password);
	}
	free(config->client);
	irr_free(config->irr);
	memset(config, 0, sizeof(*config));
}

bool rs_carries(const struct rs_client *client, const struct rs_session *session, unsigned family)
{
	if (session->family == AF_INET6)
		return family == 1 || client->policy.extended_next_hop;
	return family == 0;
}

uint64_t rs_estimate(const struct rs_config *config)
{
	uint64_t octets = IDLE;

	for (unsigned i = 0; i < config->clients; i++) {
		const struct rs_client *client = &config->client[i];

		for (unsigned s = 0; s < client->sessions; s++) {
			octets += SESSION;
			for (unsigned f = 0; f < 2; f++) {
				uint64_t routes = client->policy.limit[f];
				uint64_t each = routes < FULL_TABLE ? ROUTE : ROUTE_SHARED;

				if (!rs_carries(client, &client->session[s], f))
					continue;
				octets += routes * (each + (client->keep[f] ? ROUTE_KEPT : 0));
			}
		}
	}
	return octets + 2 * irr_octets(config->irr);
}

const struct rs_client *rs_find(const struct rs_config *config, const char *protocol,
				const struct rs_session **session)
{
	for (unsigned i = 0; i < config->clients; i++)
		for (unsigned s = 0; s < config->client[i].sessions; s++)
			if (!strcmp(config->client[i].session[s].name, protocol)) {
				if (session)
					*session = &config->client[i].session[s];
				return &config->client[i];
			}
	return NULL;
}

const struct rs_client *rs_client(const struct rs_config *config, const char *name)
{
	for (unsigned i = 0; i < config->clients; i++) {
		const struct rs_client *client = &config->client[i];

		if (!strcmp(client->name, name))
			return client;
		for (unsigned s = 0; s < client->sessions; s++)
			if (!strcmp(client->session[s].address, name))
				return client;
	}
	return NULL;
}
