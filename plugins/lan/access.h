/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may ask for names and boot files: prefixes of the configuration, or else the networks of the
 * interface. A table of nftables drops what others send: a resolver that answers anybody takes part
 * in attacks (RFC 5358).
 */
#pragma once

struct access;
struct fer_state;
struct lan_config;

struct access *access_new(const char *run_dir);

/* The table stays. */
void access_free(struct access *access);

/* In force as the configuration and the interface's addresses have it now; also called now and
 * then, as addresses come and go. Borrows nothing. */
void access_apply(struct access *access, const struct lan_config *lan);

void access_show(const struct access *access, struct fer_state *state);
