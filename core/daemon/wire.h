/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of a commit that is the wire itself: ports, host link, engine. It also looks after
 * them: a port that went away and comes back is taken in again.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/engine/backend.h"

struct captures;
struct guests;
struct collectors;
struct document;
struct engine;
struct fer_plan;
struct fer_state;
struct once_request;
struct problems;
struct schema;
struct text;
struct wire;

struct wire *wire_new(const char *run_dir);

/* The frames go on. */
void wire_free(struct wire *wire);

int wire_validate(void *wire, const struct document *document, struct problems *problems);
int wire_plan(void *wire, struct fer_plan *plan, const struct document *from,
	      const struct document *to, struct problems *problems);
void wire_commit(void *wire);
void wire_abort(void *wire);

/* NULL before the first commit. */
struct engine *wire_engine(const struct wire *wire);
const struct backend_ports *wire_ports(const struct wire *wire);
bool wire_forwarding(const struct wire *wire);

/* The port is down for a fault of the other side. */
bool wire_holds(const struct wire *wire, int port);

/* A capture in passing (once.h). Its name, or NULL with problems. */
const char *wire_once(struct wire *wire, const struct schema *schema,
		      const struct once_request *request, struct problems *problems);
const struct captures *wire_captures(const struct wire *wire);
const struct guests *wire_guests(const struct wire *wire);
const struct collectors *wire_collectors(const struct wire *wire);

/* What a roll-back must bring back, as lines. */
void wire_observe(const struct wire *wire, struct text *text);

/* `ferruled --stop-wire`: takes down what an instance left. 0, -ENOENT, or a negative errno. */
int wire_take_down(const char *run_dir);
