/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of this folder. */
#pragma once

#include <stddef.h>

struct dhcpcd_config;

/* Its configuration file. */
void dhcpcd_render(int family, const struct dhcpcd_config *config, char *text, size_t size);

/* The address that a line of its log says is in use; NULL for other lines. Points into the line. */
const char *dhcpcd_line_conflict(const char *line);
