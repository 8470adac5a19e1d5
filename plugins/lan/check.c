// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/api/model.h"
#include "load.h"
#include "services/netdev/prefix.h"
#include "subnets.h"

/* ---- addresses ---- */

static bool parse4(const char *text, struct in_addr *address)
{
	return text && inet_pton(AF_INET, text, address) == 1;
}

static int refuse(struct fer_problems *problems, const struct fer_model *at, const char *name,
		  const char *what)
{
	const struct fer_model *leaf = fer_model_find(at, name);

	fer_problem(problems, leaf ? leaf : at, "%s", what);
	return -EINVAL;
}

static int outside(const struct lan_config *lan, const struct fer_model *at, const char *what,
		   const char *found, struct fer_problems *problems)
{
	fer_problem(problems, at, "%s %s is not in the network of %s (%s/%u)", what, found,
		    lan->interface, lan->dnsmasq.network, lan->own.length);
	return -EINVAL;
}

static bool is_between(struct in_addr address, struct in_addr first, struct in_addr last)
{
	return ntohl(address.s_addr) >= ntohl(first.s_addr) &&
	       ntohl(address.s_addr) <= ntohl(last.s_addr);
}

static int check_range(const struct lan_config *lan, struct fer_problems *problems)
{
	const struct fer_model *dhcp = fer_model_find(lan->at, "dhcp");
	const struct fer_model *at = fer_model_find(dhcp, "range");
	const struct dnsmasq_config *d = &lan->dnsmasq;
	struct in_addr first, last, router;

	if (!at)
		return refuse(problems, dhcp, "mode",
			      "mode server needs a range, such as 192.0.2.100-192.0.2.199");
	if (!parse4(d->range_first, &first) || !parse4(d->range_last, &last) ||
	    ntohl(first.s_addr) > ntohl(last.s_addr)) {
		fer_problem(problems, at,
			    "found '%s', allowed are two IPv4 addresses, the lower one first",
			    fer_model_text(at, NULL));
		return -EINVAL;
	}
	if (lan->own.known && !own_network_has(&lan->own, first))
		return outside(lan, at, "the range's", d->range_first, problems);
	if (lan->own.known && !own_network_has(&lan->own, last))
		return outside(lan, at, "the range's", d->range_last, problems);
	if (lan->own.known && is_between(lan->own.address, first, last)) {
		fer_problem(problems, at, "the range holds the module's own address %s",
			    d->address);
		return -EINVAL;
	}
	if (parse4(d->router, &router) && is_between(router, first, last)) {
		fer_problem(problems, at, "the range holds the router's address %s", d->router);
		return -EINVAL;
	}
	return 0;
}

int check_dhcp(const struct lan_config *lan, struct fer_problems *problems)
{
	const struct fer_model *dhcp = fer_model_find(lan->at, "dhcp");
	const struct dnsmasq_config *d = &lan->dnsmasq;
	struct in_addr address;

	if (d->router && !parse4(d->router, &address))
		return refuse(problems, dhcp, "router", "allowed is an IPv4 address");
	if (d->router && lan->own.known && !own_network_has(&lan->own, address))
		return outside(lan, fer_model_find(dhcp, "router"), "the router", d->router,
			       problems);
	switch (lan->mode) {
	case DNSMASQ_SERVER:
		return check_range(lan, problems);
	case DNSMASQ_RELAY:
		if (!d->relay_server || !parse4(d->relay_server, &address))
			return refuse(problems, dhcp, "server",
				      "mode relay needs the address of a server");
		return 0;
	case DNSMASQ_PROXY:
	case DNSMASQ_DHCP_NONE:
		return 0;
	}
	return 0;
}

/* ---- options ---- */

enum option_type { ANY_VALUE, OUR_OWN, ADDRESSES, NUMBER8, NUMBER16, NUMBER32 };

/* RFC 2132 and those after it; what is not here is taken as it is. */
static const struct {
	uint8_t first, last;
	enum option_type type;
	const char *why; /* of those that are not for a configuration */
} option_types[] = {
	{1, 1, OUR_OWN, "the mask is that of the interface"},
	{2, 2, NUMBER32, NULL},
	{3, 3, OUR_OWN, "lan/dhcp/router says it"},
	{4, 5, ADDRESSES, NULL},
	{6, 11, ADDRESSES, NULL},
	{13, 13, NUMBER16, NULL},
	{16, 16, ADDRESSES, NULL},
	{22, 22, NUMBER16, NULL},
	{23, 23, NUMBER8, NULL},
	{24, 24, NUMBER32, NULL},
	{26, 26, NUMBER16, NULL},
	{28, 28, ADDRESSES, NULL},
	{32, 32, ADDRESSES, NULL},
	{35, 35, NUMBER32, NULL},
	{37, 37, NUMBER8, NULL},
	{38, 38, NUMBER32, NULL},
	{41, 42, ADDRESSES, NULL},
	{44, 45, ADDRESSES, NULL},
	{46, 46, NUMBER8, NULL},
	{48, 49, ADDRESSES, NULL},
	{50, 50, OUR_OWN, "it is a client's request"},
	{51, 51, OUR_OWN, "lan/dhcp/lease-time says it"},
	{52, 57, OUR_OWN, "the protocol sets it"},
	{58, 59, NUMBER32, NULL},
	{61, 61, OUR_OWN, "it is a client's identifier"},
	{65, 65, ADDRESSES, NULL},
	{68, 76, ADDRESSES, NULL},
	{82, 82, OUR_OWN, "a relay sets it"},
};

static bool is_addresses(const char *text)
{
	while (*text) {
		char one[INET_ADDRSTRLEN];
		size_t length = strcspn(text, ",");
		struct in_addr address;

		snprintf(one, sizeof(one), "%.*s", (int)length, text);
		if (length >= sizeof(one) || !parse4(one, &address))
			return false;
		text += length;
		if (*text == ',' && !*++text)
			return false;
	}
	return true;
}

static bool is_number(const char *text, unsigned long long most)
{
	return *text && strlen(text) < 12 && strspn(text, "0123456789") == strlen(text) &&
	       strtoull(text, NULL, 10) <= most;
}

static int check_option(const struct fer_model *option, struct fer_problems *problems)
{
	const struct fer_model *at = fer_model_find(option, "value");
	uint8_t code = fer_model_number(option, "code", 0);
	const char *value = fer_model_text(at, NULL), *allowed = NULL;

	for (size_t i = 0; i < sizeof(option_types) / sizeof(*option_types); i++) {
		if (code < option_types[i].first || code > option_types[i].last)
			continue;
		if (option_types[i].type == OUR_OWN) {
			fer_problem(problems, option, "option %u is not for a configuration: %s",
				    code, option_types[i].why);
			return -EINVAL;
		}
		if (option_types[i].type == ADDRESSES && !is_addresses(value))
			allowed = "IPv4 addresses with commas between them";
		else if (option_types[i].type == NUMBER8 && !is_number(value, UINT8_MAX))
			allowed = "a number 0..255";
		else if (option_types[i].type == NUMBER16 && !is_number(value, UINT16_MAX))
			allowed = "a number 0..65535";
		else if (option_types[i].type == NUMBER32 && !is_number(value, UINT32_MAX))
			allowed = "a number 0..4294967295";
	}
	if (!allowed)
		return 0;
	fer_problem(problems, at, "found '%s', allowed for option %u is %s", value, code, allowed);
	return -EINVAL;
}

int check_options_at(const struct fer_model *at, struct fer_problems *problems)
{
	int err = 0;

	for (; at; at = fer_model_next(at))
		if (check_option(at, problems))
			err = -EINVAL;
	return err;
}

int check_options(const struct lan_config *lan, struct fer_problems *problems)
{
	return check_options_at(fer_model_find(lan->at, "dhcp/option"), problems);
}

/* ---- hosts ---- */

static const struct fer_model *same_before(const struct fer_model *first,
					   const struct fer_model *host, const char *name)
{
	const char *value = fer_model_text(host, name);

	for (; value && first != host; first = fer_model_next(first)) {
		const char *other = fer_model_text(first, name);

		if (other && !strcasecmp(other, value))
			return first;
	}
	return NULL;
}

static bool image_exists(const struct lan_config *lan, const char *name)
{
	const struct fer_model *image = fer_model_find(lan->boot, "image");

	for (; image; image = fer_model_next(image))
		if (!strcmp(fer_model_text(image, "name"), name))
			return true;
	return false;
}

static int check_image_name(const struct lan_config *lan, const struct fer_model *host,
			    const char *leaf, struct fer_problems *problems)
{
	const char *name = fer_model_text(host, leaf);

	if (!name || image_exists(lan, name))
		return 0;
	fer_problem(problems, fer_model_find(host, leaf), "there is no image '%s' in lan/boot",
		    name);
	return -EINVAL;
}

static int check_host(const struct lan_config *lan, const struct fer_model *host,
		      struct fer_problems *problems)
{
	const struct fer_model *first = fer_model_find(lan->at, "dhcp/host");
	const char *address = fer_model_text(host, "address");
	static const char *const unique[] = {"mac", "address"};
	struct in_addr parsed;
	int err = check_image_name(lan, host, "boot", problems);

	err = check_image_name(lan, host, "boot-once", problems) ? -EINVAL : err;
	err = check_options_at(fer_model_find(host, "option"), problems) ? -EINVAL : err;
	for (int i = 0; i < 2; i++) {
		const struct fer_model *other = same_before(first, host, unique[i]);

		if (!other)
			continue;
		fer_problem(problems, fer_model_find(host, unique[i]), "%s is that of host '%s'",
			    fer_model_text(host, unique[i]), fer_model_text(other, "name"));
		err = -EINVAL;
	}
	if (!address)
		return err;
	if (!parse4(address, &parsed))
		return refuse(problems, host, "address", "allowed is an IPv4 address");
	if (lan->own.known && !own_network_has(&lan->own, parsed) && !subnet_of(lan, parsed))
		return outside(lan, fer_model_find(host, "address"), "the address", address,
			       problems);
	if (lan->own.known && parsed.s_addr == lan->own.address.s_addr)
		return refuse(problems, host, "address", "this is the module's own address");
	return err;
}

int check_hosts(const struct lan_config *lan, struct fer_problems *problems)
{
	const struct fer_model *host = fer_model_find(lan->at, "dhcp/host");
	int err = 0;

	for (; host; host = fer_model_next(host))
		if (check_host(lan, host, problems))
			err = -EINVAL;
	return err;
}

/* ---- names ---- */

static bool is_address(const char *text)
{
	unsigned char octets[16];

	return inet_pton(AF_INET, text, octets) == 1 || inet_pton(AF_INET6, text, octets) == 1;
}

static int check_server(const struct lan_config *lan, const struct fer_model *at,
			struct fer_problems *problems)
{
	const char *text = fer_model_text(at, NULL);

	if (!is_address(text)) {
		fer_problem(problems, at, "found '%s', allowed is an IPv4 or IPv6 address", text);
		return -EINVAL;
	}
	if (!own_is(lan->config, text))
		return 0;
	fer_problem(problems, at, "%s is this module: it would ask itself for ever", text);
	return -EINVAL;
}

static int check_from(const struct lan_config *lan, const char *path, struct fer_problems *problems)
{
	const struct fer_model *at = fer_model_find(lan->at, path);
	struct prefix prefix;
	int err = 0;

	for (; at; at = fer_model_next(at))
		if (!prefix_parse(fer_model_text(at, NULL), &prefix)) {
			fer_problem(problems, at,
				    "found '%s', allowed is a prefix, such as "
				    "192.0.2.0/24 or 2001:db8::/64",
				    fer_model_text(at, NULL));
			err = -EINVAL;
		}
	return err;
}

/* RFC 4034 section 5.1; the length of a digest goes with its type: SHA-1, SHA-256, SHA-384. */
static int check_anchor(const struct fer_model *at, struct fer_problems *problems)
{
	static const unsigned octets[] = {[1] = 20, [2] = 32, [4] = 48};
	unsigned tag = 0, algorithm = 0, type = 0;
	char digest[160] = "";

	sscanf(fer_model_text(at, NULL), "%u %u %u %159s", &tag, &algorithm, &type, digest);
	if (tag <= UINT16_MAX && algorithm <= UINT8_MAX &&
	    type < sizeof(octets) / sizeof(*octets) && octets[type] &&
	    strlen(digest) == 2 * octets[type])
		return 0;
	fer_problem(problems, at,
		    "found '%s', allowed are a key tag to 65535, an algorithm to 255, and a digest "
		    "of type 1 (40 hexadecimal digits), 2 (64) or 4 (96)",
		    fer_model_text(at, NULL));
	return -EINVAL;
}

static int check_forward(const struct lan_config *lan, const struct fer_model *forward,
			 struct fer_problems *problems)
{
	const struct fer_model *anchor = fer_model_find(forward, "trust-anchor");
	int err = check_server(lan, fer_model_find(forward, "server"), problems);

	for (; anchor; anchor = fer_model_next(anchor))
		if (check_anchor(anchor, problems))
			err = -EINVAL;
	return err;
}

/* "web", and "web.site1.example" in that domain, are one name. */
static bool is_same_name(const struct lan_config *lan, const char *a, const char *b)
{
	const char *domain = lan->dnsmasq.domain;
	size_t length = strcspn(a, ".");

	if (!strcasecmp(a, b))
		return true;
	if (!domain || length != strcspn(b, ".") || strncasecmp(a, b, length))
		return false;
	return (!a[length] && b[length] && !strcasecmp(b + length + 1, domain)) ||
	       (!b[length] && a[length] && !strcasecmp(a + length + 1, domain));
}

/* dnsmasq answers an alias where it knows the name itself. */
static bool is_known(const struct lan_config *lan, const char *name)
{
	static const char *const lists[] = {"dns/record", "dhcp/host"};

	for (size_t i = 0; i < 2; i++)
		for (const struct fer_model *at = fer_model_find(lan->at, lists[i]); at;
		     at = fer_model_next(at))
			if (fer_model_find(at, "address") &&
			    is_same_name(lan, fer_model_text(at, "name"), name))
				return true;
	return false;
}

static int check_record(const struct lan_config *lan, const struct fer_model *record,
			struct fer_problems *problems)
{
	const struct fer_model *at = fer_model_find(record, "address");
	const char *target = fer_model_text(record, "cname");
	int err = 0;

	if (!at == !target) {
		fer_problem(problems, record,
			    "a record has addresses, or a cname: another name of the site");
		return -EINVAL;
	}
	if (target && !is_known(lan, target))
		return refuse(problems, record, "cname",
			      "allowed is the name of a record or a host that has an address");
	for (; at; at = fer_model_next(at)) {
		if (is_address(fer_model_text(at, NULL)))
			continue;
		fer_problem(problems, at, "found '%s', allowed is an IPv4 or IPv6 address",
			    fer_model_text(at, NULL));
		err = -EINVAL;
	}
	return err;
}

int check_dns(const struct lan_config *lan, struct fer_problems *problems)
{
	const struct fer_model *at = fer_model_find(lan->at, "dns/upstream");
	int err = check_from(lan, "dns/from", problems);

	for (; at; at = fer_model_next(at))
		if (check_server(lan, at, problems))
			err = -EINVAL;
	for (at = fer_model_find(lan->at, "dns/forward"); at; at = fer_model_next(at))
		if (check_forward(lan, at, problems))
			err = -EINVAL;
	for (at = fer_model_find(lan->at, "dns/record"); at; at = fer_model_next(at))
		if (check_record(lan, at, problems))
			err = -EINVAL;
	return err;
}

/* ---- boot files ---- */

/* Below the root, also behind symbolic links, and there. */
static int check_path(const char *root, const struct fer_model *at, struct fer_problems *problems)
{
	const char *path = fer_model_text(at, NULL);
	char whole[PATH_MAX], real[PATH_MAX], real_root[PATH_MAX];
	size_t length;

	if (!at)
		return 0;
	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	if (!realpath(root, real_root) || !realpath(whole, real)) {
		fer_problem(problems, at, "file '%s' cannot be read: %s", whole, strerror(errno));
		return -EINVAL;
	}
	length = strlen(real_root);
	if (strncmp(real, real_root, length) || real[length] != '/') {
		fer_problem(problems, at, "'%s' is outside of %s: it is %s", path, root, real);
		return -EINVAL;
	}
	if (access(real, R_OK)) {
		fer_problem(problems, at, "file '%s' cannot be read: %s", real, strerror(errno));
		return -EINVAL;
	}
	return 0;
}

static bool begins_comment(const char *text)
{
	for (const char *at = text; at && (at = strchr(at, '#')); at++)
		if (at == text || at[-1] == ' ')
			return true;
	return false;
}

static int check_image(const char *root, const struct fer_model *image,
		       struct fer_problems *problems)
{
	const struct fer_model *kernel = fer_model_find(image, "kernel");
	const struct fer_model *file = fer_model_find(image, "file");
	const struct fer_model *initrd = fer_model_find(image, "initrd");
	int err;

	if (!strcmp(fer_model_text(image, "name"), "menu") ||
	    !strcmp(fer_model_text(image, "name"), "local"))
		return refuse(problems, image, "name",
			      "menu and local have a meaning of their own: take another name");
	if (begins_comment(fer_model_text(image, "cmdline")))
		return refuse(
			problems, image, "cmdline",
			"a word that begins with '#' is a comment to iPXE and GRUB, and so is "
			"all behind it");
	if (!kernel == !file) {
		fer_problem(problems, image, "an image has either a kernel or a file");
		return -EINVAL;
	}
	err = check_path(root, kernel ? kernel : file, problems);
	for (; initrd; initrd = fer_model_next(initrd))
		if (check_path(root, initrd, problems))
			err = -EINVAL;
	return err;
}

/* Folders that hold what is nobody's to read, also behind a link. */
static bool is_system_folder(const char *root)
{
	static const char *const system[] = {"/",    "/etc",  "/root", "/proc", "/sys", "/dev",
					     "/var", "/home", "/usr",  "/run",	"/boot"};
	char real[PATH_MAX];

	if (!realpath(root, real))
		return false;
	for (size_t i = 0; i < sizeof(system) / sizeof(*system); i++)
		if (!strcmp(real, system[i]))
			return true;
	return !strncmp(real, "/etc/", 5) || !strncmp(real, "/proc/", 6);
}

int check_boot(const struct lan_config *lan, struct fer_problems *problems)
{
	const struct fer_model *image = fer_model_find(lan->boot, "image");
	const char *root = fer_model_text(lan->boot, "root");
	const char *first = fer_model_text(lan->boot, "default");
	int err = check_from(lan, "boot/from", problems);

	if (!lan->boot)
		return 0;
	if (is_system_folder(root)) {
		fer_problem(
			problems, fer_model_find(lan->boot, "root"),
			"all below %s would be served to the site: allowed is a folder of images "
			"alone, such as /srv/ferrule/boot",
			root);
		return -EINVAL;
	}
	if (lan->mode != DNSMASQ_SERVER && lan->mode != DNSMASQ_PROXY &&
	    lan->dnsmasq.ipv6 < DNSMASQ_STATELESS) {
		fer_problem(problems, lan->boot,
			    "boot needs lan/dhcp/mode server or proxy: who else would tell clients "
			    "of it?");
		return -EINVAL;
	}
	for (; image; image = fer_model_next(image))
		if (check_image(root, image, problems))
			err = -EINVAL;
	if (strcmp(first, "menu") && strcmp(first, "local") && !image_exists(lan, first)) {
		fer_problem(problems, fer_model_find(lan->boot, "default"),
			    "there is no image '%s'; allowed are menu, local and the images",
			    first);
		err = -EINVAL;
	}
	return err;
}
