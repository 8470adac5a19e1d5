/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of this folder. */
#pragma once

#include <stdio.h>

#include "chrony.h"

/* Where chronyd sees its folders: a mount namespace puts ours there, as the profile that Debian
 * has for it (AppArmor) knows no others. */
#define CHRONY_RUN "/run/chrony"
#define CHRONY_LIB "/var/lib/chrony"

/* chrony.conf(5). The `serve` list is not in it. */
void chrony_render(const struct chrony_config *config, FILE *file);

/* ---- asking ---- */

struct asker;

/* reply NULL: no answer within two seconds. */
typedef void asked_fn(void *arg, const uint8_t *reply, size_t length);

/* folder: of the daemon's socket; the answers come to one beside it. */
struct asker *asker_new(const char *folder);
void asker_free(struct asker *asker);

/* Forgets what waits: the daemon is another one. */
void asker_reset(struct asker *asker);

/* Each in its turn. The packet carries sequence 0; asker puts its own. */
void asker_ask(struct asker *asker, const uint8_t *packet, size_t length, asked_fn *fn, void *arg);
