// SPDX-License-Identifier: GPL-2.0-or-later
#include "host_link.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/api/log.h"
#include "core/api/model.h"
#include "core/base/file.h"
#include "core/base/mem.h"
#include "core/config/document.h"
#include "core/config/model.h"
#include "core/config/problem.h"
#include "core/engine/backend.h"
#include "core/link/copier.h"
#include "core/link/guest.h"
#include "core/link/host.h"
#include "core/link/netlink.h"

const char *host_interface(const struct document *document)
{
	return fer_model_text(fer_config_find(model_of(document), "host-link/interface"), NULL);
}

static int parse_mac(const char *text, uint8_t mac[6])
{
	return sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2], &mac[3],
		      &mac[4], &mac[5]) == 6
		       ? 0
		       : -EINVAL;
}

int host_prepare(const struct document *to, unsigned mtu, uint8_t mac[6],
		 struct backend_ports *ports, bool *fresh, struct fer_problems *problems)
{
	const struct fer_model *host = fer_config_find(model_of(to), "host-link");
	const char *interface = fer_model_text(host, "interface");
	const char *address = fer_model_text(host, "mac-address");
	struct link_info info;
	uint8_t port_mac[6];
	int err;

	memcpy(port_mac, mac, 6);
	/* the one that it has, whatever became of the port that it was made from */
	if (!netlink_link_get(interface, &info))
		memcpy(mac, info.mac, 6);
	else
		host_mac_make(port_mac, mac);
	if (address && (parse_mac(address, mac) || mac[0] & 1)) {
		fer_problem(problems, fer_model_find(host, "mac-address"),
			    "found '%s', allowed is a unicast MAC address", address);
		return -EINVAL;
	}
	host_engine_name(interface, ports->name[PORT_HOST]);
	err = host_link_make(interface, mac, mtu, fresh);
	if (!err)
		err = netlink_link_get(ports->name[PORT_HOST], &info);
	if (err == -EEXIST)
		fer_problem(problems, fer_model_find(host, "interface"),
			    "interface '%s' exists and is not a host link", interface);
	else if (err)
		fer_problem(problems, fer_model_find(host, "interface"), "'%s' cannot be made: %s",
			    interface, strerror(-err));
	if (!err)
		ports->ifindex[PORT_HOST] = info.ifindex;
	return err;
}

void host_mac_put(const struct document *document)
{
	const struct fer_model *host = fer_config_find(model_of(document), "host-link");
	const char *interface = fer_model_text(host, "interface");
	const char *address = fer_model_text(host, "mac-address");
	struct link_info info;
	uint8_t mac[6];
	int err;

	if (!address || parse_mac(address, mac) || netlink_link_get(interface, &info) ||
	    !memcmp(info.mac, mac, 6))
		return;
	err = netlink_mac_set(interface, mac);
	if (err)
		fer_log_err("host-link: %s: cannot be given address %s: %s", interface, address,
			    strerror(-err));
}

void host_note(const char *run_dir, const struct document *document)
{
	mem_auto char *path = mem_printf("%s/host-link", run_dir);
	const char *interface = host_interface(document);

	file_write(path, interface, strlen(interface), 0600);
}

void host_remove_other(const struct document *gone, const struct document *stays)
{
	const char *old = host_interface(gone), *new = host_interface(stays);

	if (old && (!new || strcmp(old, new))) {
		copier_remove(old);
		guest_remove(old);
		host_link_remove(old);
	}
}
