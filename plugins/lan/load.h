/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The role's part of a configuration: checked, and as services want it. */
#pragma once

#include "own.h"
#include "services/dnsmasq/dnsmasq.h"

struct fer_config;
struct fer_model;
struct fer_problems;

struct lan_config {
	bool on;
	const struct fer_config *config; /* all texts are borrowed from it */
	const struct fer_model *at;	 /* container lan */
	const struct fer_model *boot;	 /* container boot, or NULL */
	const char *interface;
	struct own own;
	enum dnsmasq_dhcp mode; /* as configured */
	bool waits;		/* for an address, without which that mode is off */
	bool force;		/* beside another server */
	bool secure_boot;
	struct dnsmasq_config dnsmasq;
};

/*
 * 0 or -EINVAL with problems. full: also what must be read from disk or the network (block lists,
 * addresses); the caller clears dnsmasq_config. tftp_root: for dnsmasq.
 */
int lan_load(const struct fer_config *config, struct lan_config *to, bool full,
	     const char *tftp_root, struct fer_problems *problems);
