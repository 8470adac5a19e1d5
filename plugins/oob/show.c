// SPDX-License-Identifier: GPL-2.0-or-later
#include "show.h"

#include <stdio.h>
#include <time.h>

#include "core/api/state.h"
#include "echo.h"
#include "services/wireguard/uapi.h"

void show_end(const struct wireguard_peer_state *peer, const char *at, struct fer_state *state)
{
	time_t now = time(NULL);

	if (*peer->endpoint)
		fer_state_text(state, peer->endpoint, "%s/endpoint", at);
	if (peer->handshake)
		fer_state_number(state, now > (time_t)peer->handshake ? now - peer->handshake : 0,
				 "%s/handshake-age", at);
	fer_state_number(state, peer->rx, "%s/rx", at);
	fer_state_number(state, peer->tx, "%s/tx", at);
}

void show_health(const struct echo *echo, const char *at, struct fer_state *state)
{
	char text[32];

	if (!echo || !echo_answered(echo))
		return;
	snprintf(text, sizeof(text), "%.2f", echo_round_trip(echo) / 1000.0);
	fer_state_text(state, text, "%s/round-trip", at);
	fer_state_number(state, echo_loss(echo), "%s/loss", at);
	fer_state_number(state, (echo_now() - echo_answered(echo)) / 1000, "%s/silent", at);
}
