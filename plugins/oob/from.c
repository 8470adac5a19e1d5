// SPDX-License-Identifier: GPL-2.0-or-later
#include "from.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/model.h"
#include "load.h"
#include "services/netdev/prefix.h"

static const struct fer_model *entry_find(const struct oob_config *config, const char *name)
{
	static const char *const lists[] = {"peer", "hub"};

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		for (const struct fer_model *at = fer_model_find(config->at, lists[i]); at;
		     at = fer_model_next(at))
			if (!strcmp(fer_model_text(at, "name"), name))
				return at;
	return NULL;
}

static int check(const struct oob_config *config, const struct fer_model *at,
		 struct fer_problems *problems)
{
	const struct fer_model *from = fer_model_find(at, "from");
	struct prefix prefix;
	int err = 0;

	for (; from; from = fer_model_next(from)) {
		const char *text = fer_model_text(from, NULL);

		if (prefix_parse(text, &prefix) || entry_find(config, text))
			continue;
		fer_problem(problems, from,
			    "found '%s', allowed is a prefix, such as 10.66.0.0/24, or the name of "
			    "a peer or a hub",
			    text);
		err = -EINVAL;
	}
	return err;
}

int from_check(const struct oob_config *config, struct fer_problems *problems)
{
	static const char *const lists[] = {"ssh", "console", "reach"};
	int err = 0;

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		for (const struct fer_model *at = fer_model_find(config->at, lists[i]); at;
		     at = fer_model_next(at))
			if (check(config, at, problems))
				err = -EINVAL;
	return err;
}

void from_each(const struct oob_config *config, const struct fer_model *at,
	       void (*each)(void *arg, const char *prefix), void *arg)
{
	const struct fer_model *from = fer_model_find(at, "from"), *allowed;
	struct prefix prefix;

	for (; from; from = fer_model_next(from)) {
		const char *text = fer_model_text(from, NULL);

		if (prefix_parse(text, &prefix)) {
			each(arg, text);
			continue;
		}
		allowed = fer_model_find(entry_find(config, text), "allowed");
		for (; allowed; allowed = fer_model_next(allowed))
			each(arg, fer_model_text(allowed, NULL));
	}
}
