/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `ferrule route-server VERB`. */
#pragma once

#include "core/api/action.h"

extern const struct fer_verb rs_verbs[];
