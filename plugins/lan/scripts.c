// SPDX-License-Identifier: GPL-2.0-or-later
#include "scripts.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/api/file.h"
#include "core/api/log.h"
#include "core/api/model.h"
#include "load.h"
#include "loader.h"
#include "track.h"

struct writer {
	const struct lan_config *lan;
	const char *folder;
	const struct track *track;
};

/* ---- files ---- */

static void put(const struct writer *w, const char *name, const char *text)
{
	char path[512];
	int err;

	snprintf(path, sizeof(path), "%s/%s", w->folder, name);
	err = fer_file_write(path, text, strlen(text), 0644, NULL);
	if (err)
		fer_log_err("lan: %s: %s", path, strerror(-err));
}

static void put_link(const struct writer *w, const char *to, const char *name)
{
	char path[512], made[520];

	snprintf(path, sizeof(path), "%s/%s", w->folder, name);
	snprintf(made, sizeof(made), "%s.new", path);
	unlink(made);
	if (symlink(to, made) || rename(made, path))
		fer_log_err("lan: %s: %s", path, strerror(errno));
}

struct script {
	FILE *file;
	char *text;
	size_t size;
};

static void script_open(struct script *script)
{
	script->file = open_memstream(&script->text, &script->size);
	if (!script->file)
		abort();
}

static void script_put(const struct writer *w, struct script *script, const char *name)
{
	fclose(script->file);
	put(w, name, script->text);
	free(script->text);
}

/* "02:00:00:00:00:01" with another separator, in lower case */
static void mac_print(const char *mac, char separator, char text[18])
{
	snprintf(text, 18, "%s", mac);
	for (char *at = text; *at; at++)
		*at = *at == ':' ? separator : tolower((unsigned char)*at);
}

/* What a host boots now: its image for once, its own, or NULL. */
static const char *host_image(const struct writer *w, const struct fer_model *host)
{
	const char *once = fer_model_text(host, "boot-once");

	if (once && !track_was_booted(w->track, fer_model_text(host, "mac"), once))
		return once;
	return fer_model_text(host, "boot");
}

static bool has_arch(const struct fer_model *image, const char *name)
{
	const struct fer_model *arch = fer_model_find(image, "arch");

	if (!arch)
		return true;
	for (; arch; arch = fer_model_next(arch))
		if (!strcmp(fer_model_text(arch, NULL), name))
			return true;
	return false;
}

static const char *title_of(const struct fer_model *image)
{
	const char *title = fer_model_text(image, "title");

	return title ? title : fer_model_text(image, "name");
}

/* ---- iPXE ---- */

/* ?mac=...: who fetched it stands in the server's log then. */
#define WHO "?mac=${netX/mac:hexhyp}"

static void image_script(const struct writer *w, const struct fer_model *image)
{
	const struct fer_model *initrd = fer_model_find(image, "initrd");
	const char *kernel = fer_model_text(image, "kernel");
	struct script script;
	unsigned count = 0;
	char name[80];

	script_open(&script);
	fprintf(script.file, "#!ipxe\n");
	if (!kernel) {
		fprintf(script.file, "chain /boot/%s" WHO "\n", fer_model_text(image, "file"));
	} else {
		/* UEFI kernels find an initrd by its name on their command line */
		fprintf(script.file, "kernel --name linux /boot/%s" WHO, kernel);
		for (; initrd; initrd = fer_model_next(initrd))
			fprintf(script.file, " initrd=initrd%u", count++);
		fprintf(script.file, " %s\n", fer_model_text(image, "cmdline"));
		count = 0;
		initrd = fer_model_find(image, "initrd");
		for (; initrd; initrd = fer_model_next(initrd))
			fprintf(script.file, "initrd --name initrd%u /boot/%s" WHO "\n", count++,
				fer_model_text(initrd, NULL));
		fprintf(script.file, "boot\n");
	}
	snprintf(name, sizeof(name), "image/%s.ipxe", fer_model_text(image, "name"));
	script_put(w, &script, name);
}

/* An item only where the image can run; iPXE has no "or", hence a line for each architecture. */
static void menu_item(const struct fer_model *image, FILE *file)
{
	static const struct {
		const char *arch, *platform, *buildarch;
	} archs[] = {
		{"i386-pc", "pcbios", NULL},	 {"i386-efi", "efi", "i386"},
		{"x86_64-efi", "efi", "x86_64"}, {"arm64-efi", "efi", "arm64"},
		{"arm-efi", "efi", "arm32"},
	};
	const char *name = fer_model_text(image, "name");

	if (!fer_model_find(image, "arch")) {
		fprintf(file, "item %s %s\n", name, title_of(image));
		return;
	}
	for (size_t i = 0; i < sizeof(archs) / sizeof(*archs); i++) {
		if (!has_arch(image, archs[i].arch))
			continue;
		fprintf(file, "iseq ${platform} %s && ", archs[i].platform);
		if (archs[i].buildarch)
			fprintf(file, "iseq ${buildarch} %s && ", archs[i].buildarch);
		fprintf(file, "item %s %s ||\n", name, title_of(image));
	}
}

static void menu_script(const struct writer *w)
{
	const struct fer_model *image = fer_model_find(w->lan->boot, "image");
	const char *first = fer_model_text(w->lan->boot, "default");
	unsigned timeout = fer_model_number(w->lan->boot, "timeout", 10);
	struct script script;

	script_open(&script);
	fprintf(script.file, "#!ipxe\nmenu Boot\n");
	for (; image; image = fer_model_next(image))
		menu_item(image, script.file);
	fprintf(script.file,
		"item local The disk of this machine\n"
		"choose --default %s --timeout %u target || goto local\n"
		"iseq ${target} local && goto local ||\n"
		"chain image/${target}.ipxe ||\n"
		/* what failed is not tried for ever: the disk is what was there before */
		"echo The image cannot be booted\nsleep 5\n"
		":local\n"
		"iseq ${platform} pcbios && sanboot --no-describe --drive 0x80 ||\n"
		"exit\n",
		strcmp(first, "menu") ? first : "local", timeout * 1000);
	script_put(w, &script, "menu.ipxe");
}

/* host: as in an URL */
static void first_script(const struct writer *w, const char *host, const char *name)
{
	const char *first = fer_model_text(w->lan->boot, "default");
	struct script script;

	/* whole addresses: BIOS gets this by TFTP, and goes on by HTTP */
	script_open(&script);
	fprintf(script.file,
		"#!ipxe\nset base http://%s:%u\n"
		"chain ${base}/mac/${netX/mac:hexhyp}.ipxe && exit ||\n",
		host, w->lan->dnsmasq.http_port);
	if (strcmp(first, "menu") && strcmp(first, "local"))
		fprintf(script.file, "chain ${base}/image/%s.ipxe ||\n", first);
	else
		fprintf(script.file, "chain ${base}/menu.ipxe ||\n");
	script_put(w, &script, name);
}

static void first_scripts(const struct writer *w)
{
	char host[80];

	first_script(w, w->lan->dnsmasq.address, "boot.ipxe");
	snprintf(host, sizeof(host), "[%s]", w->lan->dnsmasq.address6);
	if (*w->lan->dnsmasq.address6)
		first_script(w, host, "boot6.ipxe");
}

static void host_script(const struct writer *w, const struct fer_model *host)
{
	const char *image = host_image(w, host);
	struct script script;
	char name[64], mac[18];

	if (!image)
		return;
	mac_print(fer_model_text(host, "mac"), '-', mac);
	snprintf(name, sizeof(name), "mac/%s.ipxe", mac);
	script_open(&script);
	fprintf(script.file, "#!ipxe\nchain /image/%s.ipxe\n", image);
	script_put(w, &script, name);
}

/* ---- GRUB, behind shim ---- */

/* What a shell would take for its own, as a part of a word. */
static void grub_words(const char *text, FILE *file)
{
	for (; *text; text++)
		fprintf(file, "%s%c", strchr(";&|<>{}()", *text) ? "\\" : "", *text);
}

/* Only where the image can run; GRUB's names differ from ours in what is behind the '-'. */
static void grub_only_on(const struct fer_model *image, FILE *file)
{
	const struct fer_model *arch = fer_model_find(image, "arch");

	if (!arch)
		return;
	fprintf(file, "if [ false");
	for (; arch; arch = fer_model_next(arch)) {
		const char *name = fer_model_text(arch, NULL);

		if (strstr(name, "-efi"))
			fprintf(file, " -o $grub_cpu = %.*s", (int)strcspn(name, "-"), name);
	}
	fprintf(file, " ]; then\n");
}

static void grub_image(const struct fer_model *image, FILE *file)
{
	const struct fer_model *initrd = fer_model_find(image, "initrd");
	const char *kernel = fer_model_text(image, "kernel");

	grub_only_on(image, file);
	fprintf(file, "menuentry '%s' --id %s {\n", title_of(image), fer_model_text(image, "name"));
	if (kernel) {
		fprintf(file, "linux /boot/%s ", kernel);
		grub_words(fer_model_text(image, "cmdline"), file);
	} else {
		fprintf(file, "chainloader /boot/%s", fer_model_text(image, "file"));
	}
	if (initrd)
		fprintf(file, "\ninitrd");
	for (; initrd; initrd = fer_model_next(initrd))
		fprintf(file, " /boot/%s", fer_model_text(initrd, NULL));
	fprintf(file, "\n}\n%s", fer_model_find(image, "arch") ? "fi\n" : "");
}

static void grub_menu(const struct writer *w)
{
	const struct fer_model *image = fer_model_find(w->lan->boot, "image");
	const char *first = fer_model_text(w->lan->boot, "default");
	struct script script;

	script_open(&script);
	fprintf(script.file,
		"set default=%s\nset timeout=%u\n"
		/* the default one is that of TFTP; one that came by HTTP asked with each card */
		"set mac=$net_default_mac\n"
		"for at in \"$net_efinet0_dhcp_mac\" \"$net_efinet1_dhcp_mac\" "
		"\"$net_efinet2_dhcp_mac\" \"$net_efinet3_dhcp_mac\"; do\n"
		"if [ -n \"$at\" ]; then set mac=$at; fi\ndone\n"
		"if [ -s /grub/mac-$mac.cfg ]; then\nsource /grub/mac-$mac.cfg\nfi\n",
		strcmp(first, "menu") ? first : "local",
		(unsigned)fer_model_number(w->lan->boot, "timeout", 10));
	for (; image; image = fer_model_next(image))
		grub_image(image, script.file);
	fprintf(script.file, "menuentry 'The disk of this machine' --id local {\nexit\n}\n");
	script_put(w, &script, "grub/grub.cfg");
}

static void grub_host(const struct writer *w, const struct fer_model *host)
{
	const char *image = host_image(w, host);
	struct script script;
	char name[64], mac[18];

	if (!image)
		return;
	mac_print(fer_model_text(host, "mac"), ':', mac);
	snprintf(name, sizeof(name), "grub/mac-%s.cfg", mac);
	script_open(&script);
	fprintf(script.file, "set default=%s\nset timeout=0\n", image);
	script_put(w, &script, name);
}

/* ---- the folder ---- */

static int is_wanted(void *arg, const char *name)
{
	const struct writer *w = arg;
	const struct fer_model *host = fer_model_find(w->lan->at, "dhcp/host");
	char mac[18], script[32], config[32];

	if (!strcmp(name, "grub.cfg"))
		return 1;
	for (; host; host = fer_model_next(host)) {
		if (!host_image(w, host))
			continue;
		mac_print(fer_model_text(host, "mac"), '-', mac);
		snprintf(script, sizeof(script), "%s.ipxe", mac);
		mac_print(fer_model_text(host, "mac"), ':', mac);
		snprintf(config, sizeof(config), "mac-%s.cfg", mac);
		if (!strcmp(name, script) || !strcmp(name, config))
			return 1;
	}
	return 0;
}

static void folders_make(const struct writer *w)
{
	static const char *const names[] = {"", "/mac", "/image", "/grub"};
	char path[512];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s%s", w->folder, names[i]);
		if (fer_folder_make(path, 0755, NULL))
			fer_log_err("lan: %s cannot be made", path);
	}
}

static void loaders_link(const struct writer *w)
{
	put_link(w, "/usr/lib/ipxe/undionly.kpxe", "undionly.kpxe");
	for (unsigned i = 0; i < DNSMASQ_ARCHS; i++) {
		const struct loader *loader = loader_find(i, w->lan->secure_boot);

		put_link(w, loader->path, loader->name);
	}
	put_link(w, "/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed", "grubx64.efi");
	put_link(w, fer_model_text(w->lan->boot, "root"), "boot");
}

void scripts_write(const struct lan_config *lan, const char *folder, const struct track *track)
{
	struct writer w = {lan, folder, track};
	const struct fer_model *host = fer_model_find(lan->at, "dhcp/host");
	const struct fer_model *image = fer_model_find(lan->boot, "image");
	char path[512];

	folders_make(&w);
	loaders_link(&w);
	for (; image; image = fer_model_next(image))
		image_script(&w, image);
	menu_script(&w);
	first_scripts(&w);
	grub_menu(&w);
	for (; host; host = fer_model_next(host)) {
		host_script(&w, host);
		grub_host(&w, host);
	}
	snprintf(path, sizeof(path), "%s/mac", folder);
	fer_folder_prune(path, is_wanted, &w);
	snprintf(path, sizeof(path), "%s/grub", folder);
	fer_folder_prune(path, is_wanted, &w);
}
