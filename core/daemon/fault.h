/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Link fault propagation on the two ports: hears of carriers, holds ports down and lets them go.
 * What is held is noted in the run folder, so that the next supervisor neither lets it go nor
 * wonders why it is down.
 */
#pragma once

#include <stdbool.h>

#include "core/engine/backend.h"

struct fault;
struct fer_model;

struct fault *fault_new(const char *run_dir);

/* Ports that are held stay held. */
void fault_free(struct fault *fault);

/* From a commit: the node wire/link-fault-propagation, and the ports in force. */
void fault_set(struct fault *fault, const struct fer_model *config,
	       const struct backend_ports *ports);

/* The port is down because we hold it. */
bool fault_holds(const struct fault *fault, int port);
