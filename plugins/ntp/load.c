// SPDX-License-Identifier: GPL-2.0-or-later
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/file.h"
#include "core/api/model.h"
#include "services/chrony/certificate.h"

static void list_load(const struct fer_model *at, const char *name, struct chrony_list *list)
{
	const struct fer_model *item = fer_model_find(at, name);

	list->count = 0;
	for (; item && list->count < CHRONY_LIST_MAX; item = fer_model_next(item))
		list->at[list->count++] = fer_model_text(item, NULL);
}

static int family_of(const char *text)
{
	unsigned char octets[16];

	if (inet_pton(AF_INET, text, octets) == 1)
		return 4;
	return inet_pton(AF_INET6, text, octets) == 1 ? 6 : 0;
}

static bool is_prefix(const char *text)
{
	const char *slash = strchr(text, '/');
	char address[64];
	int family;

	snprintf(address, sizeof(address), "%.*s", slash ? (int)(slash - text) : 63, text);
	family = family_of(address);
	return family && (!slash || atoi(slash + 1) <= (family == 4 ? 32 : 128));
}

static int check_prefixes(const struct fer_model *at, struct fer_problems *problems)
{
	const struct fer_model *item = fer_model_find(at, "serve");
	int err = 0;

	for (; item; item = fer_model_next(item)) {
		if (is_prefix(fer_model_text(item, NULL)))
			continue;
		fer_problem(problems, item,
			    "found '%s', allowed is a prefix, such as 192.0.2.0/24 or "
			    "2001:db8::/64",
			    fer_model_text(item, NULL));
		err = -EINVAL;
	}
	return err;
}

static int check_bootstrap(const struct fer_model *at, struct fer_problems *problems)
{
	const struct fer_model *item = fer_model_find(at, "bootstrap");
	int err = 0;

	for (; item; item = fer_model_next(item)) {
		if (family_of(fer_model_text(item, NULL)))
			continue;
		fer_problem(problems, item,
			    "found '%s', allowed is an address: a name needs DNS, and DNSSEC the "
			    "time that is asked for",
			    fer_model_text(item, NULL));
		err = -EINVAL;
	}
	return err;
}

/* Four numbers with points between them are an address that is none. */
static bool is_nearly_address(const char *text)
{
	return strspn(text, "0123456789.") == strlen(text) || strchr(text, ':');
}

static bool is_own(const char *text)
{
	int family = family_of(text) == 6 ? AF_INET6 : AF_INET;
	unsigned char octets[16];
	struct ifaddrs *all = NULL;
	bool own = family == AF_INET && !strncmp(text, "127.", 4);

	if (inet_pton(family, text, octets) != 1 || getifaddrs(&all))
		return own;
	for (const struct ifaddrs *at = all; at && !own; at = at->ifa_next) {
		if (!at->ifa_addr || at->ifa_addr->sa_family != family)
			continue;
		own = family == AF_INET
			      ? !memcmp(&((struct sockaddr_in *)at->ifa_addr)->sin_addr, octets, 4)
			      : !memcmp(&((struct sockaddr_in6 *)at->ifa_addr)->sin6_addr, octets,
					16);
	}
	freeifaddrs(all);
	return own;
}

static int check_servers(const struct fer_model *at, const char *name,
			 struct fer_problems *problems)
{
	const struct fer_model *item = fer_model_find(at, name);
	int err = 0;

	for (; item; item = fer_model_next(item)) {
		const char *text = fer_model_text(item, NULL);

		if (is_own(text))
			fer_problem(problems, item,
				    "%s is this module: it would learn the time from itself", text);
		else if (!family_of(text) && is_nearly_address(text))
			fer_problem(problems, item, "found '%s', allowed is a name or an address",
				    text);
		else
			continue;
		err = -EINVAL;
	}
	return err;
}

static int blame(const struct fer_model *at, const char *name, const char *why,
		 struct fer_problems *problems)
{
	fer_problem(problems, fer_model_find(at, name), "%s", why);
	return -EINVAL;
}

static int check_certificates(const struct fer_model *at, struct chrony_config *to,
			      struct fer_problems *problems)
{
	enum certificate_fault fault = CERTIFICATE_GOOD;
	char why[256];
	int err = 0;

	if (to->trusted && certificates_check(to->trusted, why, sizeof(why)))
		err = blame(at, "trusted-certificates", why, problems);
	if (to->certificate && to->key)
		fault = certificate_check(to->certificate, to->key, &to->expires, why, sizeof(why));
	if (fault == CERTIFICATE_FAULTY)
		err = blame(at, "nts-server/certificate", why, problems);
	if (fault == CERTIFICATE_KEY)
		err = blame(at, "nts-server/key", why, problems);
	return err;
}

/* Names that must be authenticated need a certificate that is valid now, whatever now is. */
static int check_nts(const struct fer_model *at, const struct chrony_config *to,
		     struct fer_problems *problems)
{
	const struct fer_model *item = fer_model_find(at, "server");
	int err = 0;

	for (; to->nts && item; item = fer_model_next(item)) {
		if (!family_of(fer_model_text(item, NULL)) || to->trusted)
			continue;
		fer_problem(problems, item,
			    "'%s' is an address, and NTS needs the name in the server's "
			    "certificate; an address to begin with goes to `bootstrap`",
			    fer_model_text(item, NULL));
		err = -EINVAL;
	}
	return err;
}

static void files_used(const struct chrony_config *config)
{
	const char *const files[] = {config->certificate, config->key, config->trusted};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (files[i])
			fer_file_used(files[i]);
}

int ntp_load(const struct fer_config *config, bool *on, struct chrony_config *to,
	     struct fer_problems *problems)
{
	const struct fer_model *at = fer_config_find(config, "ntp");
	int err;

	memset(to, 0, sizeof(*to));
	*on = at;
	if (!at)
		return 0;
	list_load(at, "server", &to->server);
	list_load(at, "pool", &to->pool);
	list_load(at, "bootstrap", &to->bootstrap);
	list_load(at, "serve", &to->serve);
	to->nts = fer_model_flag(at, "nts");
	to->orphan = fer_model_flag(at, "orphan");
	to->rate_limit = fer_model_flag(at, "rate-limit");
	to->leap_smear = fer_model_flag(at, "leap-smear");
	to->control_clock = fer_model_flag(at, "control-clock");
	to->certificate = fer_model_text(at, "nts-server/certificate");
	to->key = fer_model_text(at, "nts-server/key");
	to->trusted = fer_model_text(at, "trusted-certificates");
	files_used(to);
	err = check_prefixes(at, problems);
	err = check_bootstrap(at, problems) ? -EINVAL : err;
	err = check_servers(at, "server", problems) ? -EINVAL : err;
	err = check_servers(at, "pool", problems) ? -EINVAL : err;
	err = check_servers(at, "bootstrap", problems) ? -EINVAL : err;
	err = check_nts(at, to, problems) ? -EINVAL : err;
	err = check_certificates(at, to, problems) ? -EINVAL : err;
	if (to->leap_smear && !to->control_clock) {
		fer_problem(problems, fer_model_find(at, "leap-smear"),
			    "needs control-clock: it is this machine's clock that is smeared");
		err = -EINVAL;
	}
	return err;
}
