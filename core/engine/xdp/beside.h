/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs for a wire port whose driver hands VLAN tags over beside the frame: they put the tag
 * back first. They are bound to their device (Linux 6.8).
 */
#pragma once

#include "xdp.h"

/*
 * For the ports of a plan that need one, in b->bound. 0; -EPROTONOSUPPORT with *port where the
 * driver takes tags out and cannot be read.
 */
int beside_stage(struct backend *b, const struct backend_ports *ports, int *port);
void beside_abort(struct backend *b);
