// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dnsmasq.conf. The codes of client architectures are those of option 93 (RFC 4578 and its erratum
 * 4624, IANA "Processor Architecture Types"): what firmware sends for x86-64 is 7, 8 or 9.
 */
#include "internal.h"

static void render_dhcp4(const struct dnsmasq_config *c, FILE *file)
{
	switch (c->dhcp) {
	case DNSMASQ_SERVER:
		fprintf(file, "dhcp-range=%s,%s,%s\n", c->range_first, c->range_last,
			c->lease_time);
		fprintf(file, "dhcp-authoritative\n");
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

/* ---- boot ---- */

static void render_architectures(FILE *file)
{
	static const struct {
		const char *tag;
		int code;
	} archs[] = {
		{"bios", 0},	 {"ia32", 6},	    {"x64", 7},	       {"x64", 8},
		{"x64", 9},	 {"arm32", 10},	    {"arm64", 11},     {"ia32http", 15},
		{"x64http", 16}, {"arm32http", 18}, {"arm64http", 19},
	};

	for (size_t i = 0; i < sizeof(archs) / sizeof(*archs); i++) {
		fprintf(file, "dhcp-match=set:%s,option:client-arch,%d\n", archs[i].tag,
			archs[i].code);
		fprintf(file, "dhcp-match=set:%s,option6:61,%d\n", archs[i].tag, archs[i].code);
	}
	/* iPXE that was loaded once must not load itself again */
	fprintf(file, "dhcp-userclass=set:ipxe,iPXE\n"
		      "dhcp-match=set:ipxe,175\n"
		      "dhcp-vendorclass=set:pxe,PXEClient\n"
		      "dhcp-vendorclass=set:pxe,HTTPClient\n"
		      "tag-if=set:stranger,tag:pxe,tag:!bios,tag:!x64,tag:!x64http,tag:!arm64,"
		      "tag:!arm64http,tag:!ipxe\n");
}

/* proxy: by a boot service for each architecture, as UEFI takes no other answer of a proxy */
static void render_pxe_services(const struct dnsmasq_config *c, const char *x64, FILE *file)
{
	fprintf(file, "pxe-prompt=\"\",0\n");
	fprintf(file, "pxe-service=tag:!ipxe,0,\"Ferrule\",undionly.kpxe\n");
	fprintf(file, "pxe-service=tag:ipxe,0,\"Ferrule\",boot.ipxe\n");
	fprintf(file, "pxe-service=tag:ipxe,7,\"Ferrule\",boot.ipxe\n");
	fprintf(file, "pxe-service=tag:ipxe,9,\"Ferrule\",boot.ipxe\n");
	fprintf(file, "pxe-service=tag:!ipxe,7,\"Ferrule\",%s\n", x64);
	fprintf(file, "pxe-service=tag:!ipxe,9,\"Ferrule\",%s\n", x64);
	if (*c->arm64_file)
		fprintf(file, "pxe-service=tag:!ipxe,11,\"Ferrule\",%s\n", c->arm64_file);
	/* HTTP boot beside another server: the vendor class, and no service of that number */
	fprintf(file, "dhcp-pxe-vendor=PXEClient,HTTPClient\n");
}

static void render_boot6(const struct dnsmasq_config *c, const char *x64, FILE *file)
{
	if (c->ipv6 != DNSMASQ_STATEFUL && c->ipv6 != DNSMASQ_STATELESS)
		return;
	/* RFC 5970; dnsmasq puts its own address in place of [::] */
	fprintf(file, "dhcp-option=tag:x64,tag:!ipxe,option6:59,tftp://[::]/%s\n", x64);
	if (*c->arm64_file)
		fprintf(file, "dhcp-option=tag:arm64,tag:!ipxe,option6:59,tftp://[::]/%s\n",
			c->arm64_file);
}

static void render_boot(const struct dnsmasq_config *c, FILE *file)
{
	const char *x64 = c->secure_boot ? "shimx64.efi" : "snponly.efi";

	if (!c->boot)
		return;
	fprintf(file, "enable-tftp\ntftp-root=%s\nlog-dhcp\n", c->tftp_root);
	render_architectures(file);
	fprintf(file, "dhcp-boot=tag:bios,tag:!ipxe,undionly.kpxe\n");
	/* a script of a few lines, that goes on by HTTP; firmware that is iPXE begins here, too */
	fprintf(file, "dhcp-boot=tag:bios,tag:ipxe,boot.ipxe\n");
	fprintf(file, "dhcp-boot=tag:x64,tag:!ipxe,%s\n", x64);
	if (*c->arm64_file)
		fprintf(file, "dhcp-boot=tag:arm64,tag:!ipxe,%s\n", c->arm64_file);
	if (c->dhcp == DNSMASQ_PROXY)
		render_pxe_services(c, x64, file);
	render_boot6(c, x64, file);
	if (!*c->address)
		return;
	fprintf(file, "dhcp-boot=tag:ipxe,tag:!bios,http://%s:%u/boot.ipxe\n", c->address,
		c->http_port);
	fprintf(file, "dhcp-boot=tag:x64http,tag:!ipxe,http://%s:%u/%s\n", c->address, c->http_port,
		x64);
	/* firmware asks on and on until it is told that it speaks to an HTTP boot server */
	fprintf(file, "dhcp-option-force=tag:x64http,tag:!ipxe,60,HTTPClient\n");
	if (!*c->arm64_file)
		return;
	fprintf(file, "dhcp-boot=tag:arm64http,tag:!ipxe,http://%s:%u/%s\n", c->address,
		c->http_port, c->arm64_file);
	fprintf(file, "dhcp-option-force=tag:arm64http,tag:!ipxe,60,HTTPClient\n");
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
	if (c->rebind_protection)
		fprintf(file, "stop-dns-rebind\nrebind-localhost-ok\n%s", c->private_domains);
	if (!c->dnssec)
		return;
	fprintf(file, "conf-file=/usr/share/dnsmasq-base/trust-anchors.conf\ndnssec\n");
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
	render_boot(c, file);
	render_dns(c, paths, time_check, file);
}
