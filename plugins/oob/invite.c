// SPDX-License-Identifier: GPL-2.0-or-later
#include "invite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/action.h"
#include "core/api/model.h"
#include "oob.h"
#include "services/netdev/prefix.h"

enum { ADDRESSES = 4, HOSTS = 65536, LIST = 512 };

struct invite {
	struct oob *oob;
	struct fer_action *action;
	const struct fer_model *at; /* container oob of the candidate */
	const char *name, *endpoint, *key, *allowed;
	bool module; /* one of ours, with a configuration in YAML */
	uint8_t private_key[KEY_OCTETS], public_key[KEY_OCTETS];
	char address[ADDRESSES][PREFIX_TEXT];
	unsigned addresses;
};

/* ---- an address that is free ---- */

static bool meets(const struct fer_model *list, const char *leaf, const struct prefix *host)
{
	struct prefix other;

	for (; list; list = fer_model_next(list)) {
		const struct fer_model *at = leaf ? fer_model_find(list, leaf) : list;

		for (; at; at = leaf ? fer_model_next(at) : NULL) {
			const char *text = fer_model_text(at, NULL);
			char alone[PREFIX_TEXT];

			/* of ours only the address itself is taken, not its network */
			snprintf(alone, sizeof(alone), "%.*s/%d", (int)strcspn(text, "/"), text,
				 strchr(text, ':') ? 128 : 32);
			if (prefix_parse(leaf ? text : alone, &other) &&
			    prefix_overlap(&other, host))
				return true;
		}
	}
	return false;
}

static bool is_free(const struct fer_model *oob, const struct prefix *host)
{
	return !meets(fer_model_find(oob, "address"), NULL, host) &&
	       !meets(fer_model_find(oob, "peer"), "allowed", host);
}

static int address_find(struct invite *in, const char *own)
{
	struct prefix network, host;

	if (!prefix_parse(own, &network) || prefix_is_host(&network))
		return 0;
	for (unsigned i = 1; i < HOSTS && prefix_host(&network, i, &host); i++) {
		if (!is_free(in->at, &host))
			continue;
		prefix_print(&host, in->address[in->addresses++]);
		return 0;
	}
	fer_action_problem(in->action, "%s has no address left", own);
	return -ENOSPC;
}

static int addresses_find(struct invite *in)
{
	const struct fer_model *at = fer_model_find(in->at, "address");
	int err = 0;

	for (; at && !err && in->addresses < ADDRESSES; at = fer_model_next(at))
		err = address_find(in, fer_model_text(at, NULL));
	if (err || in->addresses)
		return err;
	fer_action_problem(in->action, "the tunnel's address has no network to take another one "
				       "from: allowed is one as 10.66.0.1/24");
	return -EINVAL;
}

/* ---- keys ---- */

static int keys_make(struct invite *in)
{
	int err;

	if (in->key) {
		if (key_parse(in->key, in->public_key))
			return 0;
		fer_action_problem(in->action,
				   "--key: found '%s', allowed is a public key, such "
				   "as 'wg pubkey' prints",
				   in->key);
		return -EINVAL;
	}
	err = key_make(in->private_key);
	return err ? err : key_public(in->private_key, in->public_key);
}

/* ---- the candidate ---- */

static int candidate_add(struct invite *in)
{
	char key[KEY_BASE64], list[LIST], *save = NULL;
	const char *words[] = {"oob", "peer", in->name, "public-key", key, NULL};
	int err;

	key_print(in->public_key, key);
	err = fer_action_set(in->action, words);
	words[3] = "allowed";
	for (unsigned i = 0; i < in->addresses && !err; i++) {
		words[4] = in->address[i];
		err = fer_action_set(in->action, words);
	}
	snprintf(list, sizeof(list), "%s", in->allowed ? in->allowed : "");
	for (char *one = strtok_r(list, ",", &save); one && !err;
	     one = strtok_r(NULL, ",", &save)) {
		words[4] = one;
		err = fer_action_set(in->action, words);
	}
	if (err) { /* half a peer is none */
		words[3] = NULL;
		fer_action_delete(in->action, words);
	}
	return err;
}

/* ---- what they need ---- */

/* What leads to the hub: its networks, and what it lets reach. quote: around each. */
static void print_networks(const struct invite *in, const char *quote, FILE *file)
{
	const struct fer_model *at = fer_model_find(in->at, "address");
	const char *comma = "";
	struct prefix prefix;
	char text[PREFIX_TEXT];

	for (; at; at = fer_model_next(at), comma = ", ") {
		prefix_parse(fer_model_text(at, NULL), &prefix);
		prefix_network(&prefix);
		prefix_print(&prefix, text);
		fprintf(file, "%s%s%s%s", comma, quote, text, quote);
	}
	for (at = fer_model_find(in->at, "reach"); at; at = fer_model_next(at)) {
		const char *address = fer_model_text(at, "address");

		fprintf(file, ", %s%s/%d%s", quote, address, strchr(address, ':') ? 128 : 32,
			quote);
	}
}

static char *wg_quick(const struct invite *in)
{
	char *text = NULL, own[KEY_BASE64], theirs[KEY_BASE64] = "(the one that --key belongs to)";
	uint8_t public_key[KEY_OCTETS];
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	if (!in->key)
		key_print(in->private_key, theirs);
	key_public(in->oob->now.private_key, public_key);
	key_print(public_key, own);
	fprintf(file, "[Interface]\nPrivateKey = %s\nAddress = ", theirs);
	for (unsigned i = 0; i < in->addresses; i++)
		fprintf(file, "%s%s", i ? ", " : "", in->address[i]);
	fprintf(file, "\n\n[Peer]\nPublicKey = %s\nEndpoint = %s\nAllowedIPs = ", own,
		in->endpoint);
	print_networks(in, "", file);
	fprintf(file, "\nPersistentKeepalive = 25\n");
	fclose(file);
	explicit_bzero(theirs, sizeof(theirs));
	return text;
}

/* ---- for a module of ours ---- */

/* What stands in its configuration; its key is its own. */
static char *module_yaml(const struct invite *in)
{
	const char *hub = fer_model_text(
		fer_config_find(fer_action_running(in->action), "system/name"), NULL);
	char *text = NULL, own[KEY_BASE64];
	uint8_t public_key[KEY_OCTETS];
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		abort();
	key_public(in->oob->now.private_key, public_key);
	key_print(public_key, own);
	fprintf(file, "oob:\n  address: [");
	for (unsigned i = 0; i < in->addresses; i++)
		fprintf(file, "%s\"%s\"", i ? ", " : "", in->address[i]);
	fprintf(file, "]\n  hub:\n    - name: \"%s\"\n      endpoint: \"%s\"\n", hub, in->endpoint);
	fprintf(file, "      public-key: \"%s\"\n      allowed: [", own);
	print_networks(in, "\"", file);
	fprintf(file, "]\n");
	fclose(file);
	return text;
}

/* ---- the hub's side ---- */

static void print_allowed(struct fer_action *action, const struct fer_model *list, const char *leaf,
			  const char **comma)
{
	for (; list; list = fer_model_next(list), *comma = ", ") {
		const char *text = fer_model_text(list, leaf);

		/* ours alone, not its network */
		fer_action_print(action, "%s%.*s/%s", *comma, (int)strcspn(text, "/"), text,
				 strchr(text, ':') ? "128" : "32");
	}
}

static const struct fer_model *peer_find(const struct fer_model *oob, const char *name)
{
	const struct fer_model *at = fer_model_find(oob, "peer");

	while (at && name && strcmp(fer_model_text(at, "name"), name))
		at = fer_model_next(at);
	return name ? at : NULL;
}

static void hub_of_peer(struct fer_action *action, const struct fer_model *peer)
{
	const struct fer_model *at = fer_model_find(peer, "allowed");

	fer_action_print(action, "# %s\n[Peer]\nPublicKey = %s\nAllowedIPs = ",
			 fer_model_text(peer, "name"), fer_model_text(peer, "public-key"));
	for (const char *comma = ""; at; at = fer_model_next(at), comma = ", ")
		fer_action_print(action, "%s%s", comma, fer_model_text(at, NULL));
	fer_action_print(action, "\n");
}

/* What a hub must know of this module. */
static void hub_of_module(const struct oob *oob, const struct fer_model *at,
			  struct fer_action *action)
{
	const char *comma = "";
	uint8_t public_key[KEY_OCTETS];
	char key[KEY_BASE64];

	key_public(oob->now.private_key, public_key);
	key_print(public_key, key);
	fer_action_print(
		action, "# %s\n[Peer]\nPublicKey = %s\nAllowedIPs = ",
		fer_model_text(fer_config_find(fer_action_running(action), "system/name"), NULL),
		key);
	print_allowed(action, fer_model_find(at, "address"), NULL, &comma);
	print_allowed(action, fer_model_find(at, "reach"), "address", &comma);
	fer_action_print(action, "\n");
	/* the same for a hub of ours: a comment for wg(8) */
	fer_action_print(
		action, "# at a hub of Ferrule's: ferrule oob invite %s --module --key %s\n",
		fer_model_text(fer_config_find(fer_action_running(action), "system/name"), NULL),
		key);
}

static int hub_side(struct invite *in)
{
	const struct fer_model *peer = peer_find(in->at, in->name);

	if (peer)
		hub_of_peer(in->action, peer);
	else
		hub_of_module(in->oob, in->at, in->action);
	return 0;
}

/* ---- the verb ---- */

static int check(struct invite *in)
{
	const char *port = fer_model_text(in->at, "listen-port");

	if (!in->name) {
		fer_action_problem(in->action, "who? 'ferrule oob invite NAME'");
		return -EINVAL;
	}
	if (peer_find(in->at, in->name)) {
		fer_action_problem(in->action,
				   "there is a peer '%s' already: 'ferrule delete oob peer %s' "
				   "first, or another name",
				   in->name, in->name);
		return -EEXIST;
	}
	if (!port || !strcmp(port, "0")) {
		fer_action_problem(in->action, "they need a port that stays: 'ferrule set oob "
					       "listen-port 51820' and commit first");
		return -EINVAL;
	}
	if (!in->endpoint || !oob_endpoint_good(in->endpoint)) {
		fer_action_problem(in->action, "where do they find this module? 'ferrule set oob "
					       "endpoint NAME:PORT', or --endpoint NAME:PORT");
		return -EINVAL;
	}
	if (in->module && !in->key) {
		fer_action_problem(in->action,
				   "a module has a key of its own: --key KEY, which 'ferrule show "
				   "oob' says there");
		return -EINVAL;
	}
	if (in->allowed && strlen(in->allowed) >= LIST) {
		fer_action_problem(in->action, "--allowed: at most %d characters are allowed",
				   LIST);
		return -E2BIG;
	}
	return 0;
}

static int invite(struct invite *in)
{
	int err = check(in);
	char *text;

	err = err ? err : addresses_find(in);
	err = err ? err : keys_make(in);
	if (err)
		return err;
	/* from the candidate as it was: an edit may move it */
	text = in->module ? module_yaml(in) : wg_quick(in);
	err = candidate_add(in);
	if (!err && in->module) {
		fer_action_print(in->action,
				 "# for the configuration of %s, beside what is in its 'oob' "
				 "already\n"
				 "# It may come in after 'ferrule commit' here.\n%s",
				 in->name, text);
	} else if (!err) {
		fer_action_print(in->action,
				 "# %s: save it as %s.conf, and 'wg-quick up ./%s.conf'. The key "
				 "is kept nowhere else.\n"
				 "# It may come in after 'ferrule commit'.\n%s",
				 in->name, in->name, in->name, text);
		if (!in->key)
			fer_action_qr(in->action, text);
	}
	explicit_bzero(text, strlen(text));
	free(text);
	return err;
}

void invite_run(void *instance, struct fer_action *action)
{
	struct invite in = {
		.oob = instance,
		.action = action,
		.at = fer_config_find(fer_action_candidate(action), "oob"),
	};
	bool hub = fer_action_flag(action, "--hub");
	int err;
	char name[64];

	in.endpoint = fer_action_option(action, "--endpoint");
	in.key = fer_action_option(action, "--key");
	in.allowed = fer_action_option(action, "--allowed");
	in.module = fer_action_flag(action, "--module");
	if (in.at && !in.endpoint)
		in.endpoint = fer_model_text(in.at, "endpoint");
	err = fer_action_check(action, 1);
	if (fer_action_word(action, 0)) {
		snprintf(name, sizeof(name), "%s", fer_action_word(action, 0));
		in.name = name;
	}
	if (!err && (!in.at || !in.oob->now.on)) {
		fer_action_problem(action, "'oob' is not in force: see etc/examples/oob-hub.yaml, "
					   "and commit it first");
		err = -ENOENT;
	}
	if (!err)
		err = hub ? hub_side(&in) : invite(&in);
	explicit_bzero(&in, sizeof(in));
	fer_action_done(action, err);
}
