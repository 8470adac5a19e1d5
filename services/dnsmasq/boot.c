// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which program a client boots. The codes of client architectures are those of option 93 (RFC 4578
 * and its erratum 4624, IANA "Processor Architecture Types") and of DHCPv6 option 61 (RFC 5970):
 * what firmware sends for x86-64 is 7, 8 or 9.
 */
#include "internal.h"

static const struct arch {
	const char *tag, *http_tag;
	int code[4], http_code; /* code[0] is never 0; ended by 0 */
} archs[DNSMASQ_ARCHS] = {
	[DNSMASQ_X64] = {"x64", "x64http", {7, 8, 9}, 16},
	[DNSMASQ_IA32] = {"ia32", "ia32http", {6}, 15},
	[DNSMASQ_ARM64] = {"arm64", "arm64http", {11}, 19},
	[DNSMASQ_ARM32] = {"arm32", "arm32http", {10}, 18},
};

static void match(const char *tag, int code, FILE *file)
{
	fprintf(file, "dhcp-match=set:%s,option:client-arch,%d\n", tag, code);
	/* two octets: dnsmasq would look for one in either of them */
	fprintf(file, "dhcp-match=set:%s,option6:61,00:%02x\n", tag, (unsigned)code);
}

/* A Raspberry Pi says that it is a PC with a BIOS (architecture 0), and would take a PC's program:
 * it is told by the addresses of its maker (IEEE MA-L). */
static void render_boards(FILE *file)
{
	static const char *const makers[] = {"b8:27:eb", "dc:a6:32", "e4:5f:01", "28:cd:c1",
					     "d8:3a:dd", "2c:cf:67", "88:a2:9e"};

	for (size_t i = 0; i < sizeof(makers) / sizeof(*makers); i++)
		fprintf(file, "dhcp-mac=set:board,%s:*:*:*\n", makers[i]);
}

static void render_architectures(const struct dnsmasq_config *c, FILE *file)
{
	render_boards(file);
	fprintf(file, "dhcp-match=set:bios,option:client-arch,0\n");
	for (size_t i = 0; i < DNSMASQ_ARCHS; i++) {
		for (const int *code = archs[i].code; *code; code++)
			match(archs[i].tag, *code, file);
		match(archs[i].http_tag, archs[i].http_code, file);
	}
	/* iPXE that was loaded once must not load itself again */
	fprintf(file, "dhcp-userclass=set:ipxe,iPXE\n"
		      "dhcp-match=set:ipxe,175\n"
		      "dhcp-vendorclass=set:pxe,PXEClient\n"
		      "dhcp-vendorclass=set:pxe,HTTPClient\n"
		      "tag-if=set:stranger,tag:pxe,tag:!ipxe,tag:!bios");
	for (size_t i = 0; i < DNSMASQ_ARCHS; i++)
		if (*c->efi_file[i])
			fprintf(file, ",tag:!%s", archs[i].tag);
	for (size_t i = 0; i < DNSMASQ_ARCHS; i++)
		if (*c->http_file[i])
			fprintf(file, ",tag:!%s", archs[i].http_tag);
	fprintf(file, "\n");
}

static void render_tftp(const struct dnsmasq_config *c, FILE *file)
{
	fprintf(file, "dhcp-boot=tag:bios,tag:!board,tag:!ipxe,undionly.kpxe\n");
	/* a script of a few lines, that goes on by HTTP; firmware that is iPXE begins here, too */
	fprintf(file, "dhcp-boot=tag:bios,tag:!board,tag:ipxe,boot.ipxe\n");
	for (size_t i = 0; i < DNSMASQ_ARCHS; i++)
		if (*c->efi_file[i])
			fprintf(file, "dhcp-boot=tag:%s,tag:!ipxe,%s\n", archs[i].tag,
				c->efi_file[i]);
}

static void render_http(const struct dnsmasq_config *c, FILE *file)
{
	if (!*c->address)
		return;
	fprintf(file, "dhcp-boot=tag:ipxe,tag:!bios,http://%s:%u/boot.ipxe\n", c->address,
		c->http_port);
	for (size_t i = 0; i < DNSMASQ_ARCHS; i++) {
		if (!*c->http_file[i])
			continue;
		fprintf(file, "dhcp-boot=tag:%s,tag:!ipxe,http://%s:%u/%s\n", archs[i].http_tag,
			c->address, c->http_port, c->http_file[i]);
		/* firmware asks on and on until it is told that it speaks to an HTTP boot server */
		fprintf(file, "dhcp-option-force=tag:%s,tag:!ipxe,60,HTTPClient\n",
			archs[i].http_tag);
	}
}

/* Beside another server: by a boot service for each architecture, as UEFI takes no other answer of
 * a proxy. */
static void render_pxe_services(const struct dnsmasq_config *c, FILE *file)
{
	fprintf(file, "pxe-prompt=\"\",0\n");
	fprintf(file, "pxe-service=tag:!board,tag:!ipxe,0,\"Ferrule\",undionly.kpxe\n");
	fprintf(file, "pxe-service=tag:!board,tag:ipxe,0,\"Ferrule\",boot.ipxe\n");
	for (size_t i = 0; i < DNSMASQ_ARCHS; i++) {
		for (const int *code = archs[i].code; *code && *c->efi_file[i]; code++) {
			fprintf(file, "pxe-service=tag:!ipxe,%d,\"Ferrule\",%s\n", *code,
				c->efi_file[i]);
			fprintf(file, "pxe-service=tag:ipxe,%d,\"Ferrule\",boot.ipxe\n", *code);
		}
	}
	/* HTTP boot beside another server: the vendor class, and no service of that number */
	fprintf(file, "dhcp-pxe-vendor=PXEClient,HTTPClient\n");
}

/*
 * RFC 5970: the boot file is an URL. Option 16 (RFC 8415 section 21.16) says HTTPClient, as option
 * 60 does for IPv4: firmware looks for that behind the four octets of the enterprise and two of a
 * length. dnsmasq 2.90 knows the option as texts with lengths only: the first of them, of two
 * letters, stands where the enterprise is, which firmware does not look at.
 */
static void render_boot6(const struct dnsmasq_config *c, FILE *file)
{
	if ((c->ipv6 != DNSMASQ_STATEFUL && c->ipv6 != DNSMASQ_STATELESS) || !*c->address6)
		return;
	fprintf(file, "dhcp-option=tag:ipxe,option6:59,http://[%s]:%u/boot6.ipxe\n", c->address6,
		c->http_port);
	for (size_t i = 0; i < DNSMASQ_ARCHS; i++) {
		if (!*c->efi_file[i])
			continue;
		fprintf(file, "dhcp-option=tag:%s,tag:!ipxe,option6:59,tftp://[%s]/%s\n",
			archs[i].tag, c->address6, c->efi_file[i]);
		fprintf(file, "dhcp-option=tag:%s,tag:!ipxe,option6:59,http://[%s]:%u/%s\n",
			archs[i].http_tag, c->address6, c->http_port, c->efi_file[i]);
		fprintf(file, "dhcp-option-force=tag:%s,tag:!ipxe,option6:16,FE,HTTPClient\n",
			archs[i].http_tag);
	}
}

void dnsmasq_render_boot(const struct dnsmasq_config *c, FILE *file)
{
	if (!c->boot)
		return;
	fprintf(file, "enable-tftp\ntftp-root=%s\nlog-dhcp\n", c->tftp_root);
	render_architectures(c, file);
	render_tftp(c, file);
	if (c->dhcp == DNSMASQ_PROXY)
		render_pxe_services(c, file);
	render_http(c, file);
	render_boot6(c, file);
}
