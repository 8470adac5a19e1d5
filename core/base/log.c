// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/log.h"
#include "core/base/mem.h"
#include "core/base/text.h"

/* Allocated as lines come: most supervisors log little. */
static struct log_line *ring[LOG_RING];
static uint64_t last_number;
static bool to_syslog;
static int shown_level = LOG_INFO;

static const char *const priority_name[] = {"emergency", "alert",  "critical", "error",
					    "warning",	 "notice", "info",     "debug"};

void log_start(const char *name, bool use_syslog, int level)
{
	shown_level = level;
	to_syslog = use_syslog;
	if (use_syslog)
		openlog(name, LOG_PID, LOG_DAEMON);
	setvbuf(stderr, NULL, _IOLBF, 0);
}

void log_stop(void)
{
	if (to_syslog)
		closelog();
	for (int i = 0; i < LOG_RING; i++) {
		free(ring[i]);
		ring[i] = NULL;
	}
}

const char *log_priority_name(int priority)
{
	return priority_name[priority & LOG_PRIMASK];
}

static struct log_line *ring_add(int priority, const char *text)
{
	struct log_line **slot = &ring[last_number++ % LOG_RING];

	if (!*slot)
		*slot = mem_zalloc(sizeof(**slot));
	(*slot)->number = last_number;
	(*slot)->time = time(NULL);
	(*slot)->priority = priority;
	snprintf((*slot)->text, sizeof((*slot)->text), "%s", text);
	return *slot;
}

void fer_log(int priority, const char *format, ...)
{
	char text[sizeof(((struct log_line *)0)->text)];
	va_list args;

	if (priority > shown_level)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	text_clean(text);
	ring_add(priority, text);
	log_forward(priority, text);
}

void log_forward(int priority, const char *text)
{
	fprintf(stderr, "%s: %s\n", log_priority_name(priority), text);
	if (to_syslog)
		syslog(priority, "%s", text);
}

const struct log_line *log_after(uint64_t number)
{
	uint64_t oldest = last_number > LOG_RING ? last_number - LOG_RING + 1 : 1;

	if (number >= last_number)
		return NULL;
	if (number + 1 < oldest)
		number = oldest - 1;
	return ring[number % LOG_RING];
}
