/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The answers of birdwatcher (github.com/alice-lg/birdwatcher, 2.2) that Alice-LG asks for with
 * `type = single_table`, and some more; routes as they come, a table of any size in bounded memory.
 */
#pragma once

struct fer_action;

/* The verb: an endpoint such as /routes/protocol/c_one_4. */
void birdwatcher_answer(void *instance, struct fer_action *action);
