// SPDX-License-Identifier: GPL-2.0-or-later
#include "rotate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/api/action.h"
#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/state.h"
#include "echo.h"
#include "oob.h"
#include "peers.h"
#include "steps.h"
#include "tunnel.h"

enum {
	WITHIN = 15000, /* ms: three attempts at a handshake (WireGuard, 6.1: one every 5 s) */
	LATELY = 180,	/* s */
	HEAR = 2500,	/* ms until what is known of handshakes is fresh, also of the kernel's */
};

static void next_path(const struct oob *oob, char path[280])
{
	snprintf(path, 280, "%s.next", oob->now.key_file);
}

static int next_read(const struct oob *oob, uint8_t key[KEY_OCTETS])
{
	char path[280], *text;
	bool good;

	next_path(oob, path);
	if (fer_file_read(path, 256, &text, NULL))
		return -ENOENT;
	text[strcspn(text, "\n")] = '\0';
	good = key_parse(text, key);
	explicit_bzero(text, strlen(text));
	free(text);
	return good ? 0 : -EINVAL;
}

static void public_print(const uint8_t key[KEY_OCTETS], char text[KEY_BASE64])
{
	uint8_t public_key[KEY_OCTETS];

	key_public(key, public_key);
	key_print(public_key, text);
}

/* ---- the first step ---- */

static int next_make(const struct oob *oob, uint8_t key[KEY_OCTETS])
{
	char path[280], text[KEY_BASE64];
	int err = key_make(key);

	if (err)
		return err;
	next_path(oob, path);
	key_print(key, text);
	text[KEY_BASE64 - 1] = '\n';
	err = fer_file_write(path, text, KEY_BASE64, 0600, NULL);
	explicit_bzero(text, sizeof(text));
	return err;
}

static int begin(struct oob *oob, struct fer_action *action)
{
	uint8_t key[KEY_OCTETS];
	char text[KEY_BASE64];
	int err = next_read(oob, key);

	if (err)
		err = next_make(oob, key);
	if (err) {
		fer_action_problem(action, "a key cannot be made in %s: %s", oob->now.key_file,
				   strerror(-err));
		return err;
	}
	public_print(key, text);
	explicit_bzero(key, sizeof(key));
	fer_action_print(action,
			 "the next public key of this module: %s\n"
			 "1. at each hub:  ferrule set oob peer NAME next-public-key %s\n"
			 "                 ferrule commit\n"
			 "2. here:         ferrule oob rotate --finish\n"
			 "3. at each hub:  ferrule oob rotate NAME\n"
			 "                 ferrule commit\n",
			 text, text);
	return 0;
}

static int cancel(struct oob *oob, struct fer_action *action)
{
	char path[280];

	next_path(oob, path);
	if (unlink(path)) {
		fer_action_problem(action, "there is no next key");
		return -ENOENT;
	}
	fer_action_print(action, "the next key is forgotten; the one in use stays\n");
	return 0;
}

/* ---- the second step ---- */

static void put_key(struct oob *oob, const uint8_t key[KEY_OCTETS])
{
	memcpy(oob->now.private_key, key, KEY_OCTETS);
	for (unsigned i = 0; i < oob_tunnels(&oob->now); i++)
		if (oob->tunnel[i])
			tunnel_apply(oob->tunnel[i], &oob->now);
	steps_ask(oob);
}

static int finish(struct oob *oob, struct fer_action *action)
{
	struct rotate *r = &oob->rotate;

	if (next_read(oob, r->next)) {
		fer_action_problem(action, "there is no next key: 'ferrule oob rotate' makes one");
		return -ENOENT;
	}
	memcpy(r->old, oob->now.private_key, KEY_OCTETS);
	r->action = action;
	r->begun = echo_now();
	return 0;
}

/* When they made a handshake with the old key last; false where none did lately. */
static bool hubs_remember(struct oob *oob)
{
	time_t now = time(NULL);
	bool any = false;

	for (unsigned i = 0; i < oob->now.hubs; i++) {
		uint64_t handshake = oob->tunnel[i] ? tunnel_handshake(oob->tunnel[i]) : 0;

		oob->rotate.before[i] = (time_t)handshake + LATELY > now ? handshake : 0;
		any = any || oob->rotate.before[i];
	}
	return any;
}

/* The first hub that did not make a handshake with the new key yet, or -1. */
static int silent_hub(const struct oob *oob)
{
	const struct rotate *r = &oob->rotate;

	for (unsigned i = 0; i < oob->now.hubs; i++)
		if (r->before[i] &&
		    (!oob->tunnel[i] || tunnel_handshake(oob->tunnel[i]) <= r->before[i]))
			return i;
	return -1;
}

/* Handshakes have stamps of whole seconds, here and at the hub: those with the new key must have
 * later ones. */
static bool second_is_over(const struct oob *oob)
{
	for (unsigned i = 0; i < oob->now.hubs; i++)
		if ((time_t)oob->rotate.before[i] + 1 >= time(NULL))
			return false;
	return true;
}

static void hear_all(const struct oob *oob)
{
	for (unsigned i = 0; i < oob->now.hubs; i++)
		if (oob->tunnel[i])
			tunnel_hear(oob->tunnel[i]);
}

static void switch_over(struct oob *oob)
{
	struct rotate *r = &oob->rotate;

	if (echo_now() - r->begun < HEAR)
		return; /* what is known may be older than the last handshake */
	if (!hubs_remember(oob)) {
		rotate_end(oob, -EHOSTUNREACH);
	} else if (second_is_over(oob)) {
		r->deadline = echo_now() + WITHIN;
		put_key(oob, r->next);
	} else if (echo_now() - r->begun > WITHIN) {
		rotate_end(oob, -ETIME);
	}
}

static int keep(const struct oob *oob)
{
	char path[280];

	next_path(oob, path);
	if (rename(path, oob->now.key_file))
		return -errno;
	fer_file_written(oob->now.key_file);
	return 0;
}

void rotate_tick(struct oob *oob)
{
	struct rotate *r = &oob->rotate;

	if (!r->action)
		return;
	hear_all(oob);
	if (!r->deadline)
		switch_over(oob);
	else if (silent_hub(oob) < 0)
		rotate_end(oob, keep(oob));
	else if (echo_now() > r->deadline)
		rotate_end(oob, -ETIMEDOUT);
}

void rotate_end(struct oob *oob, int err)
{
	struct rotate *r = &oob->rotate;
	struct fer_action *action = r->action;
	int silent = action ? silent_hub(oob) : -1;

	if (!action)
		return;
	r->action = NULL;
	if (err == -EHOSTUNREACH)
		fer_action_problem(action,
				   "no hub answers: none could say that it takes the next key");
	else if (err == -ETIME)
		fer_action_problem(
			action, "the clock is behind the last handshake: again when it is right");
	else if (err == -EINTR)
		fer_action_problem(action,
				   "a commit came in between: the old key is in use; again");
	else if (err == -ETIMEDOUT)
		fer_action_problem(action,
				   "hub %s does not take the next key; the old one is in use "
				   "again",
				   silent < 0 ? "" : oob->now.hub[silent].name);
	else if (!err)
		fer_action_print(action, "the next key is in use; the old one is gone\n");
	if (err && r->deadline && oob->now.on && err != -ESHUTDOWN)
		put_key(oob, r->old);
	/* a plan that waits has read the old one */
	if (!err && oob->staged.on && !memcmp(oob->staged.private_key, r->old, KEY_OCTETS))
		memcpy(oob->staged.private_key, r->next, KEY_OCTETS);
	if (!err)
		fer_log_notice("oob: the private key is another one now");
	explicit_bzero(r, sizeof(*r));
	fer_action_done(action, err);
}

/* ---- at the hub ---- */

static int settle(struct oob *oob, struct fer_action *action, const char *name)
{
	const struct fer_model *at = fer_model_find(oob->now.at, "peer");
	const struct tunnel *tunnel = oob->tunnel[oob->now.hubs];
	const char *set[] = {"oob", "peer", name, "public-key", NULL, NULL};
	const char *delete[] = {"oob", "peer", name, "next-public-key", NULL};
	unsigned index = 0;
	int err;

	for (; at && strcmp(fer_model_text(at, "name"), name); index++)
		at = fer_model_next(at);
	if (!at || !fer_model_text(at, "next-public-key")) {
		fer_action_problem(action, "found '%s', allowed is a peer with a next-public-key",
				   name);
		return -ENOENT;
	}
	if (!tunnel || !tunnel_peers(tunnel) || !peers_use_next(tunnel_peers(tunnel), index)) {
		fer_action_problem(action, "'%s' has made no handshake with its next key yet",
				   name);
		return -EAGAIN;
	}
	set[4] = fer_model_text(at, "next-public-key");
	err = fer_action_set(action, set);
	err = err ? err : fer_action_delete(action, delete);
	if (!err)
		fer_action_print(action, "%s has its next key alone after 'ferrule commit'\n",
				 name);
	return err;
}

/* ---- the verb ---- */

static int check(struct oob *oob, struct fer_action *action, int options, const char *peer)
{
	int err = fer_action_check(action, 1);

	if (!err && (options > 1 || (options && peer))) {
		fer_action_problem(action, "one of --finish, --cancel and a peer's name");
		err = -EINVAL;
	}
	if (!err && !oob->now.on) {
		fer_action_problem(action, "'oob' is not in force");
		err = -ENOENT;
	}
	if (!err && oob->rotate.action) {
		fer_action_problem(action, "the keys are being changed");
		err = -EBUSY;
	}
	return err;
}

void rotate_run(void *instance, struct fer_action *action)
{
	struct oob *oob = instance;
	int to_finish = fer_action_flag(action, "--finish");
	int to_cancel = fer_action_flag(action, "--cancel");
	const char *peer = fer_action_word(action, 0);
	int err = check(oob, action, to_finish + to_cancel, peer);

	if (!err && to_finish) {
		err = finish(oob, action);
		if (!err)
			return; /* rotate_tick() goes on */
	} else if (!err) {
		err = to_cancel ? cancel(oob, action)
		      : peer	? settle(oob, action, peer)
				: begin(oob, action);
	}
	fer_action_done(action, err);
}

void rotate_show(const struct oob *oob, struct fer_state *state)
{
	uint8_t key[KEY_OCTETS];
	char text[KEY_BASE64];

	if (next_read(oob, key))
		return;
	public_print(key, text);
	explicit_bzero(key, sizeof(key));
	fer_state_text(state, text, "ferrule-oob:oob/next-public-key");
}
