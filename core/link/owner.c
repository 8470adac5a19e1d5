// SPDX-License-Identifier: GPL-2.0-or-later
#include "owner.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/engine/rules.h"

static const char *const side_name[] = {"optical", "electrical"};

const char *owner_state_name(enum owner_state state)
{
	static const char *const name[] = {"off", "learning", "verified", "active", "suspended"};

	return name[state];
}

void owner_words(const struct owner_identity *who, char *text, unsigned size)
{
	const uint8_t *m = who->mac;
	int n = snprintf(text, size, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4],
			 m[5]);

	for (unsigned i = 0; i < who->tags && i < LOAN_TAGS && n < (int)size; i++)
		n += snprintf(text + n, size - n, ", VLAN %u",
			      (who->tag[4 * i + 2] & 15) << 8 | who->tag[4 * i + 3]);
	if (n < (int)size)
		snprintf(text + n, size - n, ", %s", side_name[who->side & 1]);
}

/* ---- who was seen ---- */

/* Priority and DEI of a tag may change from frame to frame: they are no part of it. */
static bool is_same(const struct owner_identity *a, const struct owner_identity *b)
{
	if (memcmp(a->mac, b->mac, 6) || a->side != b->side || a->tags != b->tags)
		return false;
	for (unsigned i = 0; i < a->tags && i < LOAN_TAGS; i++)
		if (((a->tag[4 * i + 2] ^ b->tag[4 * i + 2]) & 15) ||
		    a->tag[4 * i + 3] != b->tag[4 * i + 3])
			return false;
	return true;
}

/* Behind the tags stands what the frame went on with: the same owner would be another one with each
 * frame, and sessions that are kept would be let go while the engine learns of it. */
static struct owner_identity identity_of(const struct backend_sighting *seen)
{
	struct owner_identity who = {.side = seen->side, .tags = seen->tags};

	memcpy(who.mac, seen->mac, 6);
	for (unsigned i = 0; i < who.tags && i < LOAN_TAGS; i++) {
		memcpy(who.tag + 4 * i, seen->tag + 4 * i, 4);
		who.tag[4 * i + 2] &= 15;
	}
	return who;
}

/*
 * Says that somebody has the address: several frames on the owner's side; on the other one ARP or
 * ND alone, as anybody may send a packet with a forged source through a router.
 */
static bool is_claim(const struct backend_sighting *seen, const struct rule_loan *rule)
{
	return seen->kind == SEEN_OWNER && seen->several &&
	       (seen->side == rule->owner || seen->neighbour);
}

/* Since what was seen counts. */
static bool counts(const struct owner *o, const struct backend_sighting *seen, uint64_t now)
{
	return now - seen->last >= o->began;
}

static const struct backend_sighting *find(const struct owner *o, const struct owner_view *view)
{
	for (unsigned i = 0; i < view->count; i++) {
		struct owner_identity who = identity_of(&view->seen[i]);

		if (view->seen[i].kind == SEEN_OWNER && is_same(&who, &o->known))
			return &view->seen[i];
	}
	return NULL;
}

/* The latest claim by somebody else within `age`. */
static const struct backend_sighting *find_other(const struct owner *o,
						 const struct rule_loan *rule,
						 const struct owner_view *view, uint32_t age)
{
	const struct backend_sighting *found = NULL, *known = find(o, view);
	bool speaks = known && known->last <= OWNER_SETTLE_S;

	for (unsigned i = 0; i < view->count; i++) {
		const struct backend_sighting *seen = &view->seen[i];
		struct owner_identity who = identity_of(seen);

		/* packets alone may be forged as long as the known one speaks itself */
		if (!is_claim(seen, rule) || (speaks && !seen->neighbour) || seen->last > age ||
		    !counts(o, seen, view->now) || (o->is_known && is_same(&who, &o->known)))
			continue;
		if (!found || seen->last < found->last)
			found = seen;
	}
	return found;
}

static bool in_ranges(const struct rule_ranges *ranges, uint16_t port)
{
	for (unsigned i = 0; i < ranges->count; i++)
		if (port >= ranges->at[i].low && port <= ranges->at[i].high)
			return true;
	return false;
}

const struct backend_sighting *owner_uses(const struct rule_loan *rule,
					  const struct backend_sighting *seen, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (seen[i].kind == SEEN_PORT && seen[i].last < OWNER_PORT_S &&
		    in_ranges(seen[i].protocol == 6 ? &rule->tcp : &rule->udp, seen[i].port))
			return &seen[i];
	return NULL;
}

/* ---- the gateway ---- */

static bool is_gateway_address(const struct rule_loan *rule, const struct backend_sighting *seen)
{
	unsigned size = rule->family == 4 ? 4 : 16;

	for (unsigned i = 0; i < size; i++) {
		uint64_t word = seen->own[i / 8];
		unsigned shift = size == 4 ? 24 - 8 * i : 56 - 8 * (i % 8);

		if ((uint8_t)(word >> shift) != rule->gateway[i])
			return false;
	}
	return true;
}

enum { RECENT = 100 };

/*
 * More says that it is one: its address; or how many addresses its frames had, of IPv6 more than a
 * host has itself. Who has spoken lately is better than who has not.
 */
static uint32_t gateway_evidence(const struct owner *o, const struct rule_loan *rule,
				 const struct backend_sighting *seen, uint64_t now)
{
	static const uint8_t nothing[16];
	uint32_t least = rule->family == 4 ? 2 : 3, evidence;
	struct owner_identity who = identity_of(seen);

	who.side = o->known.side;
	memcpy(who.mac, o->known.mac, 6);
	if (seen->kind != SEEN_REMOTE || seen->last > OWNER_AGE_S || !counts(o, seen, now) ||
	    (o->is_known && !is_same(&who, &o->known)))
		return 0;
	if (memcmp(rule->gateway, nothing, 16))
		evidence = seen->neighbour && is_gateway_address(rule, seen);
	else
		evidence = seen->addresses >= least ? seen->addresses : 0;
	return evidence && seen->last <= OWNER_SETTLE_S ? evidence + RECENT : evidence;
}

static void gateway_look(struct owner *o, const struct rule_loan *rule,
			 const struct owner_view *view)
{
	const struct backend_sighting *best = NULL;
	uint32_t most = 0;

	for (unsigned i = 0; i < view->count; i++) {
		const struct backend_sighting *seen = &view->seen[i];
		uint32_t evidence = gateway_evidence(o, rule, seen, view->now);

		/* the one that there is stays, as long as it speaks */
		if (evidence && o->has_gateway && !memcmp(seen->mac, o->gateway, 6) &&
		    seen->last <= OWNER_SETTLE_S)
			return;
		if (evidence > most) {
			most = evidence;
			best = seen;
		}
	}
	if (best) {
		memcpy(o->gateway, best->mac, 6);
		o->has_gateway = true;
	}
}

/* ---- states ---- */

__attribute__((format(printf, 4, 5))) static void enter(struct owner *o, enum owner_state state,
							uint64_t now, const char *reason, ...)
{
	va_list args;

	if (o->state != state)
		o->entered = now;
	o->state = state;
	va_start(args, reason);
	vsnprintf(o->reason, sizeof(o->reason), reason, args);
	va_end(args);
}

void owner_start(struct owner *o, uint64_t now, enum engine_port side,
		 const struct backend_loan *adopted)
{
	static const uint8_t nothing[6];

	*o = (struct owner){.state = OWNER_LEARNING, .entered = now};
	snprintf(o->reason, sizeof(o->reason), "nothing was seen yet");
	if (!adopted->kept || adopted->side != side)
		return;
	o->is_known = true;
	o->known.side = side;
	o->known.tags = adopted->tags;
	memcpy(o->known.mac, adopted->owner, 6);
	memcpy(o->known.tag, adopted->tag, sizeof(o->known.tag));
	memcpy(o->gateway, adopted->gateway, 6);
	o->has_gateway = memcmp(o->gateway, nothing, 6);
	o->state = adopted->lent ? OWNER_ACTIVE : OWNER_LEARNING;
}

static void learn(struct owner *o, const struct rule_loan *rule, const struct owner_view *view)
{
	const struct backend_sighting *first = NULL;
	char a[80], b[80];

	/* what was known is forgotten: it must be seen anew */
	for (unsigned i = 0; i < view->count; i++) {
		const struct backend_sighting *seen = &view->seen[i];
		struct owner_identity who = identity_of(seen), other;

		if (!is_claim(seen, rule) || seen->last > OWNER_AGE_S ||
		    !counts(o, seen, view->now))
			continue;
		if (!first) {
			first = seen;
			continue;
		}
		other = identity_of(first);
		owner_words(&other, a, sizeof(a));
		owner_words(&who, b, sizeof(b));
		/* who says so by ARP or ND, or spoke alone for a while, is it */
		if (seen->neighbour != first->neighbour)
			first = seen->neighbour ? seen : first;
		else if (seen->last + OWNER_SETTLE_S < first->last)
			first = seen;
		else if (first->last + OWNER_SETTLE_S >= seen->last) {
			enter(o, OWNER_LEARNING, view->now, "two have the address: %s and %s", a,
			      b);
			return;
		}
	}
	if (!first) {
		enter(o, OWNER_LEARNING, view->now, "not enough was seen of %s yet", rule->name);
		return;
	}
	o->known = identity_of(first);
	o->is_known = true;
	if (first->side != rule->owner) {
		enter(o, OWNER_SUSPENDED, view->now, "its owner is on the %s side",
		      side_name[first->side & 1]);
		o->is_known = false;
		return;
	}
	o->moved = false;
	enter(o, OWNER_VERIFIED, view->now, "the ports that its owner uses are watched");
}

/* Somebody else has the address now, or has it, too. */
static bool is_moved(struct owner *o, const struct rule_loan *rule, const struct owner_view *view)
{
	const struct backend_sighting *other = find_other(o, rule, view, OWNER_FRESH_S);
	const struct backend_sighting *known = find(o, view);
	struct owner_identity who;
	char text[80];

	if (!other)
		return false;
	who = identity_of(other);
	owner_words(&who, text, sizeof(text));
	o->moved = true;
	if (known && known->last <= OWNER_SETTLE_S)
		enter(o, OWNER_SUSPENDED, view->now, "its owner has changed: now %s", text);
	else if (who.side != rule->owner)
		enter(o, OWNER_SUSPENDED, view->now, "its owner is on the %s side now: %s",
		      side_name[who.side & 1], text);
	else if (o->state == OWNER_SUSPENDED && view->now - o->entered >= OWNER_SETTLE_S) {
		o->is_known = false;
		o->began = o->entered;
		learn(o, rule, view);
	} else {
		enter(o, OWNER_SUSPENDED, view->now, "its owner has changed: now %s", text);
	}
	return true;
}

static bool is_used(struct owner *o, const struct rule_loan *rule, const struct owner_view *view)
{
	const struct backend_sighting *port = owner_uses(rule, view->seen, view->count);

	if (!port || rule->force)
		return false;
	enter(o, OWNER_SUSPENDED, view->now,
	      "its owner answers on %s %u itself; 'force: true' lends it all the same",
	      port->protocol == 6 ? "TCP" : "UDP", port->port);
	return true;
}

static bool is_gone(struct owner *o, const struct owner_view *view)
{
	const struct backend_sighting *known = find(o, view);
	uint64_t silent = known ? known->last : OWNER_AGE_S + 1;

	/* after a start it may not have spoken yet */
	if (silent <= OWNER_AGE_S || view->now - o->entered <= OWNER_AGE_S)
		return false;
	enter(o, OWNER_SUSPENDED, view->now, "its owner has not been seen for %d s", OWNER_AGE_S);
	return true;
}

static void go_on(struct owner *o, const struct rule_loan *rule, const struct owner_view *view)
{
	if (is_moved(o, rule, view) || is_used(o, rule, view))
		return;
	if (o->state == OWNER_SUSPENDED) {
		const struct backend_sighting *known = find(o, view);

		if (!known || known->last > OWNER_FRESH_S)
			return;
		o->moved = false;
		enter(o, OWNER_VERIFIED, view->now, "the ports that its owner uses are watched");
	}
	if (is_gone(o, view))
		return;
	if (o->state == OWNER_VERIFIED && view->now - o->entered < OWNER_WATCH_S)
		return;
	enter(o, OWNER_ACTIVE, view->now, "%s",
	      rule->first_port && !o->has_gateway
		      ? "without connections of its own: its owner's gateway is not known yet"
		      : "");
}

void owner_watch(struct owner *o, uint64_t now)
{
	if (o->state == OWNER_ACTIVE)
		enter(o, OWNER_VERIFIED, now, "the ports that its owner uses are watched");
}

void owner_look(struct owner *o, const struct rule_loan *rule, const struct owner_view *view)
{
	if (!view->carrier) {
		/* on the other end of a new link may be somebody else */
		if (o->is_known && find_other(o, rule, view, OWNER_FRESH_S))
			o->moved = true;
		o->has_gateway = false;
		enter(o, OWNER_LEARNING, view->now, "a link is down");
		o->began = view->now;
		return;
	}
	gateway_look(o, rule, view);
	if (!o->is_known || o->state == OWNER_LEARNING)
		learn(o, rule, view);
	else
		go_on(o, rule, view);
}

void owner_tell(const struct owner *o, struct backend_loan *loan)
{
	*loan = (struct backend_loan){
		.lent = o->state == OWNER_ACTIVE,
		.side = o->known.side,
		.tags = o->known.tags,
	};
	loan->kept = o->is_known && !o->moved && o->state != OWNER_OFF;
	memcpy(loan->owner, o->known.mac, 6);
	memcpy(loan->tag, o->known.tag, sizeof(loan->tag));
	if (o->has_gateway)
		memcpy(loan->gateway, o->gateway, 6);
}
