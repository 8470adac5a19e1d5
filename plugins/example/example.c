// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The smallest whole role. plan() works out what will be, commit() makes it so, abort() forgets
 * it; state() shows what is. See core/api/plugin.h for the rules.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/action.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/api/plugin.h"
#include "core/api/state.h"

struct example {
	char *greeting; /* in force, or NULL */
	char *staged;
	unsigned commits;
};

static int example_start(const struct fer_plugin_paths *paths, void **instance)
{
	struct example *example = calloc(1, sizeof(*example));

	(void)paths;
	if (!example)
		return -ENOMEM;
	*instance = example;
	return 0;
}

static void example_stop(void *instance)
{
	struct example *example = instance;

	free(example->greeting);
	free(example->staged);
	free(example);
}

static int example_validate(const struct fer_config *config, struct fer_problems *problems)
{
	const struct fer_model *greeting = fer_config_find(config, "example/greeting");
	const char *text = fer_model_text(greeting, NULL);

	if (!text || !strchr(text, '!'))
		return 0;
	fer_problem(problems, greeting, "found '%s', allowed is a greeting that does not shout",
		    text);
	return -EINVAL;
}

static int example_plan(void *instance, struct fer_plan *plan, const struct fer_config *from,
			const struct fer_config *to, struct fer_problems *problems)
{
	const char *text = fer_model_text(fer_config_find(to, "example/greeting"), NULL);
	struct example *example = instance;

	(void)plan;
	(void)from;
	(void)problems;
	example->staged = text ? strdup(text) : NULL;
	return text && !example->staged ? -ENOMEM : 0;
}

static void example_commit(void *instance)
{
	struct example *example = instance;

	free(example->greeting);
	example->greeting = example->staged;
	example->staged = NULL;
	example->commits++;
	if (example->greeting)
		fer_log_info("example: %s", example->greeting);
}

static void example_abort(void *instance)
{
	struct example *example = instance;

	free(example->staged);
	example->staged = NULL;
}

static void example_state(void *instance, struct fer_state *state)
{
	const struct example *example = instance;

	if (!example->greeting)
		return;
	fer_state_text(state, example->greeting, "ferrule-example:example/greeting");
	fer_state_number(state, example->commits, "ferrule-example:example/commits");
}

/* `ferrule example greet NAME` */
static void example_greet(void *instance, struct fer_action *action)
{
	const struct example *example = instance;
	const char *name = fer_action_word(action, 0);
	int err = fer_action_check(action, 1);

	if (!err && !name) {
		fer_action_problem(action, "whom? 'ferrule example greet NAME'");
		err = -EINVAL;
	}
	if (!err)
		fer_action_print(action, "%s, %s\n",
				 example->greeting ? example->greeting : "hello", name);
	fer_action_done(action, err);
}

static const struct fer_verb verbs[] = {
	{"greet", "NAME", "says the greeting to somebody", example_greet, FER_VERB_LOOKS},
	{0},
};

static const char *const owns[] = {"example", NULL};

extern const struct fer_plugin fer_plugin;

const struct fer_plugin fer_plugin = {
	.api = FER_PLUGIN_API,
	.name = "example",
	.version = "1",
	.owns = owns,
	.start = example_start,
	.stop = example_stop,
	.validate = example_validate,
	.plan = example_plan,
	.commit = example_commit,
	.abort = example_abort,
	.state = example_state,
	.verbs = verbs,
};
