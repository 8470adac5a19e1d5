/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What moves the frames: xdp on Linux, registers on an FPGA, or null, which remembers and moves
 * nothing. Plan may fail and leaves the frames alone; commit may not fail; abort forgets the plan.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "image.h"

struct backend;

/* What programs are attached to: the ports, where frames arrive that are to be changed, and the
 * engine's end of the guest interface. */
enum { LINK_COPIER = PORT_COUNT, LINK_GUEST, LINK_COUNT };

/* Where the driver of a wire port leaves the outermost VLAN tag of a frame. */
enum backend_tags {
	TAGS_INSIDE,	    /* the frame, as on the cable */
	TAGS_BESIDE,	    /* beside it, where the neighbour says so (veth) */
	TAGS_BESIDE_ALWAYS, /* the hardware takes it out, and cannot be told not to */
};

/* Interface indices of the three ports; what the engine leaves by. */
struct backend_ports {
	unsigned ifindex[LINK_COUNT]; /* LINK_COPIER, LINK_GUEST: 0 where nothing needs them */
	enum backend_tags tags[2];    /* PORT_OPTICAL, PORT_ELECTRICAL */
	char name[LINK_COUNT][16];
	unsigned copier; /* the near end of LINK_COPIER, 0: none */
};

enum backend_mode { MODE_AUTO, MODE_NATIVE, MODE_GENERIC };

struct backend_config {
	const char *run_dir;
	enum backend_mode mode;
};

struct backend_port_state {
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes, dropped;
	char mode[16]; /* "native", "generic", "none" */
};

struct backend_state {
	struct backend_port_state port[PORT_COUNT];
	uint64_t host_policed;
	uint64_t copies_long;
	uint64_t copies_refused; /* the driver has no room for metadata */
	uint64_t resets;
	uint64_t diverted;   /* to the guest interface for a filter */
	uint64_t guest_lost; /* of the host, for addresses that it does not answer for */
	uint64_t arp_answers;
	unsigned rivals; /* for whose addresses ARP is not answered now */
	struct backend_rival {
		uint8_t address[4]; /* network byte order */
		uint8_t mac[6];
	} rival[ANSWERS_MAX];
	bool adopted; /* the wire was found running at start */
};

struct backend_counter {
	uint64_t packets;
	uint64_t bytes;
};

enum { OUTER_MAX = 56 }; /* octets: Ethernet and IPv6 */

/* The way to the collector of an ERSPAN session. */
struct backend_reach {
	bool up;
	enum engine_port port;	  /* by which it leaves */
	uint32_t mtu;		  /* octets of the outer packet */
	uint32_t kbits;		  /* its share of the port, 0: no bound */
	uint8_t outer[OUTER_MAX]; /* Ethernet and IP header, see outer.h */
};

struct backend_session {
	uint64_t packets;   /* sent */
	uint64_t bytes;	    /* of the frames, as sent */
	uint64_t truncated; /* among the sent */
	uint64_t limited;   /* not sent: over the rate limit or the share */
	uint64_t oversized; /* not sent: did not fit */
	uint64_t looped;    /* not sent: to or from the collector */
};

struct backend_capture {
	uint64_t packets; /* taken */
	uint64_t bytes;
	uint64_t lost; /* among them: no room in the ring */
};

enum { LOAN_TAGS = 4 }; /* VLAN tags, at most */

/* What was learned of a loan's owner, and what the engine does with it. */
struct backend_loan {
	bool lent; /* new sessions are taken, and opened */
	bool kept; /* sessions that there are go on */
	enum engine_port side;
	uint8_t owner[6];
	uint8_t gateway[6]; /* all 0: not known */
	uint8_t tags;
	uint8_t tag[4 * LOAN_TAGS]; /* EtherType and TCI each */
};

struct backend_loan_count {
	uint64_t rx_packets, rx_bytes; /* to the module */
	uint64_t tx_packets, tx_bytes; /* from it */
};

enum backend_sighting_kind {
	SEEN_OWNER,  /* a frame with the loan's address as source */
	SEEN_REMOTE, /* one to it, from the other side */
	SEEN_PORT,   /* the owner answered from a port */
};

struct backend_sighting {
	unsigned loan; /* backend: its slot */
	enum backend_sighting_kind kind;
	uint8_t mac[6];
	enum engine_port side; /* where the frame came in */
	uint8_t tags;
	uint8_t tag[4 * LOAN_TAGS];
	uint64_t own[2];      /* what it says is its address, by ARP or ND; host byte order */
	bool several;	      /* frames of it: more than one */
	uint32_t addresses;   /* of the remote: how many different ones, up to 4 */
	bool neighbour;	      /* `own` is known */
	uint32_t first, last; /* s ago */
	uint8_t protocol;     /* SEEN_PORT */
	uint16_t port;
};

struct backend_flow {
	uint8_t family, protocol;
	uint8_t remote[16], local[16]; /* network byte order */
	uint16_t remote_port, local_port;
	uint8_t mac[6]; /* of the remote, or of who forwards to it */
	enum engine_port side;
	bool answered;
	bool loan;    /* else a filter diverts it */
	uint32_t age; /* s since a frame of the remote's */
};

struct backend_flow_tables {
	uint32_t room; /* for flows that were answered; 0: there are no tables */
	uint32_t answered, fresh, owners;
};

struct backend_mac {
	uint8_t address[6];
	enum engine_port port;
	uint32_t age; /* s */
};

struct backend_ops {
	const char *name;
	/* Finds a running engine or prepares one; moves no frame yet. 0 or a negative errno. */
	int (*open)(struct backend **backend, const struct backend_config *config);
	/* Forgets the object. The frames go on as they are. */
	void (*close)(struct backend *backend);
	/* Moves no frame any more and leaves nothing behind. */
	void (*stop)(struct backend *backend);
	/* Prepares ports, image, and tables for so many flows (0: for none). *what names the object
	 * of an error, static or in backend. */
	int (*plan)(struct backend *backend, const struct backend_ports *ports,
		    const struct image *image, uint32_t flows, const char **what);
	void (*commit)(struct backend *backend);
	void (*abort)(struct backend *backend);
	void (*heartbeat)(struct backend *backend);
	/* enum engine_shed: what is not done until it is told otherwise. */
	void (*shed)(struct backend *backend, unsigned what);
	void (*state_get)(struct backend *backend, struct backend_state *state);
	/* counter[COUNTER_SLOTS] */
	void (*counters_get)(struct backend *backend, struct backend_counter *counter);
	void (*counter_clear)(struct backend *backend, uint32_t slot);
	/* At most `room` addresses; how many there are. */
	unsigned (*macs_get)(struct backend *backend, struct backend_mac *mac, unsigned room);
	/* Where the address was seen, or PORT_COUNT. */
	enum engine_port (*mac_port)(struct backend *backend, const uint8_t address[6]);
	/* session[SESSION_SLOTS] */
	void (*sessions_get)(struct backend *backend, struct backend_session *session);
	/* The slot is given to another session: nothing counted, sequence 0, no way. */
	void (*session_clear)(struct backend *backend, uint32_t slot);
	void (*reach_set)(struct backend *backend, uint32_t slot,
			  const struct backend_reach *reach);
	/* capture[CAPTURE_SLOTS] */
	void (*captures_get)(struct backend *backend, struct backend_capture *capture);
	/* Nothing counted, and no ring. */
	void (*capture_clear)(struct backend *backend, uint32_t slot);
	/* A descriptor of the ring (maps.h), made where there is none, or a negative errno. *id is
	 * that of no other ring. */
	int (*capture_ring)(struct backend *backend, uint32_t slot, uint32_t *id);
	/* The slot is given to another loan: nothing counted, nothing learned, nothing taken. */
	void (*loan_clear)(struct backend *backend, uint32_t slot);
	void (*loan_get)(struct backend *backend, uint32_t slot, struct backend_loan *loan);
	void (*loan_set)(struct backend *backend, uint32_t slot, const struct backend_loan *loan);
	void (*loan_count)(struct backend *backend, uint32_t slot,
			   struct backend_loan_count *count);
	/* Who was seen with the loan's address, or to it, is to be seen anew. */
	void (*sightings_clear)(struct backend *backend, uint32_t slot);
	/* New flows are taken only where the rules that redirect them are in force. */
	void (*guests_set)(struct backend *backend, bool on);
	unsigned (*sightings_get)(struct backend *backend, struct backend_sighting *sighting,
				  unsigned room);
	unsigned (*flows_get)(struct backend *backend, struct backend_flow *flow, unsigned room,
			      struct backend_flow_tables *tables);
	/* The active image, or NULL; the caller lets go of it with image_put. */
	const struct image *(*image_get)(struct backend *backend);
	void (*image_put)(struct backend *backend, const struct image *image);
};

extern const struct backend_ops backend_null;
#ifdef FERRULE_XDP
extern const struct backend_ops backend_xdp;
#endif
