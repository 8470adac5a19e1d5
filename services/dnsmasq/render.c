// SPDX-License-Identifier: GPL-2.0-or-later
/* dnsmasq.conf; what it says of boot stands in boot.c. */
#include "internal.h"

static void render_dhcp4(const struct dnsmasq_config *c, FILE *file)
{
	static const char *const foreign[] = {"wpad", "isatap", "localhost", "autodiscover"};

	switch (c->dhcp) {
	case DNSMASQ_SERVER:
		fprintf(file, "dhcp-range=%s,%s,%s\n", c->range_first, c->range_last,
			c->lease_time);
		fprintf(file, "%sdhcp-authoritative\n", c->ranges);
		/* names that a client must not take (VU#598349, RFC 6761): proxies are looked for
		 * by the first, tunnels by the second */
		for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++)
			fprintf(file, "dhcp-name-match=set:foreign-name,%s\n", foreign[i]);
		fprintf(file, "dhcp-ignore-names=tag:foreign-name\n");
		/* the check before an offer is made for one address after another: in a storm of
		 * new clients nobody has a lease for 18 s */
		fprintf(file, "no-ping\n");
		if (c->router)
			fprintf(file, "dhcp-option=option:router,%s\n", c->router);
		else
			fprintf(file, "dhcp-option=option:router\n");
		break;
	case DNSMASQ_PROXY:
		fprintf(file, "dhcp-range=%s,proxy\n", c->network);
		break;
	case DNSMASQ_RELAY:
		fprintf(file, "dhcp-relay=%s,%s\n", c->address, c->relay_server);
		break;
	case DNSMASQ_DHCP_NONE:
		break;
	}
}

static void render_dhcp6(const struct dnsmasq_config *c, FILE *file)
{
	static const char *const range[] = {
		[DNSMASQ_SLAAC] = "dhcp-range=::,constructor:%s,ra-only,64,%s\n",
		[DNSMASQ_STATELESS] = "dhcp-range=::,constructor:%s,ra-stateless,64,%s\n",
		[DNSMASQ_STATEFUL] = "dhcp-range=::1000,::ffff,constructor:%s,64,%s\n",
	};

	if (c->ipv6 == DNSMASQ_V6_NONE)
		return;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	fprintf(file, range[c->ipv6], c->interface, c->lease_time);
#pragma GCC diagnostic pop
	/* the module is no router: its advertisements say so */
	fprintf(file, "enable-ra\nra-param=%s,60,0\n", c->interface);
	if (c->dns)
		fprintf(file, "dhcp-option=option6:dns-server,[::]\n");
}

/* ---- names ---- */

static void render_dns(const struct dnsmasq_config *c, const struct dnsmasq_paths *paths,
		       bool time_check, FILE *file)
{
	if (!c->dns) {
		fprintf(file, "port=0\n");
		return;
	}
	fprintf(file, "no-resolv\nno-hosts\ncache-size=%u\nservers-file=%s\nhostsdir=%s\n",
		c->cache, paths->servers, paths->records_dir);
	fprintf(file, "domain-needed\nbogus-priv\ndns-loop-detect\nall-servers\n");
	if (c->domain)
		fprintf(file, "domain=%s\nlocal=/%s/\nexpand-hosts\n", c->domain, c->domain);
	fprintf(file, "%s", c->aliases);
	/* RFC 6761 section 6.3 */
	fprintf(file, "address=/localhost/127.0.0.1\naddress=/localhost/::1\n");
	if (c->rebind_protection)
		fprintf(file, "stop-dns-rebind\nrebind-localhost-ok\n%s", c->private_domains);
	if (!c->dnssec)
		return;
	fprintf(file, "conf-file=/usr/share/dnsmasq-base/trust-anchors.conf\n%sdnssec\n",
		c->anchors);
	if (!time_check)
		fprintf(file, "dnssec-no-timecheck\n");
}

void dnsmasq_render(const struct dnsmasq_config *c, const struct dnsmasq_paths *paths,
		    bool time_check, FILE *file)
{
	fprintf(file, "# written by ferruled; changes are lost\n");
	fprintf(file, "interface=%s\nbind-dynamic\nlog-facility=-\npid-file=\n", c->interface);
	fprintf(file, "dhcp-leasefile=%s\ndhcp-lease-max=10000\n", paths->leases);
	fprintf(file, "dhcp-hostsdir=%s\ndhcp-optsdir=%s\n", paths->hosts_dir, paths->options_dir);
	render_dhcp4(c, file);
	render_dhcp6(c, file);
	dnsmasq_render_boot(c, file);
	render_dns(c, paths, time_check, file);
}
