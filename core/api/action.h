/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a role does when it is told to: `ferrule ROLE VERB [WORD...]`. A verb may take its time; the
 * client waits for it. What it changes of the configuration goes into the candidate, and comes into
 * force by a commit as everything else.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct fer_action; /* one that is under way */
struct fer_config;
struct fer_state;

enum fer_verb_kind {
	FER_VERB_CHANGES,
	FER_VERB_LOOKS, /* also for who may only look */
	/* Runs in the client: with its user's rights, in a child with bounds of memory and time, as
	 * it reads what somebody else wrote. There is no instance then, and of what follows there
	 * are words, options, print, problem, verify and done, before it returns. */
	FER_VERB_IN_CLIENT,
};

struct fer_verb {
	const char *name;
	const char *usage; /* of the words behind it; "" for none */
	const char *help;
	/* fer_action_done() is to be called once, now or later. */
	void (*run)(void *instance, struct fer_action *action);
	enum fer_verb_kind kind;
};

/* The verb `reload` of any role: its plan is made again of the configuration in force, as the files
 * that it names may have changed. An entry of its table: FER_VERB_RELOAD. */
void fer_action_reload(void *instance, struct fer_action *action);

#define FER_VERB_RELOAD                                                                            \
	{                                                                                          \
		"reload", "", "reads the files that the configuration names again",                \
			fer_action_reload, FER_VERB_CHANGES                                        \
	}

/* The words behind the verb, without the options; NULL behind the last. Borrowed. */
const char *fer_action_word(const struct fer_action *action, size_t index);

/* Whether there is "--NAME", and the word behind "--NAME" (NULL: there is none). name: "--hub".
 * What was not asked for by one of these when the verb is done was no word for it: see below. */
int fer_action_flag(struct fer_action *action, const char *name);
const char *fer_action_option(struct fer_action *action, const char *name);

/* 0, or -EINVAL with a problem where there are other options than were asked for, or more words
 * than `words`. */
int fer_action_check(struct fer_action *action, size_t words);

/* In force, and what would be after a commit. Until the next edit. */
const struct fer_config *fer_action_running(const struct fer_action *action);
const struct fer_config *fer_action_candidate(const struct fer_action *action);

/* As `ferrule set` and `ferrule delete`: names and values up to a NULL. 0, or -EINVAL or -ENOENT
 * with a problem. */
int fer_action_set(struct fer_action *action, const char *const *words);
int fer_action_delete(struct fer_action *action, const char *const *words);

/* For people; and as a QR code, where somebody looks at a terminal. */
void fer_action_print(struct fer_action *action, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void fer_action_qr(struct fer_action *action, const char *text);

/* State to be shown, as a role's `state` does. */
struct fer_state *fer_action_state(struct fer_action *action);

/*
 * An answer that is too long to be gathered goes out in parts, each at once, to a client that takes
 * them: as text for people, or as pieces of one JSON document.
 */
enum fer_parts { FER_PARTS_NONE, FER_PARTS_TEXT, FER_PARTS_JSON };
enum fer_parts fer_action_parts(const struct fer_action *action);

/* 0; -EAGAIN: it is on its way, and the next one waits until `room` was called; -EPIPE: the client
 * has left (which calls `room` as well). */
int fer_action_send(struct fer_action *action, const char *data, size_t length);
void fer_action_on_room(struct fer_action *action, void (*room)(void *arg), void *arg);

/* In a client: what `ferrule check` would say of this YAML within the subtree `path`, a line each
 * in new memory; "" where it is valid. */
char *fer_action_verify(struct fer_action *action, const char *yaml, const char *path);

/* Says why it is refused. */
void fer_action_problem(struct fer_action *action, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* err: 0 or a negative errno. The action is gone afterwards. */
void fer_action_done(struct fer_action *action, int err);
