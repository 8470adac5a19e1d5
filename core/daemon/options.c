// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

static const char usage[] =
	"usage: ferruled [OPTION...]\n"
	"Keeps the wire between two ports, its filters and the roles. Stays in the foreground.\n"
	"\n"
	"  -c, --config FILE     configuration (" FERRULE_SYSCONF_DIR "/ferrule.yaml)\n"
	"  -s, --state-dir DIR   what is kept: history, candidate (" FERRULE_STATE_DIR ")\n"
	"  -r, --run-dir DIR     what a reboot forgets: control socket, lock (" FERRULE_RUN_DIR
	")\n"
	"      --plugin-dir DIRS folders of plugins, separated by ':'\n"
	"      --yang-dir DIRS   folders of YANG modules, separated by ':'\n"
	"  -v, --verbose         log more\n"
	"      --no-syslog       log to standard error only\n"
	"      --stop-wire       take the engine down and exit; frames stop\n"
	"  -h, --help            this text\n"
	"  -V, --version         version\n"
	"\n"
	"TERM ends the supervisor and leaves the wire forwarding.\n"
	"Exit codes: 0 done, 1 failed, 2 wrong usage.\n";

enum { OPT_PLUGIN_DIR = 256, OPT_YANG_DIR, OPT_NO_SYSLOG, OPT_STOP_WIRE };

static const struct option long_options[] = {
	{"config", required_argument, NULL, 'c'},
	{"state-dir", required_argument, NULL, 's'},
	{"run-dir", required_argument, NULL, 'r'},
	{"plugin-dir", required_argument, NULL, OPT_PLUGIN_DIR},
	{"yang-dir", required_argument, NULL, OPT_YANG_DIR},
	{"verbose", no_argument, NULL, 'v'},
	{"no-syslog", no_argument, NULL, OPT_NO_SYSLOG},
	{"stop-wire", no_argument, NULL, OPT_STOP_WIRE},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

static const char *from_environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

static void option_take(struct options *o, int option)
{
	switch (option) {
	case 'c':
		o->config = optarg;
		return;
	case 's':
		o->state_dir = optarg;
		return;
	case 'r':
		o->run_dir = optarg;
		return;
	case OPT_PLUGIN_DIR:
		o->plugin_dir = optarg;
		return;
	case OPT_YANG_DIR:
		o->yang_dir = optarg;
		return;
	case 'v':
		o->log_level = LOG_DEBUG;
		return;
	case OPT_NO_SYSLOG:
		o->use_syslog = false;
		return;
	case OPT_STOP_WIRE:
		o->stop_wire = true;
		return;
	case 'h':
		fputs(usage, stdout);
		exit(0);
	case 'V':
		puts("ferruled " PACKAGE_VERSION);
		exit(0);
	}
	fputs("ferruled: see 'ferruled --help'\n", stderr);
	exit(2);
}

void options_parse(struct options *options, int argc, char **argv)
{
	int option;

	*options = (struct options){
		.config = FERRULE_SYSCONF_DIR "/ferrule.yaml",
		.state_dir = FERRULE_STATE_DIR,
		.run_dir = FERRULE_RUN_DIR,
		.plugin_dir = from_environment("FERRULE_PLUGIN_DIR", FERRULE_PLUGIN_DIR),
		.yang_dir = from_environment("FERRULE_YANG_DIR", FERRULE_YANG_DIR),
		.log_level = LOG_INFO,
		.use_syslog = true,
	};
	while ((option = getopt_long(argc, argv, "c:s:r:vhV", long_options, NULL)) != -1)
		option_take(options, option);
	if (optind == argc)
		return;
	fprintf(stderr, "ferruled: unexpected '%s'; see 'ferruled --help'\n", argv[optind]);
	exit(2);
}
