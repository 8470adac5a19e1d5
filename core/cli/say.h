/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is wrong with what was typed: a line on stderr, and with --json the same as the supervisor's
 * refusals have it on stdout. */
#pragma once

#include <stdbool.h>

void say_json(bool json);

/* EXIT_USAGE. */
int say_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));
