// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/api/facts.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

struct fact {
	struct fact *next;
	char *name;
	char *value;
};

struct fer_fact_watch {
	struct fer_fact_watch *next;
	char *name;
	void (*fn)(void *arg, const char *value);
	void *arg;
};

static struct fact *facts;
static struct fer_fact_watch *watches;

static struct fact *fact_get(const char *name)
{
	struct fact *fact;

	for (fact = facts; fact; fact = fact->next)
		if (!strcmp(fact->name, name))
			return fact;
	fact = mem_zalloc(sizeof(*fact));
	fact->name = mem_strdup(name);
	fact->next = facts;
	facts = fact;
	return fact;
}

void fer_fact_set(const char *name, const char *value)
{
	struct fact *fact = fact_get(name);

	if ((!value && !fact->value) || (value && fact->value && !strcmp(value, fact->value)))
		return;
	free(fact->value);
	fact->value = value ? mem_strdup(value) : NULL;
	for (struct fer_fact_watch *w = watches, *next; w; w = next) {
		next = w->next; /* one may end its own watch */
		if (!strcmp(w->name, name))
			w->fn(w->arg, fact->value);
	}
}

const char *fer_fact(const char *name)
{
	return fact_get(name)->value;
}

struct fer_fact_watch *fer_fact_watch(const char *name, void (*fn)(void *arg, const char *value),
				      void *arg)
{
	struct fer_fact_watch *watch = mem_zalloc(sizeof(*watch));

	watch->name = mem_strdup(name);
	watch->fn = fn;
	watch->arg = arg;
	watch->next = watches;
	watches = watch;
	return watch;
}

void fer_fact_unwatch(struct fer_fact_watch *watch)
{
	for (struct fer_fact_watch **at = &watches; *at; at = &(*at)->next) {
		if (*at != watch)
			continue;
		*at = watch->next;
		free(watch->name);
		free(watch);
		return;
	}
}
