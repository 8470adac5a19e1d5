// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The programs of the wire for a port whose driver hands VLAN tags over beside the frame: the tag
 * goes back into the frame before anything looks at it. Such a program is bound to its device
 * (Linux 6.8, bpf_xdp_metadata_rx_vlan_tag()), so each port loads its own.
 */
#define TAGS_BESIDE
#include "wire.bpf.c"
