/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

struct dnsmasq;
struct fer_state;
struct lan_config;

/* How much of DHCP's range is taken; a full one is trouble: newcomers get nothing. */
void pool_show(const struct lan_config *lan, const struct dnsmasq *dnsmasq,
	       struct fer_state *state);
