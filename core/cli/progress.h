/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a commit that takes its time is at, on stderr, while the client waits for it. */
#pragma once

struct session;

/* Around the call. */
void progress_begin(struct session *session);
void progress_end(struct session *session);
