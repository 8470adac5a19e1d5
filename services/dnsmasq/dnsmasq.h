/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsmasq 2.90: rendered, run and asked. What changes often stands in files that it reads again;
 * only what is in its main file needs a restart.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dnsmasq;
struct fer_state;

enum dnsmasq_dhcp { DNSMASQ_DHCP_NONE, DNSMASQ_SERVER, DNSMASQ_PROXY, DNSMASQ_RELAY };
/* Of UEFI; BIOS stands for itself. */
enum dnsmasq_arch { DNSMASQ_X64, DNSMASQ_IA32, DNSMASQ_ARM64, DNSMASQ_ARM32, DNSMASQ_ARCHS };
enum dnsmasq_ipv6 { DNSMASQ_V6_NONE, DNSMASQ_SLAAC, DNSMASQ_STATELESS, DNSMASQ_STATEFUL };

/* All texts are borrowed and live until the configuration is committed or forgotten. */
struct dnsmasq_config {
	const char *interface;
	char address[64]; /* of the module on it; "" where it has none yet */
	char address6[64];
	char network[64]; /* with mode proxy */
	enum dnsmasq_dhcp dhcp;
	char range_first[64], range_last[64];
	const char *lease_time, *router, *relay_server;
	char *ranges; /* dhcp-range lines of further networks, new text */
	enum dnsmasq_ipv6 ipv6;

	bool dns;
	const char *domain;
	unsigned cache;
	bool dnssec, rebind_protection;
	char *private_domains; /* rebind-domain-ok lines, new text */
	char *aliases;	       /* cname lines, new text */
	char *anchors;	       /* trust-anchor lines, new text */

	bool boot;
	unsigned http_port;
	const char *tftp_root;
	char efi_file[DNSMASQ_ARCHS][256];  /* that UEFI boots, below tftp_root; "" for none */
	char http_file[DNSMASQ_ARCHS][256]; /* the same where HTTP brings it */

	/* files that are read again; new texts, owned by the configuration */
	char *hosts;   /* dhcp-host lines */
	char *options; /* dhcp-option lines */
	char *records; /* as in /etc/hosts */
	char *servers; /* server= lines */
};

void dnsmasq_config_clear(struct dnsmasq_config *config);

/* Its texts are somebody else's now. */
void dnsmasq_config_moved(struct dnsmasq_config *config);

struct dnsmasq_lease {
	uint64_t expires; /* s since 1970; 0: never */
	char mac[64], address[64], name[64];
};

struct dnsmasq_upstream {
	char address[64];
	uint64_t queries, failed;
};

struct dnsmasq_counters {
	bool fresh;
	uint64_t cache, insertions, evictions, misses, hits;
	struct dnsmasq_upstream upstream[16];
	unsigned upstreams;
};

struct dnsmasq_events {
	/* A file went out by TFTP: whole, or what happened instead. */
	void (*tftp)(void *arg, const char *file, const char *address, const char *problem);
	/* A client with an architecture that nobody has a file for. */
	void (*line)(void *arg, const char *line);
	void *arg;
};

bool dnsmasq_available(void);
struct dnsmasq *dnsmasq_new(const char *run_dir, const char *state_dir,
			    const struct dnsmasq_events *events);
void dnsmasq_free(struct dnsmasq *dnsmasq);

/* Runs dnsmasq's own check on a new configuration, which it takes. As chrony_check(). */
int dnsmasq_check(struct dnsmasq *dnsmasq, struct dnsmasq_config *config,
		  void (*done)(void *arg, int code, const char *output), void *arg);
void dnsmasq_check_cancel(struct dnsmasq *dnsmasq);
void dnsmasq_commit(struct dnsmasq *dnsmasq);

/* Upstream servers that are not to be asked now, up to a NULL; borrowed. Also for later commits. */
void dnsmasq_without(struct dnsmasq *dnsmasq, const char *const *upstream);
void dnsmasq_stop(struct dnsmasq *dnsmasq);

/* The clock is right: dates of signatures count from now on. */
void dnsmasq_time_known(struct dnsmasq *dnsmasq, bool known);
bool dnsmasq_time_checked(const struct dnsmasq *dnsmasq);

/* The leases; new array, NULL for none. */
struct dnsmasq_lease *dnsmasq_leases(const struct dnsmasq *dnsmasq, unsigned *count);
const struct dnsmasq_counters *dnsmasq_counters(const struct dnsmasq *dnsmasq);
void dnsmasq_show(const struct dnsmasq *dnsmasq, struct fer_state *state);
