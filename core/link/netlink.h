/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interfaces by rtnetlink, as far as the wire and the host link need it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct link_info {
	unsigned ifindex;
	unsigned mtu;		  /* octets */
	unsigned master;	  /* ifindex, 0: none */
	uint32_t carrier_changes; /* how often it came or went */
	bool up, carrier, promiscuous;
	uint8_t mac[6];
	char kind[16]; /* "veth", "" for hardware */
	char peer[16]; /* of a veth in this namespace, else "" */
};

/* 0, -ENODEV, or what the system said. */
int netlink_link_get(const char *name, struct link_info *info);

struct link_errors {
	uint64_t receive, receive_dropped, crc, length;
	uint64_t send, send_dropped, carrier;
};

/* What the driver counts (struct rtnl_link_stats64 of linux/if_link.h). */
int netlink_errors(const char *name, struct link_errors *errors);

int netlink_link_set(const char *name, bool up, bool promiscuous);
int netlink_mtu_set(const char *name, unsigned mtu);
int netlink_mac_set(const char *name, const uint8_t mac[6]);
int netlink_veth_add(const char *name, const char *peer, const uint8_t mac[6]);
int netlink_link_del(const char *name);

/* Calls for each address: "192.0.2.5/24", with " (duplicate)" where DAD failed. */
int netlink_addresses(unsigned ifindex, void (*each)(const char *address, void *arg), void *arg);

/* /proc/sys/net/ipv6/conf/NAME/disable_ipv6 and the like. */
int netlink_sysctl6(const char *interface, const char *name, int value);
int netlink_sysctl6_get(const char *interface, const char *name);
