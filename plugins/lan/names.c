// SPDX-License-Identifier: GPL-2.0-or-later
#include "names.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/model.h"
#include "load.h"

static FILE *text_open(char **text, size_t *size)
{
	FILE *file = open_memstream(text, size);

	if (!file)
		abort();
	return file;
}

static char *hosts_make(const struct lan_config *lan)
{
	const struct fer_model *host = fer_model_find(lan->at, "dhcp/host");
	char *text = NULL;
	size_t size;
	FILE *file = text_open(&text, &size);

	for (; host; host = fer_model_next(host)) {
		const char *address = fer_model_text(host, "address");

		fprintf(file, "%s,%s%s%s\n", fer_model_text(host, "mac"), address ? address : "",
			address ? "," : "", fer_model_text(host, "name"));
	}
	fclose(file);
	return text;
}

static char *options_make(const struct lan_config *lan)
{
	const struct fer_model *option = fer_model_find(lan->at, "dhcp/option");
	char *text = NULL;
	size_t size;
	FILE *file = text_open(&text, &size);

	for (; option; option = fer_model_next(option))
		fprintf(file, "%s,%s\n", fer_model_text(option, "code"),
			fer_model_text(option, "value"));
	fclose(file);
	return text;
}

static char *records_make(const struct lan_config *lan)
{
	const struct fer_model *record = fer_model_find(lan->at, "dns/record");
	char *text = NULL;
	size_t size;
	FILE *file = text_open(&text, &size);

	for (; record; record = fer_model_next(record))
		fprintf(file, "%s %s\n", fer_model_text(record, "address"),
			fer_model_text(record, "name"));
	fclose(file);
	return text;
}

static char *private_make(const struct lan_config *lan)
{
	const struct fer_model *forward = fer_model_find(lan->at, "dns/forward");
	char *text = NULL;
	size_t size;
	FILE *file = text_open(&text, &size);

	for (; forward; forward = fer_model_next(forward))
		fprintf(file, "rebind-domain-ok=/%s/\n", fer_model_text(forward, "domain"));
	fclose(file);
	return text;
}

/* ---- block lists ---- */

static bool is_name(const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789.-_");

	return length && length < 254 && !text[length] && strchr(text, '.');
}

/* "name", or "0.0.0.0 name ...": the name of a line, cut out of it, or NULL. */
static char *line_name(char *line)
{
	char *save = NULL, *word;

	line[strcspn(line, "#\r\n")] = '\0';
	word = strtok_r(line, " \t", &save);
	/* in a hosts file an address comes first */
	if (word && word[strspn(word, "0123456789.:abcdefABCDEF")] == '\0')
		word = strtok_r(NULL, " \t", &save);
	return word && is_name(word) ? word : NULL;
}

static int too_many(const struct fer_model *at, unsigned long count, struct fer_problems *problems)
{
	fer_problem(problems, at,
		    "more than %lu names need more than %u MiB: allowed are %u MiB for all lists",
		    count, BLOCK_MEMORY_MAX >> 20, BLOCK_MEMORY_MAX >> 20);
	return -EINVAL;
}

static int block_add(const char *root, const struct fer_model *at, unsigned long *count, FILE *to,
		     struct fer_problems *problems)
{
	char path[PATH_MAX], line[512], *name;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, fer_model_text(at, NULL));
	if (strstr(fer_model_text(at, NULL), "..")) {
		fer_problem(problems, at, "'%s' leaves %s", fer_model_text(at, NULL), root);
		return -EINVAL;
	}
	file = fopen(path, "re");
	if (!file) {
		fer_problem(problems, at, "block list '%s' cannot be read: %s", path,
			    strerror(errno));
		return -EINVAL;
	}
	while (fgets(line, sizeof(line), file)) {
		name = line_name(line);
		if (!name)
			continue;
		if (++*count > BLOCK_MEMORY_MAX / BLOCK_OCTETS_A_NAME) {
			fclose(file);
			return too_many(at, *count - 1, problems);
		}
		fprintf(to, "server=/%s/\n", name);
	}
	fclose(file);
	return 0;
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
	at = fer_model_find(lan->at, "dns/block-list");
	for (; at && !err; at = fer_model_next(at))
		err = block_add(root, at, &count, file, problems);
	fclose(file);
	lan->dnsmasq.servers = text;
	return err;
}

int names_load(struct lan_config *lan, struct fer_problems *problems)
{
	lan->dnsmasq.hosts = hosts_make(lan);
	lan->dnsmasq.options = options_make(lan);
	lan->dnsmasq.records = records_make(lan);
	lan->dnsmasq.private_domains = private_make(lan);
	return servers_make(lan, problems);
}
