// SPDX-License-Identifier: GPL-2.0-or-later
/* Replies of chronyd: any octets are taken apart or refused, and texts have an end. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "services/chrony/protocol.h"

static void check_text(const char *text, size_t size)
{
	if (!memchr(text, '\0', size))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct chrony_client client[CHRONY_CLIENTS_A_REPLY];
	struct chrony_tracking tracking;
	struct chrony_source source;
	uint64_t answered, dropped;
	uint32_t sequence, number;
	unsigned command, count;

	if (chrony_reply(data, size, &sequence, &command))
		return 0;
	if (chrony_reply_tracking(data, size, &tracking))
		check_text(tracking.reference, sizeof(tracking.reference));
	memset(&source, 0, sizeof(source));
	if (chrony_reply_source(data, size, &source))
		check_text(source.text, sizeof(source.text));
	if (chrony_reply_name(data, size, &source))
		check_text(source.name, sizeof(source.name));
	chrony_reply_auth(data, size, &source);
	chrony_reply_count(data, size, &number);
	chrony_reply_stats(data, size, &answered, &dropped);
	count = chrony_reply_clients(data, size, client, &number);
	if (count > CHRONY_CLIENTS_A_REPLY)
		abort();
	for (unsigned i = 0; i < count; i++)
		check_text(client[i].address, sizeof(client[i].address));
	return 0;
}
