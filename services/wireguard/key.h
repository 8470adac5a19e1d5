/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of WireGuard: Curve25519 (RFC 7748), as base64 for people and hex for its socket. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { KEY_OCTETS = 32, KEY_BASE64 = 45, KEY_HEX = 65 }; /* the texts with their zero */

/* A new private key. 0 or a negative errno. */
int key_make(uint8_t key[KEY_OCTETS]);

/* A shared secret of the same length. */
int key_random(uint8_t key[KEY_OCTETS]);
int key_public(const uint8_t key[KEY_OCTETS], uint8_t public_key[KEY_OCTETS]);

void key_print(const uint8_t key[KEY_OCTETS], char text[KEY_BASE64]);
bool key_parse(const char *text, uint8_t key[KEY_OCTETS]);
void key_print_hex(const uint8_t key[KEY_OCTETS], char text[KEY_HEX]);
bool key_parse_hex(const char *text, uint8_t key[KEY_OCTETS]);

bool key_is_zero(const uint8_t key[KEY_OCTETS]);
