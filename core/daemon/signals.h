/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

struct commit;

/* TERM and INT end the loop; HUP has the files that the configuration names read again; others that
 * end a program by default (USR1, USR2, PIPE) are nothing. */
void signals_start(void);

/* Whose files HUP is about; NULL: nobody's. */
void signals_commit(struct commit *commit);
void signals_stop(void);
