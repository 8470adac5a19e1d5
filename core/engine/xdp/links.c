// SPDX-License-Identifier: GPL-2.0-or-later
#include "links.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <unistd.h>

static const char *const pin_name[LINK_COUNT] = {"link-optical", "link-electrical", "link-host",
						 "link-copier", "link-guest"};

static void pin_path(char *path, size_t size, const char *pins, int port)
{
	snprintf(path, size, "%s/%s", pins, pin_name[port]);
}

static enum backend_mode mode_query(unsigned ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);

	if (bpf_xdp_query(ifindex, 0, &query))
		return MODE_AUTO;
	return query.attach_mode == XDP_ATTACHED_SKB ? MODE_GENERIC : MODE_NATIVE;
}

void link_adopt(struct port_link *link, int fd)
{
	struct bpf_link_info info = {0};
	__u32 size = sizeof(info);

	*link = (struct port_link){.fd = fd};
	if (fd < 0) {
		link->fd = -1;
		return;
	}
	/* a link whose device went away lives on, empty */
	if (bpf_obj_get_info_by_fd(fd, &info, &size) || !info.xdp.ifindex) {
		link_close(link);
		return;
	}
	link->ifindex = info.xdp.ifindex;
	link->mode = mode_query(link->ifindex);
}

void link_open(struct port_link *link, const char *pins, int port)
{
	char path[512];
	int fd;

	pin_path(path, sizeof(path), pins, port);
	fd = bpf_obj_get(path);
	link_adopt(link, fd);
	if (fd >= 0 && link->fd < 0)
		unlink(path);
}

bool link_is_pinned(const char *pins, int port)
{
	char path[512];

	pin_path(path, sizeof(path), pins, port);
	return !access(path, F_OK);
}

static int link_create(unsigned ifindex, int program, __u32 flags)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = flags);
	int fd = bpf_link_create(program, ifindex, BPF_XDP, &opts);

	return fd < 0 ? -errno : fd;
}

int link_attach(struct port_link *link, unsigned ifindex, int program, enum backend_mode mode)
{
	int fd = -EOPNOTSUPP;

	if (mode != MODE_GENERIC)
		fd = link_create(ifindex, program, XDP_FLAGS_DRV_MODE);
	/* busy is no reason for another mode: both on one device is what the kernel forbids */
	if (fd < 0 && fd != -EBUSY && fd != -EEXIST && mode != MODE_NATIVE)
		fd = link_create(ifindex, program, XDP_FLAGS_SKB_MODE);
	if (fd < 0)
		return fd == -EEXIST ? -EBUSY : fd;
	*link = (struct port_link){.fd = fd, .ifindex = ifindex, .mode = mode_query(ifindex)};
	return 0;
}

int link_replace(struct port_link *link, int program)
{
	return bpf_link_update(link->fd, program, NULL) ? -errno : 0;
}

int link_pin(const struct port_link *link, const char *pins, int port)
{
	char path[512];

	pin_path(path, sizeof(path), pins, port);
	unlink(path);
	return bpf_obj_pin(link->fd, path) ? -errno : 0;
}

void link_unpin(const char *pins, int port)
{
	char path[512];

	pin_path(path, sizeof(path), pins, port);
	unlink(path);
}

void link_close(struct port_link *link)
{
	if (link->fd >= 0)
		close(link->fd);
	*link = (struct port_link){.fd = -1};
}
