/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `ferrule oob VERB`. */
#pragma once

#include "core/api/action.h"

extern const struct fer_verb oob_verbs[]; /* up to one without a name */
