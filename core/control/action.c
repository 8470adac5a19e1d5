// SPDX-License-Identifier: GPL-2.0-or-later
#include "action.h"

#include <errno.h>
#include <libyang/libyang.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/config/schema.h"

static bool is_option(const char *word)
{
	return !strncmp(word, "--", 2);
}

const char *fer_action_word(const struct fer_action *action, size_t index)
{
	for (const char **word = action->word; *word; word++)
		if (**word && !is_option(*word) && !index--)
			return *word;
	return NULL;
}

int fer_action_flag(struct fer_action *action, const char *name)
{
	for (const char **word = action->word; *word; word++)
		if (!strcmp(*word, name)) {
			*word = "";
			return 1;
		}
	return 0;
}

const char *fer_action_option(struct fer_action *action, const char *name)
{
	for (const char **word = action->word; *word; word++) {
		const char *value = word[1];

		if (strcmp(*word, name) || !value || is_option(value))
			continue;
		word[0] = word[1] = "";
		return value;
	}
	return NULL;
}

int fer_action_check(struct fer_action *action, size_t words)
{
	for (const char **word = action->word; *word; word++)
		if (is_option(*word)) {
			fer_action_problem(action, "'%s' is no option here, or lacks its value",
					   *word);
			return -EINVAL;
		}
	if (!fer_action_word(action, words))
		return 0;
	fer_action_problem(action, "'%s' is one word too many", fer_action_word(action, words));
	return -EINVAL;
}

const struct fer_config *fer_action_running(const struct fer_action *action)
{
	return action->running(action->arg);
}

const struct fer_config *fer_action_candidate(const struct fer_action *action)
{
	return action->candidate(action->arg);
}

static int edit(struct fer_action *action, bool set, const char *const *words)
{
	size_t count = 0;

	while (words[count])
		count++;
	return action->edit(action->arg, set, words, count, &action->problems);
}

int fer_action_set(struct fer_action *action, const char *const *words)
{
	return edit(action, true, words);
}

int fer_action_delete(struct fer_action *action, const char *const *words)
{
	return edit(action, false, words);
}

void fer_action_print(struct fer_action *action, const char *format, ...)
{
	mem_auto char *text = NULL;
	va_list args;

	va_start(args, format);
	text = mem_vprintf(format, args);
	va_end(args);
	text_add(&action->text, "%s", text);
}

void fer_action_qr(struct fer_action *action, const char *text)
{
	text_add(&action->qr, "%s", text);
}

struct fer_state *fer_action_state(struct fer_action *action)
{
	if (!action->state.root)
		lyd_new_inner(NULL, action->schema->control, "state", 0, &action->state.root);
	return &action->state;
}

enum fer_parts fer_action_parts(const struct fer_action *action)
{
	return action->parts;
}

int fer_action_send(struct fer_action *action, const char *data, size_t length)
{
	return length ? action->send(action->arg, data, length) : 0;
}

void fer_action_on_room(struct fer_action *action, void (*room)(void *arg), void *arg)
{
	action->on_room(action->arg, room, arg);
}

char *fer_action_verify(struct fer_action *action, const char *yaml, const char *path)
{
	return action->verify(action->arg, yaml, path);
}

void fer_action_problem(struct fer_action *action, const char *format, ...)
{
	mem_auto char *text = NULL;
	va_list args;

	va_start(args, format);
	text = mem_vprintf(format, args);
	va_end(args);
	problems_add(&action->problems, NULL, "%s", text);
}

void fer_action_done(struct fer_action *action, int err)
{
	action->done(action->arg, err);
}

/* There may be keys in what it said. */
static void wipe(struct text *text)
{
	if (text->data)
		explicit_bzero(text->data, text->length);
	text_clear(text);
}

void action_clear(struct fer_action *action)
{
	free(action->word);
	wipe(&action->text);
	wipe(&action->qr);
	lyd_free_all(action->state.root);
	problems_clear(&action->problems);
}

void fer_action_reload(void *instance, struct fer_action *action)
{
	(void)instance;
	if (fer_action_check(action, 0))
		fer_action_done(action, -EINVAL);
	else
		action->reload(action->arg);
}
