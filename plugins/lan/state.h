/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `ferrule show lan` shows of addresses and names. */
#pragma once

struct dnsmasq;
struct fer_state;

void lan_state(const struct dnsmasq *dnsmasq, struct fer_state *state);
