/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one way by which a configuration comes into force: validate all, plan all, write to disk,
 * commit all. Until the write nothing has changed; after it nothing can fail.
 *
 * A commit to be confirmed has its deadline on disk. `observe` is asked before it, and again after
 * a roll-back, and what differs is remembered for `status`.
 */
#pragma once

#include <stdbool.h>

#include "disturbance.h"
#include "document.h"
#include "problem.h"
#include "store.h"
#include "transaction.h"

struct commit;
struct fer_event;
struct text;

struct commit_request {
	const char *user;
	const char *comment;
	unsigned confirm;  /* s, 0: at once for good */
	bool sure;	   /* somebody said that it is for good, whatever it disturbs */
	const char *until; /* the role that may confirm it; NULL: none */
	const char *via;   /* our address by which the user has come in; NULL: not known */
};

/* observe: the state that a roll-back must restore, as lines; the caller frees it. */
struct commit *commit_new(const struct schema *schema, struct store *store,
			  char *(*observe)(void *arg), void *arg);
void commit_free(struct commit *commit);
void commit_add_part(struct commit *commit, const struct commit_part *part);

/*
 * Takes the configuration file, or what a pending commit that ran out comes back to. 0, or
 * -EINVAL with problems. Runs the loop until it is done: nothing else is served yet.
 */
int commit_start(struct commit *commit, struct problems *problems);

/* Nothing is tried again, or read again, from now on: before the parts go. */
void commit_stop(struct commit *commit);

/* Never NULL after a start. */
const struct document *commit_running(const struct commit *commit);
const struct document *commit_candidate(const struct commit *commit);

/* The same to be changed. */
struct document *commit_candidate_edit(struct commit *commit);

/* Takes the document; NULL: the running one again. */
void commit_candidate_set(struct commit *commit, struct document *candidate);
void commit_candidate_save(struct commit *commit);
bool commit_candidate_differs(const struct commit *commit);

/* The end of what was asked for. err: 0, -EBUSY while a commit is pending or under way, -EALREADY
 * where nothing differs, or another one with problems. */
typedef void commit_done_fn(void *arg, int err, const struct problems *problems);

/* The candidate into force. `done` is called once, perhaps from within. */
void commit_run(struct commit *commit, const struct commit_request *request, commit_done_fn *done,
		void *arg);

/* All of commit_run() but the commit: 0 where it could be done. */
void commit_plan(struct commit *commit, const struct commit_request *request, commit_done_fn *done,
		 void *arg);

/* What lies between the documents, for those who are served: nothing where one is not valid. */
void commit_disturbs(struct commit *commit, const struct document *from, const struct document *to,
		     struct fer_disturbances *list);

/* How long what was, `to`, waits to be confirmed, in seconds; 0: at once for good. arg: of `done`.
 */
typedef unsigned commit_seconds_fn(void *arg, const struct document *to);

/* back 0: the pending commit, for good; or else the last one. */
void commit_rollback(struct commit *commit, unsigned back, const struct commit_request *request,
		     commit_seconds_fn *seconds, commit_done_fn *done, void *arg);
int commit_confirm(struct commit *commit, struct problems *problems);

/* What waits to be confirmed has so many seconds from now on. 0 or a negative errno. */
int commit_prolong(struct commit *commit, unsigned seconds, struct problems *problems);

/* The part `name` planned again of the configuration in force, as its files may have changed: 0 and
 * `done` later, -EBUSY, or -ENOENT. */
int commit_reload(struct commit *commit, const char *name, commit_done_fn *done, void *arg);

/* What has changed since its files were read, in lines for people. */
void commit_reload_changes(const char *name, struct text *text);

/* Whether something in force is its own. */
bool commit_has_part(const struct commit *commit, const char *name);

/* The same of each part that files belong to, soon. */
void commit_reload_all(struct commit *commit);

/* Document of commit `number`; NULL with problems. */
struct document *commit_read(struct commit *commit, unsigned number, struct problems *problems);

struct commit_status {
	unsigned number;
	bool pending;
	unsigned seconds;	 /* until it comes back */
	const char *rolled_back; /* or NULL */
	const char *differs;	 /* lines, or "" */
	const char *unwritten;	 /* what the disk has not taken yet, or NULL */
	const struct omissions *omissions;
	const char *doing;	/* what a commit under way waits for, or NULL */
	const char *doing_part; /* whose that is */
};

void commit_status(const struct commit *commit, struct commit_status *status);
