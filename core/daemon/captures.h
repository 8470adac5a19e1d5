/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processes of the captures in force: one each, with a ring that the engine fills.
 */
#pragma once

#include "core/api/service.h"
#include "core/engine/backend.h"

struct captures;
struct engine;
struct fer_model;
struct fer_problems;
struct rule_set;

/* ended: one in passing has; it may go with the next captures_set(). */
struct captures *captures_new(const char *run_dir, void (*ended)(void *arg, const char *name),
			      void *arg);

/* The processes go on. */
void captures_free(struct captures *captures);

/* From a commit: the list `capture` of the configuration. Those that are no more end. */
void captures_set(struct captures *captures, struct engine *engine,
		  const struct backend_ports *ports, const struct fer_model *config,
		  const struct rule_set *rules);

/* NULL where there is none of that name. */
const struct fer_process *captures_process(const struct captures *captures, const char *name);

/* Those that ask for more room than they may have. */
void captures_check(const char *run_dir, const struct fer_model *config,
		    struct fer_problems *problems);

/* How many files the capture has there, and of how many octets. */
unsigned captures_files(const char *folder, const char *name, uint64_t *size);

/* Where the files are; the caller frees it. */
char *captures_folder(const char *run_dir);
