/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `ferrule oob invite`: somebody who may come in, with all that they need on one page. */
#pragma once

struct fer_action;

void invite_run(void *instance, struct fer_action *action);
