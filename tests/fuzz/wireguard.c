// SPDX-License-Identifier: GPL-2.0-or-later
/* Replies on wireguard-go's socket: any text is taken apart or refused, and texts have an end. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "services/wireguard/uapi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wireguard_state *state = malloc(sizeof(*state));
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	if (!uapi_parse(text, state)) {
		if (state->peers > WIREGUARD_PEERS)
			abort();
		for (unsigned i = 0; i < state->peers; i++)
			if (!memchr(state->peer[i].endpoint, '\0', sizeof(state->peer[i].endpoint)))
				abort();
	}
	free(text);
	free(state);
	return 0;
}
