/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two ports that a configuration names, as the machine has them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/engine/backend.h"

enum {
	HOST_MTU_MAX = 2982, /* octets: copies of frames over 3,000 are not made */
};

struct compile_problem;
struct document;
struct fer_disturbances;
struct fer_problems;

/* Where each is in a configuration, by enum engine_port. */
extern const char *const port_path[];

/*
 * Both present and free? Their indices go to *ports, the MTU of the host link to *mtu, the address
 * of the electrical one to mac. 0, or a negative errno with a problem each.
 */
int ports_check(const struct document *to, struct backend_ports *ports, unsigned *mtu,
		uint8_t mac[6], struct fer_problems *list);

/* Both are there, whatever else is wrong with them: worth an engine. */
bool ports_are_there(const struct document *to);

/*
 * A port is taken from the machine: not the one that the machine's default route leaves by, nor the
 * one by whose address (via, or NULL) the user has come in, unless `wire/force` says so. One that
 * is ours already is not asked about. 0, or -EPERM with a problem each.
 */
int ports_guard(const char *run_dir, const struct document *to, const struct backend_ports *ports,
		const char *via, struct fer_problems *list);

/* Says what is wrong with one. holder: who has it, with -EBUSY. */
void port_refuse(struct fer_problems *list, int port, const char *name, int err,
		 const char *holder);

/* Of the part `wire` (transaction.h). */
void ports_disturb(void *context, const struct document *from, const struct document *to,
		   struct fer_disturbances *list);

/* Says why the engine does not take a plan; what: the object, as it named it. */
void engine_refuse(struct fer_problems *list, int err, const struct compile_problem *problem,
		   const char *what, const struct backend_ports *ports);
