/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line an event: "subsystem: object: what failed: reason". Libraries do not log; the layer that
 * decides does, once.
 */
#pragma once

#include <syslog.h>

/* priority: LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG of syslog(3) */
void fer_log(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define fer_log_err(...)    fer_log(LOG_ERR, __VA_ARGS__)
#define fer_log_warn(...)   fer_log(LOG_WARNING, __VA_ARGS__)
#define fer_log_notice(...) fer_log(LOG_NOTICE, __VA_ARGS__)
#define fer_log_info(...)   fer_log(LOG_INFO, __VA_ARGS__)
#define fer_log_debug(...)  fer_log(LOG_DEBUG, __VA_ARGS__)
