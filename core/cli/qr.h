/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A text as a QR code in a terminal, dark on light whatever its colours are. */
#pragma once

void qr_print(const char *text);
