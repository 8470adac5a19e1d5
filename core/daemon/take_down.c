// SPDX-License-Identifier: GPL-2.0-or-later
/* What an instance left, by its run folder alone: no configuration is needed for it. */
#include <errno.h>
#include <stdlib.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/engine/engine.h"
#include "core/link/copier.h"
#include "core/link/guest.h"
#include "core/link/host.h"
#include "core/link/port.h"
#include "core/link/redirect.h"
#include "wire.h"

int wire_take_down(const char *run_dir)
{
	const struct backend_ops *ops = engine_backend("auto");
	struct backend_config config = {.run_dir = run_dir};
	struct backend_state state;
	struct engine *engine;
	mem_auto char *note = mem_printf("%s/host-link", run_dir);
	mem_auto char *interface = NULL;
	bool was_there;
	int err = ports_are_elsewhere(run_dir) ? -EXDEV
		  : ops			       ? engine_new(&engine, ops, &config)
					       : -ENOTSUP;

	if (err)
		return err;
	engine_state(engine, &state);
	was_there = state.adopted;
	engine_stop(engine);
	port_release_others(run_dir, NULL, NULL);
	guest_rules_remove();
	if (redirect_is_there())
		redirect_remove();
	if (!file_read(note, 64, &interface, NULL)) {
		copier_remove(interface);
		guest_remove(interface);
		host_link_remove(interface);
	}
	file_remove(note);
	return was_there ? 0 : -ENOENT;
}
