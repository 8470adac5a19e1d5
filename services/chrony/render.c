// SPDX-License-Identifier: GPL-2.0-or-later
#include "internal.h"

static void render_sources(const struct chrony_config *config, FILE *file)
{
	const char *nts = config->nts ? " nts" : "";

	for (unsigned i = 0; i < config->bootstrap.count; i++)
		fprintf(file, "server %s iburst\n", config->bootstrap.at[i]);
	for (unsigned i = 0; i < config->server.count; i++)
		fprintf(file, "server %s iburst%s\n", config->server.at[i], nts);
	for (unsigned i = 0; i < config->pool.count; i++)
		fprintf(file, "pool %s iburst%s\n", config->pool.at[i], nts);
	if (!config->nts)
		return;
	/* what is not authenticated serves until something is, and where nothing can be */
	fprintf(file, "authselectmode prefer\n"
		      "ntsdumpdir " CHRONY_LIB "\n"
		      /* the dates of a certificate say nothing before the first correct time */
		      "nocerttimecheck 1\n");
	if (config->trusted)
		fprintf(file, "ntstrustedcerts " CHRONY_RUN "/trusted.crt\n");
}

static void render_clock(const struct chrony_config *config, FILE *file)
{
	fprintf(file, "driftfile " CHRONY_LIB "/chrony.drift\n"
		      "dumpdir " CHRONY_RUN "\n");
	if (!config->control_clock)
		return;
	/* one step, to the first correct time; all that follows is slewed */
	fprintf(file, "makestep 0.1 1\n"
		      "rtcsync\n"
		      "hwtimestamp *\n");
	if (config->leap_smear)
		fprintf(file, "leapsecmode slew\n"
			      "maxslewrate 1000\n"
			      "smoothtime 400 0.001024 leaponly\n");
}

void chrony_render(const struct chrony_config *config, FILE *file)
{
	fprintf(file, "# written by ferruled; changes are lost\n");
	render_sources(config, file);
	render_clock(config, file);
	if (config->certificate)
		fprintf(file, "ntsservercert " CHRONY_RUN "/server.crt\n"
			      "ntsserverkey " CHRONY_RUN "/server.key\n");
	if (config->rate_limit)
		fprintf(file, "ratelimit interval 1 burst 16 leak 2\n");
	fprintf(file, "bindcmdaddress " CHRONY_RUN "/chronyd.sock\n"
		      "cmdport 0\n"
		      "pidfile " CHRONY_RUN "/chronyd.pid\n"
		      "leapsectz right/UTC\n");
}
