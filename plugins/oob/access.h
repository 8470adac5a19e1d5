/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of the module itself is served in the tunnel: a login, and serial consoles. */
#pragma once

struct access;
struct fer_plan;
struct fer_problems;
struct fer_state;
struct oob_config;

/* folder: where a host key is kept. */
struct access *access_new(const char *run_dir, const char *folder);
void access_free(struct access *access);

/* 0, a negative errno with a problem, or FER_PLAN_PENDING: fer_plan_done() follows, unless it is
 * aborted. `failed` is called before one that failed. */
int access_plan(struct access *access, const struct oob_config *config, struct fer_plan *plan,
		struct fer_problems *problems, void (*failed)(void *arg), void *arg);
/* The files that a plan would read. */
void access_check_files(const struct oob_config *config, const char *folder,
			struct fer_problems *problems);
void access_abort(struct access *access);
void access_commit(struct access *access, const struct oob_config *config);

/* The tunnel has other addresses than before. */
void access_move(struct access *access);

/* The tunnel has its addresses. */
void access_wake(struct access *access);
void access_show(const struct access *access, struct fer_state *state);
