/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of NTS, looked at before chronyd has them: it says "Could not set credentials" and
 * serves on without. PEM (RFC 7468), by OpenSSL.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum certificate_fault {
	CERTIFICATE_GOOD,
	CERTIFICATE_FAULTY, /* the certificate's file */
	CERTIFICATE_KEY,    /* the key's file, or the two do not belong together */
};

/* why: what was found and what is allowed. expires: s since 1970, where it is good. */
enum certificate_fault certificate_check(const char *certificate, const char *key, int64_t *expires,
					 char *why, size_t size);

/* A file with one certificate or more. 0, or -EINVAL with `why`. */
int certificates_check(const char *path, char *why, size_t size);
