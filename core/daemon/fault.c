// SPDX-License-Identifier: GPL-2.0-or-later
#include "fault.h"

#include <stdlib.h>
#include <string.h>

#include "core/api/event.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/link/guard.h"
#include "core/link/netlink.h"
#include "core/link/port.h"
#include "core/link/propagate.h"
#include "core/link/watch.h"

struct fault {
	char *run_dir;
	bool enabled;
	struct propagate state;
	struct backend_ports ports;
	struct link_watch *watch;
	struct fer_event *timer;
};

static const char *const side_name[] = {"optical", "electrical"};

static void carriers_get(const struct fault *f, bool carrier[2])
{
	for (int side = 0; side < 2; side++) {
		struct link_info info = {0};

		netlink_link_get(f->ports.name[side], &info);
		carrier[side] = info.up && info.carrier;
	}
}

static void step_take(struct fault *f, enum propagate_step step, int side)
{
	const char *name = f->ports.name[side];
	int err = step == PROPAGATE_HOLD ? port_hold(name, f->run_dir)
					 : port_let_go(name, f->run_dir);

	if (!err && step == PROPAGATE_HOLD)
		err = guard_start(f->run_dir, f->ports.name[side ^ 1], name);

	if (err)
		fer_log_err("wire: %s: the link cannot be taken %s: %s", name,
			    step == PROPAGATE_HOLD ? "down" : "up", strerror(-err));
	else if (step == PROPAGATE_HOLD)
		fer_log_warn("wire: no carrier on the %s side: the link of the %s side is taken "
			     "down",
			     side_name[side ^ 1], side_name[side]);
	else
		fer_log_notice("wire: carrier on the %s side is back: the link of the %s side is "
			       "up again",
			       side_name[side ^ 1], side_name[side]);
}

static void look(void *arg)
{
	struct fault *f = arg;
	enum propagate_step step;
	bool carrier[2];
	uint64_t wait;
	int side;

	if (!f->enabled)
		return;
	/* a guard let it go while there was nobody else: what we know is old */
	if (f->state.held >= 0 && !port_held(f->ports.name[f->state.held], f->run_dir))
		port_hold(f->ports.name[f->state.held], f->run_dir);
	carriers_get(f, carrier);
	step = propagate_look(&f->state, clock_ms(), carrier, &side, &wait);
	if (step != PROPAGATE_NOTHING)
		step_take(f, step, side);
	if (wait)
		fer_timer_start(f->timer, wait);
	else
		fer_event_stop(f->timer);
}

struct fault *fault_new(const char *run_dir)
{
	struct fault *f = mem_zalloc(sizeof(*f));

	f->run_dir = mem_strdup(run_dir);
	f->state.held = -1;
	f->timer = fer_timer_new(look, f);
	return f;
}

void fault_free(struct fault *f)
{
	if (!f)
		return;
	link_watch_free(f->watch);
	fer_event_free(f->timer);
	free(f->run_dir);
	free(f);
}

static int held_side(const struct fault *f)
{
	for (int side = 0; side < 2; side++)
		if (port_held(f->ports.name[side], f->run_dir))
			return side;
	return -1;
}

static void disable(struct fault *f)
{
	int held = held_side(f);

	f->enabled = false;
	f->state.held = -1;
	link_watch_free(f->watch);
	f->watch = NULL;
	fer_event_stop(f->timer);
	if (held >= 0)
		port_let_go(f->ports.name[held], f->run_dir);
}

static void enable(struct fault *f, const struct backend_ports *before)
{
	bool carrier[2];
	bool same = f->enabled;

	for (int side = 0; side < 2; side++)
		same &= f->ports.ifindex[side] == before->ifindex[side];
	if (!f->watch)
		f->watch = link_watch_new(look, f);
	if (!same) {
		carriers_get(f, carrier);
		propagate_start(&f->state, clock_ms(), carrier, held_side(f));
		/* somebody may have died between the note and the deed */
		if (f->state.held >= 0)
			step_take(f, PROPAGATE_HOLD, f->state.held);
	}
	f->enabled = true;
	look(f);
}

void fault_set(struct fault *f, const struct fer_model *config, const struct backend_ports *ports)
{
	struct backend_ports before = f->ports;

	f->ports = *ports;
	f->state.hold = fer_model_number(config, "hold-time", 100);
	f->state.grace = fer_model_number(config, "start-up-grace", 5) * 1000;
	if (ports->ifindex[PORT_OPTICAL] && fer_model_flag(config, "enabled"))
		enable(f, &before);
	else if (ports->ifindex[PORT_OPTICAL])
		disable(f);
}

bool fault_holds(const struct fault *f, int port)
{
	return f->enabled && f->state.held == port;
}
