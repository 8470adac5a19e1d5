// SPDX-License-Identifier: GPL-2.0-or-later
#include "loader.h"

/* Debian builds iPXE for x86-64 only; GRUB for the others, which has our menu, too. */
static const struct loader loaders[DNSMASQ_ARCHS] = {
	[DNSMASQ_X64] = {"x86_64-efi", "/usr/lib/ipxe/snponly.efi", "snponly.efi", "ipxe", NULL,
			 NULL, true},
	[DNSMASQ_IA32] = {"i386-efi", "/usr/lib/grub/i386-efi/monolithic/grubnetia32.efi",
			  "grubia32.efi", "grub-efi-ia32-bin", "/usr/lib/grub/i386-efi",
			  "grubia32-http.efi", false},
	[DNSMASQ_ARM64] = {"arm64-efi", "/usr/lib/grub/arm64-efi-signed/grubnetaa64.efi.signed",
			   "grubaa64.efi", "grub-efi-arm64-signed", "/usr/lib/grub/arm64-efi",
			   "grubaa64-http.efi", false},
	[DNSMASQ_ARM32] = {"arm-efi", "/usr/lib/grub/arm-efi/monolithic/grubnetarm.efi",
			   "grubarm.efi", "grub-efi-arm-bin", "/usr/lib/grub/arm-efi",
			   "grubarm-http.efi", false},
};

/* Shim loads the GRUB beside it, which is linked there as well. */
static const struct loader shim = {"x86_64-efi",  "/usr/lib/shim/shimx64.efi.signed",
				   "shimx64.efi", "shim-signed grub-efi-amd64-signed",
				   NULL,	  NULL,
				   true};

const struct loader *loader_find(enum dnsmasq_arch arch, bool secure)
{
	return secure && arch == DNSMASQ_X64 ? &shim : &loaders[arch];
}
