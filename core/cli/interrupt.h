/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ctrl-C ends what runs, a capture or a log that is followed, or clears the line: never the shell.
 */
#pragma once

#include <stdbool.h>

/* From now on that signal only leaves a mark; system calls that wait end with EINTR. */
void interrupt_watch(int signal);
bool interrupt_came(void);
void interrupt_forget(void);
