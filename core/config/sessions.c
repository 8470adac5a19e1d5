// SPDX-License-Identifier: GPL-2.0-or-later
#include "sessions.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "core/api/model.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/model.h"
#include "core/config/problem.h"
#include "core/engine/rules.h"
#include "filters.h"

static bool is_unicast(const struct rule_session *session)
{
	static const uint8_t nothing[16];
	const uint8_t *a = session->destination;

	if (session->family == 4)
		return a[0] && a[0] != 127 && a[0] < 224;
	return a[0] != 0xff && memcmp(a, nothing, 15);
}

static void destination_load(const struct fer_model *at, struct rule_session *session,
			     struct fer_problems *problems)
{
	const struct fer_model *leaf = fer_model_find(at, "destination");
	const char *text = fer_model_text(leaf, NULL);

	session->family = strchr(text, ':') ? 6 : 4;
	if (inet_pton(session->family == 4 ? AF_INET : AF_INET6, text, session->destination) != 1 ||
	    !is_unicast(session))
		fer_problem(problems, leaf,
			    "found '%s', allowed is the IPv4 or IPv6 address of one collector",
			    text);
}

static enum image_oversize oversize_of(const char *text)
{
	if (!strcmp(text, "drop"))
		return OVERSIZE_DROP;
	return strcmp(text, "fragment") ? OVERSIZE_TRUNCATE : OVERSIZE_FRAGMENT;
}

static enum image_granularity granularity_of(const char *text)
{
	if (!strcmp(text, "100ns"))
		return GRANULARITY_100NS;
	return strcmp(text, "1588") ? GRANULARITY_100US : GRANULARITY_1588;
}

static void fragment_load(const struct fer_model *at, struct rule_session *session,
			  struct fer_problems *problems)
{
	const struct fer_model *leaf = fer_model_find(at, "dont-fragment");

	session->dont_fragment =
		leaf ? fer_model_flag(leaf, NULL) : session->oversize != OVERSIZE_FRAGMENT;
	if (leaf && session->dont_fragment && session->oversize == OVERSIZE_FRAGMENT)
		fer_problem(problems, leaf,
			    "'dont-fragment: true' forbids what 'oversize: fragment' asks for");
}

static void session_load(const struct fer_model *at, struct rule_session *session,
			 struct fer_problems *problems)
{
	*session = (struct rule_session){
		.version = fer_model_number(at, "version", 2),
		.id = fer_model_number(at, "session-id", 0),
		.snap = fer_model_number(at, "snap-length", 0),
		.oversize = oversize_of(fer_model_text(at, "oversize")),
		.granularity = granularity_of(fer_model_text(at, "timestamp")),
		.hardware = fer_model_number(at, "hardware-id", 0),
		.kbits = fer_model_number(at, "rate-limit/kbits", 0),
		.packets = fer_model_number(at, "rate-limit/packets", 0),
		.dscp = filter_dscp(fer_model_text(at, "dscp")),
		.ttl = fer_model_number(at, "ttl", 64),
		.mtu = fer_model_number(at, "mtu", 0),
		.share = fer_model_number(at, "share", 0),
	};
	strncpy(session->name, fer_model_text(at, "name"), sizeof(session->name) - 1);
	if (session->version == 1)
		session->id = 0;
	destination_load(at, session, problems);
	fragment_load(at, session, problems);
	if (session->family == 6 && session->mtu && session->mtu < 1280)
		fer_problem(problems, fer_model_find(at, "mtu"),
			    "found %u, allowed is 1280 octets or more over IPv6 (RFC 8200 5)",
			    session->mtu);
}

/* The draft wants a session known by its number and both addresses; ours is the same for all. */
static void unique_check(const struct fer_model *at, const struct rule_set *set,
			 struct fer_problems *problems)
{
	const struct rule_session *last = &set->session[set->sessions - 1];

	for (const struct rule_session *s = set->session; s < last; s++)
		if (s->id == last->id && s->family == last->family &&
		    !memcmp(s->destination, last->destination, sizeof(s->destination)))
			fer_problem(problems, at,
				    "session %u to this collector is '%s' already; give another "
				    "session-id%s",
				    s->id, s->name,
				    last->version == 1 ? " and a version that has it" : "");
}

void sessions_load(const struct fer_config *config, struct rule_set *set,
		   struct fer_problems *problems)
{
	const struct fer_model *at = fer_config_find(config, "erspan");

	for (; at && set->sessions < SESSIONS_MAX; at = fer_model_next(at)) {
		session_load(at, &set->session[set->sessions++], problems);
		unique_check(at, set, problems);
	}
}

void captures_load(const struct fer_config *config, struct rule_set *set)
{
	const struct fer_model *at = fer_config_find(config, "capture");

	for (; at && set->captures < CAPTURES_MAX; at = fer_model_next(at)) {
		struct rule_capture *capture = &set->capture[set->captures++];

		strncpy(capture->name, fer_model_text(at, "name"), sizeof(capture->name) - 1);
		capture->snap = fer_model_number(at, "snap-length", 16384);
	}
}

/* ---- by name ---- */

typedef const char *name_of(const struct rule_set *set, unsigned i);

static const char *session_name(const struct rule_set *set, unsigned i)
{
	return i < set->sessions ? set->session[i].name : NULL;
}

static const char *capture_name(const struct rule_set *set, unsigned i)
{
	return i < set->captures ? set->capture[i].name : NULL;
}

static char *names_list(const struct rule_set *set, name_of *of, const char *list)
{
	struct text text = {0};
	const char *name;

	for (unsigned i = 0; (name = of(set, i)); i++)
		text_add(&text, "%s%s", i ? ", " : "there is ", name);
	if (!text.length)
		text_add(&text, "there is none; see '%s'", list);
	return text_take(&text);
}

static uint16_t named(const struct fer_model *name, const struct rule_set *set, name_of *of,
		      const char *what, const char *list, struct fer_problems *problems)
{
	uint16_t found = 0;

	for (; name; name = fer_model_next(name)) {
		const char *text = fer_model_text(name, NULL);
		unsigned i = 0;

		while (of(set, i) && strcmp(of(set, i), text))
			i++;
		if (of(set, i)) {
			found |= 1 << i;
		} else {
			mem_auto char *names = names_list(set, of, list);

			fer_problem(problems, name, "no %s '%s'; %s", what, text, names);
		}
	}
	return found;
}

uint16_t sessions_named(const struct fer_model *name, const struct rule_set *set,
			struct fer_problems *problems)
{
	return named(name, set, session_name, "ERSPAN session", "erspan", problems);
}

uint8_t captures_named(const struct fer_model *name, const struct rule_set *set,
		       struct fer_problems *problems)
{
	return named(name, set, capture_name, "capture", "capture", problems);
}
