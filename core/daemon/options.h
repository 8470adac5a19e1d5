/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

struct options {
	const char *config;
	const char *state_dir;
	const char *run_dir;
	const char *plugin_dir;
	const char *yang_dir;
	int log_level;
	bool use_syslog;
	bool stop_wire;
};

/* Exits on --help, --version and errors. */
void options_parse(struct options *options, int argc, char **argv);
