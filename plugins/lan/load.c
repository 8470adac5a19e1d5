// SPDX-License-Identifier: GPL-2.0-or-later
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "core/api/model.h"
#include "grub.h"
#include "loader.h"
#include "names.h"
#include "subnets.h"

static enum dnsmasq_dhcp mode4(const char *text)
{
	return !strcmp(text, "server")	? DNSMASQ_SERVER
	       : !strcmp(text, "proxy") ? DNSMASQ_PROXY
	       : !strcmp(text, "relay") ? DNSMASQ_RELAY
					: DNSMASQ_DHCP_NONE;
}

static enum dnsmasq_ipv6 mode6(const char *text)
{
	return !strcmp(text, "slaac")	    ? DNSMASQ_SLAAC
	       : !strcmp(text, "stateless") ? DNSMASQ_STATELESS
	       : !strcmp(text, "stateful")  ? DNSMASQ_STATEFUL
					    : DNSMASQ_V6_NONE;
}

static void load_range(const char *text, struct dnsmasq_config *d)
{
	const char *dash = text ? strchr(text, '-') : NULL;

	if (!dash)
		return;
	snprintf(d->range_first, sizeof(d->range_first), "%.*s", (int)(dash - text), text);
	snprintf(d->range_last, sizeof(d->range_last), "%s", dash + 1);
}

static void load_dhcp(struct lan_config *to)
{
	struct dnsmasq_config *d = &to->dnsmasq;

	to->mode = mode4(fer_model_text(to->at, "dhcp/mode"));
	/* it may come at any time, by DHCP itself: what needs none serves meanwhile */
	to->waits = !to->own.known && (to->mode == DNSMASQ_PROXY || to->mode == DNSMASQ_RELAY);
	d->dhcp = to->waits ? DNSMASQ_DHCP_NONE : to->mode;
	d->ipv6 = mode6(fer_model_text(to->at, "dhcp/ipv6/mode"));
	d->lease_time = fer_model_text(to->at, "dhcp/lease-time");
	d->router = fer_model_text(to->at, "dhcp/router");
	d->relay_server = fer_model_text(to->at, "dhcp/server");
	to->force = fer_model_flag(to->at, "dhcp/force");
	load_range(fer_model_text(to->at, "dhcp/range"), d);
}

static void load_own(struct lan_config *to)
{
	struct dnsmasq_config *d = &to->dnsmasq;
	struct in_addr network;
	uint32_t mask;

	own_find(to->config, to->interface, &to->own);
	if (to->own.known6)
		inet_ntop(AF_INET6, &to->own.address6, d->address6, sizeof(d->address6));
	if (!to->own.known)
		return;
	mask = to->own.length ? ~0u << (32 - to->own.length) : 0;
	network.s_addr = htonl(ntohl(to->own.address.s_addr) & mask);
	inet_ntop(AF_INET, &to->own.address, d->address, sizeof(d->address));
	inet_ntop(AF_INET, &network, d->network, sizeof(d->network));
}

static void load_dns(struct lan_config *to)
{
	struct dnsmasq_config *d = &to->dnsmasq;

	d->dns = fer_model_flag(to->at, "dns/enabled");
	d->domain = fer_model_text(to->at, "dns/domain");
	d->cache = fer_model_number(to->at, "dns/cache", 1000);
	d->dnssec = fer_model_flag(to->at, "dns/dnssec");
	d->rebind_protection = fer_model_flag(to->at, "dns/rebind-protection");
}

/* The first program of the images that is for this architecture, or NULL. */
static const char *program_for(const struct lan_config *lan, const char *name)
{
	const struct fer_model *image = fer_model_find(lan->boot, "image");

	for (; image; image = fer_model_next(image)) {
		const struct fer_model *arch = fer_model_find(image, "arch");
		const char *file = fer_model_text(image, "file");

		for (; file && arch; arch = fer_model_next(arch))
			if (!strcmp(fer_model_text(arch, NULL), name))
				return file;
	}
	return NULL;
}

static void load_boot(struct lan_config *to, const char *tftp_root)
{
	struct dnsmasq_config *d = &to->dnsmasq;

	d->boot = to->boot;
	d->http_port = fer_model_number(to->boot, "port", 80);
	d->tftp_root = tftp_root;
	to->secure_boot = fer_model_flag(to->boot, "secure-boot");
	for (unsigned i = 0; to->boot && i < DNSMASQ_ARCHS; i++) {
		const struct loader *loader = loader_find(i, to->secure_boot);
		const char *program = loader->own ? NULL : program_for(to, loader->arch);

		if (program)
			snprintf(d->efi_file[i], sizeof(*d->efi_file), "boot/%s", program);
		else if (!access(loader->path, R_OK))
			snprintf(d->efi_file[i], sizeof(*d->efi_file), "%s", loader->name);
		snprintf(d->http_file[i], sizeof(*d->http_file), "%s",
			 !program && !to->secure_boot && grub_can(loader) ? loader->http_name
									  : d->efi_file[i]);
	}
}

int lan_load(const struct fer_config *config, struct lan_config *to, bool full,
	     const char *tftp_root, struct fer_problems *problems)
{
	int err;

	memset(to, 0, sizeof(*to));
	to->config = config;
	to->at = fer_config_find(config, "lan");
	to->on = to->at;
	if (!to->on)
		return 0;
	to->boot = fer_model_find(to->at, "boot");
	to->interface = fer_model_text(to->at, "interface");
	to->dnsmasq.interface = to->interface;
	load_own(to);
	load_dhcp(to);
	load_dns(to);
	load_boot(to, tftp_root);
	err = check_dhcp(to, problems);
	err = check_options(to, problems) ? -EINVAL : err;
	err = subnets_check(to, problems) ? -EINVAL : err;
	err = check_hosts(to, problems) ? -EINVAL : err;
	err = check_dns(to, problems) ? -EINVAL : err;
	err = check_boot(to, problems) ? -EINVAL : err;
	if (!err && full)
		err = names_load(to, problems);
	if (err && full)
		dnsmasq_config_clear(&to->dnsmasq);
	return err;
}
