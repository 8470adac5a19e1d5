// SPDX-License-Identifier: GPL-2.0-or-later
#include "names.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "load.h"
#include "subnets.h"

static FILE *text_open(char **text, size_t *size)
{
	FILE *file = open_memstream(text, size);

	if (!file)
		abort();
	return file;
}

/* One entry of a list, as a line of the file. */
typedef void print_fn(const struct lan_config *lan, const struct fer_model *at, FILE *file);

static char *lines_make(const struct lan_config *lan, const char *path, print_fn *print)
{
	const struct fer_model *at = fer_model_find(lan->at, path);
	char *text = NULL;
	size_t size;
	FILE *file = text_open(&text, &size);

	for (; at; at = fer_model_next(at))
		print(lan, at, file);
	fclose(file);
	return text;
}

static void host_print(const struct lan_config *lan, const struct fer_model *at, FILE *file)
{
	const char *address = fer_model_text(at, "address");

	(void)lan;
	fprintf(file, "%s,", fer_model_text(at, "mac"));
	if (fer_model_find(at, "option"))
		fprintf(file, "set:host-%s,", fer_model_text(at, "name"));
	fprintf(file, "%s%s%s\n", address ? address : "", address ? "," : "",
		fer_model_text(at, "name"));
}

void names_option(const struct fer_model *at, const char *tag, const char *router, FILE *file)
{
	const char *code = fer_model_text(at, "code"), *value = fer_model_text(at, "value");
	bool routes = !strcmp(code, "121") || !strcmp(code, "249");

	fprintf(file, "%s%s%s%s,%s", tag ? "tag:" : "", tag ? tag : "", tag ? "," : "", code,
		value);
	if (routes && router && !strstr(value, "0.0.0.0/0"))
		fprintf(file, ",0.0.0.0/0,%s", router);
	fprintf(file, "\n");
}

static void option_print(const struct lan_config *lan, const struct fer_model *at, FILE *file)
{
	names_option(at, NULL, lan->dnsmasq.router, file);
}

/* Of the network that the host is in. */
static const char *router_of(const struct lan_config *lan, const struct fer_model *host)
{
	const char *text = fer_model_text(host, "address");
	const struct fer_model *subnet;
	struct in_addr address;

	if (!text || inet_pton(AF_INET, text, &address) != 1)
		return lan->dnsmasq.router;
	subnet = subnet_of(lan, address);
	return subnet ? fer_model_text(subnet, "router") : lan->dnsmasq.router;
}

/* What stands in a file later counts more (dnsmasq 2.90, option.c): hosts' own come last. */
static char *options_make(const struct lan_config *lan)
{
	const struct fer_model *host = fer_model_find(lan->at, "dhcp/host"), *option;
	char *all = lines_make(lan, "dhcp/option", option_print), *text = NULL;
	char tag[80];
	size_t size;
	FILE *file = text_open(&text, &size);

	fprintf(file, "%s", all);
	free(all);
	subnets_options(lan, file);
	for (; host; host = fer_model_next(host)) {
		snprintf(tag, sizeof(tag), "host-%s", fer_model_text(host, "name"));
		option = fer_model_find(host, "option");
		for (; option; option = fer_model_next(option))
			names_option(option, tag, router_of(lan, host), file);
	}
	fclose(file);
	return text;
}

static char *ranges_make(const struct lan_config *lan)
{
	char *text = NULL;
	size_t size;
	FILE *file = text_open(&text, &size);

	subnets_ranges(lan, file);
	fclose(file);
	return text;
}

static void record_print(const struct lan_config *lan, const struct fer_model *at, FILE *file)
{
	const struct fer_model *address = fer_model_find(at, "address");

	(void)lan;
	for (; address; address = fer_model_next(address))
		fprintf(file, "%s %s\n", fer_model_text(address, NULL), fer_model_text(at, "name"));
}

/* A name without a dot is one with the site's domain as well. */
static void alias_print(const struct lan_config *lan, const struct fer_model *at, FILE *file)
{
	const char *name = fer_model_text(at, "name"), *target = fer_model_text(at, "cname");
	const char *domain = lan->dnsmasq.domain;
	bool whole = !domain || (target && strchr(target, '.'));

	if (!target)
		return;
	fprintf(file, "cname=%s,", name);
	if (domain && !strchr(name, '.'))
		fprintf(file, "%s.%s,", name, domain);
	fprintf(file, "%s%s%s\n", target, whole ? "" : ".", whole ? "" : domain);
}

/* What somebody else knows may have private addresses. */
static void forward_print(const struct lan_config *lan, const struct fer_model *at, FILE *file)
{
	(void)lan;
	fprintf(file, "rebind-domain-ok=/%s/\n", fer_model_text(at, "domain"));
}

/* RFC 4034 section 5: what the zone's key must hash to, for a domain that is not below the root's
 * chain of trust. */
static void anchor_print(const struct lan_config *lan, const struct fer_model *at, FILE *file)
{
	const struct fer_model *anchor = fer_model_find(at, "trust-anchor");

	(void)lan;
	for (; anchor; anchor = fer_model_next(anchor)) {
		unsigned tag, algorithm, type;
		char digest[129];

		if (sscanf(fer_model_text(anchor, NULL), "%u %u %u %128s", &tag, &algorithm, &type,
			   digest) == 4)
			fprintf(file, "trust-anchor=%s,%u,%u,%u,%s\n", fer_model_text(at, "domain"),
				tag, algorithm, type, digest);
	}
}

/* ---- block lists ---- */

struct block {
	const struct fer_model *at;
	struct fer_problems *problems;
	FILE *to;
	unsigned long *count;	 /* names of all lists */
	unsigned names, strange; /* of this one; lines that hold no name */
	unsigned first;		 /* line that is strange */
};

static bool is_name(const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789.-_");

	return length && length < 254 && !text[length] && strchr(text, '.');
}

/* Lists made from hosts files have them, and they are not to be blocked. */
static bool is_own(const char *word)
{
	static const char *const own[] = {"localhost",	   "localhost.localdomain", "local",
					  "broadcasthost", "ip6-localhost",	    "ip6-loopback"};

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (!strcasecmp(word, own[i]))
			return true;
	return false;
}

static bool is_address_word(const char *word)
{
	return !word[strspn(word, "0123456789.:abcdefABCDEF")] && strpbrk(word, ".:");
}

/* "||name^" and "*.name", as lists for browsers and resolvers have them: the name and all below. */
static char *name_of(char *word)
{
	size_t length;

	if (!strncmp(word, "||", 2))
		word += 2;
	else if (!strncmp(word, "*.", 2))
		word += 2;
	length = strlen(word);
	if (length && word[length - 1] == '^')
		word[length - 1] = '\0';
	return is_name(word) ? word : NULL;
}

static int too_many(const struct block *block)
{
	fer_problem(block->problems, block->at,
		    "more than %lu names need more than %u MiB: allowed are %u MiB for all lists",
		    *block->count - 1, BLOCK_MEMORY_MAX >> 20, BLOCK_MEMORY_MAX >> 20);
	return -EINVAL;
}

/* Behind a blank or at the start of a line: "name##.class" is a rule for a part of a page, and not
 * for the name. */
static void comment_cut(char *line)
{
	line[strcspn(line, "\r\n")] = '\0';
	for (char *at = line; *at; at++) {
		if ((*at != '#' && *at != '!') || (at != line && !strchr(" \t", at[-1])))
			continue;
		*at = '\0';
		return;
	}
}

/* "name", or as in /etc/hosts: "0.0.0.0 name name". */
static int line_add(struct block *block, char *line, unsigned number)
{
	char *save = NULL, *word;
	bool any = false, good = true;

	comment_cut(line);
	word = strtok_r(line, " \t", &save);
	if (word && is_address_word(word))
		word = strtok_r(NULL, " \t", &save);
	for (; word; word = strtok_r(NULL, " \t", &save)) {
		char *name = name_of(word);

		any = true;
		good = good && (name || is_own(word));
		if (!name || is_own(name))
			continue;
		if (++*block->count > BLOCK_MEMORY_MAX / BLOCK_OCTETS_A_NAME)
			return too_many(block);
		block->names++;
		fprintf(block->to, "server=/%s/\n", name);
	}
	if (any && !good && !block->strange++)
		block->first = number;
	return 0;
}

static int block_read(struct block *block, const char *path)
{
	FILE *file = fer_file_open(path);
	char line[1024];
	unsigned number = 0;
	int err = 0;

	if (!file) {
		fer_problem(block->problems, block->at, "block list '%s' cannot be read: %s", path,
			    strerror(errno));
		return -EINVAL;
	}
	while (!err && fgets(line, sizeof(line), file))
		err = line_add(block, line, ++number);
	fclose(file);
	if (block->strange)
		fer_log_warn("lan: block list %s: %u names; %u lines hold something else, the "
			     "first is line %u",
			     path, block->names, block->strange, block->first);
	return err;
}

static int block_add(const char *root, const struct fer_model *at, unsigned long *count, FILE *to,
		     struct fer_problems *problems)
{
	struct block block = {.at = at, .problems = problems, .to = to, .count = count};
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", root, fer_model_text(at, NULL));
	if (strstr(fer_model_text(at, NULL), "..")) {
		fer_problem(problems, at, "'%s' leaves %s", fer_model_text(at, NULL), root);
		return -EINVAL;
	}
	fer_file_used(path);
	return block_read(&block, path);
}

/* The same domain, or one within it. */
static bool is_within(const char *name, const char *domain)
{
	size_t length = strlen(domain), whole = name ? strlen(name) : 0;

	return whole >= length && !strcasecmp(name + whole - length, domain) &&
	       (whole == length || name[whole - length - 1] == '.');
}

static bool is_somebodys(const struct lan_config *lan, const char *domain)
{
	const struct fer_model *at = fer_model_find(lan->at, "dns/forward");

	for (; at; at = fer_model_next(at))
		if (is_within(fer_model_text(at, "domain"), domain))
			return true;
	return is_within(lan->dnsmasq.domain, domain);
}

/* Names that no server of the world knows, and none is to hear of: RFC 6761 (test, invalid), RFC
 * 6762 (local), RFC 7686 (onion), RFC 8375 (home.arpa). */
static void special_print(const struct lan_config *lan, FILE *file)
{
	static const char *const special[] = {"test", "invalid", "local", "onion", "home.arpa"};

	for (size_t i = 0; i < sizeof(special) / sizeof(*special); i++)
		if (!is_somebodys(lan, special[i]))
			fprintf(file, "server=/%s/\n", special[i]);
}

/*
 * A name of the site is the site's for all types: upstream's AAAA beside a record with IPv4 would
 * lead clients elsewhere. What is below it is not.
 */
static void own_print(const struct lan_config *lan, FILE *file)
{
	const struct fer_model *at = fer_model_find(lan->at, "dns/record");

	for (; at; at = fer_model_next(at)) {
		const char *name = fer_model_text(at, "name");

		if (strchr(name, '.') && !is_somebodys(lan, name))
			fprintf(file, "server=/%s/\nserver=/*.%s/#\n", name, name);
	}
}

static int servers_make(struct lan_config *lan, struct fer_problems *problems)
{
	const struct fer_model *at = fer_model_find(lan->at, "dns/upstream");
	const char *root = fer_model_text(lan->at, "dns/block-root");
	unsigned long count = 0;
	char *text = NULL;
	size_t size;
	FILE *file = text_open(&text, &size);
	int err = 0;

	for (; at; at = fer_model_next(at))
		fprintf(file, "server=%s\n", fer_model_text(at, NULL));
	for (at = fer_model_find(lan->at, "dns/forward"); at; at = fer_model_next(at))
		fprintf(file, "server=/%s/%s\n", fer_model_text(at, "domain"),
			fer_model_text(at, "server"));
	own_print(lan, file);
	special_print(lan, file);
	at = fer_model_find(lan->at, "dns/block-list");
	for (; at && !err; at = fer_model_next(at))
		err = block_add(root, at, &count, file, problems);
	fclose(file);
	lan->dnsmasq.servers = text;
	return err;
}

int names_load(struct lan_config *lan, struct fer_problems *problems)
{
	lan->dnsmasq.hosts = lines_make(lan, "dhcp/host", host_print);
	lan->dnsmasq.options = options_make(lan);
	lan->dnsmasq.ranges = ranges_make(lan);
	lan->dnsmasq.aliases = lines_make(lan, "dns/record", alias_print);
	lan->dnsmasq.records = lines_make(lan, "dns/record", record_print);
	lan->dnsmasq.private_domains = lines_make(lan, "dns/forward", forward_print);
	lan->dnsmasq.anchors = lines_make(lan, "dns/forward", anchor_print);
	return servers_make(lan, problems);
}
