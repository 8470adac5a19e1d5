/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `ferrule show ntp` shows. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct chrony_report;
struct fer_state;

struct ntp_status {
	bool learns; /* there are servers to ask */
	bool synchronised;
	uint64_t since; /* s, how long */
	bool serving;
	const char *why; /* not serving */
	int64_t expires; /* the certificate of NTS, s since 1970; 0: there is none */
};

void ntp_state(const struct ntp_status *status, const struct chrony_report *report,
	       struct fer_state *state);
