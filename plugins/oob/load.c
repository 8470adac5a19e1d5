// SPDX-License-Identifier: GPL-2.0-or-later
#include "load.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/plugin.h"
#include "from.h"
#include "services/netdev/prefix.h"

static int wrong(struct fer_problems *problems, const struct fer_model *at, const char *allowed)
{
	fer_problem(problems, at, "found '%s', allowed is %s", fer_model_text(at, NULL), allowed);
	return -EINVAL;
}

/* ---- files of keys ---- */

static void path_make(const char *folder, const char *name, char *path, size_t size)
{
	if (*name == '/')
		snprintf(path, size, "%s", name);
	else
		snprintf(path, size, "%s/%s", folder, name);
}

/* 0, -ENOENT, or -EINVAL with a problem. In best effort a key that others may read is better than
 * no way in. */
static int key_read(const struct oob_files *files, const char *path, const struct fer_model *at,
		    uint8_t key[KEY_OCTETS], struct fer_problems *problems)
{
	struct stat st;
	char *text;
	bool good;
	int err;

	fer_file_used(path);
	err = stat(path, &st) ? -errno : fer_file_read(path, 4096, &text, NULL);
	if (err)
		return err == -ENOENT ? -ENOENT : -EACCES;
	text[strcspn(text, " \r\n")] = '\0';
	good = key_parse(text, key);
	explicit_bzero(text, strlen(text));
	free(text);
	if (st.st_mode & 077 && fer_plan_best_effort(files->plan)) {
		fer_log_err("oob: others may read key file %s: chmod 600 %s", path, path);
	} else if (st.st_mode & 077) {
		fer_problem(problems, at, "others may read key file %s: chmod 600 %s", path, path);
		return -EINVAL;
	}
	if (!good) {
		fer_problem(problems, at, "there is no key in %s: 'wg genkey' makes one", path);
		return -EINVAL;
	}
	return 0;
}

/* Nobody has it, so that nobody answers. */
static int secret_missing(const struct oob_files *files, const struct fer_model *at,
			  const char *path, int err, uint8_t key[KEY_OCTETS])
{
	char reason[320];

	snprintf(reason, sizeof(reason), "key file %s cannot be used (%s): this hub is not reached",
		 path, strerror(-err));
	fer_plan_leave_out(files->plan, at, reason);
	return key_make(key);
}

static int load_preshared(const struct oob_files *files, const struct fer_model *peer, bool is_hub,
			  uint8_t key[KEY_OCTETS], struct fer_problems *problems)
{
	const struct fer_model *at = fer_model_find(peer, "preshared-key-file");
	bool best = files && is_hub && fer_plan_best_effort(files->plan);
	char path[256];
	int err;

	if (!at || !files)
		return 0;
	path_make(files->folder, fer_model_text(at, NULL), path, sizeof(path));
	err = key_read(files, path, at, key, best ? NULL : problems);
	if (err && best)
		return secret_missing(files, at, path, err, key);
	if (err && err != -EINVAL)
		fer_problem(problems, at, "key file %s cannot be read: %s", path, strerror(-err));
	return err ? -EINVAL : 0;
}

static int load_private(struct oob_config *to, const struct oob_files *files,
			struct fer_problems *problems)
{
	const struct fer_model *at = fer_model_find(to->at, "private-key-file");
	int err;

	path_make(files->folder, fer_model_text(at, NULL), to->key_file, sizeof(to->key_file));
	err = key_read(files, to->key_file, at, to->private_key, problems);
	if (err == -ENOENT)
		return 0; /* made when it is committed */
	if (err == -EACCES)
		fer_problem(problems, at, "key file %s cannot be read", to->key_file);
	return err ? -EINVAL : 0;
}

/* ---- peers ---- */

static int load_allowed(const struct fer_model *peer, struct wireguard_peer *to,
			struct fer_problems *problems)
{
	const struct fer_model *at = fer_model_find(peer, "allowed");
	struct prefix prefix;
	int err = 0;

	for (; at && to->alloweds < WIREGUARD_ALLOWED; at = fer_model_next(at)) {
		if (!prefix_parse(fer_model_text(at, NULL), &prefix))
			err = wrong(problems, at, "a prefix, such as 10.66.0.0/24");
		snprintf(to->allowed[to->alloweds++], sizeof(to->allowed[0]), "%s",
			 fer_model_text(at, NULL));
	}
	return err;
}

static int load_key(const struct fer_model *peer, struct wireguard_peer *to,
		    struct fer_problems *problems)
{
	if (key_parse(fer_model_text(peer, "public-key"), to->public_key))
		return 0;
	return wrong(problems, fer_model_find(peer, "public-key"), "a WireGuard key");
}

static int load_peer(const struct fer_model *at, bool is_hub, struct wireguard_peer *to,
		     const struct oob_files *files, struct fer_problems *problems)
{
	int err = load_key(at, to, problems);

	to->keepalive = fer_model_number(at, "keepalive", 0);
	err = load_allowed(at, to, problems) ? -EINVAL : err;
	return load_preshared(files, at, is_hub, to->preshared_key, problems) ? -EINVAL : err;
}

/* One interface: an address belongs to one of its peers, and a key is of one. */
static int check_pair(const struct fer_model *a, const struct wireguard_peer *pa,
		      const struct fer_model *b, const struct wireguard_peer *pb,
		      struct fer_problems *problems)
{
	struct prefix one, other;

	if (!memcmp(pa->public_key, pb->public_key, KEY_OCTETS)) {
		fer_problem(problems, fer_model_find(b, "public-key"), "this is the key of '%s'",
			    fer_model_text(a, "name"));
		return -EINVAL;
	}
	for (unsigned i = 0; i < pa->alloweds; i++)
		for (unsigned k = 0; k < pb->alloweds; k++) {
			if (!prefix_parse(pa->allowed[i], &one) ||
			    !prefix_parse(pb->allowed[k], &other) || !prefix_overlap(&one, &other))
				continue;
			fer_problem(problems, fer_model_find(b, "allowed"),
				    "%s overlaps %s of '%s': an address belongs to one peer",
				    pb->allowed[k], pa->allowed[i], fer_model_text(a, "name"));
			return -EINVAL;
		}
	return 0;
}

/* The key that the next peer of the list is going to have. */
static int load_next(const struct fer_model *peer, struct oob_config *to,
		     struct fer_problems *problems)
{
	const struct fer_model *at = fer_model_find(peer, "next-public-key");

	if (!at)
		return 0;
	to->next_keys++;
	if (!key_parse(fer_model_text(at, NULL), to->next_key[to->peers]))
		return wrong(problems, at, "a WireGuard key");
	if (memcmp(to->next_key[to->peers], to->peer[to->peers].public_key, KEY_OCTETS))
		return 0;
	fer_problem(problems, at, "this is the key that '%s' has already",
		    fer_model_text(peer, "name"));
	return -EINVAL;
}

/* A key, now or next, is of one peer. */
static int check_next(const struct oob_config *c, const struct fer_model *first,
		      struct fer_problems *problems)
{
	const struct fer_model *a = first, *b;

	for (unsigned i = 0; i < c->peers; i++, a = fer_model_next(a)) {
		if (key_is_zero(c->next_key[i]))
			continue;
		b = first;
		for (unsigned k = 0; k < c->peers; k++, b = fer_model_next(b)) {
			if (k == i || (memcmp(c->next_key[i], c->peer[k].public_key, KEY_OCTETS) &&
				       memcmp(c->next_key[i], c->next_key[k], KEY_OCTETS)))
				continue;
			fer_problem(problems, fer_model_find(a, "next-public-key"),
				    "this is the key of '%s'", fer_model_text(b, "name"));
			return -EINVAL;
		}
	}
	return 0;
}

static int load_peers(struct oob_config *to, const struct oob_files *files,
		      struct fer_problems *problems)
{
	const struct fer_model *first = fer_model_find(to->at, "peer"), *at, *before;
	int err = 0;

	to->peer = calloc(WIREGUARD_PEERS, sizeof(*to->peer));
	if (!to->peer)
		abort();
	for (at = first; at; at = fer_model_next(at)) {
		unsigned i = 0;

		if (load_peer(at, false, &to->peer[to->peers], files, problems))
			err = -EINVAL;
		err = load_next(at, to, problems) ? -EINVAL : err;
		for (before = first; before != at; before = fer_model_next(before), i++)
			if (check_pair(before, &to->peer[i], at, &to->peer[to->peers], problems))
				err = -EINVAL;
		to->peers++;
	}
	err = check_next(to, first, problems) ? -EINVAL : err;
	if (to->peers + to->next_keys > WIREGUARD_PEERS) {
		fer_problem(problems, first,
			    "%u peers, %u of them with a next key: %u keys are allowed", to->peers,
			    to->next_keys, WIREGUARD_PEERS);
		err = -EINVAL;
	}
	return err;
}

/* ---- hubs ---- */

#define ENDPOINT_ALLOWED                                                                           \
	"NAME:PORT, ADDRESS:PORT or [IPV6]:PORT with a port from 1 to 65535, such as "             \
	"hub.example.net:51820"

bool oob_endpoint_good(const char *text)
{
	const char *colon = strrchr(text, ':');
	const char *end = *text == '[' ? strchr(text, ']') : colon;
	long port;

	if (!colon || !end || (*text == '[' && end + 1 != colon) || end == text ||
	    (*text != '[' && strchr(text, ':') != colon))
		return false;
	port = strtol(colon + 1, NULL, 10);
	return port >= 1 && port <= 65535 && strspn(colon + 1, "0123456789") == strlen(colon + 1);
}

static int load_endpoint(const struct fer_model *hub, struct oob_hub *to,
			 struct fer_problems *problems)
{
	const struct fer_model *at = fer_model_find(hub, "endpoint");
	const char *text = fer_model_text(at, NULL), *colon = strrchr(text, ':');
	const char *end = *text == '[' ? strchr(text, ']') : colon;
	uint8_t octets[16];
	int family;

	if (!oob_endpoint_good(text))
		return wrong(problems, at, ENDPOINT_ALLOWED);
	text += *text == '[';
	snprintf(to->host, sizeof(to->host), "%.*s", (int)(end - text), text);
	snprintf(to->port, sizeof(to->port), "%d", atoi(colon + 1));
	family = strchr(to->host, ':') ? AF_INET6 : AF_INET;
	to->numeric = inet_pton(family, to->host, octets) == 1;
	if (!to->numeric)
		return 0;
	/* as it is heard from WireGuard */
	inet_ntop(family, octets, to->host, sizeof(to->host));
	snprintf(to->peer.endpoint, sizeof(to->peer.endpoint),
		 family == AF_INET6 ? "[%.45s]:%s" : "%.45s:%s", to->host, to->port);
	return 0;
}

/* The first address of a network is the hub's own as a rule. */
static int load_probe(const struct fer_model *hub, struct oob_hub *to,
		      struct fer_problems *problems)
{
	const char *text = fer_model_text(hub, "probe");
	struct prefix prefix;

	if (text) {
		snprintf(to->probe, sizeof(to->probe), "%.47s", text);
		return 0;
	}
	if (*to->probe)
		return 0;
	for (unsigned i = 0; i < to->peer.alloweds; i++) {
		if (!prefix_parse(to->peer.allowed[i], &prefix) || !prefix.length)
			continue;
		if (prefix.length < (prefix.family == AF_INET ? 32 : 128))
			prefix.octets[prefix.family == AF_INET ? 3 : 15] |= 1;
		inet_ntop(prefix.family, prefix.octets, to->probe, sizeof(to->probe));
		return 0;
	}
	fer_problem(problems, hub,
		    "probe is missing, its own address in the tunnel, which no network in "
		    "'allowed' tells");
	return -EINVAL;
}

/* One that says nothing of it leads to what the first one leads to, and who is asked there. */
static int load_behind(const struct oob_config *config, const struct fer_model *at,
		       struct oob_hub *to, struct fer_problems *problems)
{
	const struct oob_hub *first = &config->hub[0];

	if (to->peer.alloweds)
		return 0;
	if (to == first) {
		fer_problem(problems, at,
			    "allowed is missing, the networks behind it, such as 10.66.0.0/24");
		return -EINVAL;
	}
	memcpy(to->peer.allowed, first->peer.allowed, sizeof(first->peer.allowed));
	to->peer.alloweds = first->peer.alloweds;
	memcpy(to->probe, first->probe, sizeof(to->probe));
	return *first->probe ? 0 : -EINVAL; /* which was said of the first one */
}

static int load_hubs(struct oob_config *to, const struct oob_files *files,
		     struct fer_problems *problems)
{
	const struct fer_model *at = fer_model_find(to->at, "hub");
	int err = 0;

	for (; at; at = fer_model_next(at)) {
		struct oob_hub *hub = &to->hub[to->hubs++];

		snprintf(hub->name, sizeof(hub->name), "%s", fer_model_text(at, "name"));
		if (load_endpoint(at, hub, problems))
			err = -EINVAL;
		if (load_peer(at, true, &hub->peer, files, problems))
			err = -EINVAL;
		if (load_behind(to, at, hub, problems) || load_probe(at, hub, problems))
			err = -EINVAL;
	}
	return err;
}

/* ---- all of it ---- */

static int load_addresses(struct oob_config *to, struct fer_problems *problems)
{
	const struct fer_model *at = fer_model_find(to->at, "address");
	struct prefix prefix;
	int err = 0;

	if (!at) {
		fer_problem(problems, to->at, "the tunnel needs an address, such as 10.66.0.2/32");
		return -EINVAL;
	}
	for (; at; at = fer_model_next(at)) {
		const char *text = fer_model_text(at, NULL);

		if (!prefix_parse(text, &prefix))
			err = wrong(problems, at, "an address with its length, as 10.66.0.2/32");
		for (unsigned i = 0; i < to->addresses; i++)
			if (!strcmp(to->address[i], text)) {
				fer_problem(problems, at, "%s is there twice", text);
				err = -EINVAL;
			}
		snprintf(to->address[to->addresses++], sizeof(to->address[0]), "%s", text);
	}
	return err;
}

static int load_reach(const struct oob_config *to, struct fer_problems *problems)
{
	const struct fer_model *at = fer_model_find(to->at, "reach");
	uint8_t octets[16];
	int err = 0;

	for (; at; at = fer_model_next(at)) {
		const char *text = fer_model_text(at, "address");

		if (inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, octets) != 1)
			err = wrong(problems, fer_model_find(at, "address"), "an address");
		if (fer_model_find(at, "tcp") || fer_model_find(at, "udp"))
			continue;
		fer_problem(problems, at, "'%s' needs ports: tcp, udp or both",
			    fer_model_text(at, "name"));
		err = -EINVAL;
	}
	return err;
}

/* What listens in the tunnel has a port each. */
static int check_ports(const struct oob_config *to, struct fer_problems *problems)
{
	const struct fer_model *first = fer_model_find(to->at, "console"), *at, *other;
	const char *ssh = fer_model_text(fer_model_find(to->at, "ssh"), "listen");
	int err = 0;

	for (at = first; at; at = fer_model_next(at)) {
		const char *port = fer_model_text(at, "port"), *taken = NULL;

		for (other = first; other != at; other = fer_model_next(other))
			if (!strcmp(fer_model_text(other, "port"), port))
				taken = fer_model_text(other, "name");
		if (ssh && !strcmp(ssh, port))
			taken = "ssh";
		if (!taken)
			continue;
		fer_problem(problems, fer_model_find(at, "port"), "port %s is that of '%s' already",
			    port, taken);
		err = -EINVAL;
	}
	return err;
}

static int check_own_endpoint(const struct oob_config *to, struct fer_problems *problems)
{
	const struct fer_model *at = fer_model_find(to->at, "endpoint");

	return !at || oob_endpoint_good(fer_model_text(at, NULL))
		       ? 0
		       : wrong(problems, at, ENDPOINT_ALLOWED);
}

static void load_leaves(struct oob_config *to)
{
	const struct fer_model *at = fer_model_find(to->at, "uplinks");
	const char *name = fer_model_text(to->at, "interface");
	const char *backend = fer_model_text(to->at, "backend");
	size_t digits = strlen(name);

	while (digits && isdigit((unsigned char)name[digits - 1]))
		digits--;
	snprintf(to->base, sizeof(to->base), "%.*s", (int)digits, name);
	to->first = strtoul(name + digits, NULL, 10);
	to->kernel = !strcmp(backend, "kernel");
	to->userspace = !strcmp(backend, "userspace");
	to->listen_port = fer_model_number(to->at, "listen-port", 0);
	to->mtu = fer_model_number(to->at, "mtu", 0);
	to->hold = fer_model_number(to->at, "hold-time", 60);
	to->shaper = !strcmp(fer_model_text(to->at, "shaper"), "auto");
	to->keep_clock = fer_model_flag(to->at, "keep-clock");
	to->shaped = strtoul(fer_model_text(to->at, "shaper"), NULL, 10);
	to->table = strcmp(fer_model_text(to->at, "isolation"), "none");
	to->namespace = !strcmp(fer_model_text(to->at, "isolation"), "namespace");
	for (; at && to->uplinks < OOB_UPLINKS; at = fer_model_next(at))
		snprintf(to->uplink[to->uplinks++], sizeof(to->uplink[0]), "%s",
			 fer_model_text(at, NULL));
}

/* A tunnel is not somebody else's interface. */
static int check_names(const struct fer_config *config, const struct oob_config *to,
		       struct fer_problems *problems)
{
	static const char *const others[] = {"wire/optical", "wire/electrical",
					     "host-link/interface"};
	const struct fer_model *at = fer_model_find(to->at, "interface");
	int err = 0;

	for (unsigned i = 0; i < oob_tunnels(to); i++) {
		char name[16];
		bool taken = false;

		oob_interface(to, i, name);
		for (size_t k = 0; k < sizeof(others) / sizeof(*others); k++) {
			const char *other =
				fer_model_text(fer_config_find(config, others[k]), NULL);

			taken = taken || (other && !strcmp(other, name));
		}
		for (unsigned k = 0; k < to->uplinks; k++)
			taken = taken || !strcmp(to->uplink[k], name);
		if (!taken)
			continue;
		fer_problem(problems, at ? at : to->at,
			    "a tunnel would be %s, which is another interface of this "
			    "configuration: allowed are names that are free, such as oob0",
			    name);
		err = -EINVAL;
	}
	return err;
}

int oob_load(const struct fer_config *config, struct oob_config *to, const struct oob_files *files,
	     struct fer_problems *problems)
{
	int err;

	memset(to, 0, sizeof(*to));
	to->at = fer_config_find(config, "oob");
	to->on = to->at;
	if (!to->on)
		return 0;
	load_leaves(to);
	snprintf(to->site, sizeof(to->site), "%s",
		 fer_model_text(fer_config_find(config, "host-link/interface"), NULL));
	err = load_addresses(to, problems);
	err = load_hubs(to, files, problems) ? -EINVAL : err;
	err = load_peers(to, files, problems) ? -EINVAL : err;
	err = load_reach(to, problems) ? -EINVAL : err;
	err = check_own_endpoint(to, problems) ? -EINVAL : err;
	err = check_ports(to, problems) ? -EINVAL : err;
	err = from_check(to, problems) ? -EINVAL : err;
	err = check_names(config, to, problems) ? -EINVAL : err;
	if (!to->hubs && !to->peers && !to->listen_port) {
		fer_problem(problems, to->at,
			    "a tunnel needs somebody at its other end: a hub, a peer, or a "
			    "listen-port for those who will be invited");
		err = -EINVAL;
	}
	if (files)
		err = load_private(to, files, problems) ? -EINVAL : err;
	if (err || !files)
		oob_config_clear(to);
	return err;
}

bool oob_is_hub(const struct oob_config *config)
{
	return config->peers || !config->hubs;
}

unsigned oob_tunnels(const struct oob_config *config)
{
	return config->on ? config->hubs + oob_is_hub(config) : 0;
}

static bool takes_all(const struct wireguard_peer *peer)
{
	for (unsigned i = 0; i < peer->alloweds; i++)
		if (!strcmp(strchr(peer->allowed[i], '/'), "/0"))
			return true;
	return false;
}

bool oob_marks_answers(const struct oob_config *config)
{
	bool all = false;

	for (unsigned i = 0; i < config->hubs; i++)
		all = all || takes_all(&config->hub[i].peer);
	for (unsigned i = 0; i < config->peers; i++)
		all = all || takes_all(&config->peer[i]);
	return all || oob_tunnels(config) > 1;
}

void oob_config_clear(struct oob_config *config)
{
	if (config->peer)
		explicit_bzero(config->peer, WIREGUARD_PEERS * sizeof(*config->peer));
	free(config->peer);
	explicit_bzero(config, sizeof(*config));
}

void oob_interface(const struct oob_config *config, unsigned index, char name[16])
{
	snprintf(name, 16, "%.10s%u", config->base, config->first + index);
}
