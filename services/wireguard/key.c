// SPDX-License-Identifier: GPL-2.0-or-later
#include "key.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

int key_random(uint8_t key[KEY_OCTETS])
{
	return getrandom(key, KEY_OCTETS, 0) == KEY_OCTETS ? 0 : -EIO;
}

int key_make(uint8_t key[KEY_OCTETS])
{
	int err = key_random(key);

	/* RFC 7748 section 5 */
	key[0] &= 248;
	key[31] = (key[31] & 127) | 64;
	return err;
}

int key_public(const uint8_t key[KEY_OCTETS], uint8_t public_key[KEY_OCTETS])
{
	EVP_PKEY *pair = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, key, KEY_OCTETS);
	size_t size = KEY_OCTETS;
	int ok = pair && EVP_PKEY_get_raw_public_key(pair, public_key, &size) == 1;

	EVP_PKEY_free(pair);
	return ok ? 0 : -EINVAL;
}

void key_print(const uint8_t key[KEY_OCTETS], char text[KEY_BASE64])
{
	EVP_EncodeBlock((unsigned char *)text, key, KEY_OCTETS);
}

bool key_parse(const char *text, uint8_t key[KEY_OCTETS])
{
	unsigned char octets[KEY_OCTETS + 4];

	/* 44 characters are 33 octets, of which the last is filling */
	if (strlen(text) != KEY_BASE64 - 1 || text[KEY_BASE64 - 2] != '=' ||
	    EVP_DecodeBlock(octets, (const unsigned char *)text, KEY_BASE64 - 1) != 33)
		return false;
	memcpy(key, octets, KEY_OCTETS);
	return true;
}

void key_print_hex(const uint8_t key[KEY_OCTETS], char text[KEY_HEX])
{
	for (int i = 0; i < KEY_OCTETS; i++)
		snprintf(text + 2 * i, 3, "%02x", key[i]);
}

bool key_parse_hex(const char *text, uint8_t key[KEY_OCTETS])
{
	unsigned octet;

	if (strspn(text, "0123456789abcdef") != KEY_HEX - 1 || text[KEY_HEX - 1])
		return false;
	for (int i = 0; i < KEY_OCTETS; i++) {
		sscanf(text + 2 * i, "%2x", &octet);
		key[i] = octet;
	}
	return true;
}

bool key_is_zero(const uint8_t key[KEY_OCTETS])
{
	static const uint8_t zero[KEY_OCTETS];

	return !memcmp(key, zero, KEY_OCTETS);
}
