// SPDX-License-Identifier: GPL-2.0-or-later
#include "qr.h"

#include <qrencode.h>
#include <stdbool.h>
#include <stdio.h>

enum { MARGIN = 4 /* modules of light around it (ISO/IEC 18004, 6.3.8) */ };

static bool is_dark(const QRcode *code, int x, int y)
{
	if (x < 0 || y < 0 || x >= code->width || y >= code->width)
		return false;
	return code->data[y * code->width + x] & 1;
}

/* Two rows of modules a line, in black on white. */
static void print_line(const QRcode *code, int y)
{
	static const char *const blocks[] = {" ", "▄", "▀", "█"};

	printf("\033[30;47m");
	for (int x = -MARGIN; x < code->width + MARGIN; x++)
		fputs(blocks[is_dark(code, x, y) * 2 + is_dark(code, x, y + 1)], stdout);
	printf("\033[0m\n");
}

void qr_print(const char *text)
{
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);

	if (!code) {
		fprintf(stderr, "ferrule: too long for a QR code\n");
		return;
	}
	for (int y = -MARGIN; y < code->width + MARGIN; y += 2)
		print_line(code, y);
	QRcode_free(code);
}
