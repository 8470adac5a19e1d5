// SPDX-License-Identifier: GPL-2.0-or-later
#include "clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/api/file.h"
#include "core/api/log.h"
#include "services/savedtime/savedtime.h"

enum {
	/* A hub is shaken hands with every two minutes (WireGuard, section 6.1), and that is when
	 * it is saved: what was saved is then not behind the last stamp that a hub has taken.
	 * Several hubs have their turns close to each other. */
	TOGETHER_MS = 15 * 1000,
	/* Stamps may arrive whose answers do not. */
	ANYWAY_MS = 150 * 1000,
};

void clock_begin(struct clock *clock, const char *folder, const char *run_dir)
{
	memset(clock, 0, sizeof(*clock));
	snprintf(clock->path, sizeof(clock->path), "%.240s/clock", folder);
	snprintf(clock->restored, sizeof(clock->restored), "%.240s/oob-clock", run_dir);
}

void clock_put_back(struct clock *clock)
{
	int64_t saved = savedtime_read(clock->path);
	int err;

	/* once a boot: afterwards somebody may have put it right */
	if (!access(clock->restored, F_OK)) {
		clock->ours = savedtime_read(clock->restored);
		return;
	}
	err = savedtime_restore(savedtime_floor(saved));
	clock->ours = !err;
	fer_file_write(clock->restored, err ? "0\n" : "1\n", 2, 0644, NULL);
	if (!err)
		fer_log_notice("oob: the clock was behind; set to %s",
			       savedtime_believable(saved) ? "the time that was saved last"
							   : "the release of this software");
	else if (err != -EALREADY)
		fer_log_warn("oob: the clock cannot be set: %s", strerror(-err));
}

bool clock_is_due(struct clock *clock, uint64_t handshake, uint64_t now)
{
	bool another = handshake && handshake != clock->seen;

	if (clock->kept ? now - clock->kept < (another ? TOGETHER_MS : ANYWAY_MS)
			: !another && !clock->ours)
		return false;
	clock->kept = now;
	clock->seen = handshake ? handshake : clock->seen;
	return true;
}

void clock_keep(struct clock *clock, uint64_t handshake, uint64_t now)
{
	if (clock_is_due(clock, handshake, now))
		savedtime_write(clock->path);
}

void clock_end(const struct clock *clock, uint64_t handshake)
{
	if (handshake)
		savedtime_write(clock->path);
}
