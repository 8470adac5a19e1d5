// SPDX-License-Identifier: GPL-2.0-or-later
#include "governed.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "core/api/model.h"
#include "core/base/text.h"
#include "core/config/model.h"
#include "core/config/plugins.h"
#include "core/config/problem.h"

static bool is_role(const struct plugins *plugins, const char *name)
{
	for (unsigned i = 0; plugins && i < plugins->count; i++)
		if (!strcmp(plugins->at[i].plugin->name, name))
			return true;
	return false;
}

int governed_validate(const struct fer_config *config, const struct plugins *plugins,
		      struct fer_problems *problems)
{
	const struct fer_model *name = fer_config_find(config, "governor/shed");
	struct text text_auto known = {0};
	int err = 0;

	for (unsigned i = 0; plugins && i < plugins->count; i++)
		text_add(&known, "%s%s", i ? ", " : "", plugins->at[i].plugin->name);
	for (; name; name = fer_model_next(name)) {
		if (is_role(plugins, fer_model_text(name, NULL)))
			continue;
		fer_problem(problems, name, "found '%s', which is no role; there is %s",
			    fer_model_text(name, NULL), known.length ? known.data : "none");
		err = -EINVAL;
	}
	return err;
}
