/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pair of interfaces that frames go through which become something else: what the engine sends
 * into the near end meets a program at the far end. Nothing else uses it.
 */
#pragma once

#include <stdbool.h>

#include "core/engine/backend.h"

/* Makes it beside the host link `interface`, up and silent; *fresh tells whether it was not there.
 * 0, -EEXIST where somebody else's interface has the name, or what the system said. */
int copier_make(const char *interface, struct backend_ports *ports, bool *fresh);
void copier_remove(const char *interface);
