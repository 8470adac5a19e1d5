/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells that some interface has changed (rtnetlink(7), RTMGRP_LINK).
 */
#pragma once

#include "core/api/event.h"

struct link_watch;

/* NULL where the kernel refuses. Calls once for all that was heard since. */
struct link_watch *link_watch_new(fer_event_fn *changed, void *arg);
void link_watch_free(struct link_watch *watch);
