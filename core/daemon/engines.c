// SPDX-License-Identifier: GPL-2.0-or-later
#include "engines.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/api/model.h"
#include "core/config/document.h"
#include "core/config/model.h"
#include "core/config/problem.h"
#include "core/engine/engine.h"

bool has_wire(const struct document *document)
{
	return fer_config_find(model_of(document), "wire");
}

const struct backend_ops *engines_wanted(const struct document *document)
{
	const struct fer_model *wire = fer_config_find(model_of(document), "wire");

	return engine_backend(wire ? fer_model_text(wire, "engine") : "null");
}

bool engines_move(const struct engines *e)
{
	return strcmp(e->name, "null");
}

static enum backend_mode mode_of(const struct fer_model *wire)
{
	const char *mode = wire ? fer_model_text(wire, "xdp-mode") : "auto";

	return !strcmp(mode, "native")	  ? MODE_NATIVE
	       : !strcmp(mode, "generic") ? MODE_GENERIC
					  : MODE_AUTO;
}

int engines_open(struct engines *e, const char *run_dir, const struct document *to,
		 struct fer_problems *list)
{
	const struct fer_model *at = fer_config_find(model_of(to), "wire");
	const struct backend_ops *ops = engines_wanted(to);
	const struct backend_config config = {.run_dir = run_dir, .mode = mode_of(at)};
	struct engine *engine;
	int err;

	if (e->now && !strcmp(ops->name, e->name))
		return 0;
	err = engine_new(&engine, ops, &config);
	if (err) {
		fer_problem(list, fer_model_find(at, "engine"), "%s cannot be started: %s%s",
			    ops->name, strerror(-err),
			    err == -EPERM ? "; ferruled needs root" : "");
		return err;
	}
	e->leaving = e->now;
	memcpy(e->leaving_name, e->name, sizeof(e->name));
	e->now = engine;
	snprintf(e->name, sizeof(e->name), "%s", ops->name);
	return 0;
}

void engines_keep(struct engines *e)
{
	if (!e->leaving)
		return;
	engine_stop(e->now);
	e->now = e->leaving;
	memcpy(e->name, e->leaving_name, sizeof(e->name));
	e->leaving = NULL;
}

bool engines_leave(struct engines *e)
{
	if (!e->leaving)
		return false;
	engine_stop(e->leaving);
	e->leaving = NULL;
	return strcmp(e->leaving_name, "null");
}
